// Some norms may round the normalized x to x's type before the weight.

import { DTYPES, isHalf } from "../../base/dtype";
import { FLAG, type OptionTable } from "../../base/options";
import type { ArraySpec } from "../../runtime/tensor";
import { castHalf } from "../../wgsl/files";
import type { StatisticKind } from "../../wgsl/statistics";

export interface CastOptions {
  /**
   * With true the normalized x is rounded to x's type before weight and bias, which then round once
   * more to the result's type: the results of transformers' models in f16 and bf16. Gradients pass
   * the rounding as they are, and dWeight is of the values before it. Default false.
   */
  castBeforeWeight?: boolean | undefined;
}

export const CAST_OPTIONS: OptionTable<CastOptions> = { castBeforeWeight: FLAG };

/** Returns the statistic with the rounding that the options ask for. */
export function withCast(
  kind: StatisticKind,
  { dtype }: ArraySpec,
  { castBeforeWeight = false }: CastOptions,
): StatisticKind {
  if (!castBeforeWeight || !isHalf(dtype)) return kind;
  const cast = { ...castHalf, constants: { CAST_TO: DTYPES[dtype].code } };
  return { ...kind, name: `${kind.name}, ${dtype}`, cast };
}
