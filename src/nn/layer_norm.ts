// This module is LayerNorm with its state.

import { checkOptions } from "../base/options";
import { layerNorm, layerNormBackward } from "../norms/layer_norm";
import type { Context } from "../runtime/context";
import { NormModule } from "./norm_module";
import { overTrailing, TRAILING_OPTIONS, type TrailingModuleOptions } from "./trailing_module";

const NORM = { name: "LayerNorm", forward: layerNorm, backward: layerNormBackward };

/**
 * A LayerNorm is `layerNorm` with its state: y = (x - mean) / sqrt(variance + eps) * weight + bias,
 * statistics over the trailing axes whose lengths are `normalizedShape` (a number: the last axis),
 * in training and evaluation alike.
 *
 * x: [..., ...normalizedShape]; weight (at first 1) and bias (0): normalizedShape. Defaults: eps
 * 1e-5, elementwiseAffine, bias. Throws NormError for a `normalizedShape` that is not a shape, and
 * as `layerNorm` does.
 * Source: PyTorch `LayerNorm`.
 */
export class LayerNorm extends NormModule {
  constructor(
    context: Context,
    normalizedShape: number | readonly number[],
    options: TrailingModuleOptions = {},
  ) {
    const { eps } = checkOptions(NORM.name, options, TRAILING_OPTIONS);
    super(context, overTrailing(NORM, normalizedShape, options, { eps }));
  }
}
