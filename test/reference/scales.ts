// This file has the operations that subtract no mean, as plain float64 loops like those of
// norms.ts.

import {
  broadcastStrides,
  groupStrides,
  product,
  resolveAxes,
  type Values,
  visit,
} from "../support/arrays";

interface Axes {
  axes?: readonly number[] | undefined;
}

/** One number a group: `step` folds the group's values into it, from `start`. */
function folded(
  x: Values,
  axes: readonly number[],
  start: number,
  step: (so: number, value: number, group: number) => number,
): Float64Array {
  const groups = product(x.shape.filter((_, axis) => !axes.includes(axis)));
  const result = new Float64Array(groups).fill(start);
  visit(x.shape, groupStrides(x.shape, axes), (i, g) => {
    result[g] = step(result[g], x.data[i], g);
  });
  return result;
}

function mapped(
  x: Values,
  axes: readonly number[],
  f: (v: number, group: number) => number,
): Values {
  const y = new Float64Array(x.data.length);
  visit(x.shape, groupStrides(x.shape, axes), (i, g) => {
    y[i] = f(x.data[i], g);
  });
  return { shape: x.shape, data: y };
}

/** x / sqrt(mean(x^2) + eps) * (weight + weightOffset) */
export function rmsNorm(
  x: Values,
  options: Axes & {
    normalizedShape?: readonly number[] | undefined;
    weight?: Values | undefined;
    weightOffset?: number | undefined;
    eps?: number | undefined;
  },
): Values {
  const { normalizedShape, weight, weightOffset = 0, eps = 2 ** -23 } = options;
  const first = x.shape.length - (normalizedShape?.length ?? 0);
  const axes = normalizedShape?.map((_, k) => first + k) ?? resolveAxes(x.shape, options.axes);
  const count = product(axes.map((axis) => x.shape[axis]));
  const squares = folded(x, axes, 0, (sum, v) => sum + v * v);
  const y = mapped(x, axes, (v, g) => v / Math.sqrt(squares[g] / count + eps));
  if (weight) {
    visit(x.shape, broadcastStrides(weight.shape, x.shape), (i, k) => {
      y.data[i] *= weight.data[k] + weightOffset;
    });
  }
  return y;
}

/** x / max(sum(|x|^p)^(1/p), eps) */
export function lpNormalize(x: Values, options: Axes & { p?: number; eps?: number } = {}): Values {
  const { p = 2, eps = 1e-12 } = options;
  const axes = resolveAxes(x.shape, options.axes ?? [1]);
  const sums =
    p === Infinity
      ? folded(x, axes, 0, (most, v) => Math.max(most, Math.abs(v)))
      : folded(x, axes, 0, (sum, v) => sum + Math.abs(v) ** p);
  const norms = p === Infinity ? sums : sums.map((sum) => sum ** (1 / p));
  return mapped(x, axes, (v, g) => v / Math.max(norms[g], eps));
}

/** (x - mean) / (deviation + eps) */
export function meanVarianceNorm(x: Values, options: Axes & { eps?: number } = {}): Values {
  const { eps = 1e-9 } = options;
  const axes = resolveAxes(x.shape, options.axes ?? [0, 2, 3]);
  const count = product(axes.map((axis) => x.shape[axis]));
  const rough = folded(x, axes, 0, (sum, v) => sum + v / count);
  const mean = folded(x, axes, 0, (sum, v, g) => sum + (v - rough[g]) / count).map((rest, g) =>
    Number.isFinite(rough[g]) ? rough[g] + rest : rough[g],
  );
  const squares = folded(x, axes, 0, (sum, v, g) => sum + (v - mean[g]) ** 2);
  return mapped(x, axes, (v, g) => (v - mean[g]) / (Math.sqrt(squares[g] / count) + eps));
}

function exponentials(x: Values, options: Axes) {
  const axes = resolveAxes(x.shape, options.axes ?? [-1]);
  const most = folded(x, axes, -Infinity, (max, v) => Math.max(max, v));
  const sum = folded(x, axes, 0, (so, v, g) => so + Math.exp(v - most[g]));
  return { axes, most, sum };
}

/** exp(x - max) / sum(exp(x - max)) */
export function softmax(x: Values, options: Axes = {}): Values {
  const { axes, most, sum } = exponentials(x, options);
  return mapped(x, axes, (v, g) => Math.exp(v - most[g]) / sum[g]);
}

/** (x - max) - log(sum(exp(x - max))) */
export function logSoftmax(x: Values, options: Axes = {}): Values {
  const { axes, most, sum } = exponentials(x, options);
  return mapped(x, axes, (v, g) => v - most[g] - Math.log(sum[g]));
}
