// The layers of the models in float64, as plain loops: channels are the last axis.

import { batchNorm, layerNorm } from "../../test/reference/norms";
import type { Values } from "../../test/support/arrays";

/** An array of a model's weights. */
export interface Weights {
  readonly shape: readonly number[];
  readonly data: ArrayLike<number>;
}

/** y = x W + b on the last axis, with W of shape [from, to]. */
export function dense(x: Values, weight: Weights, bias?: Weights): Values {
  const [from, to] = weight.shape;
  const rows = x.data.length / from;
  const y = new Float64Array(rows * to);
  for (let row = 0; row < rows; row++) {
    if (bias) for (let t = 0; t < to; t++) y[row * to + t] = bias.data[t];
    for (let f = 0; f < from; f++) {
      const value = x.data[row * from + f];
      for (let t = 0; t < to; t++) y[row * to + t] += value * weight.data[f * to + t];
    }
  }
  return { shape: [...x.shape.slice(0, -1), to], data: y };
}

/**
 * A convolution with zeros around, NHWC; the kernel is [height, width, from, to]. As TensorFlow pads,
 * a step of 2 over an even length takes no zeros before it.
 */
export function conv(x: Values, kernel: Weights, bias: Weights, step: number): Values {
  const [n, height, width, from] = x.shape;
  const [rows, columns, , to] = kernel.shape;
  const [h, w] = [Math.ceil(height / step), Math.ceil(width / step)];
  const before = (size: number, out: number, taps: number) =>
    Math.floor(Math.max(0, (out - 1) * step + taps - size) / 2);
  const [top, left] = [before(height, h, rows), before(width, w, columns)];
  const y = new Float64Array(n * h * w * to);
  for (let at = 0; at < n * h * w; at++) {
    const [example, i, j] = [Math.floor(at / (h * w)), Math.floor(at / w) % h, at % w];
    for (let t = 0; t < to; t++) y[at * to + t] = bias.data[t];
    for (let tap = 0; tap < rows * columns; tap++) {
      const row = i * step - top + Math.floor(tap / columns);
      const column = j * step - left + (tap % columns);
      if (row < 0 || row >= height || column < 0 || column >= width) continue;
      for (let f = 0; f < from; f++) {
        const value = x.data[((example * height + row) * width + column) * from + f];
        const taps = (tap * from + f) * to;
        for (let t = 0; t < to; t++) y[at * to + t] += value * kernel.data[taps + t];
      }
    }
  }
  return { shape: [n, h, w, to], data: y };
}

export function map(x: Values, of: (value: number) => number): Values {
  return { shape: x.shape, data: Float64Array.from(x.data, of) };
}

export const relu = (x: Values) => map(x, (value) => Math.max(value, 0));

export function sum(a: Values, b: Values): Values {
  return { shape: a.shape, data: Float64Array.from(a.data, (value, i) => value + b.data[i]) };
}

const doubles = ({ shape, data }: Weights): Values => ({ shape, data: Float64Array.from(data) });

/** In training with the statistics of x, else with the running ones. */
export function batchNormLast(x: Values, all: readonly Weights[], eps: number, training: boolean) {
  const [weight, bias, runningMean, runningVar] = all.map(doubles);
  const running = training ? { training } : { runningMean, runningVar };
  return batchNorm(x, { channelAxis: -1, weight, bias, eps, ...running }).y;
}

export function layerNormLast(x: Values, [weight, bias]: readonly Weights[], eps: number): Values {
  const normalizedShape = [...weight.shape];
  return layerNorm(x, { normalizedShape, weight: doubles(weight), bias: doubles(bias), eps }).y;
}

/** The mean over height and width. */
export function pooled(x: Values): Values {
  const [n, height, width, channels] = x.shape;
  const y = new Float64Array(n * channels);
  const pixels = height * width;
  for (let i = 0; i < x.data.length; i++) {
    y[Math.floor(i / (pixels * channels)) * channels + (i % channels)] += x.data[i] / pixels;
  }
  return { shape: [n, channels], data: y };
}

/** softmax(q k^T) v for each example. */
export function attention(q: Values, k: Values, v: Values): Values {
  const [n, length, width] = q.shape;
  const y = new Float64Array(n * length * width);
  for (let row = 0; row < n * length; row++) {
    const first = Math.floor(row / length) * length;
    const scores = Array.from({ length }, (_, other) => {
      let score = 0;
      for (let d = 0; d < width; d++) {
        score += q.data[row * width + d] * k.data[(first + other) * width + d];
      }
      return score;
    });
    const most = Math.max(...scores);
    const shares = scores.map((score) => Math.exp(score - most));
    const total = shares.reduce((a, b) => a + b, 0);
    for (const [other, share] of shares.entries()) {
      for (let d = 0; d < width; d++) {
        y[row * width + d] += (share / total) * v.data[(first + other) * width + d];
      }
    }
  }
  return { shape: q.shape, data: y };
}
