// This module is GlobalResponseNorm with its state.

import { checkOptions, type OptionTable } from "../base/options";
import { globalResponseNorm, globalResponseNormBackward } from "../norms/global_response_norm";
import { checkChannelsApart } from "../norms/shared/channels";
import { specOf } from "../norms/shared/checks";
import type { Context } from "../runtime/context";
import {
  CHANNEL_MODULE_OPTIONS,
  ChannelModule,
  type ChannelModuleOptions,
  overChannels,
} from "./channel_module";

export interface GlobalResponseNormModuleOptions
  extends Pick<ChannelModuleOptions, "channelAxis" | "dtype" | "eps"> {}

const { channelAxis, dtype, eps } = CHANNEL_MODULE_OPTIONS;

const OPTIONS: OptionTable<GlobalResponseNormModuleOptions> = { channelAxis, dtype, eps };

const NORM = {
  name: "GlobalResponseNorm",
  forward: globalResponseNorm,
  backward: globalResponseNormBackward,
};

/**
 * A GlobalResponseNorm is `globalResponseNorm` with its state: y = weight (x N) + bias + x with N =
 * G / (mean(G) + eps), G the Euclidean norm of each example's channel, in training and evaluation
 * alike.
 *
 * x: [N, channels, ...], or channels on any other `channelAxis` but 0; weight and bias, both at
 * first 0, so that y is x: [channels]. Default eps 1e-6. Throws NormError for channels that are not a
 * positive integer, an x of other channels, and as `globalResponseNorm` does.
 * Source: Woo et al. 2023, "ConvNeXt V2"; names as timm's `GlobalResponseNorm`. ConvNeXt V2's own
 * files have `gamma` and `beta`, which `names` of `loadStateDict` translates.
 */
export class GlobalResponseNorm extends ChannelModule {
  constructor(context: Context, channels: number, options: GlobalResponseNormModuleOptions = {}) {
    checkOptions(NORM.name, options, OPTIONS);
    const { channelAxis, eps } = options;
    const description = overChannels(NORM, channels, options, {}, 0);
    checkChannelsApart(NORM.name, specOf(description.example), channelAxis);
    super(
      context,
      { ...description, options: { channelAxis, eps }, withoutStatistics: true },
      options,
      channels,
    );
  }
}
