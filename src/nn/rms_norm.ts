// This module is RMSNorm with its state.

import { checkOptions, EPS_OR_NULL, NUMBER, type OptionTable } from "../base/options";
import { rmsNorm, rmsNormBackward } from "../norms/rms_norm";
import type { Context } from "../runtime/context";
import { NormModule } from "./norm_module";
import { overTrailing, TRAILING_OPTIONS, type TrailingModuleOptions } from "./trailing_module";

export interface RmsNormModuleOptions extends Omit<TrailingModuleOptions, "bias" | "eps"> {
  /**
   * eps is added to the mean square. Default, and null: 2^-23, the machine epsilon of f32, in
   * which all dtypes are computed.
   */
  eps?: number | null | undefined;
  /**
   * This offset is added to the weight, which begins as 1 - weightOffset: 1 for weights stored as
   * weight - 1 (Gemma). Default 0.
   */
  weightOffset?: number | undefined;
}

const { bias: _, ...INHERITED } = TRAILING_OPTIONS;

const OPTIONS: OptionTable<RmsNormModuleOptions> = {
  ...INHERITED,
  eps: EPS_OR_NULL,
  weightOffset: NUMBER,
};

const NORM = { name: "RMSNorm", forward: rmsNorm, backward: rmsNormBackward };

/**
 * An RMSNorm is `rmsNorm` with its state: y = x / sqrt(mean(x^2) + eps) * (weight + weightOffset),
 * the mean over the trailing axes whose lengths are `normalizedShape` (a number: the last axis), in
 * training and evaluation alike.
 *
 * x: [..., ...normalizedShape]; weight (at first 1 - weightOffset): normalizedShape. Defaults: eps
 * null, elementwiseAffine, weightOffset 0. Throws NormError for a `normalizedShape` that is not a
 * shape, and as `rmsNorm` does.
 * Source: PyTorch `RMSNorm`.
 */
export class RMSNorm extends NormModule {
  constructor(
    context: Context,
    normalizedShape: number | readonly number[],
    options: RmsNormModuleOptions = {},
  ) {
    const { eps, weightOffset = 0 } = checkOptions(NORM.name, options, OPTIONS);
    const others = { eps, weightOffset };
    const all = { ...options, bias: false };
    super(context, overTrailing(NORM, normalizedShape, all, others, 1 - weightOffset));
  }
}
