// The gradients of SyncBatchNorm take a second exchange: that of two sums per channel.

import { checkFloat, type DType, type FloatDType, resultType } from "../base/dtype";
import { fail, show } from "../base/errors";
import { ANY, checkOptions, type OptionTable } from "../base/options";
import { execution, rehearsal, type Steps } from "../operation/composed";
import { contextOf } from "../operation/operation";
import {
  type ArraySpec,
  bindingLayoutOf,
  checkLive,
  checkTensor,
  type Tensor,
} from "../runtime/tensor";
import { dxConstant, dxIdentity, resultWeighed } from "../wgsl/files";
import { RENORMALIZED_BY_SAVED } from "../wgsl/statistics";
import { type AnyMoments, applyMomentsState, isWeighted } from "./merge_moments";
import type { Moments, WeightedMoments } from "./moments";
import { checkChannels, checkMomentum, checkRunning } from "./shared/channels";
import { checkParameter } from "./shared/checks";
import { identityNorm, scaledByRatio } from "./shared/elementwise";
import { openRound } from "./shared/group";
import { norm } from "./shared/norm";
import { checkGradients, normBackward } from "./shared/norm_backward";
import type { Backward, GradientName, Gradients, Mask, NormOptions } from "./shared/options";
import {
  type AllReduce,
  appliedMoments,
  checkGates,
  checkReduce,
  SYNC_BATCH_NORM_OPTIONS,
  type SyncBatchNormOptions,
  synchronizedState,
} from "./sync_batch_norm";
import { gatherSums } from "./sync_group";

const OP = "syncBatchNormBackward";

/** These are the sums of dy xhat and of dy over a worker's elements, with one f32 per channel. */
export interface GradientSums {
  readonly dWeight: Tensor;
  readonly dBias: Tensor;
}

type ForwardOptions<M extends AnyMoments> = Omit<
  Backward<SyncBatchNormOptions<M>>,
  "allReduce" | "mean" | "rstd" | "meanPair" | "out" | "accumulate" | "sum"
>;

interface BackwardOptionsOf<M extends AnyMoments> extends ForwardOptions<M> {
  /** x is the forward's, or with a residual or its bias the `sum` that it returned. */
  x: Tensor;
  /** The moments are those that the forward returned. */
  moments: M;
  /**
   * This function gets this worker's sums, f32 of shape [C], and resolves to the sums over all
   * workers. Give it, or a `group`.
   */
  allReduce?: AllReduce<GradientSums> | undefined;
}

export type SyncBatchNormBackwardOptions =
  | BackwardOptionsOf<Moments>
  | (BackwardOptionsOf<WeightedMoments> & { mask: Mask });

const { residual, residualOut, out, ...FORWARD_OPTIONS } = SYNC_BATCH_NORM_OPTIONS;

const BACKWARD_OPTIONS: OptionTable<BackwardOptionsOf<AnyMoments>> = {
  ...FORWARD_OPTIONS,
  x: ANY,
  moments: ANY,
  dSum: ANY,
  gradients: ANY,
};

/** The gradients that the options ask for. */
export type SyncBatchNormGradients<O> = GradientSums & Gradients<O>;

const direct = /* @__PURE__ */ normBackward(OP, synchronizedState, () => ({ dx: dxConstant }));
const throughSum = /* @__PURE__ */ normBackward(OP, identityNorm, () => ({ dx: dxIdentity }));
const scaleByRatio = /* @__PURE__ */ norm(OP, scaledByRatio);

interface StatisticsGradient extends NormOptions {
  moments: AnyMoments;
  channelAxis?: number | undefined;
  eps?: number | undefined;
  gain: Tensor;
  offset: Tensor;
}

/** States xhat gain + offset, in proportion to weights: what goes through the statistics. */
const throughStatisticsState = (op: string, x: ArraySpec, o: StatisticsGradient) => ({
  ...synchronizedState(op, x, o),
  kind: { ...RENORMALIZED_BY_SAVED, weighed: resultWeighed },
  uniforms: {
    renormFirst: bindingLayoutOf(o.offset).offset,
    renormSecond: bindingLayoutOf(o.gain).offset,
  },
  arrays: { d: o.offset, r: o.gain },
});

const throughStatistics = /* @__PURE__ */ norm(OP, throughStatisticsState);
const timesRstd = /* @__PURE__ */ norm(OP, applyMomentsState);
const cast = /* @__PURE__ */ norm<NormOptions, unknown>(OP, identityNorm);

/** These gradients exist in every call. */
const ALWAYS = ["dx", "dWeight", "dBias"] as const;

type All = { readonly [K in GradientName]?: Tensor };

/** Before the exchange there are all gradients with the moments as constants. */
interface DirectGradients extends All, GradientSums {
  readonly dx: Tensor;
  readonly dWeight: Tensor;
  readonly dBias: Tensor;
  readonly weight: Tensor; // in f32
}

/** Returns a tensor in another storage type, or itself. */
const inType = ({ run }: Steps, tensor: Tensor, dtype: DType) =>
  tensor.dtype === dtype ? tensor : (run(cast, tensor, { dtype: dtype as FloatDType }) as Tensor);

/** Checks the sums that came from the other workers. */
function checkSums(given: GradientSums, channels: number): GradientSums {
  for (const name of ["dWeight", "dBias"] as const) {
    const subject = `${name} of allReduce`;
    checkParameter(OP, subject, checkLive(OP, subject, Object(given)[name]), [channels]);
  }
  return given;
}

/**
 * Computes the gradients of `syncBatchNorm`, for all options that the forward takes. dx goes through
 * the moments of all workers' data. The gradients of parameters belong to this worker's elements
 * alone, as PyTorch's do, since training adds those up anyway; dWeight and dBias are there without a
 * weight and a bias as well.
 *
 * The exchange is that of `syncBatchNorm`; a group's sums are added in rank order, in float64. Rejects
 * with a NormError as `syncBatchNorm` does.
 */
export async function syncBatchNormBackward<O extends SyncBatchNormBackwardOptions>(
  dy: Tensor,
  o: O,
): Promise<SyncBatchNormGradients<O>> {
  const round = openRound(OP, o);
  try {
    return await synchronizedGradients(dy, o, round);
  } catch (error) {
    round.fail(error);
    throw error;
  }
}

async function synchronizedGradients<O extends SyncBatchNormBackwardOptions>(
  dy: Tensor,
  o: O,
  round: ReturnType<typeof openRound>,
): Promise<SyncBatchNormGradients<O>> {
  const context = contextOf(OP, "dy", dy);
  const known = checkOptions<SyncBatchNormBackwardOptions>(OP, o, BACKWARD_OPTIONS);
  const { mask } = known;
  const { x, moments, allReduce, timeout, signal, weight, bias, scale, shift, residualBias } =
    known;
  const { eps, channelAxis, activation, dSum, scaleOffset, gate, skip } = known;
  checkReduce(OP, known);
  checkGates(OP, known);
  const { channels } = checkChannels(OP, checkTensor(OP, "x", x), channelAxis);
  checkRunning(OP, known, channels, true);
  checkMomentum(OP, known.momentum ?? 0);
  const weighs = isWeighted(Object(moments));
  if (!weighs && !Number.isInteger(moments?.count)) {
    fail(OP, `moments ${show(moments)}, expected those that the forward returned`);
  }
  if (weighs !== (mask !== undefined)) {
    const given = weighs ? "mask is missing" : "moments have one count for all channels";
    fail(OP, `${given}, expected mask and moments of the forward`);
  }
  const dtype = checkFloat(OP, known.dtype ?? resultType(x.dtype));
  const possible = {
    ...{ dScale: scale, dShift: shift, dResidualBias: residualBias },
    ...{ dSlope: Object(activation).name === "prelu" },
    ...{ dGate: gate, dSkip: skip, dSkipGate: skip?.gate },
  };
  const usual = [
    ...ALWAYS,
    ...(Object.keys(possible) as (keyof typeof possible)[]).filter((name) => possible[name]),
  ];
  const asked = checkGradients(OP, known.gradients, usual);
  const masked = mask && { mask };

  const measure = (steps: Steps): DirectGradients => {
    const given = { moments: appliedMoments(steps, moments), channelAxis, eps, ...masked };
    const affine = (name: "weight" | "bias", value: number) => {
      const own = known[name];
      return own ? inType(steps, checkTensor(OP, name, own), "f32") : steps.filled(value, channels);
    };
    const [inF32, bias] = [affine("weight", 1), affine("bias", 0)];
    const others = residualBias ? asked.filter((name) => name !== "dResidualBias") : asked;
    const made = steps.run(direct, dy, {
      ...{ ...given, x, scale, scaleOffset, shift, activation, gate, skip, dSum, dtype: "f32" },
      ...{ weight: inF32, bias, gradients: [...new Set([...ALWAYS, ...others])] },
    });
    return { ...(made as DirectGradients), weight: inF32 };
  };

  // The formula is dx = rstd weight (g - mean(g) - xhat mean(g xhat)), with a mask the latter two
  // times the element's weight. Its first term is there already, and both means are vectors.
  const finish = (steps: Steps, own: DirectGradients, sums: GradientSums): All => {
    const { run, filled } = steps;
    const { count } = moments;
    const counts = typeof count === "number" ? filled(count, channels) : count;
    const [minus, zeros] = [filled(-1, channels), filled(0, channels)];
    const applied = appliedMoments(steps, moments);
    const centered = { axes: [], mean: zeros, variance: applied.variance, eps, weight: own.weight };
    const centeredMean = (sum: Tensor) => {
      const times = run(timesRstd, sum, centered) as Tensor;
      return run(scaleByRatio, times, { numerator: minus, denominator: counts }) as Tensor;
    };
    const through = { gain: centeredMean(sums.dWeight), offset: centeredMean(sums.dBias) };
    const gradients = ["dResidualBias"] as const;
    const type = residualBias ? "f32" : dtype;
    const dx = run(throughStatistics, x, {
      ...{ ...through, moments: applied, channelAxis, eps, ...masked },
      ...{ shift: own.dx, dtype: type },
    }) as Tensor;
    return {
      ...own,
      dWeight: inType(steps, own.dWeight, weight?.dtype ?? "f32"),
      dBias: inType(steps, own.dBias, bias?.dtype ?? "f32"),
      ...(residualBias && (run(throughSum, dx, { x: dx, residualBias, gradients }) as All)),
      dx: inType(steps, dx, dtype),
    };
  };

  const rehearsed = rehearsal(context);
  const planned = measure(rehearsed);
  finish(rehearsed, planned, planned);
  const steps = execution(context);
  let kept: readonly unknown[] = [];
  try {
    const own = context.batch(() => measure(steps));
    const { dWeight, dBias } = own;
    const exchange = { round, options: { timeout, signal }, channels, dtype: x.dtype };
    const reduce: AllReduce<GradientSums> =
      allReduce ?? ((local) => gatherSums(steps, exchange, local));
    const sums = checkSums(await reduce({ dWeight, dBias }), channels);
    const all = context.batch(() => finish(steps, own, sums));
    const result = Object.fromEntries(asked.map((name) => [name, all[name]]));
    kept = Object.values(result);
    // which gradients these are follows from the options
    return result as unknown as SyncBatchNormGradients<O>;
  } finally {
    steps.end(kept);
  }
}
