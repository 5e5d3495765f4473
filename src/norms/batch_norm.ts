// BatchNorm: statistics a channel, over the examples and all other axes.

import { fail, show } from "../errors";
import { gradientMoments } from "../modules";
import { sizeOf } from "../shape";
import type { Spec } from "../tensor";
import { type Normalization, norm } from "./build";
import {
  type ChannelOptions,
  channelParameters,
  checkChannels,
  checkMomentum,
  checkRunning,
  type RunningOptions,
} from "./channels";
import { gradient } from "./gradients";
import type { MeanAndRstd, NormOptions } from "./options";

export interface BatchNormOptions extends NormOptions, ChannelOptions, RunningOptions {
  /** Use the batch's statistics and update the running ones. Default false. */
  training?: boolean;
  /**
   * Weight of the batch's value in the new running one. Default 0.1. `null`: the average of all batches
   * so far, weight 1 / (numBatchesTracked + 1).
   */
  momentum?: number | null;
  /** Batches that the running statistics have seen before this one, for `momentum: null`. */
  numBatchesTracked?: number;
}

function momentumOf(op: string, { momentum = 0.1, numBatchesTracked }: BatchNormOptions): number {
  if (momentum !== null) return checkMomentum(op, momentum);
  const seen = numBatchesTracked;
  if (seen === undefined || !Number.isInteger(seen) || seen < 0) {
    const expected = "with momentum null expected the number of batches before this one";
    fail(op, `numBatchesTracked ${show(seen)}, ${expected}`);
  }
  return 1 / (seen + 1);
}

export function batchNormState(op: string, x: Spec, o: BatchNormOptions): Normalization {
  const { axis, channels } = checkChannels(op, x, o.channelAxis);
  const running = checkRunning(op, o, channels);
  const momentum = momentumOf(op, o);
  const each = sizeOf(x.shape) / Math.max(1, channels);
  if (o.training && channels > 0 && each <= 1) {
    const given = `shape ${show(x.shape)} has ${each} values a channel`;
    fail(op, `${given}, expected more than one in training`);
  }
  const use = o.training ? "track" : "given";
  return {
    op,
    x,
    reduced: x.shape.map((_, i) => i !== axis),
    ...channelParameters(op, x, axis, o),
    ...(running && { [use]: { ...running, momentum } }),
  };
}

/**
 * y = (x - mean) / sqrt(variance + eps) * weight + bias, one mean and variance a channel.
 *
 * Training: the batch's mean and population variance over the examples and all other axes; running
 * statistics, where given, are updated in place on the GPU: new = (1 - momentum) * old + momentum *
 * batch, with the unbiased variance. Otherwise: the running statistics, or the batch's without them.
 *
 * x: [N, C, ...], or channels on any other axis (`channelAxis: -1` for NHWC); weight, bias and running
 * statistics: [C]. With `stats: true` mean and rstd, [C], are those that y was made with. Throws
 * NormError for parameters of another length, for one running statistic without the other, for a
 * momentum outside 0 .. 1, and in training for a single value a channel.
 * Source: Ioffe & Szegedy 2015, as PyTorch `batch_norm`.
 */
export const batchNorm = norm<BatchNormOptions, MeanAndRstd>("batchNorm", batchNormState);

/**
 * The gradients of `batchNorm`: in training, and without running statistics, as those of `layerNorm` over
 * each channel; in evaluation the statistics are constants and dx = dy weight rstd. Throws NormError as
 * `batchNorm` does.
 */
export const batchNormBackward = gradient(
  "batchNormBackward",
  batchNormState,
  () => gradientMoments,
);
