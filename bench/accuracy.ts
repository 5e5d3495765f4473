// This file measures how exact the libraries are: the largest error of each on inputs that tell
// formulas apart. Each library writes a workload in the way of its smallest error.

import { largestError, type Results } from "./check";
import { meaningOf } from "./definitions";
import { expectedOf, type Inputs, inputsOf } from "./inputs";
import type { Library } from "./library";
import type { AccuracyRow, Exactness } from "./report";
import { backward, layer, rms, type Shape, type Workload, workload } from "./workloads";

const affine = (channels: number) => ({ weight: [channels], bias: [channels] });

const WORKLOADS: readonly Workload[] = [
  layer([256, 1024]),
  rms([256, 1024]),
  workload({
    name: "BatchNorm training",
    op: "batchNorm",
    shape: [8, 64, 28, 28],
    options: { training: true },
    inputs: { ...affine(64), runningMean: [64], runningVar: [64] },
  }),
  workload({
    name: "InstanceNorm",
    op: "instanceNorm",
    shape: [2, 32, 64, 64],
    inputs: affine(32),
  }),
  workload({
    name: "GroupNorm(32)",
    op: "groupNorm",
    shape: [2, 128, 32, 32],
    options: { groups: 32 },
    inputs: affine(128),
  }),
  backward("LayerNorm", "layerNorm", [256, 1024], { normalizedShape: [1024] }, 1024),
];

type Change = (x: Float32Array<ArrayBuffer>, workload: Workload) => Float32Array<ArrayBuffer>;

const OUTLIER = 100;
const OFFSET = 1e5;

/** Normal deviates around 0.5, and what separates the formulas of variance. */
const CHANGES: Readonly<Record<string, Change>> = {
  plain: (x) => x,
  "outlier first": (x, one) => {
    const { view, axes } = meaningOf(one);
    return x.map((value, i) => (isFirst(i, view, axes) ? OUTLIER : value));
  },
  "offset 1e5": (x) => x.map((value) => value + OFFSET),
};

/** Tells whether an element is the first one of those that it shares statistics with. */
function isFirst(index: number, view: Shape, axes: readonly number[]): boolean {
  let rest = index;
  for (let axis = view.length - 1; axis >= 0; axis--) {
    if (axes.includes(axis) && rest % view[axis] !== 0) return false;
    rest = Math.floor(rest / view[axis]);
  }
  return true;
}

export async function measureAccuracy(
  libraries: readonly Library[],
  say: (text: string) => void,
): Promise<AccuracyRow[]> {
  const rows: AccuracyRow[] = [];
  for (const one of WORKLOADS) {
    for (const [values, change] of Object.entries(CHANGES)) {
      const { name, shape } = one;
      say(`${name} [${shape.join(", ")}], ${values}`);
      const plain = inputsOf(one);
      const inputs = { ...plain, x: { ...plain.x, data: change(plain.x.data, one) } };
      rows.push({ name, shape, values, errors: await errorsOf(one, inputs, libraries) });
    }
  }
  return rows;
}

async function errorsOf(one: Workload, inputs: Inputs, libraries: readonly Library[]) {
  const expected = expectedOf(one, inputs);
  const errors: Record<string, Exactness> = {};
  for (const library of libraries) {
    let least = Number.POSITIVE_INFINITY;
    for (const way of library.ways(one)) {
      const results = await resultsOf(library, one, inputs, way);
      if (!results) continue;
      const error = largestError(results, expected);
      errors[library.id] ??= { error: null, way };
      if (error < least) errors[library.id] = { error, way };
      least = Math.min(least, error);
    }
  }
  return errors;
}

/** Returns the results of one way, or null where the library cannot compute in it. */
async function resultsOf(
  library: Library,
  one: Workload,
  inputs: Inputs,
  way: string,
): Promise<Results | null> {
  try {
    const prepared = await library.prepare(one, inputs, way);
    const results = await prepared.results();
    prepared.dispose();
    return results;
  } catch {
    return null;
  }
}
