// This norm divides by the p-norm.

import { fail, show } from "../base/errors";
import { ANY, EPS, isFloat, type OptionTable } from "../base/options";
import { checkAxesOr } from "../base/shape";
import type { ArraySpec } from "../runtime/tensor";
import * as files from "../wgsl/files";
import { NORM_1, NORM_2, NORM_INFINITY, NORM_P, type StatisticKind } from "../wgsl/statistics";
import { type NormStatement, norm } from "./shared/norm";
import { normBackward, type StatisticsGradient } from "./shared/norm_backward";
import { COMMON_OPTIONS, MASK, type NormOptions } from "./shared/options";

export interface LpNormalizeOptions extends Omit<NormOptions, "stats"> {
  /** p is the exponent of the norm: 1, 2 (the default), Infinity or any other number above 0. */
  p?: number | undefined;
  /** The elements along these axes share a norm. Default [1]. */
  axes?: readonly number[] | undefined;
  /** eps replaces smaller norms. Default 1e-12. */
  eps?: number | undefined;
}

const OPTIONS: OptionTable<LpNormalizeOptions> = {
  ...COMMON_OPTIONS,
  mask: MASK,
  p: ANY,
  axes: ANY,
  eps: EPS,
};

function pNormOf(p: number): { kind: StatisticKind; through: StatisticsGradient } {
  if (p === 1) return { kind: NORM_1, through: { dx: files.dxNorm1 } };
  if (p === 2) return { kind: NORM_2, through: { dx: files.dxNorm2 } };
  if (p === Number.POSITIVE_INFINITY) {
    return {
      kind: NORM_INFINITY,
      through: { dx: files.dxNormInfinity, dxSums: files.dxSumsLargest },
    };
  }
  return { kind: NORM_P, through: { dx: files.dxNormP } };
}

function lpNormalizeState(op: string, x: ArraySpec, o: LpNormalizeOptions): NormStatement {
  const { p = 2 } = o;
  if (!(p === Number.POSITIVE_INFINITY || (isFloat(p) && p > 0))) {
    fail(op, `p ${show(p)}, expected Infinity or a number above 0 that f32 can hold`);
  }
  return {
    op,
    x,
    kind: pNormOf(p).kind,
    reduced: checkAxesOr(op, o.axes, x.shape.length, [1]),
    uniforms: { exponent: p },
    eps: o.eps ?? 1e-12,
    statistics: [],
  };
}

/**
 * Computes y = x / max(norm, eps) with norm = sum(|x|^p)^(1/p) over `axes`, for p = Infinity
 * max(|x|).
 *
 * With a tiny eps a zero row gives zeros, as in ONNX LpNormalization. NaN makes its group NaN. The
 * norm must be between 1.2e-38 and 8.5e37; powers of x need not be in the range of f32. For p other
 * than 1, 2 and Infinity the norm is exact to about log2(|x|) units in the last place. Throws
 * NormError for a p that is not above 0, unknown or duplicate axes and a negative eps.
 * Source: PyTorch `F.normalize`.
 */
export const lpNormalize = /* @__PURE__ */ norm<LpNormalizeOptions, unknown>(
  "lpNormalize",
  lpNormalizeState,
  OPTIONS,
);

/**
 * Computes the gradient of `lpNormalize`: dx = (dy - sum(dy y) sign(x) |y|^(p-1)) / norm. For p =
 * Infinity all elements of the largest magnitude share it. A norm below eps is a constant. Throws
 * NormError as `lpNormalize` does.
 */
export const lpNormalizeBackward = /* @__PURE__ */ normBackward(
  "lpNormalizeBackward",
  lpNormalizeState,
  ({ uniforms }) => pNormOf(uniforms?.exponent ?? 2).through,
  OPTIONS,
);
