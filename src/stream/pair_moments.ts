// The parts of a stream have moments, each mean a pair, and merge by these operations. A mean rounded
// to one f32 is off by up to 3e-8 of the offset, and the variance of merged parts by its square.

import { checkAxes } from "../base/shape";
import {
  type ApplyMomentsOptions,
  applyMomentsState,
  mergeOperation,
} from "../norms/merge_moments";
import { MOMENTS_RESULTS, type Moments } from "../norms/moments";
import { norm } from "../norms/shared/norm";
import type { MeanAndRstd } from "../norms/shared/options";
import { statisticsCall } from "../norms/shared/statistics";
import { operation } from "../operation/operation";
import type { Statistic } from "../plan/problem";
import type { ArraySpec } from "../runtime/tensor";

/** Measures the moments of a chunk. */
export const chunkMoments = /* @__PURE__ */ operation({
  name: "MomentsAccumulator.add",
  first: "chunk",
  define(x: ArraySpec, { axes }: { axes: readonly number[] }) {
    const op = "MomentsAccumulator.add";
    return statisticsCall<Moments>(op, x, checkAxes(op, axes, x.shape.length), {
      results: MOMENTS_RESULTS,
      result: (made, count) => ({ ...made, count }),
    });
  },
});

const mergeTwo = /* @__PURE__ */ mergeOperation("MomentsAccumulator");

/** Merges the moments of two parts. */
export function mergeParts(a: Moments, b: Moments): Moments {
  const made = mergeStatistics(a, b, MOMENTS_RESULTS, a.mean.shape);
  return { ...made, count: a.count + b.count };
}

/** Merges two parts into other statistics, or one part with itself into another shape. */
export function mergeStatistics(
  a: Moments,
  b: Moments,
  results: readonly [Statistic, ...Statistic[]],
  shape: readonly number[],
  scale = 1,
) {
  return mergeTwo(a.mean, { a, b, results, shape, scale });
}

/** Normalizes x by the moments of a stream. */
export const applyToChunk = /* @__PURE__ */ norm<ApplyMomentsOptions, MeanAndRstd>(
  "MomentsAccumulator.normalize",
  applyMomentsState,
);
