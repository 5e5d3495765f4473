// Standardize normalizes over any set of axes.

import { fail } from "../base/errors";
import { ANY, EPS, NUMBER, type OptionTable } from "../base/options";
import { checkAxes, sizeOf } from "../base/shape";
import type { ArraySpec } from "../runtime/tensor";
import { dxDeviationCorrected, dxMoments, dxMomentsCorrected } from "../wgsl/files";
import type { Fragment } from "../wgsl/link";
import {
  CORRECTED_DEVIATION,
  CORRECTED_MOMENTS,
  MOMENTS,
  type StatisticKind,
} from "../wgsl/statistics";
import { type NormStatement, norm } from "./shared/norm";
import { normBackward } from "./shared/norm_backward";
import {
  type MeanAndRstd,
  NORM_OPTIONS,
  type NormOptions,
  type TensorArgument,
} from "./shared/options";
import { broadcastTo } from "./shared/parameters";

export interface StandardizeOptions extends NormOptions {
  /** The statistics are taken over these axes, negative from the end. */
  axes: readonly number[];
  /** The weight multiplies; it has any shape that broadcasts to x's. */
  weight?: TensorArgument | undefined;
  /** The bias is added; it has any shape that broadcasts to x's. */
  bias?: TensorArgument | undefined;
  /** eps is added to the variance, or as `epsOn` says. Default 1e-5. */
  eps?: number | undefined;
  /**
   * eps is added to the variance under the root (the default), or to the deviation: (x - mean) /
   * (deviation + eps).
   */
  epsOn?: "variance" | "deviation" | undefined;
  /**
   * The correction is subtracted from the count (with a mask: from the sum of weights) in the
   * divisor of the variance. Default 0, the population's; 1 is Bessel's.
   */
  correction?: number | undefined;
}

const OPTIONS: OptionTable<StandardizeOptions> = {
  ...NORM_OPTIONS,
  axes: ANY,
  weight: ANY,
  bias: ANY,
  eps: EPS,
  epsOn: (value) => value !== "variance" && value !== "deviation" && '"variance" or "deviation"',
  correction: NUMBER,
};

function kindOf({ epsOn, correction = 0 }: StandardizeOptions): StatisticKind {
  if (epsOn === "deviation") return CORRECTED_DEVIATION;
  return correction === 0 ? MOMENTS : CORRECTED_MOMENTS;
}

const GRADIENTS = new Map<StatisticKind | undefined, Fragment>([
  [MOMENTS, dxMoments],
  [CORRECTED_MOMENTS, dxMomentsCorrected],
  [CORRECTED_DEVIATION, dxDeviationCorrected],
]);

function standardizeState(op: string, x: ArraySpec, o: StandardizeOptions): NormStatement {
  if (o.axes === undefined) fail(op, "axes are missing, expected an array of integers");
  const { correction = 0 } = o;
  const reduced = checkAxes(op, o.axes, x.shape.length);
  const count = sizeOf(x.shape.filter((_, i) => reduced[i]));
  return {
    op,
    x,
    kind: kindOf(o),
    reduced,
    uniforms: { correction, correctionScale: count / Math.max(0, count - correction) },
    parameters: {
      weight: broadcastTo(op, "weight", o.weight, x),
      bias: broadcastTo(op, "bias", o.bias, x),
    },
    eps: o.eps ?? 1e-5,
  };
}

/**
 * Computes y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and population variance
 * over `axes`, and weight and bias broadcast over any axes by NumPy's rules. `correction` and `epsOn`
 * change the divisor, as feature norms of audio models have it. With count - correction <= 0 the
 * variance is NaN or infinity, as in PyTorch.
 *
 * `stats: true` returns `{ y, mean, rstd }`, the latter two without the reduced axes. Throws
 * NormError for unknown or duplicate axes, a weight or bias that does not broadcast, a negative
 * eps, and an `out` of another shape.
 */
export const standardize = /* @__PURE__ */ norm<StandardizeOptions, MeanAndRstd>(
  "standardize",
  standardizeState,
  OPTIONS,
);

/**
 * Computes the gradients of `standardize`, as those of `layerNorm` over `axes`. Throws NormError as
 * `standardize` does.
 */
export const standardizeBackward = /* @__PURE__ */ normBackward(
  "standardizeBackward",
  standardizeState,
  ({ kind }) => ({ dx: GRADIENTS.get(kind) ?? dxMoments }),
  OPTIONS,
);
