// GroupNorm has statistics per example and group of channels.

import { fail, show } from "../base/errors";
import { ANY, type OptionTable } from "../base/options";
import type { ArraySpec } from "../runtime/tensor";
import { dxMoments } from "../wgsl/files";
import { axisGroups } from "./shared/axis_groups";
import {
  CHANNEL_OPTIONS,
  type ChannelOptions,
  channelParameters,
  checkChannelsApart,
} from "./shared/channels";
import { type NormStatement, norm } from "./shared/norm";
import { normBackward } from "./shared/norm_backward";
import { type MeanAndRstd, NORM_OPTIONS, type NormOptions } from "./shared/options";

export interface GroupNormOptions extends NormOptions, ChannelOptions {
  /** The channels are divided into this many groups, in order. */
  groups: number;
}

const OPTIONS: OptionTable<GroupNormOptions> = {
  ...NORM_OPTIONS,
  ...CHANNEL_OPTIONS,
  groups: ANY,
};

function groupNormState(op: string, x: ArraySpec, o: GroupNormOptions): NormStatement {
  const { axis, channels } = checkChannelsApart(op, x, o.channelAxis);
  const { groups } = o;
  if (!Number.isInteger(groups) || groups < 1) {
    fail(op, `groups ${show(groups)}, expected a positive integer`);
  }
  if (channels % groups !== 0) {
    fail(op, `channels ${channels} is not divisible by groups ${groups}`);
  }
  const reduced = x.shape.map((_, i) => i !== 0);
  return {
    op,
    x,
    reduced,
    groups: axisGroups(x.shape, reduced, axis, groups),
    parameters: channelParameters(op, x, axis, o),
    channelAxis: axis,
    eps: o.eps ?? 1e-5,
  };
}

/**
 * Computes y = (x - mean) / sqrt(variance + eps) * weight + bias, statistics for each example (axis
 * 0) over one group of channels and all other axes; independent of the batch size. `groups: 1` is
 * LayerNorm over (C, H, W), `groups: C` InstanceNorm.
 *
 * x: [N, C, ...], or channels on any other axis (`channelAxis: -1` for NHWC); weight and bias: [C].
 * With `stats: true` mean and rstd have shape [N, groups]. Throws NormError where the channels are
 * not divisible by `groups`, for a weight or bias of another length and for a negative eps.
 * Source: Wu & He 2018, as PyTorch `group_norm`.
 */
export const groupNorm = /* @__PURE__ */ norm<GroupNormOptions, MeanAndRstd>(
  "groupNorm",
  groupNormState,
  OPTIONS,
);

/**
 * Computes the gradients of `groupNorm`, as those of `layerNorm` over each group. Throws NormError
 * as `groupNorm` does.
 */
export const groupNormBackward = /* @__PURE__ */ normBackward(
  "groupNormBackward",
  groupNormState,
  () => ({ dx: dxMoments }),
  OPTIONS,
);
