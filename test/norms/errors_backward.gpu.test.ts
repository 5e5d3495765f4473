// Bad input of gradients, of common options, and of stored types gives errors, one test per
// message. The rules are in error_cases.ts.

import {
  applyMoments,
  batchNorm,
  batchNormBackward,
  batchRenorm,
  dynamicTanh,
  filterResponseNorm,
  filterResponseNormBackward,
  groupNormBackward,
  layerNorm,
  layerNormBackward,
  localResponseNorm,
  lpNormalizeBackward,
  mean,
  meanBackward,
  momentsBackward,
  prepare,
  rmsNorm,
  rmsNormBackward,
  softmaxBackward,
  standardize,
  standardizeBackward,
  stdBackward,
  varianceBackward,
  weightNorm,
} from "../../src/index";
import {
  type ErrorCase,
  expectMessage,
  expectUsable,
  kitOf,
  rejection,
  testErrors,
} from "../support/error_cases";
import { test } from "../support/fixture";

const GRADIENTS: ErrorCase[] = [
  [
    "no dy",
    ({ x }) => layerNormBackward(undefined as never, { x, normalizedShape: [4] }),
    ["layerNormBackward: dy is undefined", "tensor"],
  ],
  [
    "no x",
    ({ x }) => layerNormBackward(x, { normalizedShape: [4] } as never),
    ["layerNormBackward: x is missing", "normalized"],
  ],
  [
    "a dy of another shape",
    ({ x, of }) => rmsNormBackward(of(2, 6), { x, axes: [2] }),
    ["rmsNormBackward: x", "[2, 6, 4]", "[2, 6]"],
  ],
  [
    "a mean without rstd",
    ({ x, of }) => standardizeBackward(x, { x, axes: [2], mean: of(2, 6) }),
    ["standardizeBackward: rstd is missing", "both mean and rstd"],
  ],
  [
    "rstd without a mean",
    ({ x, of }) => standardizeBackward(x, { x, axes: [2], rstd: of(2, 6) }),
    ["standardizeBackward: mean is missing", "both mean and rstd"],
  ],
  [
    "a mean where none is taken away",
    ({ x, of }) => rmsNormBackward(x, { x, axes: [2], mean: of(2, 6), rstd: of(2, 6) }),
    ["rmsNormBackward: mean is given", "no such statistic"],
  ],
  [
    "statistics where there are none",
    ({ x, of }) => softmaxBackward(x, { x, axes: [2], rstd: of(2, 6) } as never),
    ["softmaxBackward: rstd is given", "no such statistic"],
  ],
  [
    "statistics of another shape",
    ({ x, of }) => groupNormBackward(x, { x, groups: 3, mean: of(2, 6), rstd: of(2, 6) }),
    ["groupNormBackward: mean", "[2, 6]", "expected [2, 3]"],
  ],
  [
    "a gradient of what is not given",
    ({ x }) => layerNormBackward(x, { x, normalizedShape: [4], gradients: ["dx", "dWeight"] }),
    ["layerNormBackward: gradients", "dWeight", "some of dx"],
  ],
  [
    "an unknown gradient",
    ({ x }) => lpNormalizeBackward(x, { x, gradients: ["dy" as never] }),
    ["lpNormalizeBackward: gradients", '"dy"', "some of dx"],
  ],
  [
    "a dSum of another shape",
    ({ x, of }) => layerNormBackward(x, { x, normalizedShape: [4], dSum: of(4) }),
    ["layerNormBackward: dSum", "[4]", "expected [2, 6, 4]"],
  ],
  [
    "a weight of another length",
    ({ x, of }) => batchNormBackward(x, { x, weight: of(4) }),
    ["batchNormBackward: weight", "[4]", "expected [6]"],
  ],
  [
    "a threshold of another length",
    ({ x, of }) => filterResponseNormBackward(x, { x, threshold: of(4) }),
    ["filterResponseNormBackward: threshold", "[4]", "expected [6]"],
  ],
  [
    "an unknown activation, backward",
    ({ x }) => layerNormBackward(x, { x, normalizedShape: [4], activation: "elu" as never }),
    ["layerNormBackward: activation", '"elu"', "relu"],
  ],
  [
    "no x for a mean's gradient",
    ({ of }) => meanBackward(of(2, 6), { axes: [2] } as never),
    ["meanBackward: x is missing", "the tensor that was reduced"],
  ],
  [
    "an x without a shape",
    ({ ctx }) => prepare(ctx, meanBackward, { shape: [2, 6], axes: [2], x: true }),
    ["meanBackward: x is true", "or its shape"],
  ],
  [
    "a gradient of another shape than the variance's",
    ({ x, of }) => varianceBackward(of(2, 4), { x, axes: [2] }),
    ["varianceBackward: dy", "[2, 4]", "expected [2, 6]"],
  ],
  [
    "a gradient of a statistic in f16",
    ({ ctx, x }) => stdBackward(ctx.empty([2, 6], { dtype: "f16" }), { x, axes: [2] }),
    ["stdBackward: dy has dtype f16", "expected f32"],
  ],
  [
    "a gradient of a mean without one of the variance",
    ({ x, of }) => momentsBackward(of(2, 6), { x, axes: [2] } as never),
    ["momentsBackward: dVariance is missing", "[2, 6]"],
  ],
  [
    "running statistics one of which is missing",
    ({ x, of }) => batchNormBackward(x, { x, runningMean: of(6) } as never),
    ["batchNormBackward: runningMean is given", "runningVar is missing", "both"],
  ],
];

const COMMON: ErrorCase[] = [
  [
    "an unknown activation",
    ({ x }) => layerNorm(x, { normalizedShape: [4], activation: "elu" as never }),
    ["layerNorm: activation", '"elu"', "relu, silu, gelu, geluTanh, hardswish, tanh, sigmoid"],
  ],
  [
    "an activation without a name",
    ({ x }) => layerNorm(x, { normalizedShape: [4], activation: { alpha: 1 } as never }),
    ["layerNorm: activation", "an object", "relu"],
  ],
  [
    "a number that an activation does not have",
    ({ x }) => layerNorm(x, { normalizedShape: [4], activation: { name: "relu", alpha: 1 } }),
    ["layerNorm: activation.alpha 1", "none for relu"],
  ],
  [
    "a slope that is no number",
    ({ x }) => {
      const activation = { name: "leakyRelu", alpha: Number.NaN } as const;
      return layerNorm(x, { normalizedShape: [4], activation });
    },
    ["layerNorm: activation.alpha NaN", "finite number"],
  ],
  [
    "no slopes for prelu",
    ({ x }) => layerNorm(x, { normalizedShape: [4], activation: "prelu" as never }),
    ["layerNorm: activation.alpha is undefined", "tensor"],
  ],
  [
    "slopes of prelu that do not broadcast",
    ({ x, of }) => {
      const activation = { name: "prelu", alpha: of(5) } as const;
      return batchNorm(x, { activation });
    },
    ["batchNorm: activation.alpha", "[5]", "[2, 6, 4]"],
  ],
  [
    "an activation that objects have",
    ({ x }) => layerNorm(x, { normalizedShape: [4], activation: "toString" as never }),
    ["layerNorm: activation", '"toString"', "relu"],
  ],
  [
    "a residual that does not broadcast",
    ({ x, of }) => layerNorm(x, { normalizedShape: [4], residual: of(6) }),
    ["layerNorm: residual", "[6]", "[2, 6, 4]"],
  ],
  [
    "a residual's bias of another length",
    ({ x, of }) => rmsNorm(x, { axes: [2], residualBias: of(5) }),
    ["rmsNorm: residualBias", "[5]", "[2, 6, 4]"],
  ],
  [
    "a scale with more axes than x",
    ({ x, of }) => batchNorm(x, { scale: of(1, 2, 6, 4) }),
    ["batchNorm: scale", "[1, 2, 6, 4]", "[2, 6, 4]"],
  ],
  [
    "a shift that is a number",
    ({ x }) => standardize(x, { axes: [2], shift: 1 as never }),
    ["standardize: shift is 1", "tensor"],
  ],
  [
    "a result over another part of the residual",
    ({ ctx, x, buffer }) => {
      const shared = buffer();
      const at = (offset: number) => ctx.fromBuffer(shared, { shape: [2, 6, 4], offset });
      return layerNorm(x, { normalizedShape: [4], residual: at(0), out: at(16) });
    },
    ["layerNorm: y shares", "residual", "another"],
  ],
  [
    "weights of another number",
    ({ x, of }) => weightNorm(x, { weight: of(3) }),
    ["weightNorm: weight", "[3]", "expected [2]"],
  ],
  [
    "no weights for weightNorm",
    ({ x }) => weightNorm(x, {} as never),
    ["weightNorm: weight is undefined", "magnitudes"],
  ],
  [
    "an eps that is no number",
    ({ x }) => filterResponseNorm(x, { eps: Number.NaN }),
    ["filterResponseNorm: eps NaN", "finite"],
  ],
  [
    "ghost batches that do not divide the batch",
    ({ x }) => batchNorm(x, { training: true, virtualBatchSize: 3 }),
    ["batchNorm: virtualBatchSize 3", "divisor of the 2 examples"],
  ],
  [
    "renormalization without running statistics",
    ({ x }) => batchRenorm(x, { training: true }),
    ["batchRenorm: runningMean and runningVar are missing", "training"],
  ],
  [
    "a bound of r below 1",
    ({ x, of }) => {
      const running = { runningMean: of(6), runningVar: of(6) };
      return batchRenorm(x, { training: true, rMax: 0.5, ...running });
    },
    ["batchRenorm: rMax 0.5", "at least 1"],
  ],
  [
    "no alpha",
    ({ x }) => dynamicTanh(x, { normalizedShape: [4] } as never),
    ["dynamicTanh: alpha is missing", "[1]"],
  ],
  [
    "a window of no channels",
    ({ x }) => localResponseNorm(x, { size: 0 }),
    ["localResponseNorm: size 0", "positive"],
  ],
  [
    "an unknown convention",
    ({ x }) => localResponseNorm(x, { size: 3, convention: "caffe" as never }),
    ["localResponseNorm: convention", '"caffe"', '"torch" or "onnx"'],
  ],
  [
    "moments of another shape",
    ({ x, of }) => applyMoments(x, { axes: [2], mean: of(2, 4), variance: of(2, 6) }),
    ["applyMoments: mean", "[2, 4]", "expected [2, 6]"],
  ],
];

const STORAGE: ErrorCase[] = [
  [
    "an unknown dtype of a tensor",
    ({ ctx }) => ctx.tensor([1], [1], { dtype: "f64" as never }),
    ["tensor: dtype", '"f64"', "f32, f16, bf16"],
  ],
  [
    "an unknown dtype of a result",
    ({ x }) => layerNorm(x, { normalizedShape: [4], dtype: "float16" as never }),
    ["layerNorm: dtype", '"float16"', "f32, f16, bf16"],
  ],
  [
    "a dtype that objects have",
    ({ ctx }) => ctx.empty([2], { dtype: "toString" as never }),
    ["empty: dtype", '"toString"', "f32, f16, bf16"],
  ],
  [
    "an unknown dtype of a buffer",
    ({ ctx, buffer }) => ctx.fromBuffer(buffer(), { shape: [4], dtype: "i4" as never }),
    ["fromBuffer: dtype", '"i4"'],
  ],
  [
    "bits as f32",
    ({ ctx }) => ctx.tensor(Uint16Array.of(1, 2), [2]),
    ["tensor: data is a Uint16Array with dtype f32", "f16, bf16 or u16"],
  ],
  [
    "an offset inside a half",
    ({ ctx, buffer }) => ctx.fromBuffer(buffer(), { shape: [4], offset: 3, dtype: "f16" }),
    ["fromBuffer: offset 3", "multiple of 2"],
  ],
  [
    "a buffer too small for halves",
    ({ ctx, buffer }) => ctx.fromBuffer(buffer(), { shape: [513], dtype: "bf16" }),
    ["fromBuffer: shape [513]", "1028 bytes", "1024"],
  ],
  [
    "running statistics of f16",
    ({ ctx, x, of }) => {
      const runningMean = ctx.empty([6], { dtype: "f16" });
      return batchNorm(x, { training: true, runningMean, runningVar: of(6) });
    },
    ["batchNorm: runningMean has dtype f16", "expected f32"],
  ],
  [
    "a result of another type than asked for",
    ({ ctx, x }) => {
      const out = ctx.empty([2, 6, 4], { dtype: "f16" });
      return layerNorm(x, { normalizedShape: [4], out, dtype: "bf16" });
    },
    ["layerNorm: out has dtype f16", "expected bf16"],
  ],
  [
    "a mean in f16",
    ({ ctx, x }) => mean(x, { axes: [2], out: ctx.empty([2, 6], { dtype: "f16" }) }),
    ["mean: out has dtype f16", "expected f32"],
  ],
  [
    "the input's buffer as another type",
    ({ ctx, buffer }) => {
      const shared = buffer();
      const x = ctx.fromBuffer(shared, { shape: [4, 8] });
      const out = ctx.fromBuffer(shared, { shape: [4, 8], dtype: "f16" });
      return layerNorm(x, { normalizedShape: [8], out });
    },
    ["layerNorm: y shares", "x", "another buffer"],
  ],
];

testErrors([...GRADIENTS, ...COMMON, ...STORAGE]);

test("readBits: a tensor of f32", async ({ ctx }) => {
  const kit = kitOf(ctx);
  expectMessage(await rejection(kit.x.readBits()), ["readBits: dtype f32", "f16 or bf16"]);
  await expectUsable(kit);
});
