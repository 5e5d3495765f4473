// GroupNorm: statistics an example and group of channels.

import { fail, show } from "../errors";
import { norm, normalization, type OutputOptions } from "./build";
import { type ChannelOptions, channelParameters, checkChannelsApart } from "./channels";

export interface GroupNormOptions extends OutputOptions, ChannelOptions {
  /** Number of groups that the channels are divided into, in order. */
  groups: number;
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, statistics for each example (axis 0) over one
 * group of channels and all other axes; independent of the batch size. `groups: 1` is LayerNorm over
 * (C, H, W), `groups: C` InstanceNorm.
 *
 * x: [N, C, ...], or channels on any other axis (`channelAxis: -1` for NHWC); weight and bias: [C].
 * With `stats: true` mean and rstd have shape [N, groups]. Throws NormError where the channels are not
 * divisible by `groups`, for a weight or bias of another length and for a negative eps.
 * Source: Wu & He 2018, as PyTorch `group_norm`.
 */
export const groupNorm = norm<GroupNormOptions>({
  name: "groupNorm",
  define(x, o) {
    const op = "groupNorm";
    const { axis, channels } = checkChannelsApart(op, x, o.channelAxis);
    const { groups } = o;
    if (!Number.isInteger(groups) || groups < 1) {
      fail(op, `groups ${show(groups)}, expected a positive integer`);
    }
    if (channels % groups !== 0) {
      fail(op, `channels ${channels} is not divisible by groups ${groups}`);
    }
    return normalization({
      op,
      x,
      reduced: x.shape.map((_, i) => i !== 0),
      groups: { axis, count: groups },
      ...channelParameters(op, x, axis, o),
      output: o,
    });
  },
});
