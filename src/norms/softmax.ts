// Softmax and its logarithm over any axes.

import { operation } from "../operation";
import { checkAxes } from "../shape";
import type { Spec, Tensor } from "../tensor";
import { plain } from "./build";

export interface SoftmaxOptions {
  /** Axes over which the results sum to 1. Default [-1]. */
  axes?: readonly number[];
  /** Receives y; it may be x itself (in place). */
  out?: Tensor;
}

function over(op: "softmax" | "logSoftmax") {
  return operation({
    name: op,
    define(x: Spec, o: SoftmaxOptions) {
      const reduced = checkAxes(op, o.axes ?? [-1], x.shape.length);
      return plain({ op, x, kind: op, reduced, eps: 0 }, o.out);
    },
  });
}

/**
 * y = exp(x - max) / sum(exp(x - max)) over `axes`: no overflow for any x, and -Infinity gives 0.
 *
 * A group with NaN or +Infinity, or of nothing but -Infinity, is NaN, as in PyTorch. Throws NormError for
 * unknown or duplicate axes and for an `out` of another shape.
 * Source: PyTorch `softmax`, which takes one axis.
 */
export const softmax = over("softmax");

/** y = (x - max) - log(sum(exp(x - max))) over `axes`. Source: PyTorch `log_softmax`. */
export const logSoftmax = over("logSoftmax");
