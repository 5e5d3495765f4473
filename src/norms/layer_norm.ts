// LayerNorm has statistics over the trailing axes, or over any.

import { ANY, EPS, type OptionTable } from "../base/options";
import type { ArraySpec } from "../runtime/tensor";
import { dxMoments } from "../wgsl/files";
import { MOMENTS } from "../wgsl/statistics";
import { CAST_OPTIONS, type CastOptions, withCast } from "./shared/cast";
import { arrayOf } from "./shared/checks";
import { type NormStatement, norm } from "./shared/norm";
import { normBackward } from "./shared/norm_backward";
import {
  type MeanAndRstd,
  NORM_OPTIONS,
  type NormOptions,
  type TensorArgument,
} from "./shared/options";
import { broadcastTo, checkTrailingOrAxes } from "./shared/parameters";
import { type PlacedParameter, placeParameter } from "./shared/placement";

interface TrailingOptions {
  /**
   * The statistics are taken over these trailing axes of x, given by their lengths (a number: the
   * last one); or over `axes`.
   */
  normalizedShape: number | readonly number[];
}

interface AxesOptions {
  /** The statistics are taken over these axes, instead of `normalizedShape`: [1] is LayerNorm2d. */
  axes: readonly number[];
}

interface AffineOptions {
  /**
   * The weight multiplies, with shape `normalizedShape`. With `axes` it has one value for each index
   * along one of them, or any shape that broadcasts to x's.
   */
  weight?: TensorArgument | undefined;
  /** The bias is added, with a shape as of a weight. */
  bias?: TensorArgument | undefined;
  /** eps is added to the variance. Default 1e-5. */
  eps?: number | undefined;
}

/** One of `normalizedShape` and `axes` is given. */
export type LayerNormOptions = NormOptions &
  CastOptions &
  AffineOptions &
  ((TrailingOptions & { axes?: undefined }) | (AxesOptions & { normalizedShape?: undefined }));

const OPTIONS: OptionTable<LayerNormOptions> = {
  ...NORM_OPTIONS,
  ...CAST_OPTIONS,
  normalizedShape: ANY,
  axes: ANY,
  weight: ANY,
  bias: ANY,
  eps: EPS,
};

function layerNormState(op: string, x: ArraySpec, o: LayerNormOptions): NormStatement {
  const { reduced, place } = checkTrailingOrAxes(op, x, o, alongOneOf);
  return {
    op,
    x,
    kind: withCast(MOMENTS, x, o),
    reduced,
    parameters: { weight: place("weight", o.weight), bias: place("bias", o.bias) },
    eps: o.eps ?? 1e-5,
  };
}

/** Places a parameter with one axis along the reduced axis that has its length; others broadcast. */
function alongOneOf(
  op: string,
  name: string,
  given: unknown,
  x: ArraySpec,
  reduced: readonly boolean[],
): PlacedParameter | undefined {
  if (given === undefined || given === null) return undefined;
  const axes = reduced.flatMap((r, i) => (r ? [i] : []));
  const spec = arrayOf(
    op,
    name,
    given,
    axes.length === 1 ? x.shape.filter((_, i) => reduced[i]) : x.shape,
  );
  const { length, 0: size } = spec.shape;
  const along = axes.filter((axis) => x.shape[axis] === size);
  if (length === 1 && along.length === 1) return placeParameter(spec, along, x.shape.length);
  return broadcastTo(op, name, spec, x);
}

/**
 * Computes y = (x - mean) / sqrt(variance + eps) * weight + bias, statistics over the trailing axes
 * whose lengths are `normalizedShape`, or over any `axes`, those of channels for example: one mean
 * and variance per example or place, in training and inference alike.
 *
 * Returns a tensor of x's shape; with `stats: true` `{ y, mean, rstd }`, statistics of the shape of
 * the other axes. Throws NormError unless one of `normalizedShape` and `axes` is given, where `normalizedShape` is not the end of x's shape, for a weight or bias
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
