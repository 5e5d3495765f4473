// This module is LayerNorm over the channels of images, with its state.

import { checkOptions } from "../base/options";
import { layerNorm, layerNormBackward } from "../norms/layer_norm";
import type { Context } from "../runtime/context";
import {
  CHANNEL_MODULE_OPTIONS,
  ChannelModule,
  type ChannelModuleOptions,
  overChannels,
} from "./channel_module";

const NORM = { name: "LayerNorm2d", forward: layerNorm, backward: layerNormBackward };

/**
 * A LayerNorm2d is `layerNorm` over the channels with its state: y = (x - mean) / sqrt(variance +
 * eps) * weight + bias, one mean and variance for each example and place, in training and
 * evaluation alike.
 *
 * x: [N, channels, H, W], or channels on any `channelAxis` of any number of axes; weight (at first
 * 1) and bias (0): [channels]. Defaults: eps 1e-6, affine. Throws NormError for channels that are
 * not a positive integer, an x of other channels, and as `layerNorm` does.
 * Source: ConvNeXt's and SAM's `LayerNorm2d`, as in timm.
 */
export class LayerNorm2d extends ChannelModule {
  constructor(context: Context, channels: number, options: ChannelModuleOptions = {}) {
    checkOptions(NORM.name, options, CHANNEL_MODULE_OPTIONS);
    const { eps = 1e-6, channelAxis = 1, activation } = options;
    const description = {
      ...overChannels(NORM, channels, options),
      options: { axes: [channelAxis], eps, activation },
    };
    super(context, description, options, channels);
  }
}
