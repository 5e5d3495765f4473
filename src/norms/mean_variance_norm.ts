// This norm is ONNX's MeanVarianceNormalization.

import { ANY, EPS, type OptionTable } from "../base/options";
import { checkAxesOr } from "../base/shape";
import type { ArraySpec } from "../runtime/tensor";
import { dxDeviation } from "../wgsl/files";
import { DEVIATION } from "../wgsl/statistics";
import { type NormStatement, norm } from "./shared/norm";
import { normBackward } from "./shared/norm_backward";
import { COMMON_OPTIONS, MASK, type NormOptions } from "./shared/options";

export interface MeanVarianceNormOptions extends Omit<NormOptions, "stats"> {
  /** The statistics are taken over these axes. Default [0, 2, 3]. */
  axes?: readonly number[] | undefined;
  /** eps is added to the deviation, not to the variance. Default 1e-9. */
  eps?: number | undefined;
}

const OPTIONS: OptionTable<MeanVarianceNormOptions> = {
  ...COMMON_OPTIONS,
  mask: MASK,
  axes: ANY,
  eps: EPS,
};

function meanVarianceNormState(
  op: string,
  x: ArraySpec,
  o: MeanVarianceNormOptions,
): NormStatement {
  return {
    op,
    x,
    kind: DEVIATION,
    reduced: checkAxesOr(op, o.axes, x.shape.length, [0, 2, 3]),
    eps: o.eps ?? 1e-9,
    statistics: [],
  };
}

/**
 * Computes y = (x - mean) / (deviation + eps), mean and population deviation over `axes`.
 *
 * Throws NormError for unknown or duplicate axes and a negative eps.
 * Source: ONNX MeanVarianceNormalization, whose reference adds 1e-9 to the deviation.
 */
export const meanVarianceNorm = /* @__PURE__ */ norm<MeanVarianceNormOptions, unknown>(
  "meanVarianceNorm",
  meanVarianceNormState,
  OPTIONS,
);

/**
 * Computes the gradient of `meanVarianceNorm`. A deviation of 0 passes no gradient. Throws
 * NormError as `meanVarianceNorm` does.
 */
export const meanVarianceNormBackward = /* @__PURE__ */ normBackward(
  "meanVarianceNormBackward",
  meanVarianceNormState,
  () => ({ dx: dxDeviation }),
  OPTIONS,
);
