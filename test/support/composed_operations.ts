// These tables have the composed operations with every option, each in some variations of a plain
// call. The types of the tables name all options, so that none is forgotten.

import type {
  ApplyMomentsOptions,
  Backward,
  GlobalResponseNormOptions,
  globalResponseNormBackward,
  LocalResponseNormOptions,
  localResponseNormBackward,
  Moments,
  SyncBatchNormBackwardOptions,
  SyncBatchNormOptions,
} from "../../src/index";
import { rows } from "./operations";
import type { Operation, Shape } from "./problem";
import {
  ADDED,
  activation,
  bias,
  DTYPES,
  given,
  halves,
  IN_PLACE,
  INTO,
  lastChannels,
  OUT,
  SHAPE,
  type Variation,
  weight,
} from "./variations";

export interface ComposedOperation {
  readonly name: string;
  /** The row whose reference and tolerance are its own. */
  readonly operation: Operation;
  readonly how: "call" | "syncBatchNorm" | "syncBatchNormBackward" | "mergeMoments";
  readonly plain: Variation;
  readonly variations: Readonly<Record<string, readonly Variation[]>>;
}

/** An option's name, or "x" for the array itself. Masks are in norms/masks_composed.gpu.test.ts. */
type OfEvery<O> = Record<Exclude<keyof O, "mask"> | "x", readonly Variation[]>;

const row = (name: string) => rows.find((one) => one.name === name) as Operation;

const globalResponse: OfEvery<GlobalResponseNormOptions> = {
  x: halves("x"),
  weight,
  bias,
  eps: [{ options: { eps: 0 } }, { options: { eps: 0.1 } }],
  channelAxis: [lastChannels(["weight", "bias"]), { options: { channelAxis: 2 } }],
  out: [...OUT, ...IN_PLACE],
  dtype: DTYPES,
};

/** Some of the gradients, of calls with both parameters; into given tensors, too. */
const asking = (...gradients: string[]): Variation => ({
  options: { gradients },
  inputs: { weight: [6], bias: [6] },
});
const some: Variation[] = [
  asking("dx"),
  asking("dWeight"),
  asking("dBias"),
  asking("dBias", "dWeight"),
  { ...asking("dWeight", "dx"), out: "padded" },
  { ...asking("dBias", "dx"), out: "permuted" },
];

const { out: _out, dtype: _dtype, ...globalResponseOthers } = globalResponse;
const globalResponseGradient: OfEvery<Parameters<typeof globalResponseNormBackward>[1]> = {
  ...globalResponseOthers,
  gradients: some,
  out: INTO,
  accumulate: ADDED,
};

const localResponse: OfEvery<LocalResponseNormOptions> = {
  x: halves("x"),
  size: [1, 2, 4, 5, 9].map((size) => ({ options: { size } })),
  alpha: [{ options: { alpha: 0 } }, { options: { alpha: 0.5 } }],
  beta: [0, 0.25, 0.7, 1, 2].map((beta) => ({ options: { beta } })),
  k: [{ options: { k: 2 } }, { options: { k: 0.5 } }],
  channelAxis: [{ options: { channelAxis: -1 } }, { options: { channelAxis: 2 } }],
  convention: (["torch", "onnx"] as const).flatMap((convention) =>
    [2, 3, 4].map((size) => ({ options: { convention, size } })),
  ),
  out: OUT,
  dtype: DTYPES,
};

const { out: _place, dtype: _stored, ...localResponseOthers } = localResponse;
const localResponseGradient: OfEvery<Parameters<typeof localResponseNormBackward>[1]> = {
  ...localResponseOthers,
  gradients: [{ options: { gradients: ["dx"] } }],
  out: INTO,
  accumulate: ADDED,
};

const EVERYWHERE: Shape[] = [SHAPE, [6, 1], [4, 1, 1], [5]];
const scale = given("scale", [4, 6, 1], [1, 6, 5], [5]);
const shift = given("shift", [4, 6, 1], [6, 1], [1]);
const residual = given("residual", SHAPE, [1, 6, 1]);
const residualBias = given("residualBias", [6, 1], [5]);

const scaleOffset: Variation[] = [0, 0.5].map((offset) => ({
  options: { scaleOffset: offset },
  inputs: { scale: [6, 1] },
}));
/** Gates behind the norm, and skips. */
const gates = {
  scaleOffset,
  gate: [
    ...given("gate", SHAPE, [6, 1]),
    { options: { gateActivation: "none" }, inputs: { gate: SHAPE } },
    { options: { gateActivation: "gelu", activation: "silu" }, inputs: { gate: SHAPE } },
  ],
  skip: [...given("skip", SHAPE, [6, 1]), { inputs: { skip: SHAPE, skipGate: [6, 1] } }],
} satisfies Record<string, Variation[]>;
const gatesFirst = {
  ...gates,
  gate: [...gates.gate, { options: { gateFirst: true }, inputs: { gate: SHAPE } }],
} satisfies Record<string, Variation[]>;

/** Axes with moments of the kept axes' shape. */
const axes: Variation[] = [
  { options: { axes: [1] }, inputs: { mean: [4, 5], variance: [4, 5] } },
  { options: { axes: [-1, 0] }, inputs: { mean: [6], variance: [6] } },
  { options: { axes: [] }, inputs: { mean: SHAPE, variance: SHAPE } },
  { options: { axes: [2, 0, 1] }, inputs: { mean: [], variance: [] } },
];
const keepdim: Variation = { inputs: { mean: [1, 6, 1], variance: [1, 6, 1] } };

const moments = {
  count: [{ options: { count: 7 } }], // of no effect
  mean: [keepdim, ...halves("mean")],
  variance: [keepdim, ...halves("variance")],
  meanPair: [{ pair: true }, { ...keepdim, pair: true }] as const,
};

const applied: OfEvery<Omit<ApplyMomentsOptions, "mask">> = {
  ...moments,
  x: halves("x"),
  axes,
  weight: given("weight", ...EVERYWHERE),
  bias: given("bias", ...EVERYWHERE),
  eps: [{ options: { eps: 0 } }, { options: { eps: 0.5 } }],
  residual,
  residualBias,
  residualOut: [
    { options: { residualOut: true } },
    { options: { residualOut: true }, inputs: { residual: SHAPE }, types: { x: "f16" } },
  ],
  residualGate: [
    { inputs: { residualGate: [6, 1], residual: SHAPE }, options: { residualOut: true } },
  ],
  ...gatesFirst,
  scale,
  shift,
  activation,
  dtype: DTYPES,
  out: [...OUT, ...IN_PLACE],
  stats: [{ options: { stats: true } }, { options: { stats: true }, inputs: { residual: SHAPE } }],
};

const appliedGradient: OfEvery<Omit<Backward<ApplyMomentsOptions>, "mask">> = {
  ...moments,
  x: halves("x"),
  axes,
  weight: given("weight", ...EVERYWHERE),
  bias: given("bias", ...EVERYWHERE),
  eps: applied.eps,
  residualBias,
  residualGate: [{ inputs: { residualGate: [6, 1], sum: SHAPE, residualBias: [5] } }],
  sum: [{ inputs: { residualGate: SHAPE, sum: SHAPE } }],
  ...gatesFirst,
  scale,
  shift,
  activation: activation.map(({ options }) => ({ options, inputs: { weight: [6, 1] } })),
  rstd: [], // it follows from the variance that is given
  dSum: given("dSum", SHAPE),
  dtype: DTYPES,
  out: INTO,
  accumulate: ADDED,
  gradients: [
    { options: { gradients: ["dx"] }, inputs: { weight: [6, 1] } },
    { options: { gradients: ["dBias", "dWeight"] }, inputs: { weight: [6, 1], bias: [5] } },
    { options: { gradients: ["dScale"] }, inputs: { scale: [4, 6, 1], shift: [5] } },
  ],
};

/**
 * Workers that have parts of all sizes, nothing among them; one alone, which is handed back what it
 * gave; a transport that knows no pairs.
 */
const allReduce: Variation[] = [
  { workers: [4] },
  { workers: [4], itself: true },
  { workers: [1, 3] },
  { workers: [2, 1, 1] },
  { workers: [0, 4] },
  { workers: [3, 0, 1] },
  { workers: [1, 3], pair: false },
];

/** Groups of the same workers, each option of theirs once. */
const groups = {
  group: [
    ...[[4], [1, 3], [2, 1, 1], [0, 4], [3, 0, 1], [1, 1, 1, 1]].map((workers): Variation => {
      return { workers, group: {} };
    }),
    { group: {}, types: { x: "f16" } },
  ],
  timeout: [{ group: { timeout: 1e6 } }],
  signal: [{ group: { signal: new AbortController().signal } }],
  round: [{ group: { round: "layer 1, step 1" } }],
} satisfies Record<string, Variation[]>;

const running: Variation = { inputs: { runningMean: [6], runningVar: [6] } };
const LAST_RUNNING = ["weight", "bias", "runningMean", "runningVar"];

const synchronized: OfEvery<SyncBatchNormOptions> = {
  x: halves("x"),
  weight,
  bias,
  eps: [{ options: { eps: 0 } }, { options: { eps: 0.5 } }],
  channelAxis: [
    lastChannels(LAST_RUNNING),
    { options: { channelAxis: 0 }, inputs: { weight: [4] }, workers: [2, 4] },
  ],
  residual: [...residual, { ...running, inputs: { ...running.inputs, residual: SHAPE } }],
  residualBias,
  residualOut: [
    { options: { residualOut: true } },
    { options: { residualOut: true }, inputs: { residual: SHAPE }, types: { x: "f16" } },
  ],
  residualGate: [], // refused
  ...gates,
  scale,
  shift,
  activation,
  dtype: DTYPES,
  out: [...OUT, ...IN_PLACE],
  allReduce,
  ...groups,
  runningMean: [running, { ...running, workers: [4] }],
  runningVar: [running],
  momentum: [0, 0.5, 1].map((momentum) => ({ ...running, options: { momentum } })),
};

const synchronizedGradient: OfEvery<SyncBatchNormBackwardOptions> = {
  x: halves("x"),
  weight: [weight[0], { ...weight[1], workers: [4] }], // each worker rounds its own part to f16
  bias: [bias[0], { ...bias[1], workers: [4] }],
  eps: synchronized.eps,
  channelAxis: [lastChannels(["weight", "bias"])],
  activation: activation.map(({ options }) => ({ options, inputs: { weight: [6], bias: [6] } })),
  moments: [{ workers: [1, 1, 2] }],
  allReduce,
  ...groups,
  residualBias,
  residualGate: [], // refused
  ...gates,
  scale,
  shift,
  dSum: given("dSum", SHAPE),
  dtype: [...DTYPES, { options: { dtype: "f16" }, inputs: { residualBias: [6, 1] } }],
  gradients: [
    { options: { gradients: ["dx"] } },
    { options: { gradients: ["dWeight", "dBias"] }, inputs: { weight: [6], bias: [6] } },
    { options: { gradients: ["dResidualBias"] }, inputs: { residualBias: [6, 1] } },
    { options: { gradients: ["dx", "dScale"] }, inputs: { scale: [6, 1], shift: [5] } },
  ],
  // without an effect on gradients
  runningMean: [running],
  runningVar: [running],
  momentum: [{ ...running, options: { momentum: 0.5 } }],
};

const merged: OfEvery<Moments> = {
  x: halves("x"),
  mean: [{ options: { axes: [0] } }, { options: { axes: [0, 1, 2] } }],
  variance: [{ options: { axes: [0, 2], keepdim: true } }],
  count: [{ workers: [4] }, { workers: [1, 3] }, { workers: [1, 1, 1, 1] }],
  meanPair: [{ pair: false }, { pair: false, workers: [1, 1, 2] }],
};

const BOTH = { mean: [6], variance: [6] };

const inTraining = (name: string, own: string): Operation => ({ ...row(own), name, like: own });

const called = (
  name: string,
  variations: ComposedOperation["variations"],
  plain: Variation = {},
): ComposedOperation => ({ name, operation: row(name), how: "call", plain, variations });

const gradient = { dy: SHAPE };

export const composedOperations: readonly ComposedOperation[] = [
  called("globalResponseNorm", globalResponse),
  called("globalResponseNormBackward", globalResponseGradient, { inputs: gradient }),
  called("localResponseNorm", localResponse, { options: { size: 3, alpha: 0.1 } }),
  called("localResponseNormBackward", localResponseGradient, {
    options: { size: 3, alpha: 0.1 },
    inputs: gradient,
  }),
  {
    name: "applyMoments",
    operation: { ...row("applyMoments"), statistics: ["mean", "rstd"] },
    how: "call",
    plain: { options: { axes: [0, 2] }, inputs: BOTH },
    variations: applied,
  },
  called("applyMomentsBackward", appliedGradient, {
    options: { axes: [0, 2] },
    inputs: { ...BOTH, ...gradient },
  }),
  {
    name: "mergeMoments",
    operation: { ...row("moments"), name: "mergeMoments" },
    how: "mergeMoments",
    plain: { options: { axes: [0, 2] }, workers: [1, 3] },
    variations: merged,
  },
  {
    name: "syncBatchNorm",
    operation: inTraining("syncBatchNorm", "batchNorm"),
    how: "syncBatchNorm",
    plain: { options: { training: true }, workers: [1, 3] },
    variations: synchronized,
  },
  {
    name: "syncBatchNormBackward",
    operation: inTraining("syncBatchNormBackward", "batchNormBackward"),
    how: "syncBatchNormBackward",
    plain: { options: { training: true }, inputs: { dy: SHAPE }, workers: [1, 3] },
    variations: synchronizedGradient,
  },
];
