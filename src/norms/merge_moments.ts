// Moments of parts of the data merge, wherever they were computed.

import { fail, show } from "../base/errors";
import { ANY, EPS, NUMBER, type OptionTable } from "../base/options";
import { checkAxes, sameShape } from "../base/shape";
import { operation } from "../operation/operation";
import { planMerge } from "../plan/moments";
import type { Problem, Statistic } from "../plan/problem";
import { type ArraySpec, bindingLayoutOf, type Tensor } from "../runtime/tensor";
import { dxConstant, storedMeanVariance } from "../wgsl/files";
import type { Moments } from "./moments";
import { checkStatistic, specOf } from "./shared/checks";
import { type NormStatement, norm, problemOf } from "./shared/norm";
import { normBackward } from "./shared/norm_backward";
import {
  type MeanAndRstd,
  NORM_OPTIONS,
  type NormOptions,
  type TensorArgument,
} from "./shared/options";
import { broadcastTo } from "./shared/parameters";

interface MergeOptions {
  variance: Tensor;
  other: Moments;
  share: number;
}

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

const mergeTwo = /* @__PURE__ */ operation({
  name: OP,
  first: "mean",
  define(mean: ArraySpec, { variance, other, share }: MergeOptions) {
    const { shape } = mean;
    const dense = (name: string, spec: ArraySpec) =>
      checkStatistic(OP, name, spec, shape, true) as ArraySpec;
    const arrays = {
      meansA: dense("mean", mean),
      variancesA: dense("variance", variance),
      meansB: dense("mean", other.mean),
      variancesB: dense("variance", other.variance),
    };
    return {
      problem: statisticsProblem(OP, arrays, shape, ["mean", "variance"], { share }),
      plan: planMerge,
      arrays,
      outputs: {},
      statisticsShape: shape,
      result: ({ statistics }) => statistics,
    };
  },
});

/**
 * Merges the moments of disjoint parts: mean, population variance and count of all parts together.
 * It is associative and commutative up to rounding, so that parts may be merged in any order,
 * anywhere.
 *
 * All parts have one shape. Throws NormError for an empty list, for different shapes, and for
 * counts that are not positive.
 * Source: Chan, Golub & LeVeque 1983.
 */
export function mergeMoments(parts: readonly Moments[]): Moments {
  if (!Array.isArray(parts) || parts.length === 0) {
    fail(OP, `parts ${show(parts)}, expected a list of at least one { mean, variance, count }`);
  }
  for (const part of parts) {
    const { count } = Object(part);
    if (!Number.isFinite(count) || count <= 0)
      fail(OP, `count ${show(count)}, expected a positive number of elements`);
  }
  const merge = (a: Moments, b: Moments): Moments => {
    const count = a.count + b.count;
    const pair = { variance: a.variance, other: b, share: b.count / count };
    return { ...mergeTwo(a.mean, pair), count };
  };
  const [first, ...others] = parts;
  let merged = others.length === 0 ? merge(first, { ...first, count: 0 }) : first;
  for (const part of others) {
    const next = merge(merged, part);
    if (merged !== first) destroyMoments(merged);
    merged = next;
  }
  return merged;
}

export function destroyMoments({ mean, variance }: Moments): void {
  mean.destroy();
  variance.destroy();
}

export interface ApplyMomentsOptions extends NormOptions {
  /** The mean has the shape of the kept axes, with or without the reduced axes of length 1. */
  mean: TensorArgument;
  /** The population variance has the mean's shape. */
  variance: TensorArgument;
  /** The count has no effect: moments are options as they are. */
  count?: number | undefined;
  /** These axes were reduced. */
  axes: readonly number[];
  /** The weight multiplies; it has any shape that broadcasts to x's. */
  weight?: TensorArgument | undefined;
  /** The bias is added; it has any shape that broadcasts to x's. */
  bias?: TensorArgument | undefined;
  /** eps is added to the variance. Default 1e-5. */
  eps?: number | undefined;
}

const APPLY_MOMENTS_OPTIONS: OptionTable<ApplyMomentsOptions> = {
  ...NORM_OPTIONS,
  mean: ANY,
  variance: ANY,
  count: NUMBER,
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
  const moment = (name: "mean" | "variance") => {
    const given = o[name] as Tensor | undefined; // checked below
    const shape = Array.isArray(given?.shape) && sameShape(given.shape, keepdim) ? keepdim : kept;
    const spec = checkStatistic(op, name, given, shape);
    return spec ?? fail(op, `${name} is missing, expected a tensor of shape ${show(kept)}`);
  };
  const [mean, variance] = [moment("mean"), moment("variance")];
  return {
    op,
    x,
    reduced,
    parameters: {
      weight: broadcastTo(op, "weight", o.weight, x),
      bias: broadcastTo(op, "bias", o.bias, x),
    },
    eps: o.eps ?? 1e-5,
    given: {
      file: storedMeanVariance,
      mean: { array: "mean", argument: "mean", spec: mean },
      factor: { array: "variance", argument: "variance", spec: variance },
    },
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
