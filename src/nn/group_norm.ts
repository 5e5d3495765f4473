// This module is GroupNorm with its state.

import { checkOptions } from "../base/options";
import { groupNorm, groupNormBackward } from "../norms/group_norm";
import type { Context } from "../runtime/context";
import {
  CHANNEL_MODULE_OPTIONS,
  ChannelModule,
  type ChannelModuleOptions,
  overChannels,
} from "./channel_module";

const NORM = { name: "GroupNorm", forward: groupNorm, backward: groupNormBackward };

/**
 * A GroupNorm is `groupNorm` with its state: y = (x - mean) / sqrt(variance + eps) * weight + bias,
 * one mean and variance for each example and group of channels, in training and evaluation alike.
 *
 * x: [N, channels, ...], or channels on any other `channelAxis` but 0; weight (at first 1) and bias
 * (0): [channels]. Defaults: eps 1e-5, affine. Throws NormError for channels that are not a
 * positive integer or that `groups` does not divide, an x of other channels, and as `groupNorm`
 * does.
 * Source: PyTorch `GroupNorm`.
 */
export class GroupNorm extends ChannelModule {
  constructor(
    context: Context,
    readonly groups: number,
    channels: number,
    options: ChannelModuleOptions = {},
  ) {
    checkOptions(NORM.name, options, CHANNEL_MODULE_OPTIONS);
    super(context, overChannels(NORM, channels, options, { groups }), options, channels);
  }
}
