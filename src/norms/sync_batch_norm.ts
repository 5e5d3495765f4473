// SyncBatchNorm is BatchNorm over the data of several workers, by any transport. It is composed of
// smaller operations.

import { fail, show } from "../base/errors";
import { checkOptions, FUNCTION, NUMBER, type OptionTable } from "../base/options";
import { execution, rehearsal, type Steps } from "../operation/composed";
import { contextOf, type Direct, operation } from "../operation/operation";
import { planRunningUpdate, planWeighedRunningUpdate } from "../plan/moments";
import type { ArraySpec, Tensor } from "../runtime/tensor";
import {
  type AnyMoments,
  applyMomentsState,
  checkMoments,
  isWeighted,
  statisticsProblem,
  weighedMergeOperation,
} from "./merge_moments";
import {
  MOMENTS_RESULTS,
  type Moments,
  OF_NOTHING,
  WEIGHTED_RESULTS,
  type WeightedMoments,
} from "./moments";
import {
  CHANNEL_OPTIONS,
  type ChannelOptions,
  channelParameters,
  checkChannels,
  checkMomentum,
  checkRunning,
  RUNNING_OPTIONS,
} from "./shared/channels";
import { checkGroup, EXCHANGE_OPTIONS, type ExchangeOptions, openRound } from "./shared/group";
import { type NormStatement, norm } from "./shared/norm";
import { COMMON_OPTIONS, MASK, type Mask, type NormOptions } from "./shared/options";
import { broadcastTo } from "./shared/parameters";
import { statisticsCall } from "./shared/statistics";
import { gatherMoments } from "./sync_group";

const OP = "syncBatchNorm";

interface LocalOptions extends Pick<NormOptions, "residual" | "residualBias" | "mask"> {
  channelAxis?: number | undefined;
}

/** Measures the moments of what a worker normalizes. */
const localMoments = /* @__PURE__ */ operation({
  name: OP,
  define(x: ArraySpec, { residual, residualBias, mask, channelAxis }: LocalOptions) {
    const { axis } = checkChannels(OP, x, channelAxis);
    const reduced = x.shape.map((_, i) => i !== axis);
    return statisticsCall<AnyMoments>(OP, x, reduced, {
      ...(mask && { mask, uniforms: OF_NOTHING }),
      results: mask ? WEIGHTED_RESULTS : MOMENTS_RESULTS,
      summands: {
        residual: broadcastTo(OP, "residual", residual, x),
        residualBias: broadcastTo(OP, "residualBias", residualBias, x),
      },
      result: (made, count) => (mask ? made : { ...made, count }),
    });
  },
});

const mergeWeighed = /* @__PURE__ */ weighedMergeOperation(OP);

/** Returns the moments as they are applied: a channel in which nothing counts gives the bias. */
export const appliedMoments = ({ run }: Steps, all: AnyMoments): AnyMoments =>
  isWeighted(all)
    ? (run(mergeWeighed, all.mean, { a: all, ofNothing: Infinity }) as WeightedMoments)
    : all;

interface SynchronizedOptions extends NormOptions, ChannelOptions {
  moments: AnyMoments;
}

/** States BatchNorm with given moments. */
export function synchronizedState(op: string, x: ArraySpec, o: SynchronizedOptions): NormStatement {
  const { axis, channels } = checkChannels(op, x, o.channelAxis);
  const axes = x.shape.flatMap((_, i) => (i === axis ? [] : [i]));
  const { mean, meanPair, variance } = o.moments;
  checkMoments(op, { mean, variance }, [channels], [channels], true);
  return {
    ...applyMomentsState(op, x, { axes, eps: o.eps, mean, meanPair, variance }),
    parameters: channelParameters(op, x, axis, o),
    channelAxis: axis,
  };
}

const synchronized = /* @__PURE__ */ norm<SynchronizedOptions, unknown>(OP, synchronizedState);

interface UpdateOptions {
  runningVar: ArraySpec;
  moments: AnyMoments;
  momentum: number;
}

/** Updates running statistics from moments. */
const updateRunningStatistics = /* @__PURE__ */ operation({
  name: OP,
  first: "runningMean",
  define(runningMean: ArraySpec, { runningVar, moments, momentum }: UpdateOptions) {
    const { mean, variance, count } = moments;
    const weighs = typeof count === "object";
    const own = weighs && { counts: count };
    const arrays = { runningMean, runningVar, means: mean, variances: variance, ...own };
    const numbers = { instances: 1, momentum, unbias: weighs ? 1 : count / (count - 1) };
    return {
      problem: statisticsProblem(OP, arrays, runningMean.shape, [], numbers),
      plan: weighs ? planWeighedRunningUpdate : planRunningUpdate,
      arrays,
      outputs: { runningMean: writtenInto(runningMean), runningVar: writtenInto(runningVar) },
      statisticsShape: [],
      result: () => undefined,
    };
  },
});

const writtenInto = (out: ArraySpec) => ({ shape: out.shape, dtype: out.dtype, out });

/** A reduction gets a worker's own part and gives, or resolves to, that of all workers together. */
export type AllReduce<T> = (local: T) => T | Promise<T>;

export interface SyncBatchNormOptions<M extends AnyMoments = Moments>
  extends Omit<ChannelOptions, "weight" | "bias">,
    Direct<Omit<NormOptions, "stats" | "mask">>,
    ExchangeOptions {
  weight?: Tensor | undefined;
  bias?: Tensor | undefined;
  /**
   * This function gets this worker's moments and resolves to those of all workers' data together:
   * send mean, variance and count by any transport, and merge the received ones (`mergeMoments`).
   * With `meanPair` sent as well, an offset of the data costs no digits. The result must be equal on
   * every worker. The moments that it gets live until it has resolved, and longer if it resolves to
   * them. Give it, or a `group`. With a mask the count is a tensor, of each channel.
   */
  allReduce?: AllReduce<M> | undefined;
  /**
   * The mask says which of this worker's elements count, and how much. All workers have one, or none
   * of them.
   */
  mask?: (M extends WeightedMoments ? Mask : never) | undefined;
  runningMean?: Tensor | undefined;
  runningVar?: Tensor | undefined;
  /** The momentum is the weight of the new value in the running statistics. Default 0.1. */
  momentum?: number | undefined;
}

type AnySyncBatchNormOptions = SyncBatchNormOptions | SyncBatchNormOptions<WeightedMoments>;

export const SYNC_BATCH_NORM_OPTIONS: OptionTable<SyncBatchNormOptions> = {
  ...COMMON_OPTIONS,
  ...CHANNEL_OPTIONS,
  ...RUNNING_OPTIONS,
  ...EXCHANGE_OPTIONS,
  allReduce: FUNCTION,
  mask: MASK,
  momentum: NUMBER,
};

export interface SyncBatchNormResult<M extends AnyMoments = Moments> {
  readonly y: Tensor;
  /** With `residualOut` this is the input of the norm, for the backward. */
  readonly sum?: Tensor;
  /** The moments are those of all workers' data together, for the backward. */
  readonly moments: M;
}

/** Checks that there is one way to exchange. */
export function checkReduce(
  op: string,
  { allReduce, group }: { readonly allReduce?: unknown; readonly group?: unknown },
): void {
  if (group !== undefined && allReduce !== undefined) {
    fail(op, "allReduce and group are given, expected one of them");
  }
  if (group === undefined && allReduce === undefined) {
    fail(op, "allReduce undefined, expected a function, or a group");
  }
  if (group !== undefined) checkGroup(op, group);
}

/** Checks that no gate comes before the moments, which all workers would have to exchange behind it. */
export function checkGates(
  op: string,
  { gate, residualGate }: Pick<NormOptions, "gate" | "residualGate">,
): void {
  if (residualGate)
    fail(op, "residualGate is given, expected none: the moments are those of the sum");
  if (gate?.first) fail(op, "gate has first true, expected a gate after the norm");
}

/** Checks the count that came from the other workers; the steps check the rest. */
function checkReduced(given: AnyMoments, local: AnyMoments): AnyMoments {
  if (typeof given !== "object" || given === null) {
    fail(OP, `allReduce gave ${show(given)}, expected { mean, variance, count }`);
  }
  const { count } = given;
  if (isWeighted(local)) {
    if (isWeighted(given)) return given; // the steps check the shape
    fail(OP, `allReduce gave count ${show(count)}, expected a tensor, of each channel`);
  }
  if (!(typeof count === "number" && count >= local.count && Number.isInteger(count))) {
    fail(OP, `allReduce gave count ${show(count)}, expected at least ${local.count}`);
  }
  if (count === 1) {
    fail(OP, "all workers have 1 value a channel, expected more than one in training");
  }
  return given;
}

/**
 * Computes BatchNorm in training over the data of several workers, tabs or machines. It takes local
 * moments, exchanges them, and then y = (x - mean) / sqrt(variance + eps) * weight + bias with the
 * moments of all, as `batchNorm` does with all its options: the moments are of x + residual +
 * residualBias. Running statistics, where given, are updated with the unbiased variance of all.
 *
 * The exchange is one round of a `group` (`channelGroup`, or yours): the moments are merged in rank
 * order on the host, so that every rank gets the same bits, and a rank that fails, aborts or does not
 * answer within `timeout` fails the step of all. Or it is your `allReduce`.
 *
 * With masks the moments are of the valid elements of all workers, each channel with its own count.
 *
 * x: [N, C, ...], or channels on any other axis; weight, bias, running statistics: [C]. A worker may
 * have an empty batch: its moments have count 0. Rejects with a NormError as `batchNorm` throws,
 * and for a gate that comes before the norm, before the exchange, which then tells the other ranks; and
 * afterwards for moments that are not of
 * shape [C], for ranks of other channels, another dtype or round, and for a total of one value a
 * channel; with the signal's reason when aborted. Whatever the exchange does, nothing stays
 * allocated.
 * Source: PyTorch `SyncBatchNorm`.
 */
export function syncBatchNorm(
  x: Tensor,
  o: SyncBatchNormOptions<WeightedMoments> & { mask: Mask },
): Promise<SyncBatchNormResult<WeightedMoments>>;
export function syncBatchNorm(x: Tensor, o: SyncBatchNormOptions): Promise<SyncBatchNormResult>;
export async function syncBatchNorm(
  x: Tensor,
  o: AnySyncBatchNormOptions,
): Promise<SyncBatchNormResult<AnyMoments>> {
  const round = openRound(OP, o);
  try {
    return await synchronizedNorm(x, o, round);
  } catch (error) {
    round.fail(error);
    throw error;
  }
}

async function synchronizedNorm(
  x: Tensor,
  o: AnySyncBatchNormOptions,
  round: ReturnType<typeof openRound>,
): Promise<SyncBatchNormResult<AnyMoments>> {
  const context = contextOf(OP, "x", x);
  const known = checkOptions(OP, o, SYNC_BATCH_NORM_OPTIONS);
  const { runningMean, runningVar, momentum = 0.1, ...others } = known;
  const { allReduce, group, timeout, signal, round: _, ...rest } = others;
  checkReduce(OP, known);
  checkGates(OP, known);
  const { residual, residualBias, residualOut, channelAxis, mask } = rest;
  const { channels } = checkChannels(OP, x, channelAxis);
  const running = checkRunning(OP, { runningMean, runningVar }, channels, true);
  const share = checkMomentum(OP, momentum);
  const measure = ({ run, filled }: Steps): AnyMoments => {
    if (x.size > 0) return run(localMoments, x, { residual, residualBias, channelAxis, mask });
    const nothing = { mean: filled(0, channels), variance: filled(0, channels) };
    return mask ? { ...nothing, count: filled(0, channels) } : { ...nothing, count: 0 };
  };
  const finish = (steps: Steps, all: AnyMoments) => {
    const { run } = steps;
    const moments = appliedMoments(steps, all);
    const made = run(synchronized, x, { ...rest, stats: false, moments });
    if (running && (isWeighted(all) || all.count > 0)) {
      const update = { runningVar: running.variance, moments: all, momentum: share };
      run(updateRunningStatistics, running.mean as Tensor, update);
    }
    return residualOut ? (made as { y: Tensor; sum: Tensor }) : { y: made as Tensor };
  };
  const rehearsed = rehearsal(context);
  const planned = measure(rehearsed);
  finish(rehearsed, isWeighted(planned) ? planned : { ...planned, count: 2 });
  const steps = execution(context);
  const exchange = { round, options: { timeout, signal }, channels, dtype: x.dtype };
  const reduce =
    (allReduce as AllReduce<AnyMoments> | undefined) ??
    ((local) => gatherMoments(OP, steps, exchange, local));
  let kept: readonly unknown[] = [];
  try {
    const local = measure(steps);
    const all = checkReduced(await reduce(local), local);
    const result = { ...context.batch(() => finish(steps, all)), moments: all };
    kept = [...Object.values(result), ...Object.values(all)];
    return result;
  } finally {
    steps.end(kept);
  }
}
