// What the norms over channels have in common: the axis, weight, bias and running statistics.

import { fail, show } from "../errors";
import { checkAxis, isContiguous } from "../shape";
import type { Spec, Tensor } from "../tensor";
import { checkEps, checkParameter, type Normalization, type Parameter, type Placed } from "./build";

export interface ChannelOptions {
  /** Factor, one a channel: [C]. */
  weight?: Parameter;
  /** Summand, one a channel: [C]. */
  bias?: Parameter;
  /** Added to the variance. Default 1e-5. */
  eps?: number;
  /** The axis of the channels, negative from the end. Default 1 (NCHW); -1 is NHWC. */
  channelAxis?: number;
}

export interface RunningOptions {
  /** Running mean, one a channel: [C], contiguous. */
  runningMean?: Tensor | true;
  /** Running variance (unbiased), one a channel: [C], contiguous. */
  runningVar?: Tensor | true;
}

export function checkChannels(op: string, x: Spec, channelAxis: unknown = 1) {
  const rank = x.shape.length;
  if (rank < 2) {
    fail(op, `x has shape ${show(x.shape)}, expected at least two axes (examples and channels)`);
  }
  const axis = checkAxis(op, "channelAxis", channelAxis, rank);
  return { axis, channels: x.shape[axis] };
}

/** The same where axis 0 is that of the examples, whose statistics are their own. */
export function checkChannelsApart(op: string, x: Spec, channelAxis: unknown) {
  const found = checkChannels(op, x, channelAxis);
  if (found.axis === 0) fail(op, "channelAxis 0, expected another: axis 0 is that of the examples");
  return found;
}

function along(spec: Spec | undefined, x: Spec, axis: number): Placed | undefined {
  if (spec === undefined) return undefined;
  return { spec, strides: x.shape.map((_, i) => (i === axis ? spec.strides[0] : 0)) };
}

export function channelParameters(
  op: string,
  x: Spec,
  axis: number,
  o: ChannelOptions,
): Pick<Normalization, "weight" | "bias" | "eps"> {
  const shape = [x.shape[axis]];
  return {
    weight: along(checkParameter(op, "weight", o.weight, shape), x, axis),
    bias: along(checkParameter(op, "bias", o.bias, shape), x, axis),
    eps: checkEps(op, o.eps ?? 1e-5),
  };
}

export interface Running {
  readonly mean: Spec;
  readonly variance: Spec;
}

/** Both running statistics or none. */
export function checkRunning(op: string, o: RunningOptions, channels: number): Running | undefined {
  const [mean, variance] = (["runningMean", "runningVar"] as const).map((name) => {
    const spec = checkParameter(op, name, o[name], [channels]);
    if (spec && !isContiguous(spec.shape, spec.strides)) {
      fail(op, `${name} has strides ${show(spec.strides)}, expected a contiguous tensor`);
    }
    return spec;
  });
  if ((mean === undefined) !== (variance === undefined)) {
    const [given, missing] = mean ? ["runningMean", "runningVar"] : ["runningVar", "runningMean"];
    fail(op, `${given} is given and ${missing} is missing, expected both or none`);
  }
  return mean && variance && { mean, variance };
}

/** The weight of the new value in a running statistic. */
export function checkMomentum(op: string, momentum: unknown): number {
  if (typeof momentum !== "number" || !(momentum >= 0 && momentum <= 1)) {
    fail(op, `momentum ${show(momentum)}, expected a number in 0 .. 1`);
  }
  return momentum;
}
