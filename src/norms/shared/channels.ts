// All norms over channels share this file: the axis, weight, bias and running statistics.

import { entryAt } from "../../base/entry";
import { fail, show } from "../../base/errors";
import { ANY, EPS, type OptionTable } from "../../base/options";
import { checkAxis, sizeOf } from "../../base/shape";
import type { RunningUpdate } from "../../plan/problem";
import { trainingWays } from "../../plan/running";
import { type ArraySpec, bindingLayoutOf, type Tensor } from "../../runtime/tensor";
import {
  dxConstant,
  dxMoments,
  kernelRunningStatistics,
  runningOwn,
  storedMeanVariance,
} from "../../wgsl/files";
import { checkParameter, checkStatistic } from "./checks";
import { type GivenArguments, givenBy } from "./given";
import type { NormStatement } from "./norm";
import type { TensorArgument } from "./options";
import { type PlacedParameter, placeParameter } from "./placement";

export interface ChannelOptions {
  /** The weight multiplies, with one value per channel: [C]. */
  weight?: TensorArgument | undefined;
  /** The bias is added, with one value per channel: [C]. */
  bias?: TensorArgument | undefined;
  /** eps is added to the variance. Default 1e-5. */
  eps?: number | undefined;
  /** The channels lie along this axis, negative from the end. Default 1 (NCHW); -1 is NHWC. */
  channelAxis?: number | undefined;
}

export const CHANNEL_OPTIONS: OptionTable<ChannelOptions> = {
  weight: ANY,
  bias: ANY,
  eps: EPS,
  channelAxis: ANY,
};

interface RunningPair {
  /** The running mean has one value per channel: [C], contiguous. */
  runningMean: Tensor | true;
  /** The running variance (unbiased) has one value per channel: [C], contiguous. */
  runningVar: Tensor | true;
}

/** Both running statistics are given, or none. */
export type RunningOptions = RunningPair | { [K in keyof RunningPair]?: undefined };

export const RUNNING_OPTIONS: OptionTable<RunningPair> = { runningMean: ANY, runningVar: ANY };

export function checkChannels(op: string, x: ArraySpec, channelAxis: unknown = 1) {
  const rank = x.shape.length;
  if (rank < 2) {
    fail(op, `x has shape ${show(x.shape)}, expected at least two axes (examples and channels)`);
  }
  const axis = checkAxis(op, "channelAxis", channelAxis, rank);
  return { axis, channels: entryAt(x.shape, axis) };
}

/**
 * Returns the channel axis for norms whose axis 0 is the examples, each with statistics of its own.
 */
export function checkChannelsApart(op: string, x: ArraySpec, channelAxis: unknown) {
  const found = checkChannels(op, x, channelAxis);
  if (found.axis === 0) fail(op, "channelAxis 0, expected another: axis 0 is that of the examples");
  return found;
}

export function channelParameter(
  op: string,
  name: string,
  given: unknown,
  x: ArraySpec,
  axis: number,
): PlacedParameter | undefined {
  const spec = checkParameter(op, name, given, [entryAt(x.shape, axis)]);
  return spec && placeParameter(spec, [axis], x.shape.length);
}

export function channelParameters(
  op: string,
  x: ArraySpec,
  axis: number,
  o: ChannelOptions,
): NonNullable<NormStatement["parameters"]> {
  return {
    weight: channelParameter(op, "weight", o.weight, x, axis),
    bias: channelParameter(op, "bias", o.bias, x, axis),
  };
}

export interface RunningStatistics {
  readonly mean: ArraySpec;
  readonly variance: ArraySpec;
}

/** Checks that both running statistics are given, or none. */
export function checkRunning(
  op: string,
  o: { readonly [K in keyof RunningPair]?: unknown },
  channels: number,
  updated: boolean,
): RunningStatistics | undefined {
  const [mean, variance] = (["runningMean", "runningVar"] as const).map((name) => {
    return checkStatistic(op, name, o[name], [channels], updated);
  });
  if ((mean === undefined) !== (variance === undefined)) {
    const [given, missing] = mean ? ["runningMean", "runningVar"] : ["runningVar", "runningMean"];
    fail(op, `${given} is given and ${missing} is missing, expected both or none`);
  }
  return mean && variance && { mean, variance };
}

/** Takes running statistics in place of x's own. */
export const useRunning = ({ mean, variance }: RunningStatistics): GivenArguments =>
  givenBy(
    storedMeanVariance,
    { array: "variance", argument: "runningVar", spec: variance },
    { array: "mean", argument: "runningMean", spec: mean },
  );

/** States the update of running statistics. */
export const updateRunning = (
  { mean, variance }: RunningStatistics,
  momentum: number,
  by: RunningUpdate["by"] = "average",
): NonNullable<NormStatement["runningUpdate"]> => ({
  arrays: { runningMean: mean, runningVar: variance },
  ways: trainingWays,
  of: (keptShape) => ({
    file: kernelRunningStatistics,
    own: runningOwn,
    instances: sizeOf(keptShape) / sizeOf(mean.shape),
    by,
    momentum,
    meanStart: bindingLayoutOf(mean).offset,
    varianceStart: bindingLayoutOf(variance).offset,
  }),
});

/** Returns the gradient rule: through x's own statistics, or past running ones. */
export const momentsGradient = ({ given }: NormStatement) => ({
  dx: given ? dxConstant : dxMoments,
});

/** Checks the weight of the new value in a running statistic. */
export function checkMomentum(op: string, momentum: number): number {
  if (!(typeof momentum === "number" && momentum >= 0 && momentum <= 1)) {
    fail(op, `momentum ${show(momentum)}, expected a number in 0 .. 1`);
  }
  return momentum;
}
