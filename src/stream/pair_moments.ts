// Pair moments have a mean as a pair, pivot + delta. The parts of a stream have such moments and
// merge by them. A mean rounded to one f32 is off by up to 3e-8 of the offset, and the variance of
// merged parts by its square.

import { checkAxes } from "../base/shape";
import {
  type ApplyMomentsOptions,
  applyMomentsState,
  statisticsProblem,
} from "../norms/merge_moments";
import { norm } from "../norms/shared/norm";
import type { MeanAndRstd } from "../norms/shared/options";
import { statisticsCall } from "../norms/shared/statistics";
import { operation } from "../operation/operation";
import { planMergePairMoments } from "../plan/moments";
import type { Statistic } from "../plan/problem";
import type { ArraySpec, Tensor } from "../runtime/tensor";

/** These tensors are contiguous f32, with one value per group. */
export interface PairMoments {
  readonly pivot: Tensor;
  readonly delta: Tensor;
  readonly variance: Tensor;
  readonly count: number;
}

const PAIR = ["pivot", "delta", "variance"] as const;

/** Measures the moments of a chunk. */
export const pairMoments = /* @__PURE__ */ operation({
  name: "MomentsAccumulator.add",
  first: "chunk",
  define(x: ArraySpec, { axes }: { axes: readonly number[] }) {
    const op = "MomentsAccumulator.add";
    return statisticsCall<PairMoments>(op, x, checkAxes(op, axes, x.shape.length), {
      results: PAIR,
      result: ({ pivot, delta, variance }, count) => ({ pivot, delta, variance, count }),
    });
  },
});

interface PairMergeOptions {
  a: PairMoments;
  b: PairMoments;
  results: readonly Statistic[];
  shape: readonly number[]; // shape of the results
  scale: number; // factor of the variance
}

const mergeTwo = /* @__PURE__ */ operation({
  name: "MomentsAccumulator",
  first: "pivot",
  define(x: ArraySpec, { a, b, results, shape, scale }: PairMergeOptions) {
    const arrays = {
      pivotsA: x,
      deltasA: a.delta,
      variancesA: a.variance,
      pivotsB: b.pivot,
      deltasB: b.delta,
      variancesB: b.variance,
    };
    const numbers = { share: b.count / (a.count + b.count), scale };
    return {
      problem: statisticsProblem("MomentsAccumulator", arrays, x.shape, results, numbers),
      plan: planMergePairMoments,
      arrays,
      outputs: {},
      statisticsShape: shape,
      result: ({ statistics }) => statistics,
    };
  },
});

/** Merges the moments of two parts. */
export function mergePairMoments(a: PairMoments, b: PairMoments): PairMoments {
  const made = mergeStatistics(a, b, PAIR, a.pivot.shape);
  return { ...made, count: a.count + b.count };
}

/** Merges two parts into other statistics, or one part with itself into another shape. */
export function mergeStatistics(
  a: PairMoments,
  b: PairMoments,
  results: readonly [Statistic, ...Statistic[]],
  shape: readonly number[],
  scale = 1,
) {
  const [more, less] = a.count < b.count ? [b, a] : [a, b]; // the smaller share is the exact one
  return mergeTwo(more.pivot, { a: more, b: less, results, shape, scale });
}

export function destroyPair({ pivot, delta, variance }: PairMoments): void {
  for (const tensor of [pivot, delta, variance]) tensor.destroy();
}

/** Normalizes x by a mean that is a pair. The residual is the negated pivot. */
export const applyPairMoments = /* @__PURE__ */ norm<ApplyMomentsOptions, MeanAndRstd>(
  "MomentsAccumulator.normalize",
  applyMomentsState,
);
