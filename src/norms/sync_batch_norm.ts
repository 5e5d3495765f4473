// SyncBatchNorm is BatchNorm over the data of several workers, by any transport. It is composed of
// smaller operations.

import { fail, show } from "../base/errors";
import { ANY, checkOptions, FUNCTION, NUMBER, type OptionTable } from "../base/options";
import { contextOf, type Direct, operation } from "../operation/operation";
import { planRunningUpdate } from "../plan/moments";
import { type ArraySpec, checkTensor, type Tensor } from "../runtime/tensor";
import { batchNorm, batchNormBackward } from "./batch_norm";
import { applyMoments, destroyMoments, statisticsProblem } from "./merge_moments";
import { type Moments, moments } from "./moments";
import {
  CHANNEL_OPTIONS,
  type ChannelOptions,
  checkChannels,
  checkMomentum,
  checkRunning,
  RUNNING_OPTIONS,
} from "./shared/channels";
import { scaleByRatio } from "./shared/elementwise";
import { COMMON_OPTIONS, type NormOptions } from "./shared/options";

const OP = "syncBatchNorm";

/** States moments that are given, not measured. */
const asRunning = ({ mean, variance }: Moments) => ({
  runningMean: mean,
  runningVar: variance,
});

interface UpdateOptions {
  runningVar: ArraySpec;
  moments: Moments;
  momentum: number;
}

/** Updates running statistics from moments. */
const updateRunningStatistics = /* @__PURE__ */ operation({
  name: OP,
  first: "runningMean",
  define(
    runningMean: ArraySpec,
    { runningVar, moments: { mean, variance, count }, momentum }: UpdateOptions,
  ) {
    const arrays = { runningMean, runningVar, means: mean, variances: variance };
    const numbers = { instances: 1, momentum, unbias: count / Math.max(1, count - 1) };
    return {
      problem: statisticsProblem(OP, arrays, runningMean.shape, [], numbers),
      plan: planRunningUpdate,
      arrays,
      outputs: { runningMean: writtenInto(runningMean), runningVar: writtenInto(runningVar) },
      statisticsShape: [],
      result: () => undefined,
    };
  },
});

const writtenInto = (out: ArraySpec) => ({ shape: out.shape, dtype: out.dtype, out });

type Reduce<T> = (local: T) => T | Promise<T>;

export interface SyncBatchNormOptions
  extends Omit<ChannelOptions, "weight" | "bias">,
    Direct<Omit<NormOptions, "stats" | "residualOut">> {
  weight?: Tensor | undefined;
  bias?: Tensor | undefined;
  /**
   * This function gets this worker's moments and resolves to those of all workers' data together:
   * send mean, variance and count by any transport, and merge the received ones (`mergeMoments`).
   * The result must be equal on every worker.
   */
  allReduce: Reduce<Moments>;
  runningMean?: Tensor | undefined;
  runningVar?: Tensor | undefined;
  /** The momentum is the weight of the new value in the running statistics. Default 0.1. */
  momentum?: number | undefined;
}

const { residualOut: _, ...INHERITED } = COMMON_OPTIONS;

const FORWARD_OPTIONS: OptionTable<SyncBatchNormOptions> = {
  ...INHERITED,
  ...CHANNEL_OPTIONS,
  ...RUNNING_OPTIONS,
  allReduce: FUNCTION,
  momentum: NUMBER,
};

export interface SyncBatchNormResult {
  readonly y: Tensor;
  /** The moments are those of all workers' data together, for the backward. */
  readonly moments: Moments;
}

function checkReduce(op: string, allReduce: unknown): void {
  if (typeof allReduce !== "function") {
    fail(op, `allReduce ${show(allReduce)}, expected a function`);
  }
}

/**
 * Computes BatchNorm in training over the data of several workers, tabs or machines. It takes local
 * moments, the caller's `allReduce`, and then y = (x - mean) / sqrt(variance + eps) * weight + bias
 * with the moments of all. Running statistics, where given, are updated with the unbiased variance
 * of all.
 *
 * x: [N, C, ...], or channels on any other axis; weight, bias, running statistics: [C]. Rejects
 * with a NormError as `batchNorm` throws, and if `allReduce` gives no moments of shape [C].
 * Source: PyTorch `SyncBatchNorm`.
 */
export async function syncBatchNorm(
  x: Tensor,
  o: SyncBatchNormOptions,
): Promise<SyncBatchNormResult> {
  contextOf(OP, "x", x);
  const known = checkOptions(OP, o, FORWARD_OPTIONS);
  const { allReduce, weight, bias, channelAxis, runningMean, runningVar, momentum, ...rest } =
    known;
  checkReduce(OP, allReduce);
  const { axis, channels } = checkChannels(OP, x, channelAxis);
  const running = checkRunning(OP, { runningMean, runningVar }, channels, true);
  const share = checkMomentum(OP, momentum ?? 0.1);
  const axes = x.shape.flatMap((_, i) => (i === axis ? [] : [i]));
  const local = moments(x, { axes });
  let all: Moments | undefined;
  try {
    all = await allReduce(local);
    if (!(all?.count >= local.count)) {
      fail(OP, `allReduce gave count ${show(all?.count)}, expected at least ${local.count}`);
    }
    const y = batchNorm(x, { ...rest, weight, bias, channelAxis, ...asRunning(all) });
    if (running) {
      const { mean: runs, variance: runningVar } = running;
      updateRunningStatistics(runs as Tensor, { runningVar, moments: all, momentum: share });
    }
    return { y, moments: all };
  } finally {
    if (all?.mean !== local.mean) destroyMoments(local);
  }
}

/** These are the sums of dy xhat and of dy over a worker's elements, with one value per channel. */
export interface GradientSums {
  readonly dWeight: Tensor;
  readonly dBias: Tensor;
}

export interface SyncBatchNormBackwardOptions
  extends Pick<SyncBatchNormOptions, "weight" | "bias" | "eps" | "channelAxis" | "activation"> {
  x: Tensor;
  /** The moments are those that the forward returned. */
  moments: Moments;
  /** This function gets this worker's sums and resolves to the sums over all workers. */
  allReduce: Reduce<GradientSums>;
}

const BACKWARD_OPTIONS: OptionTable<SyncBatchNormBackwardOptions> = {
  ...CHANNEL_OPTIONS,
  activation: ANY,
  x: ANY,
  moments: ANY,
  allReduce: FUNCTION,
};

/**
 * Computes the gradients of `syncBatchNorm`. dx goes through the moments of all workers' data.
 * dWeight and dBias belong to this worker's elements alone, as PyTorch's do, since training adds
 * those up anyway.
 *
 * Rejects with a NormError as `syncBatchNorm` does.
 */
export async function syncBatchNormBackward(
  dy: Tensor,
  o: SyncBatchNormBackwardOptions,
): Promise<{ readonly dx: Tensor } & GradientSums> {
  const op = "syncBatchNormBackward";
  const context = contextOf(op, "dy", dy);
  const known = checkOptions(op, o, BACKWARD_OPTIONS);
  checkReduce(op, known.allReduce);
  const { x, moments: all, allReduce, channelAxis, eps, activation } = known;
  checkTensor(op, "x", x);
  if (!(all?.count > 0)) fail(op, `moments ${show(all)}, expected those of the forward`);
  const { channels } = checkChannels(op, x, channelAxis);
  const vector = (value: number, length: number) =>
    context.tensor(new Float32Array(length).fill(value), [length]);
  const [ones, zeros] = [vector(1, channels), vector(0, channels)];
  const [minus, count] = [vector(-1, 1), vector(all.count, 1)];
  const fresh = [ones, zeros, minus, count];
  const { weight = ones, bias = zeros } = known;
  const given = { ...asRunning(all), channelAxis, eps };
  try {
    const own = batchNormBackward(dy, { ...given, x, weight, bias, activation, dtype: "f32" });
    const { dx: direct, ...local } = own;
    fresh.push(direct);
    const sums = await allReduce(local);
    // The formula is dx = rstd weight (dy - mean(dy) - xhat mean(dy xhat)). Its first term is there
    // already, and both means are vectors.
    const dx = context.batch(() => {
      const centered = { axes: [], mean: zeros, variance: all.variance, eps, weight };
      const centeredMean = (sum: Tensor) => {
        const times = applyMoments(sum, centered);
        const mean = scaleByRatio(times, { numerator: minus, denominator: count });
        fresh.push(times, mean);
        return mean;
      };
      const [through, shift] = [centeredMean(sums.dWeight), centeredMean(sums.dBias)];
      const { dtype } = x;
      return batchNorm(x, { ...given, weight: through, bias: shift, shift: direct, dtype });
    });
    return { dx, ...local };
  } finally {
    for (const tensor of fresh) tensor.destroy();
  }
}
