// Composed operations use these steps: x as it is, a copy, and x times a quotient of two small
// arrays.

import type { ArraySpec, Tensor } from "../../runtime/tensor";
import { storedNothing, storedRatio } from "../../wgsl/files";
import { GIVEN_FACTOR, IDENTITY } from "../../wgsl/statistics";
import { givenBy } from "./given";
import { type NormStatement, norm } from "./norm";
import type { NormOptions } from "./options";

/** States a norm that leaves x as it is, so that only the common options have an effect. */
export const identityNorm = (op: string, x: ArraySpec): NormStatement => ({
  op,
  x,
  kind: IDENTITY,
  reduced: x.shape.map(() => true),
  eps: 0,
  statistics: [],
  given: givenBy(storedNothing),
});

const same = /* @__PURE__ */ norm<NormOptions, unknown>("copy", identityNorm);

/** Computes into = from on the GPU, for any strides and dtypes of the two. */
export const copy = (from: Tensor, into: Tensor) => same(from, { out: into });

/** Computes into += from on the GPU. */
export const addTo = (from: Tensor, into: Tensor) => same(from, { residual: into, out: into });

interface ScaledOptions extends NormOptions {
  /**
   * Both arrays have x's rank and are contiguous f32, with length 1 along the axes where they
   * repeat.
   */
  numerator: ArraySpec;
  denominator: ArraySpec;
}

/** States x numerator / denominator + shift, with 0 for a denominator of 0. */
export const scaledByRatio = (op: string, x: ArraySpec, o: ScaledOptions): NormStatement => {
  const { numerator, denominator } = o;
  return {
    op,
    x,
    kind: GIVEN_FACTOR,
    reduced: numerator.shape.map((size) => size === 1),
    eps: 0,
    statistics: [],
    given: givenBy(
      storedRatio,
      { array: "denominator", argument: "denominator", spec: denominator },
      { array: "numerator", argument: "numerator", spec: numerator },
    ),
  };
};
