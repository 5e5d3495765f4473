// This file has softmax and its logarithm over any axes.

import { ANY, type OptionTable } from "../base/options";
import { checkAxesOr } from "../base/shape";
import type { ArraySpec } from "../runtime/tensor";
import { dxLogSoftmax, dxSoftmax } from "../wgsl/files";
import { LOG_SOFTMAX, SOFTMAX, type StatisticKind } from "../wgsl/statistics";
import { type NormStatement, norm } from "./shared/norm";
import { normBackward } from "./shared/norm_backward";
import type { NormOptions } from "./shared/options";

export interface SoftmaxOptions extends Pick<NormOptions, "out" | "dtype"> {
  /** The results sum to 1 over these axes. Default [-1]. */
  axes?: readonly number[] | undefined;
}

const OPTIONS: OptionTable<SoftmaxOptions> = { axes: ANY, out: ANY, dtype: ANY };

const softmaxState = (kind: StatisticKind) => (op: string, x: ArraySpec, o: SoftmaxOptions) => {
  const reduced = checkAxesOr(op, o.axes, x.shape.length, [-1]);
  return { op, x, kind, reduced, eps: 0, statistics: [] } satisfies NormStatement;
};

/**
 * Computes y = exp(x - max) / sum(exp(x - max)) over `axes`, without overflow for any x; -Infinity
 * gives 0.
 *
 * A group with NaN or +Infinity, or of -Infinity alone, is NaN, as in PyTorch. Throws NormError for
 * unknown or duplicate axes and for an `out` of another shape.
 * Source: PyTorch `softmax`, which takes one axis.
 */
export const softmax = /* @__PURE__ */ norm<SoftmaxOptions, unknown>(
  "softmax",
  /* @__PURE__ */ softmaxState(SOFTMAX),
  OPTIONS,
);

/** Computes y = (x - max) - log(sum(exp(x - max))) over `axes`. Source: PyTorch `log_softmax`. */
export const logSoftmax = /* @__PURE__ */ norm<SoftmaxOptions, unknown>(
  "logSoftmax",
  /* @__PURE__ */ softmaxState(LOG_SOFTMAX),
  OPTIONS,
);

/**
 * Computes the gradient of `softmax`: dx = y (dy - sum(dy y)). Throws NormError as `softmax` does.
 */
export const softmaxBackward = /* @__PURE__ */ normBackward(
  "softmaxBackward",
  /* @__PURE__ */ softmaxState(SOFTMAX),
  () => ({ dx: dxSoftmax }),
  OPTIONS,
);

/**
 * Computes the gradient of `logSoftmax`: dx = dy - exp(y) sum(dy). Throws NormError as `logSoftmax`
 * does.
 */
export const logSoftmaxBackward = /* @__PURE__ */ normBackward(
  "logSoftmaxBackward",
  /* @__PURE__ */ softmaxState(LOG_SOFTMAX),
  () => ({ dx: dxLogSoftmax }),
  OPTIONS,
);
