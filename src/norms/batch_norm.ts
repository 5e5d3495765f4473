// BatchNorm has statistics per channel, over the examples and all other axes.

import { fail, show } from "../base/errors";
import { ANY, FLAG, NUMBER_OR_NULL, type OptionTable, WHOLE } from "../base/options";
import { sizeOf } from "../base/shape";
import type { ArraySpec } from "../runtime/tensor";
import { axisGroups } from "./shared/axis_groups";
import {
  CHANNEL_OPTIONS,
  type ChannelOptions,
  channelParameters,
  checkChannels,
  checkMomentum,
  checkRunning,
  momentsGradient,
  RUNNING_OPTIONS,
  type RunningOptions,
  updateRunning,
  useRunning,
} from "./shared/channels";
import { type NormStatement, norm } from "./shared/norm";
import { normBackward } from "./shared/norm_backward";
import { type MeanAndRstd, NORM_OPTIONS, type NormOptions } from "./shared/options";

export interface TrainingOptions {
  /** Training uses the statistics of the batch and updates the running ones. Default false. */
  training?: boolean | undefined;
  /**
   * The momentum is the weight of the batch's value in the new running one. Default 0.1. `null`:
   * the average of all batches so far, weight 1 / (numBatchesTracked + 1).
   */
  momentum?: number | null | undefined;
  /** The running statistics have seen this many batches before this one, for `momentum: null`. */
  numBatchesTracked?: number | undefined;
  /**
   * Ghost batch norm has this many examples per batch in training. Each ghost batch, in order, has
   * its own statistics and updates the running ones. A divisor of the number of examples. Default:
   * all examples.
   */
  virtualBatchSize?: number | undefined;
}

export type BatchNormOptions = NormOptions & ChannelOptions & RunningOptions & TrainingOptions;

export const BATCH_NORM_OPTIONS: OptionTable<BatchNormOptions> = {
  ...NORM_OPTIONS,
  ...CHANNEL_OPTIONS,
  ...RUNNING_OPTIONS,
  training: FLAG,
  momentum: NUMBER_OR_NULL,
  numBatchesTracked: WHOLE,
  virtualBatchSize: ANY,
};

function momentumOf(op: string, { momentum = 0.1, numBatchesTracked }: BatchNormOptions): number {
  if (momentum !== null) return checkMomentum(op, momentum);
  if (numBatchesTracked === undefined) {
    const expected = "with momentum null expected the number of batches before this one";
    fail(op, `numBatchesTracked is missing, ${expected}`);
  }
  return 1 / (numBatchesTracked + 1);
}

/** Splits the N examples into N / virtualBatchSize parts, in order. */
function virtualBatches(
  op: string,
  x: ArraySpec,
  axis: number,
  reduced: readonly boolean[],
  { virtualBatchSize: size }: BatchNormOptions,
) {
  if (size === undefined) return undefined;
  const [examples = 0] = x.shape;
  if (axis === 0) fail(op, "channelAxis 0 with virtualBatchSize, expected examples on axis 0");
  if (!Number.isInteger(size) || size < 1 || examples % size !== 0) {
    fail(op, `virtualBatchSize ${show(size)}, expected a divisor of the ${examples} examples`);
  }
  return examples > 0 ? axisGroups(x.shape, reduced, 0, examples / size) : undefined;
}

export function batchNormState(op: string, x: ArraySpec, o: BatchNormOptions): NormStatement {
  const { axis, channels } = checkChannels(op, x, o.channelAxis);
  const running = checkRunning(op, o, channels, o.training ?? false);
  const momentum = momentumOf(op, o);
  const reduced = x.shape.map((_, i) => i !== axis);
  const split = o.training ? virtualBatches(op, x, axis, reduced, o) : undefined;
  const each = sizeOf(x.shape) / Math.max(1, channels * (split?.count ?? 1));
  if (o.training && each === 1) {
    fail(op, `shape ${show(x.shape)} has 1 values a channel, expected more than one in training`);
  }
  const by = split === undefined ? "average" : o.momentum === null ? "cumulative" : "order";
  const track = running && { runningUpdate: updateRunning(running, momentum, by) };
  return {
    op,
    x,
    reduced,
    groups: split,
    parameters: channelParameters(op, x, axis, o),
    channelAxis: axis,
    eps: o.eps ?? 1e-5,
    ...(o.training ? track : running && { given: useRunning(running) }),
  };
}

/**
 * Computes y = (x - mean) / sqrt(variance + eps) * weight + bias, one mean and variance per
 * channel.
 *
 * In training these are the batch's mean and population variance over the examples and all other
 * axes. Running statistics, where given, are updated in place on the GPU: new = (1 - momentum) *
 * old + momentum * batch, with the unbiased variance. An empty batch leaves them as they are.
 * Without training these are the running statistics, or the batch's where none are given.
 *
 * x: [N, C, ...], or channels on any other axis (`channelAxis: -1` for NHWC); weight, bias and
 * running statistics: [C]. With `stats: true` mean and rstd, [C] (ghost batches: [N /
 * virtualBatchSize, C]), are those that y was made with. Throws NormError for parameters of another
 * length, for one running statistic without the other, for a momentum outside 0 .. 1, and in
 * training for a single value per channel.
 * Source: Ioffe & Szegedy 2015, as PyTorch `batch_norm`; ghost batches: Hoffer, Hubara & Soudry
 * 2017.
 */
export const batchNorm = /* @__PURE__ */ norm<BatchNormOptions, MeanAndRstd>(
  "batchNorm",
  batchNormState,
  BATCH_NORM_OPTIONS,
);

/**
 * Computes the gradients of `batchNorm`. In training, and without running statistics, they are
 * those of `layerNorm` over each channel. In evaluation the statistics are constants and dx = dy
 * weight rstd. Throws NormError as `batchNorm` does.
 */
export const batchNormBackward = /* @__PURE__ */ normBackward(
  "batchNormBackward",
  batchNormState,
  momentsGradient,
  BATCH_NORM_OPTIONS,
);
