// ONNX's MeanVarianceNormalization.

import { operation } from "../operation";
import { checkAxes } from "../shape";
import type { Spec, Tensor } from "../tensor";
import { checkEps, plain } from "./build";

export interface MeanVarianceNormOptions {
  /** Axes that share statistics. Default [0, 2, 3]. */
  axes?: readonly number[];
  /** Added to the deviation, not the variance. Default 1e-9. */
  eps?: number;
  /** Receives y; it may be x itself (in place). */
  out?: Tensor;
}

/**
 * y = (x - mean) / (deviation + eps), mean and population deviation over `axes`.
 *
 * Throws NormError for unknown or duplicate axes and a negative eps.
 * Source: ONNX MeanVarianceNormalization, whose reference adds 1e-9 to the deviation.
 */
export const meanVarianceNorm = operation({
  name: "meanVarianceNorm",
  define(x: Spec, o: MeanVarianceNormOptions) {
    const op = "meanVarianceNorm";
    const reduced = checkAxes(op, o.axes ?? [0, 2, 3], x.shape.length);
    return plain({ op, x, kind: "deviation", reduced, eps: checkEps(op, o.eps ?? 1e-9) }, o.out);
  },
});
