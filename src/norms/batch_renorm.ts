// BatchRenorm is BatchNorm in training that stays near the result of inference.

import { fail } from "../base/errors";
import { ANY, NUMBER, type OptionTable } from "../base/options";
import type { ArraySpec, Tensor } from "../runtime/tensor";
import { bindingLayoutOf } from "../runtime/tensor";
import * as files from "../wgsl/files";
import { RENORMALIZED_BY_RUNNING, RENORMALIZED_BY_SAVED } from "../wgsl/statistics";
import { BATCH_NORM_OPTIONS, batchNormState, type TrainingOptions } from "./batch_norm";
import { type ChannelOptions, momentsGradient, type RunningOptions } from "./shared/channels";
import { checkStatistic } from "./shared/checks";
import { MEAN_AND_RSTD, type NormStatement, norm, statisticsShapeOf } from "./shared/norm";
import { normBackward } from "./shared/norm_backward";
import type { MeanAndRstd, NormOptions, TensorArgument } from "./shared/options";

interface BoundOptions {
  /** rMax is the largest r, and 1 / rMax the smallest; at least 1. Default 3. */
  rMax?: number | undefined;
  /** dMax is the largest |d|. Default 5. */
  dMax?: number | undefined;
}

export type BatchRenormOptions = NormOptions &
  ChannelOptions &
  RunningOptions &
  Omit<TrainingOptions, "virtualBatchSize"> &
  BoundOptions;

const { virtualBatchSize: _, ...INHERITED } = BATCH_NORM_OPTIONS;

const OPTIONS: OptionTable<BatchRenormOptions> = { ...INHERITED, rMax: NUMBER, dMax: NUMBER };

/** batchRenorm returns these with `stats: true` beside y. r and d, [C], are for the backward. */
export interface RenormStatistics extends MeanAndRstd {
  readonly r: Tensor;
  readonly d: Tensor;
}

interface SavedBounds {
  /** r and d are those that the forward returned with `stats: true`. */
  r?: TensorArgument | undefined;
  d?: TensorArgument | undefined;
}

function checkBound(op: string, name: string, value: number, least: number): number {
  if (value < least) fail(op, `${name} ${value}, expected a number of at least ${least}`);
  return value;
}

function savedRenorm(op: string, n: NormStatement, o: SavedBounds) {
  if (o.r === undefined && o.d === undefined) return undefined;
  const shape = statisticsShapeOf(n);
  const [r, d] = [
    checkStatistic(op, "r", o.r, shape, true),
    checkStatistic(op, "d", o.d, shape, true),
  ];
  if (!r || !d) fail(op, `${r ? "d" : "r"} is missing, expected both r and d or none`);
  return { r, d };
}

function batchRenormState(
  op: string,
  x: ArraySpec,
  o: BatchRenormOptions & SavedBounds,
): NormStatement {
  const n = batchNormState(op, x, { ...o, virtualBatchSize: undefined });
  const maxGain = checkBound(op, "rMax", o.rMax ?? 3, 1);
  const maxOffset = checkBound(op, "dMax", o.dMax ?? 5, 0);
  if (!o.training) return n;
  const saved = savedRenorm(op, n, o);
  const own = n.runningUpdate?.arrays;
  const running = saved ? { runningMean: saved.d, runningVar: saved.r } : own;
  if (running === undefined) {
    fail(op, "runningMean and runningVar are missing, expected both in training");
  }
  return {
    ...n,
    kind: saved ? RENORMALIZED_BY_SAVED : RENORMALIZED_BY_RUNNING,
    statistics: [...MEAN_AND_RSTD, "r", "d"],
    uniforms: {
      renormFirst: bindingLayoutOf(running.runningMean).offset,
      renormSecond: bindingLayoutOf(running.runningVar).offset,
      maxGain,
      maxOffset,
    },
    arrays: saved ?? running,
  };
}

/**
 * Computes y = (xhat r + d) * weight + bias with xhat as in `batchNorm`'s training, r = s / s'
 * within 1 / rMax .. rMax and d = (mean - mean') / s' within -dMax .. dMax. Here s = sqrt(variance
 * + eps), and mean' and s' are those of the running statistics, which are updated afterwards as
 * `batchNorm` does. Without training it is `batchNorm`.
 *
 * x: [N, C, ...], or channels on any other axis; weight, bias and running statistics: [C]. Throws
 * NormError as `batchNorm` does, in training without running statistics, and for an rMax below 1 or
 * a dMax below 0.
 * Source: Ioffe 2017, "Batch Renormalization".
 */
export const batchRenorm = /* @__PURE__ */ norm<BatchRenormOptions, RenormStatistics>(
  "batchRenorm",
  batchRenormState,
  OPTIONS,
);

/**
 * Computes the gradients of `batchRenorm`, where r and d are constants: dx = r rstd (g - mean(g) -
 * xhat mean(g xhat)). Takes r and d as the forward returned them with `stats: true`, or the running
 * statistics as they were before it. Throws NormError as `batchRenorm` does.
 */
export const batchRenormBackward = /* @__PURE__ */ normBackward<BatchRenormOptions & SavedBounds>(
  "batchRenormBackward",
  batchRenormState,
  (n) => (n.kind?.extra ? { dx: files.dxRenormed, dxSums: files.dxSumsPlain } : momentsGradient(n)),
  { ...OPTIONS, r: ANY, d: ANY },
);
