// Normalization over any set of axes.

import { fail, show } from "../errors";
import { broadcast, checkAxes } from "../shape";
import { type Spec, Tensor } from "../tensor";
import {
  checkEps,
  norm,
  normalization,
  type OutputOptions,
  type Parameter,
  type Placed,
  specOf,
} from "./build";

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

function placed(op: string, name: string, given: unknown, x: Spec): Placed | undefined {
  if (given === undefined || given === null) return undefined;
  if (given !== true && !(given instanceof Tensor)) {
    fail(op, `${name} is ${show(given)}, expected a tensor`);
  }
  const spec = given === true ? specOf(x.shape) : given;
  return { spec, strides: broadcast(op, name, spec, x.shape) };
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
      weight: placed(op, "weight", o.weight, x),
      bias: placed(op, "bias", o.bias, x),
      eps: checkEps(op, o.eps ?? 1e-5),
      output: o,
    });
  },
});
