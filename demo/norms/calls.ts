// The library computes the presets by these calls. Parameters that a norm cannot do without are made
// here; weights and biases are left out, since the page is about statistics.

import {
  applyMoments,
  batchNorm,
  batchRenorm,
  type Context,
  dynamicTanh,
  filterResponseNorm,
  globalResponseNorm,
  groupNorm,
  instanceNorm,
  layerNorm,
  localResponseNorm,
  logSoftmax,
  lpNormalize,
  meanVarianceNorm,
  mergeMoments,
  moments,
  rmsNorm,
  softmax,
  standardize,
  syncBatchNorm,
  type Tensor,
  weightNorm,
  weightStandardize,
} from "../../src/index";
import { AXES } from "../base/shape";
import type { Partition } from "./partition";
import { FREE, type NormId, type Preset, presetOf } from "./presets";
import { OUTSIDE, RENORM, type StatisticId, TANH_ALPHA, WINDOW } from "./statistics";

interface CallOptions extends Partition {
  readonly eps: number;
  readonly out?: Tensor | undefined;
}

/** The tensors that a call makes for itself end with it. */
type Make = (values: ArrayLike<number>, shape: readonly number[]) => Tensor;
export type Call = (
  x: Tensor,
  o: CallOptions,
  make: Make,
  ctx: Context,
) => Tensor | Promise<Tensor>;

const axesOf = ({ axes }: Partition): number[] => axes.map((axis) => AXES.indexOf(axis));

const filled = (value: number, length: number) => new Float32Array(length).fill(value);

const channels = ({ shape }: Tensor): number => shape[1] as number;

const running = (x: Tensor, make: Make) => ({
  runningMean: make(filled(OUTSIDE.mean, channels(x)), [channels(x)]),
  runningVar: make(filled(OUTSIDE.variance, channels(x)), [channels(x)]),
});

export const CALLS: Readonly<Record<NormId, Call>> = {
  batch: (x, { eps, out }) => batchNorm(x, { training: true, eps, out }),
  ghost: (x, { split, eps, out }) =>
    batchNorm(x, { training: true, virtualBatchSize: (x.shape[0] as number) / split, eps, out }),
  sync: onTwoMachines,
  renorm: (x, { eps, out }, make) =>
    batchRenorm(x, { training: true, ...running(x, make), ...RENORM, eps, out }),
  meanVariance: (x, { eps, out }) => meanVarianceNorm(x, { eps, out }),
  layer: (x, { eps, out }) => layerNorm(x, { normalizedShape: x.shape.slice(1), eps, out }),
  group: (x, { groups, eps, out }) => groupNorm(x, { groups, eps, out }),
  instance: (x, { eps, out }) => instanceNorm(x, { eps, out }),
  rms: (x, { eps, out }) => rmsNorm(x, { normalizedShape: x.shape.slice(1), eps, out }),
  filterResponse: (x, { eps, out }) => filterResponseNorm(x, { eps, out }),
  globalResponse: (x, { eps, out }) => globalResponseNorm(x, { eps, out }),
  channels: (x, { eps, out }) => standardize(x, { axes: [1], eps, out }),
  pixel: (x, { eps, out }) => rmsNorm(x, { axes: [1], eps, out }),
  lp: (x, { out }) => lpNormalize(x, { axes: [1], out }),
  localResponse: (x, { out }) => localResponseNorm(x, { ...WINDOW, out }),
  softmax: (x, { out }) => softmax(x, { axes: [1], out }),
  logSoftmax: (x, { out }) => logSoftmax(x, { axes: [1], out }),
  weight: (x, { out }, make) =>
    weightNorm(x, { weight: make(filled(1, x.shape[0] as number), [x.shape[0] as number]), out }),
  weightStandardize: (x, { eps, out }) => weightStandardize(x, { eps, out }),
  evaluation: (x, { eps, out }, make) => batchNorm(x, { ...running(x, make), eps, out }),
  given: (x, { eps, out }, make) => {
    const { runningMean, runningVar } = running(x, make);
    return applyMoments(x, { axes: [0, 2, 3], mean: runningMean, variance: runningVar, eps, out });
  },
  tanh: (x, { out }, make) =>
    dynamicTanh(x, { alpha: make([TANH_ALPHA], [1]), normalizedShape: x.shape.slice(1), out }),
  [FREE]: (x, o) => standardize(x, { axes: axesOf(o), eps: o.eps, out: o.out }),
};

/** A norm in a view of other axes is called by what it measures. */
const BY_STATISTIC: Partial<Record<StatisticId, Call>> = {
  moments: CALLS[FREE],
  meanSquare: (x, o) => rmsNorm(x, { axes: axesOf(o), eps: o.eps, out: o.out }),
  norm: (x, o) => lpNormalize(x, { axes: axesOf(o), out: o.out }),
  softmax: (x, o) => softmax(x, { axes: axesOf(o), out: o.out }),
  logSoftmax: (x, o) => logSoftmax(x, { axes: axesOf(o), out: o.out }),
};

export const callOf = (id: NormId, preset: Preset): Call =>
  (preset === presetOf(id) ? undefined : BY_STATISTIC[preset.statistic]) ?? CALLS[id];

/** Two machines share this GPU here: each has half of the batch, and they exchange their moments. */
async function onTwoMachines(
  x: Tensor,
  { eps, out }: CallOptions,
  _: Make,
  ctx: Context,
): Promise<Tensor> {
  const y = out ?? ctx.empty(x.shape);
  const shape = [(x.shape[0] as number) / 2, ...x.shape.slice(1)];
  const half = ({ buffer }: Tensor, machine: number) =>
    ctx.fromBuffer(buffer, { shape, offset: machine * 2 * x.size }); // bytes of half an f32 array
  const allReduce = meeting(2, mergeMoments);
  const work = [0, 1].map((machine) =>
    syncBatchNorm(half(x, machine), { allReduce, eps, out: half(y, machine) }),
  );
  await Promise.all(work);
  return y;
}

/** Each machine waits for what all of them give, joined. */
function meeting<T>(machines: number, join: (all: readonly T[]) => T): (own: T) => Promise<T> {
  const all: T[] = [];
  let resolve: (joined: T) => void;
  const joined = new Promise<T>((settle) => {
    resolve = settle;
  });
  return (own) => {
    if (all.push(own) === machines) resolve(join(all));
    return joined;
  };
}

/** The moments of every set, as the GPU computes them. */
export function momentsOf(x: Tensor, { axes, groups, split }: Partition) {
  const [n, c, h, w] = x.shape as [number, number, number, number];
  const [parts, cparts] = [axes.includes("N") ? split : n, axes.includes("C") ? groups : c];
  const parted = x.reshape([parts, n / parts, cparts, c / cparts, h, w]);
  const reduced = [1, 3, ...(axes.includes("H") ? [4] : []), ...(axes.includes("W") ? [5] : [])];
  return moments(parted, { axes: reduced });
}
