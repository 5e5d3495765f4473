// Moments of parts of the data merge, wherever they were computed.

import { entryAt } from "../base/entry";
import { fail, show } from "../base/errors";
import { ANY, EPS, NUMBER, type OptionTable } from "../base/options";
import { checkAxes, sameShape, sizeOf } from "../base/shape";
import { composed, type Steps } from "../operation/composed";
import { contextOf, operation } from "../operation/operation";
import { planMerge, planWeighedMerge } from "../plan/moments";
import type { Problem, Statistic } from "../plan/problem";
import { NONE } from "../plan/uniform_fields";
import { type ArraySpec, bindingLayoutOf, Tensor } from "../runtime/tensor";
import { dxConstant, storedMeanVariance } from "../wgsl/files";
import { MOMENTS_RESULTS, type Moments, WEIGHTED_RESULTS, type WeightedMoments } from "./moments";
import { checkStatistic, specOf } from "./shared/checks";
import { type GivenArgument, givenArray, givenBy } from "./shared/given";
import { givenMean } from "./shared/mean_pair";
import { type NormStatement, norm, problemOf } from "./shared/norm";
import { normBackward } from "./shared/norm_backward";
import {
  type MeanAndRstd,
  NORM_OPTIONS,
  type NormOptions,
  type TensorArgument,
} from "./shared/options";
import { broadcastTo } from "./shared/parameters";

const OP = "mergeMoments";

/**
 * States the problem of a kernel on arrays of statistics, contiguous and of one shape. The kernel
 * knows them by these names.
 */
export function statisticsProblem(
  op: string,
  arrays: Readonly<Record<string, ArraySpec>>,
  shape: readonly number[],
  results: readonly Statistic[],
  numbers: Readonly<Record<string, number>>,
): Problem {
  const x = specOf(shape, "f32");
  const n: NormStatement = { op, x, reduced: shape.map(() => false), eps: 0 };
  const starts = Object.entries(arrays).map(([name, spec]) => [name, bindingLayoutOf(spec).offset]);
  const uniforms = { ...Object.fromEntries(starts), ...numbers };
  return { ...problemOf(n, {}, {}), results, uniforms };
}

interface UncheckedMoments {
  readonly mean?: unknown;
  readonly meanPair?: unknown;
  readonly variance?: unknown;
}

const missing = (op: string, name: string, shape: readonly number[]) =>
  fail(op, `${name} is missing, expected a tensor of shape ${show(shape)}`);

/** Checks that moments are there and have their shape. */
export function checkMoments(
  op: string,
  given: UncheckedMoments,
  shape: readonly number[],
  varianceShape = shape,
  f32 = false,
) {
  const mean = givenMean(op, given, shape, f32) ?? missing(op, "mean", shape);
  const variance = checkStatistic(op, "variance", given.variance, varianceShape, f32);
  return { mean, variance: variance ?? missing(op, "variance", varianceShape) };
}

/** Checks moments that kernels read as f32. */
const checkPart = (op: string, part: UncheckedMoments, shape: readonly number[]) =>
  checkMoments(op, part, shape, shape, true);

interface MergeOptions {
  a: Moments;
  b?: Moments; // without it the results are those of one part
  results?: readonly Statistic[]; // default: moments
  shape?: readonly number[]; // shape of the results, by default that of the mean
  scale?: number; // factor of the variance
}

/** Returns where the deltas of means begin, if they are pairs. */
const deltasOf = ({ mean }: { mean: GivenArgument }) =>
  givenArray("mean", mean).starts.delta ?? NONE;

/** Makes an operation that merges the moments of two parts. */
export const mergeOperation = (op: string) =>
  operation({
    name: op,
    first: "mean",
    define(x: ArraySpec, o: MergeOptions) {
      const { a, b = a, results = MOMENTS_RESULTS, shape = x.shape, scale = 1 } = o;
      const [more, less] = a.count < b.count ? [b, a] : [a, b]; // the smaller share is the exact one
      const [large, small] = [checkPart(op, more, x.shape), checkPart(op, less, x.shape)];
      const arrays = {
        meansA: large.mean.spec,
        variancesA: large.variance,
        meansB: small.mean.spec,
        variancesB: small.variance,
      };
      const numbers = {
        deltasA: deltasOf(large),
        deltasB: deltasOf(small),
        share: less.count / (a.count + b.count) || 0,
        scale,
      };
      return {
        problem: statisticsProblem(op, arrays, x.shape, results, numbers),
        plan: planMerge,
        arrays,
        outputs: {},
        statisticsShape: shape,
        result: ({ statistics }) => statistics,
      };
    },
  });

const mergeTwo = /* @__PURE__ */ mergeOperation(OP);

interface WeighedOptions {
  a: WeightedMoments;
  b?: WeightedMoments; // without it the results are those of one part
  results?: readonly Statistic[]; // default: moments and counts
  shape?: readonly number[]; // shape of the results, by default that of the mean
  correction?: number | undefined; // of the variance; default 0
  ofNothing?: number | undefined; // the variance of a group without weight; default 0
}

/** Makes an operation that merges the moments of two parts, each with the weights of its groups. */
export const weighedMergeOperation = (op: string) =>
  operation({
    name: op,
    first: "mean",
    define(x: ArraySpec, { a, b = a, ...o }: WeighedOptions) {
      const { results = WEIGHTED_RESULTS, shape = x.shape, correction = 0, ofNothing = 0 } = o;
      const countsOf = (part: WeightedMoments) =>
        checkStatistic(op, "count", part.count, x.shape, true) ?? missing(op, "count", x.shape);
      const [one, other] = [checkPart(op, a, x.shape), checkPart(op, b, x.shape)];
      const arrays = {
        meansA: one.mean.spec,
        variancesA: one.variance,
        countsA: countsOf(a),
        meansB: other.mean.spec,
        variancesB: other.variance,
        countsB: countsOf(b),
      };
      const deltas = { deltasA: deltasOf(one), deltasB: deltasOf(other) };
      const alone = b === a && { countsB: NONE };
      const numbers = { ...deltas, ...alone, correction, ofNothing };
      return {
        problem: statisticsProblem(op, arrays, x.shape, results, numbers),
        plan: planWeighedMerge,
        arrays,
        outputs: {},
        statisticsShape: shape,
        result: ({ statistics }) => statistics,
      };
    },
  });

const mergeWeighed = /* @__PURE__ */ weighedMergeOperation(OP);

export type AnyMoments = Moments | WeightedMoments;

export const isWeighted = (part: AnyMoments): part is WeightedMoments =>
  typeof part.count === "object";

/** Returns the moments with a count of each group. */
function weighted({ filled }: Steps, part: AnyMoments): WeightedMoments {
  if (isWeighted(part)) return part;
  const { shape } = part.mean;
  return { ...part, count: filled(part.count, sizeOf(shape)).reshape(shape) };
}

/** Merges halves of the list, so that rounding grows with log2(parts). */
function mergeHalves(steps: Steps, parts: readonly AnyMoments[]): AnyMoments {
  const half = parts.length >> 1;
  if (half === 0) return entryAt(parts, 0);
  const a = mergeHalves(steps, parts.slice(0, half));
  const b = mergeHalves(steps, parts.slice(half));
  if (!isWeighted(a) && !isWeighted(b)) {
    return { ...steps.run(mergeTwo, a.mean, { a, b }), count: a.count + b.count };
  }
  const all = { a: weighted(steps, a), b: weighted(steps, b) };
  return steps.run(mergeWeighed, a.mean, all);
}

/**
 * Merges the moments of disjoint parts: mean, population variance and count of all parts together.
 * It is associative and commutative up to rounding, so that parts may be merged in any order,
 * anywhere. Where parts come with `meanPair`, an offset of the data costs no digits.
 *
 * All parts have one shape; parts of count 0 add nothing. Throws NormError for an empty list, for
 * moments of another shape, and for counts that are negative or not finite. Moments of masked data
 * have a count of each group, a tensor, and so has the result if any part has.
 * Source: Chan, Golub & LeVeque 1983.
 */
export function mergeMoments(parts: readonly [WeightedMoments, ...AnyMoments[]]): WeightedMoments;
export function mergeMoments<M extends AnyMoments>(parts: readonly M[]): M;
export function mergeMoments(parts: readonly Moments[]): Moments;
export function mergeMoments(parts: readonly AnyMoments[]): AnyMoments {
  if (!Array.isArray(parts) || parts.length === 0) {
    fail(OP, `parts ${show(parts)}, expected a list of at least one { mean, variance, count }`);
  }
  for (const part of parts) {
    const count = part?.count;
    if (count instanceof Tensor) continue;
    if (!(Number.isFinite(count) && count >= 0)) {
      fail(OP, `count ${show(count)}, expected a number of elements`);
    }
  }
  const first = entryAt(parts, 0);
  const context = contextOf(OP, "mean", first.mean);
  for (const part of parts) checkPart(OP, part, first.mean.shape);
  const full = parts.filter((part) => isWeighted(part) || part.count > 0);
  return composed(context, (steps) => {
    if (full.length > 1) return mergeHalves(steps, full);
    const [one = first] = full;
    if (isWeighted(one)) return steps.run(mergeWeighed, one.mean, { a: one });
    return { ...steps.run(mergeTwo, one.mean, { a: one, b: one }), count: one.count };
  });
}

export function destroyMoments({
  mean,
  variance,
  count,
}: Pick<Moments, "mean" | "variance"> & { count?: Tensor | number }): void {
  mean.destroy();
  variance.destroy();
  if (count instanceof Tensor) count.destroy();
}

interface OneMean {
  /** The mean has the shape of the kept axes, with or without the reduced axes of length 1. */
  mean: TensorArgument;
  /**
   * The mean's pair, [2, ...] of the mean's shape, takes its place: a mean of one f32 costs y 6e-8
   * |mean| / deviation.
   */
  meanPair?: TensorArgument | undefined;
}

/** The mean is given, its pair, or both. */
type MeanOption = OneMean | { mean?: undefined; meanPair: TensorArgument };

interface OtherOptions extends NormOptions {
  /** The population variance has the mean's shape. */
  variance: TensorArgument;
  /** The count has no effect: moments are options as they are. */
  count?: number | Tensor | undefined;
  /** These axes were reduced. */
  axes: readonly number[];
  /** The weight multiplies; it has any shape that broadcasts to x's. */
  weight?: TensorArgument | undefined;
  /** The bias is added; it has any shape that broadcasts to x's. */
  bias?: TensorArgument | undefined;
  /** eps is added to the variance. Default 1e-5. */
  eps?: number | undefined;
}

export type ApplyMomentsOptions = OtherOptions & MeanOption;

const APPLY_MOMENTS_OPTIONS: OptionTable<ApplyMomentsOptions> = {
  ...NORM_OPTIONS,
  mean: ANY,
  meanPair: ANY,
  variance: ANY,
  count: (value) => !(value instanceof Tensor) && NUMBER(value),
  axes: ANY,
  weight: ANY,
  bias: ANY,
  eps: EPS,
};

export function applyMomentsState(op: string, x: ArraySpec, o: ApplyMomentsOptions): NormStatement {
  if (o.axes === undefined) fail(op, "axes are missing, expected an array of integers");
  const reduced = checkAxes(op, o.axes, x.shape.length);
  const kept = x.shape.filter((_, i) => !reduced[i]);
  const keepdim = x.shape.map((size, i) => (reduced[i] ? 1 : size));
  const shapeFor = (given: unknown, lead = 0) => {
    const { shape } = Object(given); // checked below
    return Array.isArray(shape) && sameShape(shape.slice(lead), keepdim) ? keepdim : kept;
  };
  const meanShape = o.meanPair ? shapeFor(o.meanPair, 1) : shapeFor(o.mean);
  const { mean, variance } = checkMoments(op, o, meanShape, shapeFor(o.variance));
  return {
    op,
    x,
    reduced,
    parameters: {
      weight: broadcastTo(op, "weight", o.weight, x),
      bias: broadcastTo(op, "bias", o.bias, x),
    },
    eps: o.eps ?? 1e-5,
    given: givenBy(
      storedMeanVariance,
      { array: "variance", argument: "variance", spec: variance },
      mean,
    ),
  };
}

/**
 * Computes y = (x - mean) / sqrt(variance + eps) * weight + bias with given moments: merged ones,
 * or those of other data.
 *
 * Throws NormError for unknown axes, moments of another shape, and parameters that do not
 * broadcast.
 */
export const applyMoments = /* @__PURE__ */ norm<ApplyMomentsOptions, MeanAndRstd>(
  "applyMoments",
  applyMomentsState,
  APPLY_MOMENTS_OPTIONS,
);

type GivenMoments = ApplyMomentsOptions & { rstd?: undefined };

/**
 * Computes the gradients of `applyMoments`, where the moments are constants. Throws NormError as
 * `applyMoments` does.
 */
export const applyMomentsBackward = /* @__PURE__ */ normBackward<GivenMoments>(
  "applyMomentsBackward",
  (op, x, o) => {
    if (o.rstd !== undefined) fail(op, "rstd is given, expected mean and variance alone");
    return applyMomentsState(op, x, o);
  },
  () => ({ dx: dxConstant }),
  { ...APPLY_MOMENTS_OPTIONS, rstd: ANY },
);
