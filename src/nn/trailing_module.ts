// All modules over trailing axes share this file, which checks the lengths of these axes.

import { FLAG, type OptionTable } from "../base/options";
import { checkShape } from "../base/shape";
import {
  affineParameters,
  MODULE_OPTIONS,
  type ModuleOptions,
  type ModuleSpec,
  type Operations,
} from "./norm_module";

export interface TrailingModuleOptions extends ModuleOptions {
  /**
   * With true there are a weight and a bias, with one value per element of `normalizedShape` each.
   * Default true.
   */
  elementwiseAffine?: boolean | undefined;
}

export const TRAILING_OPTIONS: OptionTable<TrailingModuleOptions> = {
  ...MODULE_OPTIONS,
  elementwiseAffine: FLAG,
};

/** Describes a norm over the trailing axes. One axis may be given as its length. */
export function overTrailing(
  norm: Operations,
  normalizedShape: number | readonly number[],
  { elementwiseAffine = true, bias = true, activation, dtype }: Omit<TrailingModuleOptions, "eps">,
  others: object,
  first = 1,
): ModuleSpec {
  const given = typeof normalizedShape === "number" ? [normalizedShape] : normalizedShape;
  const shape = checkShape(norm.name, given, "normalizedShape");
  return {
    ...norm,
    options: { normalizedShape: shape, activation, ...others },
    example: shape,
    parameters: affineParameters(shape, elementwiseAffine, bias, first),
    dtype,
  };
}
