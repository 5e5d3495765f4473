// This file reads the vectors of test/oracle/make_family.py, make_small.py, make_masks.py and
// make_gates.py: forward ones, and `...Backward` with gradients.

import type { DType } from "../../src/index";
import family from "../oracle/family.json";
import gates from "../oracle/gates.json";
import masks from "../oracle/masks.json";
import small from "../oracle/small.json";
import type { Values } from "./arrays";

export interface FamilyVector {
  id: string;
  op: string;
  options: Record<string, unknown>;
  /** Of the inputs that are not f32. */
  types?: Record<string, DType>;
  inputs: Record<string, Values>;
  outputs: Record<string, Values>;
}

interface Written {
  shape: number[];
  data: (number | string)[];
}

interface WrittenVector {
  id: string;
  op: string;
  options: Record<string, unknown>;
  types?: Record<string, DType>;
  inputs: Record<string, Written>;
  outputs: Record<string, Written>;
}

const written = [...family, ...small, ...masks, ...gates] as unknown as WrittenVector[];

/** JSON has no infinity. */
const revived = (options: Record<string, unknown>) =>
  "p" in options ? { ...options, p: Number(options.p) } : options;

export const familyVectors: FamilyVector[] = written.map(
  ({ inputs, outputs, options, ...rest }) => ({
    ...rest,
    options: revived(options),
    inputs: map(inputs, ({ shape, data }) => ({ shape, data: Float32Array.from(data, Number) })),
    outputs: map(outputs, ({ shape, data }) => ({ shape, data: Float64Array.from(data, Number) })),
  }),
);

function map(
  arrays: Record<string, Written>,
  read: (v: Written) => Values,
): Record<string, Values> {
  return Object.fromEntries(Object.entries(arrays).map(([name, v]) => [name, read(v)]));
}
