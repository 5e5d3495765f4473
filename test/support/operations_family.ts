// These are the rows for the operations around the norms; see operations.ts. An operation that the
// library does not have (yet) has no row.

import * as library from "../../src/index";
import { FORWARD } from "../reference/family";
import { otherAxes, resolveAxes, resolveAxis } from "./arrays";
import type { Operation, Options, Shape } from "./problem";
import { broadcastable, channelAxis, channelOf, EPS, ofAxes, someAxes } from "./random_options";
import { ofErf, ofGlobalResponse, ofLocalResponse } from "./tolerance_special";
import { relative, SCALE, UNIT } from "./units";

const exported = library as unknown as Record<string, Operation["library"]>;

type Row = Omit<Operation, "library" | "reference" | "kind">;

/** Per channel, over all axes but the first and that of the channels. */
const apart = {
  ranks: [2, 5],
  grouping: (shape: Shape, options: Options) => {
    return { shape, axes: otherAxes(shape, [0, channelOf(shape, options)]) };
  },
  grid: (rows: number, length: number) => [
    { shape: [1, rows, length], options: {} },
    { shape: [1, length, rows], options: { channelAxis: -1 } },
  ],
} as const;

const perChannel = (shape: Shape, options: Options, ...names: string[]) =>
  Object.fromEntries(names.map((name) => [name, [shape[channelOf(shape, options)]]]));

const weightNorm: Row = {
  name: "weightNorm",
  masks: false,
  unguarded: true,
  statistics: [],
  ranks: [1, 8],
  options: (random, { length }) => ({
    dim: random.chance(0.2) ? null : random.below(length) - (random.chance(0.3) ? length : 0),
    ...(random.chance(0.3) && { eps: random.pick([1e-12, 0.5, 20]) }),
  }),
  parameters: (_, shape, { dim = 0 }) => ({
    weight: [dim === null ? 1 : shape[resolveAxis(shape, dim)]],
  }),
  needs: ["weight"],
  grouping: (shape, { dim = 0 }) => {
    return { shape, axes: otherAxes(shape, dim === null ? [] : [resolveAxis(shape, dim)]) };
  },
  grid: (rows, length) => [
    { shape: [rows, length], options: {} },
    { shape: [length, rows], options: { dim: -1 } },
  ],
  tolerance: relative,
  even: true,
};

const weightStandardize: Row = {
  name: "weightStandardize",
  ranks: [2, 5],
  options: (random, shape) => ({
    ...(random.chance(0.3) && { axes: someAxes(random, shape) }),
    eps: random.pick(EPS),
  }),
  parameters: () => ({}),
  grouping: (shape, { axes }) => {
    return { shape, axes: axes ? resolveAxes(shape, axes) : otherAxes(shape, [0]) };
  },
  grid: (rows, length) => [
    { shape: [rows, length], options: {} },
    { shape: [length, rows], options: { axes: [0] } },
  ],
};

const filterResponseNorm: Row = {
  name: "filterResponseNorm",
  // these are nine arrays in a pass, more than every device binds
  valid: (_, __, given) => !("mask" in given && "threshold" in given && "scale" in given),
  statistics: ["rstd"],
  ...apart,
  options: (random, shape) => ({
    ...channelAxis(random, shape),
    eps: random.pick([1e-6, -1e-2, 0.5]),
  }),
  parameters: (_, shape, options) => perChannel(shape, options, "weight", "bias", "threshold"),
  scale: (variance, { eps = 1e-6 }) => 1 / Math.sqrt(variance + Math.abs(eps)),
  tolerance: relative,
  even: true,
};

const batchRenorm = (batchNorm: Operation): Row => ({
  ...batchNorm,
  name: "batchRenorm",
  masks: false, // r and d of valid elements are in masks.gpu.test.ts
  statistics: ["mean", "rstd"],
  options: (random, shape) => {
    const { virtualBatchSize: _, ...own } = batchNorm.options(random, shape);
    return { ...own, rMax: random.pick([1, 1.5, 3]), dMax: random.pick([0, 0.5, 5]) };
  },
  needs: ["runningMean", "runningVar"],
  // x is divided by the deviation and by the running one, whichever is smaller
  scale: (variance, { eps = 1e-5, rMax = 3 }) => Math.max(8, rMax) / Math.sqrt(variance + eps),
  grid: (rows, length) =>
    batchNorm.grid(rows, length).map(({ shape, options }) => {
      return { shape, options: { ...options, rMax: 1.5, dMax: 0.5 } };
    }),
});

const globalResponseNorm: Row = {
  name: "globalResponseNorm",
  common: false,
  statistics: [],
  ranks: [3, 5],
  // a channel's response is relative to those of the example's others
  grouping: (shape) => ({ shape, axes: otherAxes(shape, [0]) }),
  grid: (rows, length) => {
    const channels = length % 3 === 0 ? 3 : 2;
    const pixels = length / channels;
    if (!Number.isInteger(pixels)) return [{ shape: [rows, 1, length], options: {} }];
    return [
      { shape: [rows, channels, pixels], options: {} },
      { shape: [rows, pixels, channels], options: { channelAxis: -1 } },
    ];
  },
  options: (random, shape) => ({
    ...channelAxis(random, shape),
    eps: random.pick([1e-6, 1e-2]),
  }),
  parameters: (_, shape, options) => perChannel(shape, options, "weight", "bias"),
  tolerance: (y) => 2 * relative(y),
  gradientTolerance: ofGlobalResponse,
  even: true,
};

const localResponseNorm: Row = {
  name: "localResponseNorm",
  inPlace: false,
  common: false,
  statistics: [],
  ranks: [2, 5],
  grouping: (shape, options) => ({ shape, axes: [channelOf(shape, options)] }),
  grid: (rows, length) => [
    { shape: [rows, length], options: { size: 5, alpha: 0.5 } },
    { shape: [1, length, rows], options: { size: 4, alpha: 0.5, convention: "onnx" } },
  ],
  options: (random, shape) => ({
    ...channelAxis(random, shape),
    size: 1 + random.below(6),
    alpha: random.pick([1e-4, 0.1, 1]),
    beta: random.pick([0.75, 0.5, 2]),
    k: random.pick([1, 2]),
    convention: random.pick(["torch", "onnx"]),
  }),
  parameters: () => ({}),
  // the power's logarithm is rounded
  tolerance: (y) => 4 * relative(y),
  gradientTolerance: ofLocalResponse,
  even: true,
};

const dynamicTanh: Row = {
  name: "dynamicTanh",
  common: false,
  statistics: [],
  ranks: [1, 8],
  grouping: (shape) => ({ shape, axes: [] }),
  grid: (rows, length) => [{ shape: [rows, length], options: { normalizedShape: [length] } }],
  options: (random, shape) => ({ normalizedShape: shape.slice(random.below(shape.length)) }),
  parameters: (_, __, { normalizedShape = [] }) => ({
    weight: normalizedShape,
    bias: normalizedShape,
    alpha: [1],
  }),
  needs: ["alpha"],
  tolerance: (y) => (SCALE / 2) * UNIT * Math.abs(y),
  even: true,
};

const dynamicErf: Row = {
  ...dynamicTanh,
  name: "dynamicErf",
  parameters: (random, shape, options) => ({
    ...dynamicTanh.parameters(random, shape, options),
    offset: [1],
  }),
  gradientTolerance: ofErf,
};

const applyMoments: Row = {
  name: "applyMoments",
  statistics: [],
  ...ofAxes,
  options: (random, shape) => ({ axes: someAxes(random, shape), eps: random.pick(EPS) }),
  parameters: (random, shape, { axes }) => {
    const reduced = resolveAxes(shape, axes);
    const kept = shape.filter((_, axis) => !reduced.includes(axis));
    const own = { weight: broadcastable(random, shape), bias: broadcastable(random, shape) };
    return { ...own, mean: kept, variance: kept };
  },
  needs: ["mean", "variance"],
  given: () => true,
};

/** The norms. */
export function family(batchNorm: Operation): Operation[] {
  const rows = [
    weightNorm,
    weightStandardize,
    filterResponseNorm,
    batchRenorm(batchNorm),
    globalResponseNorm,
    localResponseNorm,
    dynamicTanh,
    dynamicErf,
    applyMoments,
  ];
  return rows.flatMap((row) => {
    const own = exported[row.name];
    return own ? [{ ...row, kind: "norm", library: own, reference: FORWARD[row.name] }] : [];
  });
}
