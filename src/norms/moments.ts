// These operations compute mean, variance and standard deviation over any set of axes.

import { isInteger } from "../base/dtype";
import { ANY, FLAG, type Known, NUMBER, type OptionTable } from "../base/options";
import { checkAxes, sizeOf } from "../base/shape";
import { operation } from "../operation/operation";
import { planExactMoments } from "../plan/exact_moments";
import type { CallResults, Definition } from "../runtime/call";
import type { ArraySpec, Tensor } from "../runtime/tensor";
import { MASK, type Mask } from "./shared/options";
import { statisticsCall } from "./shared/statistics";

export interface MeanOptions {
  /** These axes are reduced, negative from the end. Default: all. */
  axes?: readonly number[] | undefined;
  /** With true the reduced axes stay with length 1. Default false. */
  keepdim?: boolean | undefined;
  /** The mask, of `maskOf` or `lengthsOf`, says which elements count, and how much. */
  mask?: Mask | undefined;
  /** This tensor receives the result. */
  out?: Tensor | undefined;
}

const MOMENTS_OPTIONS: OptionTable<MomentsOptions> = {
  axes: ANY,
  keepdim: FLAG,
  mask: MASK,
};
const MEAN_OPTIONS: OptionTable<MeanOptions> = { ...MOMENTS_OPTIONS, out: ANY };
const VARIANCE_OPTIONS: OptionTable<VarianceOptions> = { ...MEAN_OPTIONS, correction: NUMBER };

export interface VarianceOptions extends MeanOptions {
  /**
   * The correction is subtracted from the count in the divisor: 1 (the default) is Bessel's, 0 the
   * population's.
   */
  correction?: number | undefined;
}

export type MomentsOptions = Omit<MeanOptions, "out">;

export interface Moments {
  readonly mean: Tensor;
  /** The variance is that of the population (divided by the count). */
  readonly variance: Tensor;
  /** The count is the number of elements of each group. */
  readonly count: number;
  /**
   * The mean as the sum of two f32, of shape [2, ...mean.shape]: more digits than `mean` has. It is
   * a view of the buffer of mean and variance; it ends with them and need not be destroyed. Moments
   * of yours may be without it.
   */
  readonly meanPair?: Tensor | undefined;
}

/**
 * Returns what computes the statistics of integers exactly: another planner, with the counts as whole
 * numbers. A correction that is none, or leaves nothing to divide by, is for the usual one.
 */
function exactly(x: ArraySpec, reduced: readonly boolean[], mask: unknown, correction = 0) {
  const elements = sizeOf(x.shape.filter((_, i) => reduced[i]));
  const divisor = elements - correction;
  const whole = Number.isInteger(divisor) && divisor > 0 && divisor < 2 ** 32;
  if (!isInteger(x.dtype) || !whole || mask) return undefined;
  return { plan: planExactMoments, uniforms: { elements, divisor } };
}

/** A weight of 0 is divided by as 1e-30, so that moments of nothing have a variance of 0. */
export const OF_NOTHING = { correction: -1e-30 };

/** With a mask the count is the sum of weights of each group, f32. */
export interface WeightedMoments extends Omit<Moments, "count"> {
  readonly count: Tensor;
}

interface MomentsOperation {
  <O extends MomentsOptions>(
    x: Tensor,
    options?: Known<O, MomentsOptions>,
  ): O extends { mask: Mask } ? WeightedMoments : Moments;
  readonly definition: Definition<MomentsOptions, Moments | WeightedMoments>;
}

/** Moments that the library makes consist of these results. */
export const MOMENTS_RESULTS = ["mean", "variance", "meanPair"] as const;
export const WEIGHTED_RESULTS = ["mean", "variance", "meanPair", "count"] as const;

/**
 * Computes the arithmetic mean over `axes`.
 *
 * Its error is about 2^-24 of the largest deviation from the mean, independent of the offset.
 * Source: PyTorch `torch.mean`. Throws NormError for unknown or duplicate axes, for zero elements
 * to reduce and for an `out` of another shape.
 */
export const mean = /* @__PURE__ */ operation({
  name: "mean",
  options: MEAN_OPTIONS,
  define(x: ArraySpec, o: MeanOptions) {
    const reduced = checkAxes("mean", o.axes, x.shape.length);
    return statisticsCall("mean", x, reduced, {
      ...o,
      ...exactly(x, reduced, o.mask),
      results: ["mean"],
      result: (made) => made.mean,
    });
  },
});

/** Returns n / (n - correction), by which a variance is larger than the population's. */
function correctionScaleOf(
  { shape }: ArraySpec,
  reduced: readonly boolean[],
  correction = 1,
): number {
  const count = sizeOf(shape.filter((_, i) => reduced[i]));
  return count / Math.max(0, count - correction);
}

function varianceCall(op: "variance" | "std") {
  return operation({
    name: op,
    options: VARIANCE_OPTIONS,
    define(x: ArraySpec, o: VarianceOptions) {
      const reduced = checkAxes(op, o.axes, x.shape.length);
      const { keepdim, out, mask, correction } = o;
      const exact = exactly(x, reduced, mask, correction ?? 1);
      const uniforms = {
        correctionScale: correctionScaleOf(x, reduced, correction),
        correction: correction ?? 1,
        squareRoot: Number(op === "std"),
        ...exact?.uniforms,
      };
      const result = (made: CallResults["statistics"]) => made[op];
      const how = { plan: exact?.plan, mask, uniforms };
      return statisticsCall(op, x, reduced, { keepdim, out, ...how, results: [op], result });
    },
  });
}

/**
 * Computes the variance over `axes`: sum((x - mean)^2) / (n - correction).
 *
 * With n - correction <= 0 the result is NaN or infinity, as in PyTorch.
 * Source: PyTorch `torch.var`. Throws NormError as `mean` does, and for a correction that is not a
 * number.
 */
export const variance = /* @__PURE__ */ varianceCall("variance");

/**
 * Computes the standard deviation over `axes`: the square root of `variance`. Source: PyTorch
 * `torch.std`.
 */
export const std = /* @__PURE__ */ varianceCall("std");

/**
 * Computes mean, population variance and count over `axes`, from one pass over x, and the mean's
 * pair. With a mask the count is a tensor, the sum of weights of each group; a group without a valid
 * element has mean and variance 0.
 *
 * Throws NormError as `mean` does.
 */
export const moments: MomentsOperation = /* @__PURE__ */ operation({
  name: "moments",
  options: MOMENTS_OPTIONS,
  define(x: ArraySpec, o: MomentsOptions) {
    const reduced = checkAxes("moments", o.axes, x.shape.length);
    return statisticsCall("moments", x, reduced, {
      keepdim: o.keepdim,
      mask: o.mask,
      uniforms: OF_NOTHING,
      ...exactly(x, reduced, o.mask),
      results: o.mask ? WEIGHTED_RESULTS : MOMENTS_RESULTS,
      result: (made, count) => ({ ...made, ...(!o.mask && { count }) }) as never,
    });
  },
});
