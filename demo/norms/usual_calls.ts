// The library computes the usual presets by these calls. Parameters that a norm cannot do without are
// made here; weights and biases are left out, since the page is about statistics.

import {
  batchNorm,
  type Context,
  groupNorm,
  instanceNorm,
  layerNorm,
  rmsNorm,
  standardize,
  type Tensor,
} from "../../src/index";
import { AXES } from "../base/shape";
import type { Partition } from "./partition";
import { FREE, type NormId } from "./presets";
import { OUTSIDE, type StatisticId } from "./statistics";

export interface CallOptions extends Partition {
  readonly eps: number;
  readonly out?: Tensor | undefined;
}

/** The tensors that a call makes for itself end with it. */
export type Make = (values: ArrayLike<number>, shape: readonly number[]) => Tensor;
export type Call = (
  x: Tensor,
  o: CallOptions,
  make: Make,
  ctx: Context,
) => Tensor | Promise<Tensor>;

export const axesOf = ({ axes }: Partition): number[] => axes.map((axis) => AXES.indexOf(axis));

export const filled = (value: number, length: number) => new Float32Array(length).fill(value);

const channels = ({ shape }: Tensor): number => shape[1] as number;

export const running = (x: Tensor, make: Make) => ({
  runningMean: make(filled(OUTSIDE.mean, channels(x)), [channels(x)]),
  runningVar: make(filled(OUTSIDE.variance, channels(x)), [channels(x)]),
});

export const USUAL = {
  batch: (x, { eps, out }) => batchNorm(x, { training: true, eps, out }),
  ghost: (x, { split, eps, out }) =>
    batchNorm(x, { training: true, virtualBatchSize: (x.shape[0] as number) / split, eps, out }),
  layer: (x, { eps, out }) => layerNorm(x, { normalizedShape: x.shape.slice(1), eps, out }),
  group: (x, { groups, eps, out }) => groupNorm(x, { groups, eps, out }),
  instance: (x, { eps, out }) => instanceNorm(x, { eps, out }),
  rms: (x, { eps, out }) => rmsNorm(x, { normalizedShape: x.shape.slice(1), eps, out }),
  channels: (x, { eps, out }) => standardize(x, { axes: [1], eps, out }),
  pixel: (x, { eps, out }) => rmsNorm(x, { axes: [1], eps, out }),
  evaluation: (x, { eps, out }, make) => batchNorm(x, { ...running(x, make), eps, out }),
  [FREE]: (x, o) => standardize(x, { axes: axesOf(o), eps: o.eps, out: o.out }),
} as const satisfies Partial<Record<NormId, Call>>;

export type RareNorm = Exclude<NormId, keyof typeof USUAL>;

/** A norm in a view of other axes is called by what it measures. */
export const USUAL_BY_STATISTIC: Partial<Record<StatisticId, Call>> = {
  moments: USUAL[FREE],
  meanSquare: (x, o) => rmsNorm(x, { axes: axesOf(o), eps: o.eps, out: o.out }),
};
