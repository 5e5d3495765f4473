// RMSNorm divides by the root mean square and subtracts no mean.

import { fail } from "../base/errors";
import { ANY, EPS_OR_NULL, NUMBER, type OptionTable } from "../base/options";
import { checkAxes } from "../base/shape";
import type { ArraySpec } from "../runtime/tensor";
import { dxMeanSquare } from "../wgsl/files";
import { MEAN_SQUARE } from "../wgsl/statistics";
import { type NormStatement, norm } from "./shared/norm";
import { normBackward } from "./shared/norm_backward";
import { NORM_OPTIONS, type NormOptions, type Rstd, type TensorArgument } from "./shared/options";
import { broadcastTo, checkTrailing } from "./shared/parameters";

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
  RootMeanSquareOptions &
  ((TrailingOptions & { axes?: undefined }) | (AxesOptions & { normalizedShape?: undefined }));

const OPTIONS: OptionTable<RmsNormOptions> = {
  ...NORM_OPTIONS,
  normalizedShape: ANY,
  axes: ANY,
  weight: ANY,
  bias: ANY,
  weightOffset: NUMBER,
  eps: EPS_OR_NULL,
};

function placement(op: string, x: ArraySpec, o: RmsNormOptions) {
  if ((o.normalizedShape === undefined) === (o.axes === undefined)) {
    const given = o.axes === undefined ? "neither" : "both";
    fail(op, `${given} of normalizedShape and axes, expected one of them`);
  }
  if (o.axes !== undefined) {
    const weight = broadcastTo(op, "weight", o.weight, x);
    const bias = broadcastTo(op, "bias", o.bias, x);
    return { reduced: checkAxes(op, o.axes, x.shape.length), parameters: { weight, bias } };
  }
  const { reduced, place } = checkTrailing(op, x, o.normalizedShape);
  return {
    reduced,
    parameters: { weight: place("weight", o.weight), bias: place("bias", o.bias) },
  };
}

function rmsNormState(op: string, x: ArraySpec, o: RmsNormOptions): NormStatement {
  return {
    op,
    x,
    kind: MEAN_SQUARE,
    ...placement(op, x, o),
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
