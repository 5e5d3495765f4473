// Steps of other operations: x as it is, and x times a quotient of two small arrays.

import { IDENTITY, SCALED } from "../kinds";
import { knownNothing, knownRatio } from "../modules";
import type { Spec } from "../tensor";
import { type Normalization, norm } from "./build";
import type { NormOptions } from "./options";

/** A norm that leaves x as it is: what remains are the options that all norms have. */
export const unchanged = (op: string, x: Spec): Normalization => ({
  op,
  x,
  kind: IDENTITY,
  reduced: x.shape.map(() => true),
  eps: 0,
  statistics: [],
  given: { file: knownNothing },
});

interface ScaledOptions extends NormOptions {
  /** Of x's rank, f32 and dense, with length 1 along the axes where they repeat. */
  over: Spec;
  under: Spec;
}

/** x over / under + shift; 0 where under is 0. */
export const scaled = /* @__PURE__ */ norm<ScaledOptions, unknown>("scaled", (op, x, o) => {
  const { over: mean, under: spread } = o;
  return {
    op,
    x,
    kind: SCALED,
    reduced: mean.shape.map((size) => size === 1),
    eps: 0,
    statistics: [],
    given: { file: knownRatio, mean, spread, names: { mean: "over", spread: "under" } },
  };
});
