// This file computes every operation once more, as plain float64 loops, to be compared with the
// formulas line by line. It is neither fast nor clever: it judges the shaders, and PyTorch judges
// it (test/reference/reference.test.ts). Arrays are contiguous and row-major.

import {
  broadcastStrides,
  groupStrides,
  otherAxes,
  product,
  resolveAxes,
  resolveAxis,
  splitChannels,
  type Values,
  visit,
} from "../support/arrays";

export interface Normalized {
  y: Values;
  mean: Values;
  rstd: Values;
  runningMean?: Values | undefined;
  runningVar?: Values | undefined;
}

interface Axes {
  axes?: readonly number[] | undefined;
  keepdim?: boolean | undefined;
}

interface Affine {
  weight?: Values | undefined;
  bias?: Values | undefined;
  eps?: number | undefined;
}

interface Running {
  runningMean?: Values | undefined;
  runningVar?: Values | undefined;
  channelAxis?: number | undefined;
}

export function mean(x: Values, options: Axes = {}): Values {
  return moments(x, options).mean;
}

/** sum((x - mean)^2) / max(0, n - correction) */
export function variance(x: Values, options: Axes & { correction?: number } = {}): Values {
  const { correction = 1 } = options;
  const { variance, count } = moments(x, options);
  const data = Float64Array.from(
    variance.data,
    (v) => (v * count) / Math.max(0, count - correction),
  );
  return { shape: variance.shape, data };
}

export function std(x: Values, options: Axes & { correction?: number } = {}): Values {
  const v = variance(x, options);
  return { shape: v.shape, data: Float64Array.from(v.data, Math.sqrt) };
}

/** Mean and population variance of every group; two corrected passes keep them exact at any offset. */
export function moments(
  x: Values,
  { axes, keepdim = false }: Axes = {},
): { mean: Values; variance: Values; count: number } {
  const reduced = resolveAxes(x.shape, axes);
  const strides = groupStrides(x.shape, reduced);
  const groups = product(x.shape.filter((_, axis) => !reduced.includes(axis)));
  const count = product(reduced.map((axis) => x.shape[axis]));
  const data = x.data;

  const rough = new Float64Array(groups);
  visit(x.shape, strides, (i, g) => {
    rough[g] += data[i];
  });
  for (let g = 0; g < groups; g++) rough[g] /= count;

  const rest = new Float64Array(groups);
  visit(x.shape, strides, (i, g) => {
    rest[g] += data[i] - rough[g];
  });
  // beside an infinite mean the rest is NaN, though the mean itself is known
  const mean = rough.map((m, g) => (Number.isFinite(m) ? m + rest[g] / count : m));

  const squares = new Float64Array(groups);
  visit(x.shape, strides, (i, g) => {
    squares[g] += (data[i] - mean[g]) * (data[i] - mean[g]);
  });
  const variance = squares.map((s) => s / count);

  const shape = reducedShape(x.shape, reduced, keepdim);
  return { mean: { shape, data: mean }, variance: { shape, data: variance }, count };
}

interface Divisor {
  correction?: number | undefined;
  epsOn?: "variance" | "deviation" | undefined;
}

/** y = (x - mean) / sqrt(variance + eps) * weight + bias, weight and bias broadcast against x. */
export function standardize(x: Values, options: Affine & Axes & Divisor): Normalized {
  const { epsOn, correction = 0, axes } = options;
  const { mean } = moments(x, { axes });
  const spread = variance(x, { axes, correction });
  return normalize(x, resolveAxes(x.shape, axes), mean, spread, options, epsOn);
}

/** Statistics per channel, over all other axes; the running variance takes the unbiased one. */
export function batchNorm(
  x: Values,
  options: Affine &
    Running & { training?: boolean; momentum?: number | null; numBatchesTracked?: number } = {},
): Normalized {
  const { runningMean, runningVar, training = false, numBatchesTracked = 0 } = options;
  const channel = resolveAxis(x.shape, options.channelAxis ?? 1);
  const axes = otherAxes(x.shape, [channel]);
  const affine = {
    eps: options.eps,
    weight: along(options.weight, x.shape, channel),
    bias: along(options.bias, x.shape, channel),
  };
  if (!training && runningMean && runningVar) {
    return normalize(x, axes, runningMean, runningVar, affine);
  }
  const batch = moments(x, { axes });
  const result: Normalized = normalize(x, axes, batch.mean, batch.variance, affine);
  if (!training) return result;
  const momentum = options.momentum === undefined ? 0.1 : options.momentum;
  const factor = momentum === null ? 1 / (numBatchesTracked + 1) : momentum;
  if (runningMean) result.runningMean = lerp(runningMean, batch.mean, factor);
  if (runningVar) result.runningVar = lerp(runningVar, variance(x, { axes }), factor);
  return result;
}

/** Statistics over the trailing axes; weight and bias have their shape. */
export function layerNorm(
  x: Values,
  { normalizedShape, ...affine }: Affine & { normalizedShape: readonly number[] },
): Normalized {
  const first = x.shape.length - normalizedShape.length;
  return standardize(x, { ...affine, axes: normalizedShape.map((_, k) => first + k) });
}

/** Statistics per example and channel; the running ones take the average over the examples. */
export function instanceNorm(
  x: Values,
  options: Affine & Running & { useInputStats?: boolean; momentum?: number } = {},
): Normalized {
  const { runningMean, runningVar, useInputStats = true, momentum = 0.1 } = options;
  const channel = resolveAxis(x.shape, options.channelAxis ?? 1);
  const axes = otherAxes(x.shape, [0, channel]);
  const affine = {
    eps: options.eps,
    weight: along(options.weight, x.shape, channel),
    bias: along(options.bias, x.shape, channel),
  };
  if (!useInputStats && runningMean && runningVar) {
    const perChannel = otherAxes(x.shape, [channel]);
    return normalize(x, perChannel, runningMean, runningVar, affine);
  }
  const own = moments(x, { axes });
  const result: Normalized = normalize(x, axes, own.mean, own.variance, affine);
  if (runningMean) {
    result.runningMean = lerp(runningMean, mean(own.mean, { axes: [0] }), momentum);
  }
  if (runningVar) {
    const unbiased = variance(x, { axes });
    result.runningVar = lerp(runningVar, mean(unbiased, { axes: [0] }), momentum);
  }
  return result;
}

/** Statistics per example and group of neighbouring channels; weight and bias are per channel. */
export function groupNorm(
  x: Values,
  options: Affine & { groups: number; channelAxis?: number },
): Normalized {
  const { groups, eps } = options;
  const channel = resolveAxis(x.shape, options.channelAxis ?? 1);
  const shape = splitChannels(x.shape, channel, groups);
  const split = (v?: Values): Values | undefined => {
    const whole = along(v, x.shape, channel);
    return whole && { shape: splitChannels(whole.shape, 0, groups), data: whole.data };
  };
  const axes = otherAxes(shape, [0, channel]);
  const weight = split(options.weight);
  const bias = split(options.bias);
  const result = standardize({ shape, data: x.data }, { axes, eps, weight, bias });
  return { ...result, y: { shape: x.shape, data: result.y.data } };
}

/** Mean and variance hold one value a group, in the order of the axes that are kept. */
function normalize(
  x: Values,
  axes: readonly number[],
  mean: Values,
  variance: Values,
  { weight, bias, eps = 1e-5 }: Affine,
  epsOn: Divisor["epsOn"] = "variance",
): Normalized {
  const rstd = Float64Array.from(variance.data, (v) => {
    return 1 / (epsOn === "variance" ? Math.sqrt(v + eps) : Math.sqrt(v) + eps);
  });
  const y = new Float64Array(x.data.length);
  visit(x.shape, groupStrides(x.shape, axes), (i, g) => {
    y[i] = (x.data[i] - mean.data[g]) * rstd[g];
  });
  if (weight) {
    visit(x.shape, broadcastStrides(weight.shape, x.shape), (i, k) => {
      y[i] *= weight.data[k];
    });
  }
  if (bias) {
    visit(x.shape, broadcastStrides(bias.shape, x.shape), (i, k) => {
      y[i] += bias.data[k];
    });
  }
  return { y: { shape: x.shape, data: y }, mean, rstd: { shape: mean.shape, data: rstd } };
}

/** (1 - factor) * old + factor * fresh */
function lerp(old: Values, fresh: Values, factor: number): Values {
  const data = Float64Array.from(old.data, (o, k) => (1 - factor) * o + factor * fresh.data[k]);
  return { shape: old.shape, data };
}

function reducedShape(
  shape: readonly number[],
  reduced: readonly number[],
  keepdim: boolean,
): number[] {
  if (keepdim) return shape.map((length, axis) => (reduced.includes(axis) ? 1 : length));
  return shape.filter((_, axis) => !reduced.includes(axis));
}

/** A value per channel, shaped so that it broadcasts: [C] as [C, 1, 1]. */
function along(v: Values | undefined, shape: readonly number[], axis: number): Values | undefined {
  if (!v) return undefined;
  const broadcast = shape.slice(axis).map((_, k) => (k === 0 ? v.data.length : 1));
  return { shape: broadcast, data: v.data };
}
