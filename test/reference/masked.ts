// This file has the norms and reductions with weights, as plain float64 loops. The normalized values
// are those of the gradients' reference, whose forward this is.

import { product, resolveAxes, type Values } from "../support/arrays";
import { BACKWARD } from "./backward";
import { type BackwardOptions, elementsOf, type Forward, members, spread, taken } from "./chain";
import { type Common, type Results, summed } from "./family";
import { type Numbers, sum, weightedMean } from "./statistics";

type Options = Omit<BackwardOptions, "x"> &
  Common & {
    stats?: boolean | undefined;
    momentum?: number | null | undefined;
    numBatchesTracked?: number | undefined;
  };

interface Grouping {
  readonly shape: Numbers;
  readonly axes: Numbers;
}

/** y of the norm, and what else it gives. */
export function maskedForward(
  name: string,
  x: Values,
  { residual, residualOut, ...options }: Options,
  grouping: Grouping,
): Results {
  const { residualBias, residualGate } = options;
  const input = summed(x, { residual, residualBias, residualGate });
  let made: Forward | undefined;
  BACKWARD[`${name}Backward`](
    { shape: x.shape, data: new Float64Array(x.data.length) },
    {
      ...options,
      residualBias: undefined,
      residualGate: undefined,
      x: input,
      onForward: (all) => (made = all),
    },
  );
  if (!made) throw new Error(`${name} has no masked forward`);
  const own = grouping.shape.filter((_, axis) => !grouping.axes.includes(axis));
  const { length } = made.means;
  const byChannel = options.useInputStats === false && options.runningMean !== undefined;
  const usual = !byChannel && product(own) === length ? own : [length];
  const ghosts = options.training && options.virtualBatchSize; // one batch of all is one, too
  const kept = ghosts ? [x.shape[0] / ghosts, (length * ghosts) / x.shape[0]] : usual;
  const statistic = (values: readonly (number | undefined)[]): Values | undefined => {
    if (values.some((v) => v === undefined)) return undefined;
    return { shape: kept, data: Float64Array.from(values as number[]) };
  };
  const [mean, rstd] = [statistic(made.means), statistic(made.rstds)];
  return {
    y: made.y,
    ...(mean && { mean }),
    ...(rstd && { rstd }),
    ...(residualOut && { sum: input }),
    ...running(elementsOf({ ...options, x: input }), options, grouping),
  };
}

interface Weighted {
  mean: number;
  m2: number;
  weight: number;
}

/** Mean, sum of squares around it, and weight of every group. */
function weightedGroups(
  x: Values,
  mask: Values | undefined,
  { shape, axes }: Grouping,
): Weighted[] {
  const weights = spread(mask, x.shape, 1);
  return members(shape, axes).map((own) => {
    const counted = own.filter((i) => weights[i] > 0);
    const [values, w] = [taken(x.data, counted), taken(weights, counted)];
    const [rough, rest] = weightedMean(values, w);
    const m2 = sum(values.map((v, i) => w[i] * (v - rough - rest) ** 2));
    return { mean: rough + rest, m2, weight: sum(w) };
  });
}

/** Groups that weigh at most 1 have no unbiased variance, and change nothing. */
function running(
  x: Values,
  options: Options,
  grouping: Grouping,
): Pick<Results, "runningMean" | "runningVar"> {
  const { mask, runningMean, runningVar, training, useInputStats } = options;
  if (!runningMean || !runningVar || !(training ?? useInputStats ?? !("training" in options)))
    return {};
  const channels = runningMean.data.length;
  const groups = weightedGroups(x, mask, grouping);
  const instances = groups.length / channels;
  const inOrder = options.virtualBatchSize !== undefined && instances > 1;
  const share = options.momentum ?? 1 / ((options.numBatchesTracked ?? 0) + 1);
  const factor = options.momentum === undefined ? 0.1 : share;
  const means = Float64Array.from(runningMean.data);
  const variances = Float64Array.from(runningVar.data);
  for (let c = 0; c < channels; c++) {
    const own = Array.from({ length: instances }, (_, i) => groups[i * channels + c]);
    const batches = inOrder ? own.map((one) => [one]) : [own];
    batches.forEach((batch, i) => {
      const valid = batch.filter(({ weight }) => weight > 1);
      if (valid.length === 0) return;
      const by = options.momentum === null ? 1 / (1 / factor + i) : factor;
      const mean = sum(valid.map((one) => one.mean)) / valid.length;
      const variance = sum(valid.map(({ m2, weight }) => m2 / (weight - 1))) / valid.length;
      means[c] = (1 - by) * means[c] + by * mean;
      variances[c] = (1 - by) * variances[c] + by * variance;
    });
  }
  return {
    runningMean: { shape: runningMean.shape, data: means },
    runningVar: { shape: runningVar.shape, data: variances },
  };
}

interface ReductionOptions {
  mask?: Values | undefined;
  axes?: readonly number[] | undefined;
  keepdim?: boolean | undefined;
  correction?: number | undefined;
}

/** Mean, population variance and weight of every group; of nothing all are 0. */
export function maskedMoments(x: Values, { mask, axes, keepdim = false }: ReductionOptions) {
  const reduced = resolveAxes(x.shape, axes);
  const groups = weightedGroups(x, mask, { shape: x.shape, axes: reduced });
  const kept = x.shape.filter((_, axis) => !reduced.includes(axis));
  const shape = keepdim ? x.shape.map((d, axis) => (reduced.includes(axis) ? 1 : d)) : kept;
  const of = (value: (group: Weighted) => number): Values => {
    return { shape, data: Float64Array.from(groups, value) };
  };
  return {
    mean: of((group) => group.mean),
    variance: of(({ m2, weight }) => (weight === 0 ? 0 : m2 / weight)),
    count: of(({ weight }) => weight),
    corrected: (correction: number) =>
      of(({ m2, weight }) => m2 / Math.max(0, weight - correction)),
  };
}

/** A reduction with weights. */
export function maskedReduction(name: string, x: Values, options: ReductionOptions) {
  const { mean, variance, count, corrected } = maskedMoments(x, options);
  if (name === "moments") return { mean, variance, count };
  if (name === "mean") return mean;
  const own = corrected(options.correction ?? 1);
  return name === "variance" ? own : { shape: own.shape, data: own.data.map(Math.sqrt) };
}

/** The mean and variance of the groups' valid elements, for tolerances. */
export function validMoments(x: Values, mask: Values | undefined, grouping: Grouping) {
  const groups = weightedGroups(x, mask, grouping);
  const variance = groups.map(({ m2, weight }) => (weight === 0 ? 0 : m2 / weight));
  return { mean: groups.map((group) => group.mean), variance: Float64Array.from(variance) };
}

/** Which elements count. */
export const validElements = (x: Values, mask: Values | undefined) =>
  Array.from(spread(mask, x.shape, 1), (w) => w > 0);
