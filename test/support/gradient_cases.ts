// These are random cases for the gradients. They are small, since every element of every input is
// moved.

import { moments } from "../reference/norms";
import { type Activation, activations } from "./activations";
import { product, resolveAxis, type Values } from "./arrays";
import type { Random } from "./random";
import { broadcastable, someAxes } from "./random_options";

export type Options = Record<string, unknown>;
export type Arrays = Record<string, Values>;
export interface Case {
  options: Options;
  inputs: Arrays & { x: Values };
}

type Shape = readonly number[];
type Maker = (random: Random, shape: Shape) => { options: Options; own: Arrays };

const MOST = 48; // elements of x
export const ACTIVATIONS = Object.keys(activations) as Activation[];

/** What each operation may be told, for an x of this shape; batchRenorm so that it clips r and d. */
export const makers: Readonly<Record<string, Maker>> = {
  standardize: (random, shape) => ({
    options: { axes: someAxes(random, shape), eps: eps(random) },
    own: { weight: broadcast(random, shape), bias: broadcast(random, shape) },
  }),
  layerNorm: (random, shape) => {
    if (random.chance(0.3)) {
      const axis = random.below(shape.length);
      const own = { weight: normals(random, [shape[axis]]), bias: broadcast(random, shape) };
      return { options: { axes: [axis], eps: eps(random) }, own };
    }
    const normalizedShape = shape.slice(random.below(shape.length));
    const own = {
      weight: normals(random, normalizedShape),
      bias: normals(random, normalizedShape),
    };
    return { options: { normalizedShape, eps: eps(random) }, own };
  },
  batchNorm: (random, shape) => {
    const axis = channelAxis(random, shape);
    const ghosts = axis.channelAxis !== 0 && random.chance(0.4);
    const virtual = ghosts ? { virtualBatchSize: random.pick(divisors(shape[0])) } : {};
    const options = { ...axis, ...virtual, training: random.chance(0.6), eps: eps(random) };
    return {
      options,
      own: { ...perChannel(random, shape, axis), ...running(random, shape, axis) },
    };
  },
  instanceNorm: (random, shape) => {
    const axis = channelAxis(random, shape, 1);
    const options = { ...axis, useInputStats: random.chance(0.6), eps: eps(random) };
    return {
      options,
      own: { ...perChannel(random, shape, axis), ...running(random, shape, axis) },
    };
  },
  groupNorm: (random, shape) => {
    const axis = channelAxis(random, shape, 1);
    const groups = random.pick(divisors(channelsOf(shape, axis)));
    return {
      options: { ...axis, groups, eps: eps(random) },
      own: perChannel(random, shape, axis),
    };
  },
  rmsNorm: (random, shape) => ({
    options: {
      axes: someAxes(random, shape),
      eps: eps(random),
      weightOffset: random.pick([0, 1]),
    },
    own: { weight: broadcast(random, shape), bias: broadcast(random, shape) },
  }),
  lpNormalize: (random, shape) => ({
    options: {
      axes: someAxes(random, shape),
      p: random.pick([1, 2, 3, 1.5, Infinity]),
      eps: random.pick([1e-12, 1]), // 1: the norms of some groups are below it
    },
    own: {},
  }),
  meanVarianceNorm: (random, shape) => ({
    options: { axes: someAxes(random, shape), eps: 1e-3 },
    own: {},
  }),
  softmax: (random, shape) => ({ options: { axes: someAxes(random, shape) }, own: {} }),
  logSoftmax: (random, shape) => ({ options: { axes: someAxes(random, shape) }, own: {} }),
  weightNorm: (random, shape) => {
    const dim = random.chance(0.2) ? null : random.below(shape.length);
    return {
      options: { dim, ...(random.chance(0.3) && { eps: random.pick([1, 2, 3]) }) },
      own: { weight: normals(random, [dim === null ? 1 : shape[dim]]) },
    };
  },
  weightStandardize: (random, shape) => ({
    options: { ...(random.chance(0.5) && { axes: someAxes(random, shape) }), eps: eps(random) },
    own: {},
  }),
  globalResponseNorm: (random, shape) => {
    const axis = channelAxis(random, shape, 1);
    return { options: axis, own: perChannel(random, shape, axis) };
  },
  filterResponseNorm: (random, shape) => {
    const axis = channelAxis(random, shape, 1);
    const threshold = normals(random, [channelsOf(shape, axis)]);
    const own = { ...perChannel(random, shape, axis), threshold };
    return { options: { ...axis, eps: random.pick([1e-2, -0.1]) }, own };
  },
  batchRenorm: (random, shape) => {
    const axis = channelAxis(random, shape);
    const own = { ...perChannel(random, shape, axis), ...running(random, shape, axis) };
    const runningVar = scaled(own.runningVar, 1e6);
    const runningMean = scaled(own.runningMean, 0, random.pick([-1, 1]) * 1e6);
    const options = {
      ...axis,
      training: true,
      rMax: random.pick([1, 1.5]),
      dMax: 0.5,
      eps: 1e-2,
    };
    return { options, own: { ...own, runningMean, runningVar } };
  },
  localResponseNorm: (random, shape) => ({
    options: {
      ...channelAxis(random, shape),
      size: 1 + random.below(5),
      alpha: random.pick([0.1, 1]),
      beta: random.pick([0.75, 0.5, 2]),
      convention: random.pick(["torch", "onnx"]),
    },
    own: {},
  }),
  dynamicTanh: (random, shape) => {
    const normalizedShape = shape.slice(random.below(shape.length));
    const own = {
      weight: normals(random, normalizedShape),
      bias: normals(random, normalizedShape),
    };
    return { options: { normalizedShape }, own: { ...own, alpha: normals(random, [1]) } };
  },
  dynamicErf: (random, shape) => {
    const { options, own } = makers.dynamicTanh(random, shape);
    return { options, own: { ...own, offset: normals(random, [1]) } };
  },
  applyMoments: (random, shape) => {
    const axes = someAxes(random, shape);
    const { mean, variance } = moments(normals(random, shape), { axes });
    const own = { weight: broadcast(random, shape), bias: broadcast(random, shape) };
    return { options: { axes, eps: 0.1 }, own: { ...own, mean, variance } };
  },
};

/** Those that take nothing of what all norms do. */
export const PLAIN = [
  "softmax",
  "logSoftmax",
  "globalResponseNorm",
  "localResponseNorm",
  "dynamicTanh",
  "dynamicErf",
];

const NOTHING = /^$/;
const NEEDED: Record<string, RegExp> = {
  batchRenorm: /^running/,
  dynamicTanh: /^alpha$/,
  dynamicErf: /^alpha$/,
  applyMoments: /^(mean|variance)$/,
};

export function randomCase(op: string, random: Random, index: number): Case {
  const shape = randomShape(random);
  const { options, own } = makers[op](random, shape);
  const x = normals(random, shape, random.pick([0, 0, 1, -20]));
  const inputs = { x, ...some(random, own, NEEDED[op] ?? NOTHING) };
  if (PLAIN.includes(op)) return { options, inputs };
  const activation = index === 0 ? {} : { activation: ACTIVATIONS[index % ACTIVATIONS.length] };
  const slopes = activation.activation === "leakyRelu" && { slope: broadcast(random, shape) };
  const common = {
    residual: broadcast(random, shape),
    residualBias: broadcast(random, shape),
    scale: broadcast(random, shape),
    shift: broadcast(random, shape),
    ...slopes,
  };
  return {
    options: { ...options, ...activation },
    inputs: { ...inputs, ...some(random, common, NOTHING) },
  };
}

function randomShape(random: Random): number[] {
  const shape = Array.from({ length: 2 + random.below(4) }, () => 1 + random.below(5));
  for (let k = 0; product(shape) > MOST; k++) {
    const axis = k % shape.length;
    shape[axis] = Math.ceil(shape[axis] / 2);
  }
  return shape;
}

/** What is needed, and of the rest some; running statistics both or neither. */
function some(random: Random, arrays: Arrays, needed: RegExp): Arrays {
  const tracked = random.chance(0.6);
  const taken = Object.entries(arrays).filter(([name]) => {
    if (needed.test(name)) return true;
    return name.startsWith("running") ? tracked : random.chance(0.7);
  });
  return Object.fromEntries(taken);
}

const eps = (random: Random) => random.pick([1e-2, 1e-1, 0.5]);
export const normals = (random: Random, shape: Shape, offset = 0): Values => ({
  shape,
  data: Float64Array.from({ length: product(shape) }, () => offset + random.normal()),
});
const broadcast = (random: Random, shape: Shape) => normals(random, broadcastable(random, shape));
const scaled = ({ shape, data }: Values, factor: number, term = 0): Values => ({
  shape,
  data: data.map((v) => v * factor + term),
});
const divisors = (n: number) =>
  Array.from({ length: n }, (_, k) => k + 1).filter((d) => n % d === 0);

/** Any axis from `first` on, sometimes from behind. */
function channelAxis(random: Random, shape: Shape, first = 0): { channelAxis?: number } {
  if (random.chance(0.3)) return {};
  const axis = first + random.below(shape.length - first);
  return { channelAxis: axis > 0 && random.chance(0.5) ? axis - shape.length : axis };
}

const channelsOf = (shape: Shape, { channelAxis = 1 }: { channelAxis?: number }) =>
  shape[resolveAxis(shape, channelAxis)];

function perChannel(random: Random, shape: Shape, axis: { channelAxis?: number }) {
  const channels = [channelsOf(shape, axis)];
  return { weight: normals(random, channels), bias: normals(random, channels) };
}

export function running(random: Random, shape: Shape, axis: { channelAxis?: number }) {
  const channels = [channelsOf(shape, axis)];
  const runningVar = normals(random, channels);
  return {
    runningMean: normals(random, channels),
    runningVar: { shape: channels, data: runningVar.data.map((v) => 0.5 + v * v) },
  };
}
