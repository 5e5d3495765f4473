// Every operation is a row: its possible options, its other inputs, and the elements that share
// statistics. The generic tests go over these rows, so a new operation is a new row (and a function
// of this name in family.ts), not a new test file.

import * as library from "../../src/index";
import { FORWARD } from "../reference/family";
import * as reference from "../reference/norms";
import { otherAxes, product, resolveAxes, splitChannels } from "./arrays";
import { gradientsOf } from "./gradient_operations";
import { family } from "./operations_family";
import { logSoftmax, lpNormalize, meanVarianceNorm, rmsNorm, softmax } from "./operations_scales";
import type { Operation, Options, Shape } from "./problem";
import type { Random } from "./random";
import {
  broadcastable,
  channelAxis,
  channelOf,
  divisors,
  EPS,
  ofAxes,
  someAxes,
} from "./random_options";
import { ofReduction } from "./tolerance_special";

function reduction(extra: (random: Random) => Options = () => ({})) {
  const options = (random: Random, shape: Shape) => ({
    ...(random.chance(0.15) ? {} : { axes: someAxes(random, shape) }),
    keepdim: random.chance(0.5),
    ...extra(random),
  });
  return { kind: "reduction", options, gradientTolerance: ofReduction, ...ofAxes } as const;
}

const correction = (random: Random) => random.pick([{}, { correction: 0 }, { correction: 1 }]);

/** Values that share statistics with each one, were they measured. */
const measured = (shape: Shape, axes: readonly number[]) =>
  product(axes.map((axis) => shape[axis]));

const standardize: Operation = {
  name: "standardize",
  library: library.standardize,
  reference: FORWARD.standardize,
  kind: "norm",
  options: (random, shape) => ({
    axes: someAxes(random, shape),
    eps: random.pick(EPS),
    ...random.pick([{}, {}, { correction: 1 }, { epsOn: "deviation" as const }]),
    ...(random.chance(0.1) ? { correction: 1, epsOn: "deviation" as const } : {}),
  }),
  scale: (v, { eps = 1e-5, epsOn }) =>
    epsOn === "deviation" ? 1 / (Math.sqrt(v) + eps) : 1 / Math.sqrt(v + eps),
  ...ofAxes,
  parameters: (random, shape) => ({
    weight: broadcastable(random, shape),
    bias: broadcastable(random, shape),
  }),
};

const layerNorm: Operation = {
  name: "layerNorm",
  library: library.layerNorm,
  reference: FORWARD.layerNorm,
  kind: "norm",
  ranks: [1, 8],
  options: (random, shape) => ({
    ...(random.chance(0.7)
      ? { normalizedShape: shape.slice(random.below(shape.length)) }
      : { axes: someAxes(random, shape) }),
    eps: random.pick(EPS),
  }),
  parameters: (random, shape, { normalizedShape, axes = [] }) => {
    if (normalizedShape) return { weight: normalizedShape, bias: normalizedShape };
    const [axis] = resolveAxes(shape, axes);
    const own = (): Shape => (random.chance(0.5) ? [shape[axis]] : broadcastable(random, shape));
    return axes.length === 1
      ? { weight: own(), bias: own() }
      : { weight: broadcastable(random, shape), bias: broadcastable(random, shape) };
  },
  grouping: (shape, { normalizedShape = [], axes }) => {
    if (axes) return ofAxes.grouping(shape, { axes });
    const first = shape.length - normalizedShape.length;
    return { shape, axes: normalizedShape.map((_, k) => first + k) };
  },
  grid: (rows, length) => {
    const square = { shape: [rows, 2, length / 2], options: { normalizedShape: [2, length / 2] } };
    const row = { shape: [rows, length], options: { normalizedShape: [length] } };
    return length % 2 === 0 ? [row, square] : [row];
  },
};

/** Sometimes parts of the batch that have statistics of their own. */
function ghosts(random: Random, [examples]: Shape): Options {
  return random.chance(0.2) ? { virtualBatchSize: random.pick(divisors(examples)) } : {};
}

/** The examples in ghost batches, where there are any. */
function inBatches(shape: Shape, options: Options): Shape {
  const { training, virtualBatchSize = shape[0] } = options;
  if (!training || virtualBatchSize === shape[0]) return shape;
  return [shape[0] / virtualBatchSize, virtualBatchSize, ...shape.slice(1)];
}

const batchNorm: Operation = {
  name: "batchNorm",
  library: library.batchNorm,
  reference: FORWARD.batchNorm,
  kind: "norm",
  ranks: [2, 5],
  options: (random, shape) => ({
    ...channelAxis(random, shape, 0),
    training: random.chance(0.6),
    momentum: random.pick([0.1, 0.1, 0.5, 1, null]),
    numBatchesTracked: random.pick([0, 3]),
    eps: random.pick(EPS),
    ...ghosts(random, shape),
  }),
  parameters: (_, shape, options) => {
    const channels = [shape[channelOf(shape, options)]];
    return { weight: channels, bias: channels, runningMean: channels, runningVar: channels };
  },
  grouping(shape, options) {
    const split = inBatches(shape, options);
    const channel = channelOf(shape, options);
    const kept = split === shape ? [channel] : [0, channel + 1];
    return { shape: split, axes: otherAxes(split, kept) };
  },
  given: ({ training }, parameters) => !training && "runningMean" in parameters,
  // as in PyTorch, a batch with one value a channel has no variance to learn from
  valid(shape, options) {
    const { shape: split, axes } = this.grouping(shape, options);
    if (options.virtualBatchSize && channelOf(shape, options) === 0) return false;
    return !options.training || measured(split, axes) > 1;
  },
  grid: (rows, length) => {
    const images = length % 3 === 0 ? 3 : 2;
    const pixels = length / images;
    const both = [
      { shape: [images, rows, pixels], options: {} },
      { shape: [images, pixels, rows], options: { channelAxis: -1 } },
    ];
    const layouts = [
      { shape: [length, rows], options: {} },
      ...(Number.isInteger(pixels) ? both : []),
    ];
    return layouts.flatMap(({ shape, options }) =>
      [true, false]
        .filter((training) => !training || length > 1)
        .map((training) => ({ shape, options: { ...options, training } })),
    );
  },
};

const instanceNorm: Operation = {
  name: "instanceNorm",
  library: library.instanceNorm,
  reference: FORWARD.instanceNorm,
  kind: "norm",
  ranks: [3, 5],
  options: (random, shape) => ({
    ...channelAxis(random, shape),
    useInputStats: random.chance(0.7),
    momentum: random.pick([0.1, 0.1, 0.5, 1]),
    eps: random.pick(EPS),
  }),
  parameters: batchNorm.parameters,
  grouping(shape, options) {
    const channel = channelOf(shape, options);
    return { shape, axes: otherAxes(shape, [0, channel]) };
  },
  given: ({ useInputStats = true }, parameters) => !useInputStats && "runningMean" in parameters,
  // as in PyTorch, a single value an instance is refused
  valid(shape, options, parameters) {
    if (options.useInputStats === false) return "runningMean" in parameters;
    return measured(shape, this.grouping(shape, options).axes) > 1;
  },
  grid: (rows, length) => {
    const two = { shape: [2, rows / 2, length], options: {} };
    return [
      { shape: [1, rows, length], options: {} },
      { shape: [1, length, rows], options: { channelAxis: -1 } },
      ...(rows > 0 && rows % 2 === 0 ? [two] : []),
    ];
  },
};

const groupNorm: Operation = {
  name: "groupNorm",
  library: library.groupNorm,
  reference: FORWARD.groupNorm,
  kind: "norm",
  ranks: [2, 5],
  options: (random, shape) => {
    const axis = channelAxis(random, shape);
    const groups = random.pick(divisors(shape[channelOf(shape, axis)]));
    return { ...axis, groups, eps: random.pick(EPS) };
  },
  parameters: (_, shape, options) => {
    const channels = [shape[channelOf(shape, options)]];
    return { weight: channels, bias: channels };
  },
  grouping(shape, options) {
    const channel = channelOf(shape, options);
    const split = splitChannels(shape, channel, options.groups ?? 1);
    return { shape: split, axes: otherAxes(split, [0, channel]) };
  },
  grid: (rows, length) => {
    const pairs = [
      { shape: [1, rows * 2, length / 2], options: { groups: rows } },
      { shape: [1, length / 2, rows * 2], options: { groups: rows, channelAxis: -1 } },
    ];
    return [
      { shape: [rows, length], options: { groups: 1 } },
      { shape: [1, rows, length], options: { groups: rows } },
      ...(rows > 0 && length % 2 === 0 ? pairs : []),
    ].filter(({ options }) => options.groups > 0);
  },
};

const mean: Operation = {
  name: "mean",
  library: library.mean,
  reference: reference.mean,
  ...reduction(),
};

const variance: Operation = {
  name: "variance",
  library: library.variance,
  reference: reference.variance,
  ...reduction(correction),
};

const std: Operation = {
  name: "std",
  library: library.std,
  reference: reference.std,
  ...reduction(correction),
};

const moments: Operation = {
  name: "moments",
  library: library.moments,
  reference: reference.moments,
  ...reduction(),
};

/** What all others are variations of. */
const foundation: readonly Operation[] = [
  mean,
  variance,
  std,
  moments,
  standardize,
  batchNorm,
  layerNorm,
  instanceNorm,
  groupNorm,
];

/**
 * How many of the generic cases an operation gets, one in so many. The foundation gets twice as many as
 * the others, which go through the same walks: compiling takes the time.
 */
export function oneIn(operation: Operation, gradients: number, others: number): number {
  if (operation.kind === "gradient") return gradients;
  return foundation.includes(operation) ? Math.ceil(others / 2) : others;
}

export const operations: readonly Operation[] = [
  ...foundation,
  rmsNorm,
  lpNormalize,
  meanVarianceNorm,
  softmax,
  logSoftmax,
  ...family(batchNorm),
];

/** Those that take the mean away. */
export const norms = operations.filter(({ kind, tolerance, needs }) => {
  return kind === "norm" && !tolerance && !needs;
});

export const gradients = gradientsOf(operations);

/** All, forward and backward. */
export const rows: readonly Operation[] = [...operations, ...gradients];
