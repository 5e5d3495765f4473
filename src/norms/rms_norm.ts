// RMSNorm: the scale alone, no mean is taken away.

import { fail, show } from "../errors";
import { operation } from "../operation";
import { checkAxes } from "../shape";
import type { Spec, Tensor } from "../tensor";
import { checkEps, type Parameter, plain } from "./build";
import { broadcastTo, checkTrailing } from "./parameters";

export interface RmsNormOptions {
  /** The trailing axes of x that share statistics, as their lengths; or `axes`. */
  normalizedShape?: readonly number[];
  /** The axes that share statistics, instead of `normalizedShape`. */
  axes?: readonly number[];
  /** Factor: of shape `normalizedShape`, with `axes` of any shape that broadcasts to x's. */
  weight?: Parameter;
  /** Added to the weight: 1 where weights are stored as what they differ from 1 by (Gemma). Default 0. */
  weightOffset?: number;
  /** Added to the mean square. Default, and `null`: the machine epsilon of f32, 2^-23. */
  eps?: number | null;
  /** Receives y; it may be x itself (in place). */
  out?: Tensor;
}

const EPSILON = 2 ** -23;

function placement(op: string, x: Spec, o: RmsNormOptions) {
  if ((o.normalizedShape === undefined) === (o.axes === undefined)) {
    const given = o.axes === undefined ? "neither" : "both";
    fail(op, `${given} of normalizedShape and axes, expected one of them`);
  }
  if (o.axes !== undefined) {
    const weight = broadcastTo(op, "weight", o.weight, x);
    return { reduced: checkAxes(op, o.axes, x.shape.length), weight };
  }
  const { reduced, place } = checkTrailing(op, x, o.normalizedShape);
  return { reduced, weight: place("weight", o.weight) };
}

/**
 * y = x / sqrt(mean(x^2) + eps) * (weight + weightOffset), the mean over the trailing axes or any `axes`:
 * over the channels it is PixelNorm, over the last axis of queries and keys QK-norm.
 *
 * Throws NormError unless one of `normalizedShape` and `axes` is given, for a weight of another shape, a
 * negative eps and an `out` of another shape.
 * Source: Zhang & Sennrich 2019, as PyTorch `rms_norm` and ONNX RMSNormalization.
 */
export const rmsNorm = operation({
  name: "rmsNorm",
  define(x: Spec, o: RmsNormOptions) {
    const op = "rmsNorm";
    const { weightOffset = 0 } = o;
    if (typeof weightOffset !== "number" || !Number.isFinite(weightOffset)) {
      fail(op, `weightOffset ${show(weightOffset)}, expected a finite number`);
    }
    const eps = checkEps(op, o.eps ?? EPSILON);
    return plain({ op, x, kind: "meanSquare", ...placement(op, x, o), weightOffset, eps }, o.out);
  },
});
