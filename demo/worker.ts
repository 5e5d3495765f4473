// The worker runs the float64 checks and the filter bank, off the page's own thread.

import { featureMaps } from "./filters";
import {
  maxError,
  normalize,
  normalizeTextbook,
  SHOWN,
  type Summary,
  summarize,
} from "./reference";
import type { Extent, Shape4 } from "./shapes";

export interface CheckJob {
  x: Float32Array;
  y: Float32Array;
  shape: Shape4;
  extent: Extent;
  eps: number;
}

export interface Check {
  summary: Summary;
  /** Mean and deviation that the float64 result has. */
  expected: { mean: number; std: number };
  maxError: number;
  /** Largest error of E[x^2] - E[x]^2 in float32 on the same input. */
  textbookError: number;
}

const jobs = {
  check({ x, y, shape, extent, eps }: CheckJob): Check {
    const wanted = normalize(x, shape, extent, eps);
    const { mean, std } = summarize(wanted, shape);
    return {
      summary: summarize(y, shape, SHOWN),
      expected: { mean, std },
      maxError: maxError(y, wanted),
      textbookError: maxError(normalizeTextbook(x, shape, extent, eps), wanted),
    };
  },
  summary: ({ x, shape }: { x: Float32Array; shape: Shape4 }): Summary => summarize(x, shape),
  features: ({ images, shape }: { images: Float32Array; shape: Shape4 }) =>
    featureMaps(images, shape),
};

export type Jobs = typeof jobs;

interface Message {
  id: number;
  job: keyof Jobs;
  input: never;
}

globalThis.addEventListener("message", ({ data }: MessageEvent<Message>) => {
  if (typeof data?.job !== "string") return;
  try {
    globalThis.postMessage({ id: data.id, output: jobs[data.job](data.input) });
  } catch (error) {
    globalThis.postMessage({ id: data.id, error: String(error) });
  }
});
