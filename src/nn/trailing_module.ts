// What the modules over trailing axes have in common: the lengths of these.

import { checkShape } from "../base/shape";
import type { ModuleOptions, ModuleSpec, Operations } from "./norm_module";

export interface TrailingModuleOptions extends ModuleOptions {
  /** Weight and bias, one an element of `normalizedShape` each. Default true. */
  elementwiseAffine?: boolean | undefined;
}

/** A description of a norm over the trailing axes; one axis may be given as its length. */
export function overTrailing(
  norm: Operations,
  normalizedShape: number | readonly number[],
  { elementwiseAffine = true, bias = true, activation, dtype }: Omit<TrailingModuleOptions, "eps">,
  others: object,
): ModuleSpec {
  const given = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
  const shape = checkShape(norm.name, given);
  return {
    ...norm,
    options: { normalizedShape: shape, activation, ...others },
    example: shape,
    shape,
    weight: elementwiseAffine,
    bias: elementwiseAffine && bias,
    dtype,
  };
}
