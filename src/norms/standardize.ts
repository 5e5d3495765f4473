// Normalization over any set of axes.

import { fail } from "../errors";
import { checkAxes } from "../shape";
import type { Spec } from "../tensor";
import { checkEps, norm, normalization, type OutputOptions, type Parameter } from "./build";
import { broadcastTo } from "./parameters";

export interface StandardizeOptions extends OutputOptions {
  /** Axes whose elements share statistics, negative from the end. */
  axes: readonly number[];
  /** Factor, of any shape that broadcasts to x's. */
  weight?: Parameter;
  /** Summand, of any shape that broadcasts to x's. */
  bias?: Parameter;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, with mean and population variance over
 * `axes`, and weight and bias broadcast over any axes by NumPy's rules.
 *
 * `stats: true` returns `{ y, mean, rstd }`, the latter two without the reduced axes.
 * Throws NormError for unknown or duplicate axes, a weight or bias that does not broadcast, a negative
 * eps, and an `out` of another shape.
 */
export const standardize = norm<StandardizeOptions>({
  name: "standardize",
  define(x: Spec, o) {
    const op = "standardize";
    if (o.axes === undefined) fail(op, "axes are missing, expected an array of integers");
    return normalization({
      op,
      x,
      reduced: checkAxes(op, o.axes, x.shape.length),
      weight: broadcastTo(op, "weight", o.weight, x),
      bias: broadcastTo(op, "bias", o.bias, x),
      eps: checkEps(op, o.eps ?? 1e-5),
      output: o,
    });
  },
});
