// This file adds to a tensor in place, as gradients add up, and copies values between tensors.

import { identityNorm } from "../norms/shared/elementwise";
import { norm } from "../norms/shared/norm";
import type { NormOptions } from "../norms/shared/options";
import type { Tensor } from "../runtime/tensor";

/** A norm without a statistic adds its residual and does nothing else. */
const sum = norm<NormOptions, unknown>("nn.sum", identityNorm);

/** Computes into = into + addend, in place on the GPU, rounded once to the dtype of `into`. */
export const accumulate = (into: Tensor, addend: Tensor) =>
  sum(into, { residual: addend, out: into });

/** Computes into = from on the GPU, for any strides and dtypes of the two. */
export const copy = (from: Tensor, into: Tensor) => sum(from, { out: into });
