// This file has the float64 reference and the statistics shown on the page: plain loops, written to
// be read. It uses no GPU and no DOM, and runs in the worker.

import { entryAt } from "../src/base/entry";
import type { Extent, Shape4 } from "./shapes";

/** Normalized values are shown, as grey levels and in histograms, between these bounds. */
export const SHOWN: readonly [number, number] = [-3, 3];
const BINS = 64;

interface Histogram {
  low: number;
  high: number;
  counts: number[];
}

export interface Summary {
  mean: number;
  std: number;
  finite: boolean;
  largest: number;
  histogram: Histogram;
  /** The mean of each example and channel, [N * C]. */
  planeMeans: number[];
}

/** Calls `visit` with the start of every H x W plane of each set of shared statistics. */
function forEachSet(shape: Shape4, extent: Extent, visit: (planes: number[]) => void): void {
  const [n, c, h, w] = shape;
  for (let n0 = 0; n0 < n; n0 += extent.examples) {
    for (let c0 = 0; c0 < c; c0 += extent.channels) {
      const planes: number[] = [];
      for (let i = n0; i < n0 + extent.examples; i++) {
        for (let j = c0; j < c0 + extent.channels; j++) planes.push((i * c + j) * h * w);
      }
      visit(planes);
    }
  }
}

/** y = (x - mean) / sqrt(variance + eps) in float64. */
export function normalize(
  x: Float32Array,
  shape: Shape4,
  extent: Extent,
  eps: number,
): Float64Array {
  const y = new Float64Array(x.length);
  const plane = shape[2] * shape[3];
  forEachSet(shape, extent, (starts) => {
    const count = starts.length * plane;
    // relative to one element, because at an offset of 1e6 even a float64 sum of x loses digits
    const pivot = entryAt(x, entryAt(starts, 0));
    let sum = 0;
    for (const s of starts) for (let k = s; k < s + plane; k++) sum += entryAt(x, k) - pivot;
    const mean = sum / count;
    let squares = 0;
    for (const s of starts) {
      for (let k = s; k < s + plane; k++) squares += (entryAt(x, k) - pivot - mean) ** 2;
    }
    const scale = 1 / Math.sqrt(squares / count + eps);
    for (const s of starts) {
      for (let k = s; k < s + plane; k++) y[k] = (entryAt(x, k) - pivot - mean) * scale;
    }
  });
  return y;
}

/** The same in float32 with variance = E[x^2] - E[x]^2, as it is often written: for contrast only. */
export function normalizeTextbook(
  x: Float32Array,
  shape: Shape4,
  extent: Extent,
  eps: number,
): Float32Array {
  const f = Math.fround;
  const y = new Float32Array(x.length);
  const width = shape[3];
  const plane = shape[2] * width;
  forEachSet(shape, extent, (starts) => {
    const count = starts.length * plane;
    let sum = 0;
    let squares = 0;
    for (const s of starts) {
      // summed row by row as parallel code does, so that only the formula is to blame
      let planeSum = 0;
      let planeSquares = 0;
      for (let r = s; r < s + plane; r += width) {
        let rowSum = 0;
        let rowSquares = 0;
        for (const value of x.subarray(r, r + width)) {
          rowSum = f(rowSum + value);
          rowSquares = f(rowSquares + f(value * value));
        }
        planeSum = f(planeSum + rowSum);
        planeSquares = f(planeSquares + rowSquares);
      }
      sum = f(sum + planeSum);
      squares = f(squares + planeSquares);
    }
    const mean = f(sum / count);
    const variance = f(f(squares / count) - f(mean * mean));
    const scale = f(1 / Math.sqrt(f(variance + eps)));
    for (const s of starts)
      for (let k = s; k < s + plane; k++) y[k] = f(f(entryAt(x, k) - mean) * scale);
  });
  return y;
}

/** NaN if any value of `y` is not a number: a comparison must not pass over it. */
export function maxError(y: Float32Array, expected: Float64Array): number {
  let largest = 0;
  for (const [i, value] of y.entries()) {
    const error = Math.abs(value - entryAt(expected, i));
    if (!(error <= largest)) {
      if (Number.isNaN(error)) return Number.NaN;
      largest = error;
    }
  }
  return largest;
}

/** Statistics over all of `x`, with a histogram over [low, high] (the range of x without it). */
export function summarize(
  x: Float32Array | Float64Array,
  shape: Shape4,
  range?: readonly [number, number],
): Summary {
  const plane = shape[2] * shape[3];
  const pivot = entryAt(x, 0);
  const planeMeans: number[] = [];
  let sum = 0;
  let low = Infinity;
  let high = -Infinity;
  for (let s = 0; s < x.length; s += plane) {
    let planeSum = 0;
    for (const value of x.subarray(s, s + plane)) {
      planeSum += value - pivot;
      low = Math.min(low, value);
      high = Math.max(high, value);
    }
    planeMeans.push(pivot + planeSum / plane);
    sum += planeSum;
  }
  const mean = sum / x.length;
  let squares = 0;
  for (const value of x) squares += (value - pivot - mean) ** 2;
  return {
    mean: pivot + mean,
    std: Math.sqrt(squares / x.length),
    finite: Number.isFinite(low) && Number.isFinite(high) && Number.isFinite(squares),
    largest: Math.max(Math.abs(low), Math.abs(high)),
    histogram: binned(x, range?.[0] ?? low, range?.[1] ?? high),
    planeMeans,
  };
}

/** Values outside [low, high] are counted in the first and last bin. */
function binned(x: Float32Array | Float64Array, low: number, high: number): Histogram {
  const counts = new Array<number>(BINS).fill(0);
  const scale = high > low ? BINS / (high - low) : 0;
  for (const value of x) {
    const bin = Math.min(BINS - 1, Math.max(0, Math.floor((value - low) * scale)));
    if (!Number.isNaN(bin)) counts[bin] = entryAt(counts, bin) + 1;
  }
  return { low, high, counts };
}
