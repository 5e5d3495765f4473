// x plus an addend, element by element: how gradients add up, and without an addend how values are copied.

import { identityNorm } from "../norms/shared/elementwise";
import { norm } from "../norms/shared/norm";
import type { NormOptions } from "../norms/shared/options";
import type { Tensor } from "../runtime/tensor";

/** The residual of a norm that does nothing else. */
const sum = norm<NormOptions, unknown>("nn.sum", identityNorm);

/** into = into + addend, in place on the GPU, rounded once to the dtype of `into`. */
export const accumulate = (into: Tensor, addend: Tensor) =>
  sum(into, { residual: addend, out: into });

/** into = from, whatever the strides and dtypes of the two, on the GPU. */
export const copy = (from: Tensor, into: Tensor) => sum(from, { out: into });
