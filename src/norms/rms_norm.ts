// RMSNorm divides by the root mean square and subtracts no mean.

import { ANY, EPS_OR_NULL, NUMBER, type OptionTable } from "../base/options";
import type { ArraySpec } from "../runtime/tensor";
import { dxMeanSquare } from "../wgsl/files";
import { MEAN_SQUARE } from "../wgsl/statistics";
import { CAST_OPTIONS, type CastOptions, withCast } from "./shared/cast";
import { type NormStatement, norm } from "./shared/norm";
import { normBackward } from "./shared/norm_backward";
import { NORM_OPTIONS, type NormOptions, type Rstd, type TensorArgument } from "./shared/options";
import { broadcastTo, checkTrailingOrAxes } from "./shared/parameters";

interface TrailingOptions {
  /**
   * The mean square is taken over these trailing axes of x, given by their lengths (a number: the
   * last one); or over `axes`.
   */
  normalizedShape: number | readonly number[];
}

interface AxesOptions {
  /** The mean square is taken over these axes, instead of `normalizedShape`. */
  axes: readonly number[];
}

interface RootMeanSquareOptions {
  /**
   * The weight multiplies, with shape `normalizedShape`, or with `axes` any shape that broadcasts
   * to x's.
   */
  weight?: TensorArgument | undefined;
  /** The bias is added, with a shape as of a weight. */
  bias?: TensorArgument | undefined;
  /**
   * This offset is added to the weight: 1 where weights are stored as weight - 1 (Gemma). Default
   * 0.
   */
  weightOffset?: number | undefined;
  /**
   * eps is added to the mean square. Default, and `null`: 2^-23, the machine epsilon of f32, in
   * which all dtypes are computed.
   */
  eps?: number | null | undefined;
}

/** One of `normalizedShape` and `axes` is given. */
export type RmsNormOptions = NormOptions &
  CastOptions &
  RootMeanSquareOptions &
  ((TrailingOptions & { axes?: undefined }) | (AxesOptions & { normalizedShape?: undefined }));

const OPTIONS: OptionTable<RmsNormOptions> = {
  ...NORM_OPTIONS,
  ...CAST_OPTIONS,
  normalizedShape: ANY,
  axes: ANY,
  weight: ANY,
  bias: ANY,
  weightOffset: NUMBER,
  eps: EPS_OR_NULL,
};

function rmsNormState(op: string, x: ArraySpec, o: RmsNormOptions): NormStatement {
  const { reduced, place } = checkTrailingOrAxes(op, x, o, broadcastTo);
  return {
    op,
    x,
    kind: withCast(MEAN_SQUARE, x, o),
    reduced,
    parameters: { weight: place("weight", o.weight), bias: place("bias", o.bias) },
    uniforms: { weightOffset: o.weightOffset ?? 0 },
    eps: o.eps ?? 2 ** -23,
    statistics: ["rstd"],
  };
}

/**
 * Computes y = x / sqrt(mean(x^2) + eps) * (weight + weightOffset), the mean over the trailing axes
 * or any `axes`: over the channels it is PixelNorm, over the last axis of queries and keys QK-norm.
 *
 * Throws NormError unless one of `normalizedShape` and `axes` is given, for a weight of another
 * shape, a negative eps and an `out` of another shape.
 * Source: Zhang & Sennrich 2019, as PyTorch `rms_norm` and ONNX RMSNormalization.
 */
export const rmsNorm = /* @__PURE__ */ norm<RmsNormOptions, Rstd>("rmsNorm", rmsNormState, OPTIONS);

/**
 * Computes the gradients of `rmsNorm`: dx = rstd (g - xhat mean(g xhat)), where g = dy (weight +
 * weightOffset) and xhat = x rstd; dWeight = sum(dy xhat). Throws NormError as `rmsNorm` does.
 */
export const rmsNormBackward = /* @__PURE__ */ normBackward(
  "rmsNormBackward",
  rmsNormState,
  () => ({ dx: dxMeanSquare }),
  OPTIONS,
);
