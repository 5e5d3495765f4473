// This file has the gradients of every operation in closed form. Differences of the forward
// reference and PyTorch judge them (test/reference/gradients.test.ts).
import { otherAxes, resolveAxes, resolveAxis, splitChannels, type Values } from "../support/arrays";
import {
  type Align,
  type BackwardOptions,
  elementsOf,
  finished,
  type Gradient,
  type Gradients,
  gradientsOf,
  members,
  present,
  put,
  spread,
  summedTo,
  taken,
} from "./chain";
import {
  along,
  alongDim,
  alongOneOf,
  corrections,
  normAxes,
  responses,
  windowSums,
} from "./family";
import { batchNorm } from "./norms";
import {
  average,
  corrected,
  deviation,
  dot,
  erfSlope,
  errorFunction,
  exponential,
  given,
  logarithmic,
  meanSquare,
  moments,
  type Numbers,
  pNorm,
  sum,
  tangent,
  weightedMean,
} from "./statistics";

/** The channel axis, and how a value per channel broadcasts. */
function channels({ x, channelAxis = 1 }: BackwardOptions): { channel: number; align: Align } {
  const channel = resolveAxis(x.shape, channelAxis);
  return { channel, align: (v) => along(v, x.shape, channel) };
}

/** The axes of a normalizedShape. */
function trailing(shape: Numbers, normalizedShape: Numbers = shape): number[] {
  const first = shape.length - normalizedShape.length;
  return normalizedShape.map((_, k) => first + k);
}

/** Statistics per channel, or per channel of each virtual batch; in evaluation those given. */
const batchNormBackward: Gradient = (dy, options) => {
  const { training = false, runningMean, runningVar, virtualBatchSize, eps = 1e-5 } = options;
  const { shape } = options.x;
  const { channel, align } = channels(options);
  const axes = otherAxes(shape, [channel]);
  if (!training && runningMean && runningVar) {
    return gradientsOf(dy, options, { axes, align, kind: given(runningMean, runningVar, eps) });
  }
  const kind = moments(eps);
  if (!training || !virtualBatchSize) return gradientsOf(dy, options, { axes, align, kind });
  const split = [shape[0] / virtualBatchSize, virtualBatchSize, ...shape.slice(1)];
  const inBatches = otherAxes(split, [0, channel + 1]);
  return gradientsOf(dy, options, { shape: split, axes: inBatches, align, kind });
};

/** As batchNorm, with r and d, which are constants. */
const batchRenormBackward: Gradient = (dy, options) => {
  const { training = false, rMax = 1, dMax = 0, eps = 1e-5, x } = options;
  if (!training) return batchNormBackward(dy, { ...options, virtualBatchSize: undefined });
  const { channel, align } = channels(options);
  const axes = otherAxes(x.shape, [channel]);
  const batch = batchNorm(elementsOf(options), { channelAxis: channel, eps });
  const { r, d } = corrections(batch, { ...options, rMax, dMax });
  return gradientsOf(dy, options, { axes, align, kind: corrected(moments(eps), r, d) });
};

/** Statistics over the trailing axes. */
const layerNormBackward: Gradient = (dy, options) => {
  const { x, axes: given, normalizedShape, eps = 1e-5 } = options;
  if (!given) {
    return gradientsOf(dy, options, {
      axes: trailing(x.shape, normalizedShape),
      kind: moments(eps),
    });
  }
  const align: Align = (v) => alongOneOf(v, x.shape, given);
  return gradientsOf(dy, options, { axes: resolveAxes(x.shape, given), align, kind: moments(eps) });
};

/** Statistics per example and channel, or those given per channel. */
const instanceNormBackward: Gradient = (dy, options) => {
  const { useInputStats = true, runningMean, runningVar, eps = 1e-5, x } = options;
  const { channel, align } = channels(options);
  if (!useInputStats && runningMean && runningVar) {
    const axes = otherAxes(x.shape, [channel]);
    return gradientsOf(dy, options, { axes, align, kind: given(runningMean, runningVar, eps) });
  }
  return gradientsOf(dy, options, {
    axes: otherAxes(x.shape, [0, channel]),
    align,
    kind: moments(eps),
  });
};

/** Statistics per example and group of neighbouring channels. */
const groupNormBackward: Gradient = (dy, options) => {
  const { groups = 1, eps = 1e-5, x } = options;
  const { channel, align } = channels(options);
  const shape = splitChannels(x.shape, channel, groups);
  const axes = otherAxes(shape, [0, channel]);
  return gradientsOf(dy, options, { shape, axes, align, kind: moments(eps) });
};

/** Statistics over any axes. */
const standardizeBackward: Gradient = (dy, options) => {
  const axes = resolveAxes(options.x.shape, options.axes);
  const { eps = 1e-5, correction, epsOn } = options;
  const kind = epsOn === "deviation" ? deviation : moments;
  return gradientsOf(dy, options, { axes, kind: kind(eps, correction) });
};

const rmsNormBackward: Gradient = (dy, options) => {
  const { normalizedShape, eps = 2 ** -23, x } = options;
  const axes = normalizedShape
    ? trailing(x.shape, normalizedShape)
    : resolveAxes(x.shape, options.axes);
  return gradientsOf(dy, options, { axes, kind: meanSquare(eps) });
};

const lpNormalizeBackward: Gradient = (dy, options) => {
  const { p = 2, eps = 1e-12, x } = options;
  const axes = resolveAxes(x.shape, options.axes ?? [1]);
  return gradientsOf(dy, options, { axes, kind: pNorm(p, eps) });
};

const meanVarianceNormBackward: Gradient = (dy, options) => {
  const axes = resolveAxes(options.x.shape, options.axes ?? [0, 2, 3]);
  return gradientsOf(dy, options, { axes, kind: deviation(options.eps ?? 1e-9) });
};

const softmaxBackward: Gradient = (dy, options) => {
  const axes = resolveAxes(options.x.shape, options.axes ?? [-1]);
  return gradientsOf(dy, options, { axes, kind: exponential });
};

const logSoftmaxBackward: Gradient = (dy, options) => {
  const axes = resolveAxes(options.x.shape, options.axes ?? [-1]);
  return gradientsOf(dy, options, { axes, kind: logarithmic });
};

/** dWeight is that of the lengths, dx that of the directions. */
const weightNormBackward: Gradient = (dy, options) => {
  const { dim = 0, eps = 0, x } = options;
  const align = (v?: Values) => alongDim(v, x.shape, dim);
  return gradientsOf(dy, options, { axes: normAxes(x.shape, dim), align, kind: pNorm(2, eps) });
};

const weightStandardizeBackward: Gradient = (dy, options) => {
  const { axes = otherAxes(options.x.shape, [0]), eps = 1e-5, x } = options;
  return gradientsOf(dy, options, { axes: resolveAxes(x.shape, axes), kind: moments(eps) });
};

const filterResponseNormBackward: Gradient = (dy, options) => {
  const { channel, align } = channels(options);
  const axes = otherAxes(options.x.shape, [0, channel]);
  const kind = meanSquare(Math.abs(options.eps ?? 1e-6));
  return gradientsOf(dy, options, { axes, align, kind });
};

/** The statistics are constants. */
const applyMomentsBackward: Gradient = (dy, options) => {
  const { mean, variance, eps = 1e-5, x } = options;
  if (!mean || !variance) throw new Error("applyMomentsBackward: no moments");
  const axes = resolveAxes(x.shape, options.axes);
  return gradientsOf(dy, options, { axes, kind: given(mean, variance, eps) });
};

/**
 * y = weight * x * N + bias + x per example, with G_c = sqrt(sum(x_c^2)), M = mean(G) + eps and
 * N_c = G_c / M:
 * dN_c = sum(dy * weight * x), dG_c = dN_c / M - sum(dN * G) / M^2 / C,
 * dx = dy * (weight * N + 1) + dG_c * x / G_c.
 */
const globalResponseNormBackward: Gradient = (dy, options) => {
  const { eps = 1e-6, x } = options;
  const { channel, align } = channels(options);
  const count = x.shape[channel];
  const weights = spread(align(options.weight), x.shape, 1);
  const groups = members(x.shape, otherAxes(x.shape, [0, channel]));
  const G = groups.map((own) => Math.sqrt(dot(taken(x.data, own), taken(x.data, own))));
  const dN = groups.map((own) => sum(own.map((i) => dy.data[i] * weights[i] * x.data[i])));
  const dx = new Float64Array(x.data.length);
  const dWeight = new Float64Array(x.data.length);
  groups.forEach((own, g) => {
    const first = g - (g % count); // of the example's channels
    const norms = G.slice(first, first + count);
    const M = average(norms) + eps;
    const dM = -dot(dN.slice(first, first + count), norms) / M ** 2;
    const dG = dN[g] / M + dM / count;
    for (const i of own) {
      const ownSlope = G[g] === 0 ? 0 : x.data[i] / G[g];
      dx[i] = dy.data[i] * ((weights[i] * G[g]) / M + 1) + dG * ownSlope;
      dWeight[i] = (dy.data[i] * x.data[i] * G[g]) / M;
    }
  });
  const to = (of: Values | undefined, data: Values["data"], aligned = align(of)) =>
    of && aligned && summedTo(of, aligned, { shape: x.shape, data });
  const others = present({
    dWeight: to(options.weight, dWeight),
    dBias: to(options.bias, dy.data),
  });
  return finished({ dx: { shape: x.shape, data: dx }, ...others }, options);
};

/**
 * y = x * b^-beta with b = k + alpha / size * sum of x^2 over the window:
 * dx = dy * b^-beta - 2 * alpha * beta / size * x * sum of dy * x * b^(-beta - 1) over the windows.
 */
const localResponseNormBackward: Gradient = (dy, options) => {
  const { x, size = 1, alpha = 1e-4, beta = 0.75 } = options;
  if (typeof alpha !== "number") throw new Error("localResponseNormBackward: alpha is a number");
  const own = { ...options, size, alpha };
  const b = responses(x, own).data;
  const terms = b.map((base, i) => dy.data[i] * x.data[i] * base ** (-beta - 1));
  const sums = windowSums({ shape: x.shape, data: terms }, own, "windows").data;
  const dx = Float64Array.from(b, (base, i) => {
    return dy.data[i] * base ** -beta - ((2 * alpha * beta) / size) * x.data[i] * sums[i];
  });
  return finished({ dx: { shape: x.shape, data: dx } }, options);
};

/** y = tanh(alpha * x) * weight + bias: dAlpha = sum(du * x / cosh(alpha * x)^2) */
const dynamicTanhBackward: Gradient = (dy, options) => {
  const { x, alpha } = options;
  if (typeof alpha !== "object") throw new Error("dynamicTanhBackward: alpha is an array");
  const [steep] = alpha.data;
  const others = (du: Values): Gradients => {
    const terms = du.data.map((d, i) => (d * x.data[i]) / Math.cosh(steep * x.data[i]) ** 2);
    return { dAlpha: { shape: alpha.shape, data: Float64Array.of(sum([...terms])) } };
  };
  return gradientsOf(dy, options, { axes: [], kind: tangent(steep), others });
};

/** y = erf(t) * weight + bias, t = alpha * x + offset: dOffset = sum(du * slope(t)), dAlpha of x times that */
const dynamicErfBackward: Gradient = (dy, options) => {
  const { x, alpha, offset } = options;
  if (typeof alpha !== "object") throw new Error("dynamicErfBackward: alpha is an array");
  const [steep] = alpha.data;
  const [shift = 0] = offset?.data ?? [];
  const others = (du: Values): Gradients => {
    const slopes = [...du.data].map((d, i) => d * erfSlope(steep * x.data[i] + shift));
    const one = (values: number[]) => ({ shape: [1], data: Float64Array.of(sum(values)) });
    const dAlpha = one(slopes.map((v, i) => v * x.data[i]));
    return { dAlpha, ...(offset && { dOffset: one(slopes) }) };
  };
  return gradientsOf(dy, options, { axes: [], kind: errorFunction(steep, shift), others });
};

/** dx of statistics, from x - mean of the valid elements of a group, their weights, and its number. */
const throughStatistics = (
  { x, axes, mask }: BackwardOptions,
  slopes: (centred: Numbers, weights: Numbers, group: number) => Numbers,
): Gradients => {
  const dx = new Float64Array(x.data.length);
  const all = spread(mask, x.shape, 1);
  members(x.shape, resolveAxes(x.shape, axes)).forEach((group, g) => {
    const own = group.filter((i) => all[i] > 0);
    const [values, weights] = [taken(x.data, own), taken(all, own)];
    const [rough, rest] = weightedMean(values, weights);
    const other = Number.isFinite(rough) ? rest : 0; // of an infinite mean there is no rest
    const centred = values.map((v) => v - rough - other);
    put(dx, own, slopes(centred, weights, g));
  });
  return { dx: { shape: x.shape, data: dx } };
};

/** dx = w * dy / W */
const meanBackward: Gradient = (dy, options) =>
  throughStatistics(options, (_, w, g) => w.map((one) => (one * dy.data[g]) / sum(w)));

/** dx = 2 * w * dy * (x - mean) / max(0, W - correction) */
const varianceBackward: Gradient = (dy, options) => {
  const { correction = 1 } = options;
  return throughStatistics(options, (c, w, g) =>
    c.map((v, i) => (2 / Math.max(0, sum(w) - correction)) * w[i] * v * dy.data[g]),
  );
};

/** dx = w * dy * (x - mean) / max(0, W - correction) / std, and 0 where std is 0 */
const stdBackward: Gradient = (dy, options) => {
  const { correction = 1 } = options;
  return throughStatistics(options, (c, w, g) => {
    const rest = Math.max(0, sum(w) - correction);
    const std = Math.sqrt(sum(c.map((v, i) => w[i] * v * v)) / rest);
    return c.map((v, i) => (std === 0 ? 0 : (w[i] * dy.data[g] * v) / rest / std));
  });
};

/** dx = w * (dMean + 2 * dVariance * (x - mean)) / W; dMean is the first argument. */
const momentsBackward: Gradient = (dMean, options) => {
  const { dVariance } = options;
  if (!dVariance) throw new Error("momentsBackward: no dVariance");
  return throughStatistics(options, (c, w, g) =>
    c.map((v, i) => (w[i] * (dMean.data[g] + 2 * dVariance.data[g] * v)) / sum(w)),
  );
};

/** By the operation's name. */
export const BACKWARD: Readonly<Record<string, Gradient>> = {
  batchNormBackward,
  layerNormBackward,
  instanceNormBackward,
  groupNormBackward,
  standardizeBackward,
  rmsNormBackward,
  lpNormalizeBackward,
  meanVarianceNormBackward,
  softmaxBackward,
  logSoftmaxBackward,
  weightNormBackward,
  weightStandardizeBackward,
  globalResponseNormBackward,
  filterResponseNormBackward,
  batchRenormBackward,
  localResponseNormBackward,
  dynamicTanhBackward,
  dynamicErfBackward,
  applyMomentsBackward,
  meanBackward,
  varianceBackward,
  stdBackward,
  momentsBackward,
};
