// Standardize normalizes over any set of axes.

import { fail } from "../base/errors";
import { ANY, EPS, type OptionTable } from "../base/options";
import { checkAxes } from "../base/shape";
import type { ArraySpec } from "../runtime/tensor";
import { dxMoments } from "../wgsl/files";
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
  /** eps is added to the variance. Default 1e-5. */
  eps?: number | undefined;
}

const OPTIONS: OptionTable<StandardizeOptions> = {
  ...NORM_OPTIONS,
  axes: ANY,
  weight: ANY,
  bias: ANY,
  eps: EPS,
};

function standardizeState(op: string, x: ArraySpec, o: StandardizeOptions): NormStatement {
  if (o.axes === undefined) fail(op, "axes are missing, expected an array of integers");
  return {
    op,
    x,
    reduced: checkAxes(op, o.axes, x.shape.length),
    parameters: {
      weight: broadcastTo(op, "weight", o.weight, x),
      bias: broadcastTo(op, "bias", o.bias, x),
    },
    eps: o.eps ?? 1e-5,
  };
}

/**
 * Computes y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and population variance
 * over `axes`, and weight and bias broadcast over any axes by NumPy's rules.
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
  () => ({ dx: dxMoments }),
  OPTIONS,
);
