// The calls of the norms that few choose.

import {
  applyMoments,
  batchRenorm,
  type Context,
  dynamicTanh,
  filterResponseNorm,
  globalResponseNorm,
  localResponseNorm,
  logSoftmax,
  lpNormalize,
  meanVarianceNorm,
  mergeMoments,
  softmax,
  syncBatchNorm,
  type Tensor,
  weightNorm,
  weightStandardize,
} from "../../src/index";
import { RENORM, type StatisticId, TANH_ALPHA, WINDOW } from "./statistics";
import {
  axesOf,
  type Call,
  type CallOptions,
  filled,
  type Make,
  type RareNorm,
  running,
} from "./usual_calls";

export const RARE: Readonly<Record<RareNorm, Call>> = {
  sync: onTwoMachines,
  renorm: (x, { eps, out }, make) =>
    batchRenorm(x, { training: true, ...running(x, make), ...RENORM, eps, out }),
  meanVariance: (x, { eps, out }) => meanVarianceNorm(x, { eps, out }),
  filterResponse: (x, { eps, out }) => filterResponseNorm(x, { eps, out }),
  globalResponse: (x, { eps, out }) => globalResponseNorm(x, { eps, out }),
  lp: (x, { out }) => lpNormalize(x, { axes: [1], out }),
  localResponse: (x, { out }) => localResponseNorm(x, { ...WINDOW, out }),
  softmax: (x, { out }) => softmax(x, { axes: [1], out }),
  logSoftmax: (x, { out }) => logSoftmax(x, { axes: [1], out }),
  weight: (x, { out }, make) =>
    weightNorm(x, { weight: make(filled(1, x.shape[0] as number), [x.shape[0] as number]), out }),
  weightStandardize: (x, { eps, out }) => weightStandardize(x, { eps, out }),
  given: (x, { eps, out }, make) => {
    const { runningMean, runningVar } = running(x, make);
    return applyMoments(x, { axes: [0, 2, 3], mean: runningMean, variance: runningVar, eps, out });
  },
  tanh: (x, { out }, make) =>
    dynamicTanh(x, { alpha: make([TANH_ALPHA], [1]), normalizedShape: x.shape.slice(1), out }),
};

export const RARE_BY_STATISTIC: Partial<Record<StatisticId, Call>> = {
  norm: (x, o) => lpNormalize(x, { axes: axesOf(o), out: o.out }),
  softmax: (x, o) => softmax(x, { axes: axesOf(o), out: o.out }),
  logSoftmax: (x, o) => logSoftmax(x, { axes: axesOf(o), out: o.out }),
};

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
