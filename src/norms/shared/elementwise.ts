// Steps of other operations: x as it is, and x times a quotient of two small arrays.

import type { ArraySpec } from "../../runtime/tensor";
import { storedNothing, storedRatio } from "../../wgsl/files";
import { GIVEN_FACTOR, IDENTITY } from "../../wgsl/statistics";
import { type NormStatement, norm } from "./norm";
import type { NormOptions } from "./options";

/** A norm that leaves x as it is: what remains are the options that all norms have. */
export const identityNorm = (op: string, x: ArraySpec): NormStatement => ({
  op,
  x,
  kind: IDENTITY,
  reduced: x.shape.map(() => true),
  eps: 0,
  statistics: [],
  given: { file: storedNothing },
});

interface ScaledOptions extends NormOptions {
  /** Of x's rank, f32 and dense, with length 1 along the axes where they repeat. */
  numerator: ArraySpec;
  denominator: ArraySpec;
}

/** x numerator / denominator + shift; 0 where the denominator is 0. */
export const scaleByRatio = /* @__PURE__ */ norm<ScaledOptions, unknown>("scaled", (op, x, o) => {
  const { numerator, denominator } = o;
  return {
    op,
    x,
    kind: GIVEN_FACTOR,
    reduced: numerator.shape.map((size) => size === 1),
    eps: 0,
    statistics: [],
    given: {
      file: storedRatio,
      mean: { array: "numerator", argument: "numerator", spec: numerator },
      factor: { array: "denominator", argument: "denominator", spec: denominator },
    },
  };
});
