// LayerNorm: statistics over the trailing axes.

import { fail, show } from "../errors";
import { checkShape } from "../shape";
import type { Spec } from "../tensor";
import {
  checkEps,
  checkParameter,
  norm,
  normalization,
  type OutputOptions,
  type Parameter,
  type Placed,
} from "./build";

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

function trailing(spec: Spec | undefined, rank: number): Placed | undefined {
  if (spec === undefined) return undefined;
  return { spec, strides: [...new Array(rank - spec.shape.length).fill(0), ...spec.strides] };
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
    const shape = checkShape(op, o.normalizedShape);
    const rank = x.shape.length;
    const lead = rank - shape.length;
    if (shape.length === 0 || lead < 0 || shape.some((d, i) => d !== x.shape[lead + i])) {
      fail(op, `normalizedShape ${show(shape)}, expected the last lengths of x's ${show(x.shape)}`);
    }
    return normalization({
      op,
      x,
      reduced: x.shape.map((_, i) => i >= lead),
      weight: trailing(checkParameter(op, "weight", o.weight, shape), rank),
      bias: trailing(checkParameter(op, "bias", o.bias, shape), rank),
      eps: checkEps(op, o.eps ?? 1e-5),
      output: o,
    });
  },
});
