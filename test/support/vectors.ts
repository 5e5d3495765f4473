// This file reads the PyTorch vectors of test/oracle: inputs exact in float32, expected values in
// float64.

import type { DType } from "../../src/index";
import json from "../oracle/vectors.json";
import type { Values } from "./arrays";
import { rows } from "./operations";
import { hasStats, type Inputs, type Problem } from "./problem";

/** One of vectors.json, or of family.json with the gradients. */
export interface Vector {
  id: string;
  op: string;
  options: object;
  /** Of the inputs that are not f32. */
  types?: Record<string, DType>;
  inputs: Record<string, Values>;
  outputs: Record<string, Values>;
}

interface Written {
  shape: number[];
  data: (number | string)[];
}

/** JSON has no infinity. */
const revived = (options: object) =>
  "p" in options ? { ...options, p: Number(options.p) } : options;

export const vectors: Vector[] = json.map(({ inputs, outputs, options, ...rest }) => ({
  ...rest,
  options: revived(options),
  inputs: map(inputs, ({ shape, data }) => ({ shape, data: Float32Array.from(data, Number) })),
  outputs: map(outputs, ({ shape, data }) => ({ shape, data: Float64Array.from(data, Number) })),
}));

/** The vector as a problem; every statistic is asked for. */
export function problemOf({ id, op, options, types, inputs }: Vector): Problem {
  const operation = rows.find(({ name }) => name === op);
  if (!operation) throw new Error(`${id}: no such operation`);
  const stats = hasStats(operation) ? { stats: true } : {};
  return { operation, options: { ...options, ...stats }, inputs: inputs as Inputs, types };
}

function map(arrays: object, read: (written: Written) => Values): Record<string, Values> {
  return Object.fromEntries(Object.entries(arrays).map(([name, v]) => [name, read(v)]));
}
