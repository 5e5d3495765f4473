// The parts of a stream have moments, each mean a pair, and merge by these operations. A mean rounded
// to one f32 is off by up to 3e-8 of the offset, and the variance of merged parts by its square.

import { checkAxes } from "../base/shape";
import {
  type AnyMoments,
  type ApplyMomentsOptions,
  applyMomentsState,
  isWeighted,
  mergeOperation,
  weighedMergeOperation,
} from "../norms/merge_moments";
import {
  MOMENTS_RESULTS,
  type Moments,
  OF_NOTHING,
  WEIGHTED_RESULTS,
  type WeightedMoments,
} from "../norms/moments";
import { norm } from "../norms/shared/norm";
import type { Mask, MeanAndRstd } from "../norms/shared/options";
import { statisticsCall } from "../norms/shared/statistics";
import { operation } from "../operation/operation";
import type { Statistic } from "../plan/problem";
import type { Context } from "../runtime/context";
import type { ArraySpec } from "../runtime/tensor";

interface ChunkOptions {
  axes: readonly number[];
  mask?: Mask | undefined;
}

/** Measures the moments of a chunk, with a mask those of each group's own count. */
export const chunkMoments = /* @__PURE__ */ operation({
  name: "MomentsAccumulator.add",
  first: "chunk",
  define(x: ArraySpec, { axes, mask }: ChunkOptions) {
    const op = "MomentsAccumulator.add";
    return statisticsCall<AnyMoments>(op, x, checkAxes(op, axes, x.shape.length), {
      ...(mask && { mask, uniforms: OF_NOTHING }),
      results: mask ? WEIGHTED_RESULTS : MOMENTS_RESULTS,
      result: (made, count) => (mask ? made : { ...made, count }),
    });
  },
});

const mergeTwo = /* @__PURE__ */ mergeOperation("MomentsAccumulator");
const mergeWeighed = /* @__PURE__ */ weighedMergeOperation("MomentsAccumulator");

/** Merges the moments of two parts. */
export function mergeParts(a: AnyMoments, b: AnyMoments): AnyMoments {
  if (!isWeighted(a) && !isWeighted(b)) {
    const made = mergeStatistics(a, b, MOMENTS_RESULTS, a.mean.shape);
    return { ...made, count: a.count + b.count };
  }
  const parts = { a: weighted(a), b: weighted(b) };
  try {
    return mergeWeighed(a.mean, parts);
  } finally {
    if (parts.a !== a) parts.a.count.destroy();
    if (parts.b !== b) parts.b.count.destroy();
  }
}

/** Returns moments with a count of each group. */
function weighted(part: AnyMoments): WeightedMoments {
  if (isWeighted(part)) return part;
  const { context, shape, size } = part.mean;
  const counts = new Float32Array(size).fill(part.count);
  return { ...part, count: (context as Context).tensor(counts, shape) };
}

interface OneStatistics {
  results: readonly [Statistic, ...Statistic[]];
  shape: readonly number[];
  correction?: number | undefined;
  ofNothing?: number | undefined;
}

/** Makes statistics of one part: in another shape, with a correction of the variance. */
export function statisticsOf(part: AnyMoments, { results, shape, ...o }: OneStatistics) {
  const { correction = 0 } = o;
  if (isWeighted(part)) return mergeWeighed(part.mean, { a: part, results, shape, ...o });
  const scale = part.count / Math.max(0, part.count - correction);
  return mergeStatistics(part, part, results, shape, scale);
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
