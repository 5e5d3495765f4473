// LayerNorm has statistics over the trailing axes.

import { ANY, EPS, type OptionTable } from "../base/options";
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
import { checkTrailing } from "./shared/parameters";

export interface LayerNormOptions extends NormOptions {
  /**
   * The statistics are taken over these trailing axes of x, given by their lengths; a number: the
   * last one.
   */
  normalizedShape: number | readonly number[];
  /** The weight multiplies, with shape `normalizedShape`. */
  weight?: TensorArgument | undefined;
  /** The bias is added, with shape `normalizedShape`. */
  bias?: TensorArgument | undefined;
  /** eps is added to the variance. Default 1e-5. */
  eps?: number | undefined;
}

const OPTIONS: OptionTable<LayerNormOptions> = {
  ...NORM_OPTIONS,
  normalizedShape: ANY,
  weight: ANY,
  bias: ANY,
  eps: EPS,
};

function layerNormState(op: string, x: ArraySpec, o: LayerNormOptions): NormStatement {
  const { reduced, place } = checkTrailing(op, x, o.normalizedShape);
  return {
    op,
    x,
    reduced,
    parameters: { weight: place("weight", o.weight), bias: place("bias", o.bias) },
    eps: o.eps ?? 1e-5,
  };
}

/**
 * Computes y = (x - mean) / sqrt(variance + eps) * weight + bias, statistics over the trailing axes
 * whose lengths are `normalizedShape`: one mean and variance per example, in training and inference
 * alike.
 *
 * Returns a tensor of x's shape; with `stats: true` `{ y, mean, rstd }`, statistics of the leading
 * shape. Throws NormError where `normalizedShape` is not the end of x's shape, for a weight or bias
 * of another shape and for a negative eps.
 * Source: Ba, Kiros & Hinton 2016, as PyTorch `layer_norm`.
 */
export const layerNorm = /* @__PURE__ */ norm<LayerNormOptions, MeanAndRstd>(
  "layerNorm",
  layerNormState,
  OPTIONS,
);

/**
 * Computes the gradients of `layerNorm`: dx = rstd (g - mean(g) - xhat mean(g xhat)), where g = dy
 * weight; dWeight = sum(dy xhat), dBias = sum(dy). Takes the forward's options, x, and the
 * statistics if they were saved. Throws NormError as `layerNorm` does.
 */
export const layerNormBackward = /* @__PURE__ */ normBackward(
  "layerNormBackward",
  layerNormState,
  () => ({ dx: dxMoments }),
  OPTIONS,
);
