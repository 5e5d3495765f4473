// Division by the p-norm.

import { fail, show } from "../errors";
import type { KindName } from "../kinds";
import { operation } from "../operation";
import { checkAxes } from "../shape";
import type { Spec, Tensor } from "../tensor";
import { checkEps, plain } from "./build";

export interface LpNormalizeOptions {
  /** Exponent of the norm: 1, 2 (the default), Infinity or any other number above 0. */
  p?: number;
  /** Axes that share a norm. Default [1]. */
  axes?: readonly number[];
  /** Smaller norms are taken for this one. Default 1e-12. */
  eps?: number;
  /** Receives y; it may be x itself (in place). */
  out?: Tensor;
}

function kindOf(op: string, p: unknown): KindName {
  if (typeof p !== "number" || !(p > 0)) fail(op, `p ${show(p)}, expected a number above 0`);
  if (p === 1) return "norm1";
  if (p === 2) return "norm2";
  return p === Number.POSITIVE_INFINITY ? "normInfinity" : "normP";
}

/**
 * y = x / max(norm, eps) with norm = sum(|x|^p)^(1/p) over `axes`, for p = Infinity max(|x|).
 *
 * With a tiny eps a zero row gives zeros, as ONNX LpNormalization has it. Powers other than 1, 2 and
 * Infinity are exact to about p * log2(|x|) units in the last place, and |x|^p must be in the range of f32.
 * Throws NormError for a p that is not above 0, unknown or duplicate axes and a negative eps.
 * Source: PyTorch `F.normalize`.
 */
export const lpNormalize = operation({
  name: "lpNormalize",
  define(x: Spec, o: LpNormalizeOptions) {
    const op = "lpNormalize";
    const { p = 2, axes = [1] } = o;
    const kind = kindOf(op, p);
    const reduced = checkAxes(op, axes, x.shape.length);
    const exponent = kind === "normP" ? p : 0;
    return plain({ op, x, kind, reduced, exponent, eps: checkEps(op, o.eps ?? 1e-12) }, o.out);
  },
});
