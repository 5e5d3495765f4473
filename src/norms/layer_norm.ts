// LayerNorm: statistics over the trailing axes.

import { checkEps, norm, normalization, type OutputOptions, type Parameter } from "./build";
import { checkTrailing } from "./parameters";

export interface LayerNormOptions extends OutputOptions {
  /** The trailing axes of x that share statistics, as their lengths. */
  normalizedShape: readonly number[];
  /** Factor of shape `normalizedShape`. */
  weight?: Parameter;
  /** Summand of shape `normalizedShape`. */
  bias?: Parameter;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, statistics over the trailing axes whose
 * lengths are `normalizedShape`: one mean and variance an example, in training and inference alike.
 *
 * Returns a tensor of x's shape; with `stats: true` `{ y, mean, rstd }`, statistics of the leading
 * shape. Throws NormError where `normalizedShape` is not the end of x's shape, for a weight or bias of
 * another shape and for a negative eps.
 * Source: Ba, Kiros & Hinton 2016, as PyTorch `layer_norm`.
 */
export const layerNorm = norm<LayerNormOptions>({
  name: "layerNorm",
  define(x, o) {
    const op = "layerNorm";
    const { reduced, place } = checkTrailing(op, x, o.normalizedShape);
    return normalization({
      op,
      x,
      reduced,
      weight: place("weight", o.weight),
      bias: place("bias", o.bias),
      eps: checkEps(op, o.eps ?? 1e-5),
      output: o,
    });
  },
});
