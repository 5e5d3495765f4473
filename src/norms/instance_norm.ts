// InstanceNorm has statistics per example and channel.

import { fail, show } from "../base/errors";
import { FLAG, NUMBER, type OptionTable } from "../base/options";
import { sizeOf } from "../base/shape";
import type { ArraySpec } from "../runtime/tensor";
import {
  CHANNEL_OPTIONS,
  type ChannelOptions,
  channelParameters,
  checkChannelsApart,
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

interface InstanceOptions {
  /**
   * True uses each instance's own statistics, and updates running ones where given. Default true.
   */
  useInputStats?: boolean | undefined;
  /** The momentum is the weight of the batch's value in the new running one. Default 0.1. */
  momentum?: number | undefined;
}

export type InstanceNormOptions = NormOptions & ChannelOptions & RunningOptions & InstanceOptions;

const OPTIONS: OptionTable<InstanceNormOptions> = {
  ...NORM_OPTIONS,
  ...CHANNEL_OPTIONS,
  ...RUNNING_OPTIONS,
  useInputStats: FLAG,
  momentum: NUMBER,
};

function instanceNormState(op: string, x: ArraySpec, o: InstanceNormOptions): NormStatement {
  const { axis, channels } = checkChannelsApart(op, x, o.channelAxis);
  const own = o.useInputStats ?? true;
  const running = checkRunning(op, o, channels, own);
  const momentum = checkMomentum(op, o.momentum ?? 0.1);
  if (!own && running === undefined) {
    fail(op, "runningMean and runningVar are missing, expected both with useInputStats false");
  }
  const each = sizeOf(x.shape.filter((_, i) => i !== 0 && i !== axis));
  if (own && sizeOf(x.shape) > 0 && each <= 1) {
    const given = `shape ${show(x.shape)} has ${each} values an instance`;
    fail(op, `${given}, expected more than one`);
  }
  return {
    op,
    x,
    reduced: x.shape.map((_, i) => i !== axis && (i !== 0 || !own)),
    parameters: channelParameters(op, x, axis, o),
    channelAxis: axis,
    eps: o.eps ?? 1e-5,
    ...(running &&
      (own ? { runningUpdate: updateRunning(running, momentum) } : { given: useRunning(running) })),
  };
}

/**
 * Computes y = (x - mean) / sqrt(variance + eps) * weight + bias, statistics for each example (axis
 * 0) and channel over all other axes; needs no running statistics.
 *
 * With `useInputStats: false` the running statistics are used instead. With true, running
 * statistics are updated in place if given: new = (1 - momentum) * old + momentum * the average
 * over the examples, with the unbiased variance.
 *
 * x: [N, C, ...], or channels on any other axis (`channelAxis: -1` for NHWC); weight, bias and
 * running statistics: [C]. With `stats: true` mean and rstd have shape [N, C] ([C] with running
 * ones). Throws NormError for parameters of another length, for missing running statistics with
 * `useInputStats: false`, and for a single value per instance.
 * Source: Ulyanov, Vedaldi & Lempitsky 2016, as PyTorch `instance_norm`.
 */
export const instanceNorm = /* @__PURE__ */ norm<InstanceNormOptions, MeanAndRstd>(
  "instanceNorm",
  instanceNormState,
  OPTIONS,
);

/**
 * Computes the gradients of `instanceNorm`, as those of `layerNorm` over each instance. With
 * `useInputStats: false` the statistics are constants and dx = dy weight rstd. Throws NormError as
 * `instanceNorm` does.
 */
export const instanceNormBackward = /* @__PURE__ */ normBackward(
  "instanceNormBackward",
  instanceNormState,
  momentsGradient,
  OPTIONS,
);
