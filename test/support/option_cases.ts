// These tables have a valid call of every operation, the values that its options do not have, and
// the names that other libraries have for options.

import type {
  Context,
  GlobalResponseNormOptions,
  SyncBatchNormBackwardOptions,
  SyncBatchNormOptions,
  Tensor,
} from "../../src/index";
import * as library from "../../src/index";

/** Names of ONNX, TensorFlow.js, WebNN, jax-js, PyTorch and Keras, and misspelled ones of this library. */
export const FOREIGN: readonly string[] = [
  "epsilon",
  "num_groups",
  "numGroups",
  "axis",
  "dims",
  "gamma",
  "running_mean",
  "running_var",
  "moving_mean",
  "moving_variance",
  "keepdims",
  "keepDims",
  "keep_dims",
  "unbiased",
  "train",
  "is_training",
  "byteOffset",
  "elementwise_affine",
  "track_running_stats",
  "normalized_shape",
  "channel_axis",
  "dType",
  "type",
  "ouput",
  "wieght",
  "bais",
  "toString",
  "constructor",
];

/** A call gives the first argument and options. */
type Call = (first: Tensor, options: unknown) => unknown;

interface OperationCase {
  readonly call: Call;
  /** All options that it has. */
  readonly known: readonly string[];
  /** Options of a valid call for an x of shape [2, 6, 4]. */
  readonly valid: Readonly<Record<string, unknown>>;
}

type Make = (...shape: number[]) => Tensor;

/** The options that a call of an operation needs, for x [2, 6, 4], in the mode with most options. */
function validOptions(of: Make): Readonly<Record<string, object>> {
  const running = { runningMean: of(6), runningVar: of(6) };
  return {
    batchNorm: { training: true, ...running },
    batchRenorm: { training: true, ...running },
    denormalize: { axes: [2], mean: of(2, 6), rstd: of(2, 6) },
    dynamicTanh: { normalizedShape: [4], alpha: of(1) },
    dynamicErf: { normalizedShape: [4], alpha: of(1) },
    filterResponseNorm: {},
    groupNorm: { groups: 2 },
    instanceNorm: running,
    layerNorm: { normalizedShape: [4] },
    localResponseNorm: { size: 3 },
    logSoftmax: {},
    lpNormalize: {},
    mean: {},
    meanVarianceNorm: { axes: [0, 2] },
    moments: {},
    applyMoments: { axes: [2], mean: of(2, 6), variance: of(2, 6) },
    rmsNorm: { axes: [2] },
    softmax: {},
    standardize: { axes: [2] },
    std: {},
    variance: {},
    weightNorm: { weight: of(2) },
    weightStandardize: {},
  };
}

/** Gradients of statistics have the statistic's shape, which without axes is that of x. */
const ARRIVING: Readonly<Record<string, (of: Make) => object>> = {
  mean: () => ({ axes: [] }),
  variance: () => ({ axes: [] }),
  std: () => ({ axes: [] }),
  moments: (of) => ({ axes: [], dVariance: of(2, 6, 4) }),
};

/** The compiler reports a composed operation's option that is missing here. */
const COMPOSED: {
  readonly globalResponseNorm: Record<keyof GlobalResponseNormOptions, true>;
  readonly globalResponseNormBackward: Record<
    keyof Parameters<typeof library.globalResponseNormBackward>[1],
    true
  >;
  readonly localResponseNormBackward: Record<
    keyof Parameters<typeof library.localResponseNormBackward>[1],
    true
  >;
  readonly syncBatchNorm: Record<keyof SyncBatchNormOptions, true>;
  readonly syncBatchNormBackward: Record<keyof SyncBatchNormBackwardOptions, true>;
} = {
  globalResponseNorm: {
    weight: true,
    bias: true,
    eps: true,
    channelAxis: true,
    mask: true,
    out: true,
    dtype: true,
  },
  globalResponseNormBackward: {
    weight: true,
    bias: true,
    eps: true,
    channelAxis: true,
    mask: true,
    x: true,
    gradients: true,
    out: true,
    accumulate: true,
  },
  localResponseNormBackward: {
    size: true,
    alpha: true,
    beta: true,
    k: true,
    channelAxis: true,
    convention: true,
    x: true,
    gradients: true,
    out: true,
    accumulate: true,
  },
  syncBatchNorm: {
    residual: true,
    residualBias: true,
    residualGate: true,
    residualOut: true,
    scale: true,
    shift: true,
    scaleOffset: true,
    activation: true,
    gate: true,
    skip: true,
    dtype: true,
    out: true,
    weight: true,
    bias: true,
    eps: true,
    channelAxis: true,
    runningMean: true,
    runningVar: true,
    group: true,
    timeout: true,
    signal: true,
    round: true,
    allReduce: true,
    mask: true,
    momentum: true,
  },
  syncBatchNormBackward: {
    residualBias: true,
    residualGate: true,
    scale: true,
    shift: true,
    scaleOffset: true,
    activation: true,
    gate: true,
    skip: true,
    dtype: true,
    weight: true,
    bias: true,
    eps: true,
    channelAxis: true,
    runningMean: true,
    runningVar: true,
    group: true,
    timeout: true,
    signal: true,
    round: true,
    allReduce: true,
    mask: true,
    momentum: true,
    x: true,
    moments: true,
    dSum: true,
    gradients: true,
  },
};

function composedOptions(of: Make): Readonly<Record<keyof typeof COMPOSED, object>> {
  const moments = { mean: of(6), variance: of(6), count: 8 };
  const allReduce = (local: unknown) => local;
  return {
    globalResponseNorm: {},
    globalResponseNormBackward: { x: of(2, 6, 4) },
    localResponseNormBackward: { x: of(2, 6, 4), size: 3 },
    syncBatchNorm: { runningMean: of(6), runningVar: of(6), allReduce },
    syncBatchNormBackward: { x: of(2, 6, 4), moments, allReduce },
  };
}

type Exported = Call & { readonly definition?: { readonly options?: object } };

/** All operations of the library with options, by their names. */
export function operationCases(ctx: Context): ReadonlyMap<string, OperationCase> {
  const of: Make = (...shape) => ctx.empty(shape);
  const forward = validOptions(of);
  const backward = Object.entries(forward).map(([name, options]) => {
    const arriving = ARRIVING[name]?.(of);
    return [`${name}Backward`, { ...options, ...arriving, x: of(2, 6, 4) }] as const;
  });
  const valid = new Map<string, object>([...Object.entries(forward), ...backward]);
  for (const [name, options] of Object.entries(composedOptions(of))) valid.set(name, options);
  const cases = new Map<string, OperationCase>();
  for (const [name, exported] of Object.entries(library)) {
    if (typeof exported !== "function" || WITHOUT_OPTIONS.includes(name)) continue;
    const call = exported as unknown as Exported;
    const known = COMPOSED[name as keyof typeof COMPOSED] ?? call.definition?.options;
    const options = valid.get(name);
    if (!known || !options) throw new Error(`${name} has no case`);
    cases.set(name, { call, known: Object.keys(known), valid: { ...options } });
  }
  return cases;
}

/** Exports that are no operation, one that has no options, and one that has nothing else. */
const WITHOUT_OPTIONS = [
  ...["NormError", "createContext", "mergeMoments", "foldBatchNorm", "globalNorm", "clipGradNorm"],
  ...["maskOf", "lengthsOf", "gateOf", "skipOf", "normalizeImage", "drawOnCanvas", "toImageData"], // which have tests of their errors
  ...["explain", "prepare", "warmup", "tune", "exportTuning", "importTuning"],
];

const withHole = (value: unknown) => Object.assign(new Array(2), { 1: value });

const TENSOR = [1, "x", {}, [1, 2], true, () => 0, Promise.resolve()];
const FLAG = ["false", 1, 0, null, "no", {}];
const NUMBER = ["3", true, NaN, 1e300, 1e-60, Infinity, [], {}, null];
const NAME = [1, "nope", {}, true, "toString"];
const COUNT = [1.5, "2", -1, {}, null];
const AXIS = [0.5, "1", 99, {}];

/** Each option does not have these values. */
const WRONG: Readonly<Record<string, readonly unknown[]>> = {
  ...Object.fromEntries(
    [
      "weight",
      "bias",
      "residual",
      "residualBias",
      "scale",
      "shift",
      "out",
      "x",
      "sum",
      "mean",
      "rstd",
      "meanPair",
      "variance",
      "dSum",
      "dVariance",
      "offset",
      "threshold",
      "runningMean",
      "runningVar",
      "r",
      "d",
    ].map((name) => [name, TENSOR]),
  ),
  ...Object.fromEntries(
    [
      "stats",
      "castBeforeWeight",
      "residualOut",
      "accumulate",
      "training",
      "useInputStats",
      "keepdim",
    ].map((name) => [name, FLAG]),
  ),
  ...Object.fromEntries(
    ["k", "beta", "weightOffset", "scaleOffset", "correction", "rMax", "dMax"].map((name) => [
      name,
      NUMBER,
    ]),
  ),
  ...Object.fromEntries(
    ["mask", "gate", "skip", "residualGate"].map((name) => [name, [...TENSOR, null]]),
  ),
  epsOn: NAME,
  eps: [...NUMBER, -1],
  momentum: [...NUMBER, 1.5, -0.5],
  count: NUMBER,
  p: NUMBER.filter((value) => value !== Infinity),
  activation: NAME,
  dtype: NAME,
  convention: NAME,
  groups: [...COUNT, 0],
  size: [...COUNT, 0],
  virtualBatchSize: [...COUNT, 7],
  numBatchesTracked: COUNT,
  channelAxis: [...AXIS, null],
  dim: AXIS,
  axes: [1, "x", {}, [0.5], [99], [0, 0], withHole(0), null],
  normalizedShape: ["4", {}, [0.5], [99], withHole(4), NaN, null, 5],
  gradients: ["dx", [], ["dy"], {}, null, withHole("dx")],
  allReduce: [1, "x", null, {}],
  group: [1, "x", null, {}],
  timeout: [0, -1, "1", NaN, Infinity, 2 ** 31, null],
  signal: [1, "x", null, {}],
  round: [1, {}, null],
  moments: [1, null],
};

/** The values that an option of an operation does not have. */
export function wrongValues(operation: string, option: string): readonly unknown[] {
  const all =
    option === "alpha" ? (operation.startsWith("dynamic") ? TENSOR : NUMBER) : WRONG[option];
  if (all === undefined) throw new Error(`${option} has no wrong values`);
  return all.filter((value) => !ALLOWED.some((rule) => rule(operation, option, value)));
}

/** Values that some operations have for an option that others do not have. */
const ALLOWED: readonly ((operation: string, option: string, value: unknown) => boolean)[] = [
  // `true` describes an array to `prepare`; a backward does not look at arrays without an effect
  (operation, _, value) => value === true && operation.endsWith("Backward"),
  (operation, option, value) =>
    option === "eps" && value === null && operation.startsWith("rmsNorm"),
  (operation, option, value) =>
    option === "eps" && value === -1 && operation.startsWith("filterResponseNorm"),
  (operation, option, value) =>
    option === "momentum" && value === null && /^batch(Re)?[nN]orm/.test(operation),
];
