// Moments that merge: of parts of the data, wherever they were computed.

import { fail, show } from "../base/errors";
import { checkAxes } from "../base/shape";
import { operation } from "../operation/operation";
import { planMerge } from "../plan/moments";
import type { Spec, Tensor } from "../runtime/tensor";
import { dxConstant, storedMeanVariance } from "../wgsl/files";
import type { Moments } from "./moments";
import { checkEps, checkStatistic } from "./shared/checks";
import { layoutsOf, type Normalization, norm, problemOf, whole } from "./shared/norm";
import { gradient } from "./shared/norm_backward";
import type { MeanAndRstd, NormOptions, Parameter } from "./shared/options";
import { broadcastTo } from "./shared/parameters";

interface Pair {
  variance: Tensor;
  other: Moments;
  share: number;
}

const OP = "mergeMoments";

/** Statistics of one kept shape, under the names of operands, each dense. */
export function values(op: string, all: Record<string, Spec>, first: Spec, problem: object) {
  const n: Normalization = { op, x: first, reduced: first.shape.map(() => false), eps: 0 };
  const placed = Object.entries(all).map(([name, spec]) => [name, whole(spec)]);
  return { ...problemOf(n, {}, layoutsOf(n, Object.fromEntries(placed))), ...problem };
}

const mergeTwo = /* @__PURE__ */ operation({
  name: OP,
  first: "mean",
  define(mean: Spec, { variance, other, share }: Pair) {
    const dense = (name: string, spec: Spec) =>
      checkStatistic(OP, name, spec, mean.shape, true) as Spec;
    const arrays = {
      meansA: dense("mean", mean),
      variancesA: dense("variance", variance),
      meansB: dense("mean", other.mean),
      variancesB: dense("variance", other.variance),
    };
    const { meansA: x, variancesA: y, meansB: dy, variancesB: sum } = arrays;
    return {
      problem: values(OP, { x, y, dy, sum }, mean, {
        results: ["mean", "variance"],
        merging: { share, count: other.count },
      }),
      plan: planMerge,
      arrays,
      slots: {},
      outputs: {},
      statShape: mean.shape,
      result: ({ statistics }) => statistics,
    };
  },
});

/**
 * The moments of all parts together: mean, population variance and count, from those of disjoint parts. Associative
 * and commutative but for rounding, so that parts may be merged in any order, anywhere.
 *
 * All parts have the same shape. Throws NormError for no part, other shapes, and counts that are not positive.
 * Source: Chan, Golub & LeVeque 1983.
 */
export function mergeMoments(parts: readonly Moments[]): Moments {
  if (!Array.isArray(parts) || parts.length === 0) {
    fail(OP, `parts ${show(parts)}, expected a list of at least one { mean, variance, count }`);
  }
  for (const { count } of parts) {
    if (!(count > 0)) fail(OP, `count ${show(count)}, expected a positive number of elements`);
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
    if (merged !== first) discard(merged);
    merged = next;
  }
  return merged;
}

export function discard({ mean, variance }: Moments): void {
  mean.destroy();
  variance.destroy();
}

export interface ApplyMomentsOptions extends NormOptions {
  /** Of the kept axes' shape, with or without the reduced axes of length 1. */
  mean?: Parameter;
  /** Population variance, of the same shape. */
  variance?: Parameter;
  /** The axes that were reduced. */
  axes: readonly number[];
  /** Factor, of any shape that broadcasts to x's. */
  weight?: Parameter;
  /** Summand, of any shape that broadcasts to x's. */
  bias?: Parameter;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
}

export function applyState(op: string, x: Spec, o: ApplyMomentsOptions): Normalization {
  if (o.axes === undefined) fail(op, "axes are missing, expected an array of integers");
  const reduced = checkAxes(op, o.axes, x.shape.length);
  const kept = x.shape.filter((_, i) => !reduced[i]);
  const keepdim = x.shape.map((size, i) => (reduced[i] ? 1 : size));
  const [mean, spread] = (["mean", "variance"] as const).map((name) => {
    const given = o[name] as Tensor | undefined;
    const shape = String(given?.shape) === String(keepdim) ? keepdim : kept;
    const spec = checkStatistic(op, name, given, shape);
    return spec ?? fail(op, `${name} is missing, expected a tensor of shape ${show(kept)}`);
  });
  return {
    op,
    x,
    reduced,
    weight: broadcastTo(op, "weight", o.weight, x),
    bias: broadcastTo(op, "bias", o.bias, x),
    eps: checkEps(op, o.eps ?? 1e-5),
    given: { file: storedMeanVariance, mean, spread, names: { mean: "mean", spread: "variance" } },
  };
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias with moments that are given: merged ones, or those of other
 * data.
 *
 * Throws NormError for unknown axes, moments of another shape, parameters that do not broadcast.
 */
export const applyMoments = /* @__PURE__ */ norm<ApplyMomentsOptions, MeanAndRstd>(
  "applyMoments",
  applyState,
);

/** The gradients of `applyMoments`; the moments are constants. Throws NormError as it does. */
export const applyMomentsBackward = /* @__PURE__ */ gradient<ApplyMomentsOptions>(
  "applyMomentsBackward",
  applyState,
  () => dxConstant,
);
