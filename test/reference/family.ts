// This file has the operations around the norms of norms.ts and scales.ts, and the common options
// before and after a norm, as plain float64 loops. Gradients are in backward.ts.

import { type AnyActivation, activationOf, erf } from "../support/activations";
import {
  broadcastStrides,
  groupStrides,
  otherAxes,
  product,
  resolveAxes,
  resolveAxis,
  type Values,
  visit,
} from "../support/arrays";
import * as reference from "./norms";
import * as scales from "./scales";

/** What all norms that give y may be told. */
export interface Common {
  residual?: Values | undefined;
  residualBias?: Values | undefined;
  residualGate?: Values | undefined;
  residualOut?: boolean | undefined;
  scale?: Values | undefined;
  scaleOffset?: number | undefined;
  shift?: Values | undefined;
  activation?: AnyActivation | undefined;
  /** The slopes of prelu, which broadcast. */
  slope?: Values | undefined;
}

export interface Results {
  y: Values;
  sum?: Values | undefined;
  mean?: Values | undefined;
  rstd?: Values | undefined;
  runningMean?: Values | undefined;
  runningVar?: Values | undefined;
}

interface Affine {
  weight?: Values | undefined;
  weightOffset?: number | undefined;
  bias?: Values | undefined;
  eps?: number | undefined;
}

interface Axes {
  axes?: readonly number[] | undefined;
}

type BatchNormOptions = NonNullable<Parameters<typeof reference.batchNorm>[1]>;

export interface Moments {
  mean: Values;
  variance: Values;
  count: number;
}

/** residualGate (x + residualBias) + residual: what is normalized. */
export function summed(x: Values, { residual, residualBias, residualGate }: Common): Values {
  const sum = copy(x);
  combine(sum, residualBias, (s, b) => s + b);
  combine(sum, residualGate, (s, g) => s * g);
  combine(sum, residual, (s, r) => s + r);
  return sum;
}

/** activation((scaleOffset + scale) * y + shift) */
function finished(y: Values, { scale, scaleOffset = 1, shift, activation, slope }: Common): Values {
  const z = copy(y);
  combine(z, scale, (v, s) => (scaleOffset + s) * v);
  combine(z, shift, (v, s) => v + s);
  if (!activation) return z;
  if (slope) combine(z, slope, (v, s) => activationOf(activation, s).value(v));
  return slope ? z : { shape: z.shape, data: z.data.map(activationOf(activation).value) };
}

/** finished(norm(summed(x))), with weight + weightOffset for the norm's weight. */
function withCommon<O extends object>(norm: (x: Values, options: O) => Values | Results) {
  return (x: Values, options: O & Common & Affine): Results => {
    const sum = summed(x, options);
    const result = norm(sum, { ...options, weight: offset(options), weightOffset: 0 });
    const named: Results = "data" in result ? { y: result } : result;
    const y = finished(named.y, options);
    return { ...named, y, ...(options.residualOut ? { sum } : {}) };
  };
}

/** x / sqrt(mean(x^2) + eps) * weight + bias, with the statistics. */
function rmsNorm(
  x: Values,
  options: Affine & Axes & { normalizedShape?: readonly number[] },
): Results {
  const { normalizedShape, eps = 2 ** -23 } = options;
  const first = x.shape.length - (normalizedShape?.length ?? 0);
  const axes = normalizedShape?.map((_, k) => first + k) ?? resolveAxes(x.shape, options.axes);
  const y = scales.rmsNorm(x, options);
  combine(y, options.bias, (v, b) => v + b);
  return { y, rstd: mapped(meanSquares(x, axes), (square) => 1 / Math.sqrt(square + eps)) };
}

/**
 * Training with `virtualBatchSize` v: batchNorm of every v examples in order, each from the running
 * statistics that the one before left.
 */
function batchNorm(
  x: Values,
  { virtualBatchSize, ...options }: BatchNormOptions & { virtualBatchSize?: number } = {},
): Results {
  if (!virtualBatchSize || !options.training) return reference.batchNorm(x, options);
  let { runningMean, runningVar } = options;
  const batches = x.shape[0] / virtualBatchSize;
  const parts = Array.from({ length: batches }, (_, b) => {
    const numBatchesTracked = (options.numBatchesTracked ?? 0) + b;
    const running = { runningMean, runningVar, numBatchesTracked };
    const part = reference.batchNorm(slice(x, b, batches), { ...options, ...running });
    ({ runningMean, runningVar } = part);
    return part;
  });
  const channels = product(parts[0].mean.shape);
  const mean = joined(parts.map((part) => part.mean));
  const rstd = joined(parts.map((part) => part.rstd));
  return {
    y: { shape: x.shape, data: joined(parts.map((part) => part.y)) },
    mean: { shape: [batches, channels], data: mean },
    rstd: { shape: [batches, channels], data: rstd },
    ...(runningMean && { runningMean }),
    ...(runningVar && { runningVar }),
  };
}

/**
 * Training: xhat = (x - mean) * rstd * r + d, where with sigma = sqrt(runningVar + eps)
 * r = clip(1 / rstd / sigma, 1 / rMax, rMax), d = clip((mean - runningMean) / sigma, -dMax, dMax).
 */
function batchRenorm(
  x: Values,
  options: BatchNormOptions & { rMax: number; dMax: number },
): Results {
  const { weight, bias, ...statistics } = options;
  if (!options.training) return reference.batchNorm(x, options);
  const channel = resolveAxis(x.shape, options.channelAxis ?? 1);
  const batch = reference.batchNorm(x, statistics);
  const { r, d } = corrections(batch, options);
  const y = copy(batch.y);
  combine(y, along(r, x.shape, channel), (v, factor) => v * factor);
  combine(y, along(d, x.shape, channel), (v, term) => v + term);
  affine(y, along(weight, x.shape, channel), along(bias, x.shape, channel));
  return { ...batch, y };
}

/** batchRenorm's r and d, a value each for every channel. */
export function corrections(
  { mean, rstd }: { mean: Values; rstd: Values },
  options: {
    runningMean?: Values | undefined;
    runningVar?: Values | undefined;
    eps?: number | undefined;
    rMax: number;
    dMax: number;
  },
): { r: Values; d: Values } {
  const { runningMean, runningVar, eps = 1e-5, rMax, dMax } = options;
  if (!runningMean || !runningVar) throw new Error("batchRenorm: no running statistics");
  const sigma = mapped(runningVar, (v) => Math.sqrt(v + eps));
  const r = mapped(sigma, (s, c) => clip(1 / rstd.data[c] / s, 1 / rMax, rMax));
  const d = mapped(sigma, (s, c) => clip((mean.data[c] - runningMean.data[c]) / s, -dMax, dMax));
  return { r, d };
}

/** weight * v / sqrt(sum(v^2)), the sum over all axes but `dim`, or over all where that is null. */
function weightNorm(
  v: Values,
  { dim = 0, weight, eps = 0 }: { dim?: number | null; weight?: Values; eps?: number },
): Values {
  const axes = normAxes(v.shape, dim);
  const count = product(axes.map((axis) => v.shape[axis]));
  const squares = meanSquares(v, axes);
  const w = overGroups(
    v,
    axes,
    (value, g) => value / Math.max(Math.sqrt(squares.data[g] * count), eps),
  );
  combine(w, alongDim(weight, v.shape, dim), (value, length) => value * length);
  return w;
}

/** The axes that weightNorm's norm is over. */
export function normAxes(shape: readonly number[], dim: number | null): number[] {
  return otherAxes(shape, dim === null ? [] : [resolveAxis(shape, dim)]);
}

/** weightNorm's weight, as it broadcasts. */
export function alongDim(
  weight: Values | undefined,
  shape: readonly number[],
  dim: number | null,
): Values | undefined {
  return dim === null ? weight : along(weight, shape, resolveAxis(shape, dim));
}

/** (w - mean) / sqrt(variance + eps), over all axes but the first. */
function weightStandardize(w: Values, options: Axes & { eps?: number } = {}): Results {
  const { axes = otherAxes(w.shape, [0]), eps } = options;
  return reference.standardize(w, { axes, eps });
}

/**
 * G = sqrt(sum(x^2)) over the spatial axes, N = G / (mean(G) + eps) over the channels:
 * weight * x * N + bias + x.
 */
function globalResponseNorm(
  x: Values,
  options: { channelAxis?: number; weight?: Values; bias?: Values; eps?: number } = {},
): Values {
  const { eps = 1e-6 } = options;
  const channel = resolveAxis(x.shape, options.channelAxis ?? 1);
  const channels = x.shape[channel];
  const axes = otherAxes(x.shape, [0, channel]);
  const count = product(axes.map((axis) => x.shape[axis]));
  const G = mapped(meanSquares(x, axes), (square) => Math.sqrt(square * count)).data;
  const mean = new Float64Array(x.shape[0]);
  G.forEach((norm, g) => {
    mean[Math.floor(g / channels)] += norm / channels;
  });
  const y = overGroups(x, axes, (v, g) => (v * G[g]) / (mean[Math.floor(g / channels)] + eps));
  affine(y, along(options.weight, x.shape, channel), along(options.bias, x.shape, channel));
  combine(y, x, (v, own) => v + own);
  return y;
}

/** max(weight * x / sqrt(mean(x^2) + |eps|) + bias, threshold), the mean over the spatial axes. */
function filterResponseNorm(
  x: Values,
  options: Affine & { channelAxis?: number; threshold?: Values } = {},
): Results {
  const { eps = 1e-6 } = options;
  const channel = resolveAxis(x.shape, options.channelAxis ?? 1);
  const axes = otherAxes(x.shape, [0, channel]);
  const rstd = mapped(meanSquares(x, axes), (square) => 1 / Math.sqrt(square + Math.abs(eps)));
  const y = overGroups(x, axes, (v, g) => v * rstd.data[g]);
  affine(y, along(options.weight, x.shape, channel), along(options.bias, x.shape, channel));
  combine(y, along(options.threshold, x.shape, channel), Math.max);
  return { y, rstd };
}

export interface LocalResponseOptions {
  size: number;
  alpha?: number | undefined;
  beta?: number | undefined;
  k?: number | undefined;
  channelAxis?: number | undefined;
  convention?: "torch" | "onnx" | undefined;
}

/** x / (k + alpha / size * sum(x^2))^beta, the sum over the channels around each one. */
function localResponseNorm(x: Values, options: LocalResponseOptions): Values {
  const { beta = 0.75 } = options;
  const base = responses(x, options).data;
  return mapped(x, (v, i) => v / base[i] ** beta);
}

/** k + alpha / size * sum(x^2) over each element's window */
export function responses(x: Values, options: LocalResponseOptions): Values {
  const { size, alpha = 1e-4, k = 1 } = options;
  const squares = mapped(x, (v) => v * v);
  return mapped(windowSums(squares, options), (sum) => k + (alpha / size) * sum);
}

/**
 * The sums over each element's window of `size` channels, or with `from: "windows"` over all the
 * windows that it is in. Of an even size torch has the longer half before the channel, ONNX after.
 */
export function windowSums(
  x: Values,
  { size, channelAxis = 1, convention = "torch" }: LocalResponseOptions,
  from: "window" | "windows" = "window",
): Values {
  const axis = resolveAxis(x.shape, channelAxis);
  const step = product(x.shape.slice(axis + 1));
  const longer = Math.floor(size / 2);
  const before = (convention === "torch") === (from === "window") ? longer : size - 1 - longer;
  return mapped(x, (_, i) => {
    const channel = Math.floor(i / step) % x.shape[axis];
    let sum = 0;
    for (let k = channel - before; k < channel - before + size; k++) {
      if (k >= 0 && k < x.shape[axis]) sum += x.data[i + (k - channel) * step];
    }
    return sum;
  });
}

/** tanh(alpha * x) * weight + bias */
function dynamicTanh(
  x: Values,
  { alpha, weight, bias }: { alpha: Values; weight?: Values; bias?: Values },
): Values {
  const y = mapped(x, (v) => Math.tanh(alpha.data[0] * v));
  affine(y, weight, bias);
  return y;
}

/** erf(alpha * x + offset) * weight + bias */
function dynamicErf(
  x: Values,
  {
    alpha,
    offset,
    ...affineOf
  }: { alpha: Values; offset?: Values; weight?: Values; bias?: Values },
): Values {
  const y = mapped(x, (v) => erf(alpha.data[0] * v + (offset?.data[0] ?? 0)));
  affine(y, affineOf.weight, affineOf.bias);
  return y;
}

/**
 * The moments of all values together: mean = sum(count * mean) / total,
 * variance = sum(count * (variance + (own mean - mean)^2)) / total.
 */
export function mergeMoments(parts: readonly Moments[]): Moments {
  const total = parts.reduce((sum, { count }) => sum + count, 0);
  const average = (of: (part: Moments) => number) =>
    parts.reduce((sum, part) => sum + (part.count / total) * of(part), 0);
  const first = parts[0].mean;
  // from the first one's on, so that a large common offset costs no digits
  const mean = mapped(first, (m, g) => m + average((part) => part.mean.data[g] - m));
  const variance = mapped(mean, (m, g) =>
    average((part) => part.variance.data[g] + (part.mean.data[g] - m) ** 2),
  );
  return { mean, variance, count: total };
}

/** (x - mean) / sqrt(variance + eps) * weight + bias, with one mean and variance a group. */
function applyMoments(
  x: Values,
  options: Affine & Axes & { mean: Values; variance: Values },
): Results {
  const { mean, variance, eps = 1e-5 } = options;
  const axes = resolveAxes(x.shape, options.axes);
  const rstd = mapped(variance, (v) => 1 / Math.sqrt(v + eps));
  const y = overGroups(x, axes, (v, g) => (v - mean.data[g]) * rstd.data[g]);
  affine(y, options.weight, options.bias);
  return { y, mean, rstd };
}

/** Every operation that gives y, by its name, with all that it may be told. */
export const FORWARD: Readonly<Record<string, (x: Values, options: never) => Results>> = {
  standardize: withCommon(reference.standardize),
  batchNorm: withCommon(batchNorm),
  layerNorm: withCommon(layerNorm),
  instanceNorm: withCommon(reference.instanceNorm),
  groupNorm: withCommon(reference.groupNorm),
  rmsNorm: withCommon(rmsNorm),
  lpNormalize: withCommon(scales.lpNormalize),
  meanVarianceNorm: withCommon(scales.meanVarianceNorm),
  filterResponseNorm: withCommon(filterResponseNorm),
  weightNorm: withCommon(weightNorm),
  weightStandardize: withCommon(weightStandardize),
  batchRenorm: withCommon(batchRenorm),
  applyMoments: withCommon(applyMoments),
  softmax: only(scales.softmax),
  logSoftmax: only(scales.logSoftmax),
  globalResponseNorm: only(globalResponseNorm),
  localResponseNorm: only(localResponseNorm),
  dynamicTanh: only(dynamicTanh),
  dynamicErf: only(dynamicErf),
};

/** Over any axes, too: a weight with one axis lies along the one of them that has its length. */
function layerNorm(
  x: Values,
  o: Affine & Axes & { normalizedShape?: readonly number[] | undefined },
): Results {
  const { axes, weight, bias, normalizedShape = [] } = o;
  if (!axes) return reference.layerNorm(x, { ...o, normalizedShape });
  const onto = (v?: Values) => alongOneOf(v, x.shape, axes);
  return reference.standardize(x, { ...o, weight: onto(weight), bias: onto(bias) });
}

export function alongOneOf(
  v: Values | undefined,
  shape: readonly number[],
  axes: readonly number[],
): Values | undefined {
  const found = resolveAxes(shape, axes).filter((axis) => shape[axis] === v?.shape[0]);
  return v?.shape.length === 1 && found.length === 1 ? along(v, shape, found[0]) : v;
}

/** A value per channel, shaped so that it broadcasts: [C] as [C, 1, 1]. */
export function along(
  v: Values | undefined,
  shape: readonly number[],
  axis: number,
): Values | undefined {
  if (!v) return undefined;
  return { shape: shape.slice(axis).map((_, k) => (k ? 1 : v.data.length)), data: v.data };
}

function only<O>(f: (x: Values, options: O) => Values) {
  return (x: Values, options: O): Results => ({ y: f(x, options) });
}

function offset({ weight, weightOffset = 0 }: Affine): Values | undefined {
  return weight && mapped(weight, (w) => w + weightOffset);
}

/** y = y * weight + bias */
function affine(y: Values, weight?: Values, bias?: Values): void {
  combine(y, weight, (v, w) => v * w);
  combine(y, bias, (v, b) => v + b);
}

/** y = f(y, other), the other one broadcast. */
function combine(y: Values, other: Values | undefined, f: (v: number, o: number) => number): void {
  if (!other) return;
  visit(y.shape, broadcastStrides(other.shape, y.shape), (i, k) => {
    y.data[i] = f(y.data[i], other.data[k]);
  });
}

/** mean(x^2) of every group */
function meanSquares(x: Values, axes: readonly number[]): Values {
  const shape = x.shape.filter((_, axis) => !axes.includes(axis));
  const count = product(axes.map((axis) => x.shape[axis]));
  const data = new Float64Array(product(shape));
  visit(x.shape, groupStrides(x.shape, axes), (i, g) => {
    data[g] += x.data[i] ** 2;
  });
  return { shape, data: data.map((sum) => sum / count) };
}

function overGroups(
  x: Values,
  axes: readonly number[],
  f: (value: number, group: number) => number,
): Values {
  const y = copy(x);
  visit(x.shape, groupStrides(x.shape, axes), (i, g) => {
    y.data[i] = f(x.data[i], g);
  });
  return y;
}

function mapped({ shape, data }: Values, f: (value: number, index: number) => number): Values {
  return { shape, data: Float64Array.from(data, f) };
}

const copy = (x: Values): Values => mapped(x, (v) => v);

const clip = (v: number, least: number, most: number) => Math.min(Math.max(v, least), most);

/** Part `index` of `parts` of the examples. */
function slice({ shape, data }: Values, index: number, parts: number): Values {
  const length = data.length / parts;
  return {
    shape: [shape[0] / parts, ...shape.slice(1)],
    data: data.slice(index * length, (index + 1) * length),
  };
}

function joined(parts: readonly Values[]): Float64Array {
  return Float64Array.from(parts.flatMap(({ data }) => [...data]));
}
