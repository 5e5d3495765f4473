// Contexts, abstract calls, modules and streams know their options and refuse all others. The
// device computes nothing.

import { beforeAll, expect, test, vi } from "vitest";
import {
  type Context,
  createContext,
  explain,
  exportTuning,
  globalResponseNorm,
  importTuning,
  layerNorm,
  mean,
  mergeMoments,
  NormError,
  prepare,
  softmax,
  type Tensor,
  tune,
  warmup,
} from "../../src/index";
import * as nn from "../../src/nn/index";
import { MomentsAccumulator } from "../../src/stream/index";
import { nullDevice } from "../support/null_device";

vi.setConfig({ testTimeout: 120_000 });

let device: GPUDevice;
let ctx: Context;
let x: Tensor;

beforeAll(async () => {
  device = await nullDevice();
  ctx = await createContext({ device });
  x = ctx.empty([2, 6, 4]);
});

type Row = [message: string, call: () => unknown];

/** Types do not stand in the way of calls that JavaScript can make. */
const given = (value: unknown) => value as never;

function refuses(title: string, rows: () => readonly Row[]): void {
  test(title, async () => {
    for (const [message, call] of rows()) {
      let error: unknown = "nothing was refused";
      try {
        await call();
      } catch (reason) {
        error = reason;
      }
      expect(error, message).toBeInstanceOf(NormError);
      expect((error as NormError).message).toContain(message);
    }
  });
}

const many = Object.assign([], { length: 4e9 });
const holes = (length: number, at: number, value: number) =>
  Object.assign(new Array(length), { [at]: value });

refuses("what plans ahead takes the context first", () => {
  const rows = { shape: [2, 3], normalizedShape: [3] };
  const expected = "expected what createContext gives";
  return [
    [
      `explain: context is a function, ${expected}`,
      () => explain(given(layerNorm), given(rows), given(0)),
    ],
    [`prepare: context is an object, ${expected}`, () => prepare(given({}), layerNorm, rows)],
    [
      `warmup: context is undefined, ${expected}`,
      () => warmup(given(undefined), [[layerNorm, rows]]),
    ],
    [
      `tune: context is [[a function, an object]], ${expected}`,
      () => tune(given([[layerNorm, rows]])),
    ],
    [`exportTuning: context is null, ${expected}`, () => exportTuning(given(null))],
    [`importTuning: context is "{}", ${expected}`, () => importTuning(given("{}"), "{}")],
  ];
});

test("a context whose device is lost still explains, and gives its tuning", async () => {
  const lost = await nullDevice();
  const other = await createContext({ device: lost });
  lost.destroy();
  await lost.lost;
  const rows = { shape: [2, 3], normalizedShape: [3] };
  expect(explain(other, layerNorm, rows).passes.length).toBe(1);
  expect((await exportTuning(other)).choices).toEqual({});
  expect(() => prepare(other, layerNorm, rows)).toThrow("prepare: the GPU device was lost");
});

refuses("createContext: options", () => [
  ["createContext: options is a GPUDevice, expected { device", () => createContext(given(device))],
  [
    "createContext: unknown option devcie, did you mean device",
    () => createContext(given({ devcie: device })),
  ],
  ["createContext: options is null, expected { device", () => createContext(given(null))],
  [
    "createContext: device an object, expected a GPUDevice",
    () => createContext(given({ device: {} })),
  ],
  [
    "createContext: device null, expected a GPUDevice",
    () => createContext(given({ device: null })),
  ],
  [
    "createContext: adapter an object, expected a GPUAdapter",
    () => createContext(given({ device, adapter: {} })),
  ],
  [
    'createContext: poolBytes "1", expected a number of bytes',
    () => createContext(given({ device, poolBytes: "1" })),
  ],
  [
    "createContext: poolBytes -1, expected a number of bytes",
    () => createContext({ device, poolBytes: -1 }),
  ],
]);

refuses("createContext: profiles", () =>
  (
    [
      ["unknown option workGroup, did you mean workgroup", { workGroup: 64 }],
      ["workgroup 0, expected a power of two up to the device's", { workgroup: 0 }],
      ["workgroup 48, expected a power of two", { workgroup: 48 }],
      ["wideWorkgroup 65536, expected a power of two up to the device's", { wideWorkgroup: 65536 }],
      ['kind "tpu", expected "cpu" or "gpu"', { kind: "tpu" }],
      ['workgroups "8", expected a positive integer', { workgroups: "8" }],
      ["registerVectors -1, expected an integer that is not negative", { registerVectors: -1 }],
      ["loneRow an object, expected { min, max }", { loneRow: { min: 8 } }],
      ["maxBindingBytes Infinity, expected a positive integer", { maxBindingBytes: Infinity }],
      ["storageBuffers 1000, expected a positive integer up to", { storageBuffers: 1000 }],
      ['software "no", expected true or false', { software: "no" }],
      ["name 1, expected a string", { name: 1 }],
      ["options is null, expected {", null],
    ] as const
  ).map(
    ([message, profile]): Row => [
      `createContext: profile: ${message}`,
      () => createContext({ device, profile: given(profile) }),
    ],
  ),
);

test("a whole profile of the device, and parts of it, are good", async () => {
  const again = await createContext({ device, profile: { ...ctx.profile } });
  const less = await createContext({ device, profile: { kind: "cpu", maxBindingBytes: 4096 } });
  expect([again.profile, less.profile.kind]).toEqual([ctx.profile, "cpu"]);
});

refuses("tensor, empty, fromBuffer, batch", () => {
  const buffer = device.createBuffer({ size: 64, usage: 128 });
  const lent = (options: unknown) => () => ctx.fromBuffer(buffer, given(options));
  return [
    [
      "tensor: unknown option type, did you mean dtype",
      () => ctx.tensor([1], [1], given({ type: "f16" })),
    ],
    ['tensor: options is "f16", expected { dtype }', () => ctx.tensor([1], [1], given("f16"))],
    ["tensor: options is null", () => ctx.tensor([1], [1], given(null))],
    ["tensor: shape [[4]], expected", () => ctx.tensor([1], given([[4]]))],
    ["tensor: 4000000000 values for shape [2]", () => ctx.tensor(many, [2])],
    ["tensor: shape [undefined, ", () => ctx.tensor([1], many)],
    [
      "empty: unknown option dType, did you mean dtype",
      () => ctx.empty([1], given({ dType: "f16" })),
    ],
    ["empty: shape [undefined, 2], expected", () => ctx.empty(holes(2, 1, 2))],
    [
      "fromBuffer: unknown option byteOffset, did you mean offset",
      lent({ shape: [1], byteOffset: 4 }),
    ],
    ["fromBuffer: options is undefined, expected { shape", lent(undefined)],
    [
      "fromBuffer: strides [2, undefined], expected",
      lent({ shape: [2, 2], strides: holes(2, 0, 2) }),
    ],
    [
      "fromBuffer: buffer an object",
      () => ctx.fromBuffer(given({ usage: 128, size: 64 }), { shape: [1] }),
    ],
    ["batch: fn 3, expected a function", () => ctx.batch(given(3))],
    ["softmax: x is a GPUBuffer, expected a tensor: fromBuffer", () => softmax(given(buffer))],
    ["softmax: x is a Promise, expected a tensor: await", () => softmax(given(Promise.resolve(x)))],
  ];
});

refuses("abstract calls", () => {
  const rows = { shape: [2, 4], normalizedShape: [4] };
  return [
    ["explain: 3, expected an operation", () => explain(ctx, given(3), given({ shape: [1] }))],
    [
      "layerNorm: options is undefined, expected { shape",
      () => explain(ctx, layerNorm, given(undefined)),
    ],
    [
      "layerNorm: unknown option inputtype, did you mean inputType",
      () => prepare(ctx, layerNorm, given({ ...rows, inputtype: "f16" })),
    ],
    [
      "layerNorm: unknown option epsilon, did you mean eps",
      () => explain(ctx, layerNorm, given({ ...rows, epsilon: 1 })),
    ],
    [
      'layerNorm: inPlace "no", expected true or false',
      () => prepare(ctx, layerNorm, given({ ...rows, inPlace: "no" })),
    ],
    [
      "mean: inPlace with y on x, expected none",
      () => prepare(ctx, mean, { shape: [4], inPlace: true }),
    ],
    ["warmup: undefined, expected an operation", () => warmup(ctx, given(undefined))],
    ["softmax: options is undefined, expected { shape", () => warmup(ctx, given([softmax]))],
    ["warmup: null, expected an operation", () => warmup(ctx, given([null]))],
    [
      "warmup: a function, expected an operation",
      () => warmup(ctx, given([[globalResponseNorm, { shape: [2] }]])),
    ],
    [
      "softmax: unknown option axis, did you mean axes",
      () => warmup(ctx, [[softmax, given({ shape: [2], axis: 0 })]]),
    ],
    ["tune: 3, expected an operation", () => tune(ctx, given([3]))],
    [
      "tune: unknown option onprogres, did you mean onProgress",
      () => tune(ctx, [], given({ onprogres: 1 })),
    ],
    ["tune: signal an object, expected an AbortSignal", () => tune(ctx, [], given({ signal: {} }))],
    ['tune: store "yes", expected true or false', () => tune(ctx, [], given({ store: "yes" }))],
  ];
});

refuses("mergeMoments", () => {
  const { mean: m, variance } = { mean: ctx.empty([4]), variance: ctx.empty([4]) };
  const merge = (parts: unknown) => () => mergeMoments(given(parts));
  return [
    ["mergeMoments: count undefined, expected", merge([null])],
    ['mergeMoments: count "3", expected', merge([{ mean: m, variance, count: "3" }])],
    ["mergeMoments: count Infinity, expected", merge([{ mean: m, variance, count: Infinity }])],
    ["mergeMoments: mean is undefined, expected a tensor", merge([{ count: 3 }])],
  ];
});

refuses("modules", () => {
  const made = new nn.BatchNorm(ctx, 6);
  const wrong: [
    make: (options: unknown) => unknown,
    name: string,
    foreign: string,
    ours: string,
  ][] = [
    [
      (o) => new nn.LayerNorm(ctx, 4, given(o)),
      "LayerNorm",
      "elementwise_affine",
      "elementwiseAffine",
    ],
    [(o) => new nn.RMSNorm(ctx, 4, given(o)), "RMSNorm", "epsilon", "eps"],
    [
      (o) => new nn.BatchNorm(ctx, 6, given(o)),
      "BatchNorm",
      "track_running_stats",
      "trackRunningStats",
    ],
    [(o) => new nn.GroupNorm(ctx, 2, 6, given(o)), "GroupNorm", "axis", "channelAxis"],
    [(o) => new nn.InstanceNorm(ctx, 6, given(o)), "InstanceNorm", "epsilon", "eps"],
  ];
  const each = wrong.flatMap(([make, name, foreign, ours]): Row[] => [
    [`${name}: unknown option ${foreign}, did you mean ${ours}`, () => make({ [foreign]: 1 })],
    [`${name}: options is null`, () => make(null)],
    [`${name}: eps "1", expected`, () => make({ eps: "1" })],
    [`${name}: eps 1e-60, expected`, () => make({ eps: 1e-60 })],
    [`${name}: dtype "f64", expected`, () => make({ dtype: "f64" })],
  ]);
  return [
    ...each,
    ["RMSNorm: unknown option bias", () => new nn.RMSNorm(ctx, 4, given({ bias: true }))],
    [
      "BatchNorm: affine 1, expected true or false",
      () => new nn.BatchNorm(ctx, 6, given({ affine: 1 })),
    ],
    [
      "InstanceNorm: momentum null, expected",
      () => new nn.InstanceNorm(ctx, 6, given({ momentum: null })),
    ],
    ['BatchNorm.train: mode "no", expected true or false', () => made.train(given("no"))],
    [
      "BatchNorm.forward: unknown option nograd, did you mean noGrad",
      () => made.forward(x, given({ nograd: true })),
    ],
    [
      "BatchNorm.forward: noGrad 1, expected true or false",
      () => made.forward(x, given({ noGrad: 1 })),
    ],
    [
      "BatchNorm.forward: x is a Promise, expected a tensor: await",
      () => made.forward(given(Promise.resolve(x))),
    ],
    [
      "BatchNorm.stateDict: unknown option prefx, did you mean prefix",
      () => made.stateDict(given({ prefx: "a." })),
    ],
    [
      "BatchNorm.loadStateDict: strict 0, expected true or false",
      () => made.loadStateDict({}, given({ strict: 0 })),
    ],
    [
      "BatchNorm.loadStateDict: prefix 1, expected a string",
      () => made.loadStateDict({}, given({ prefix: 1 })),
    ],
    [
      "weight has shape [[6]]",
      () =>
        made.loadStateDict(given({ weight: { data: new Array(6).fill(1), shape: [[6]] } }), {
          strict: false,
        }),
    ],
  ];
});

refuses("streams", () => {
  const made = (options: unknown = { shape: [-1, 4] }) =>
    new MomentsAccumulator(ctx, given(options));
  const acc = made();
  acc.add(new Float32Array(8));
  const chunk = new Float32Array(8);
  structuredClone(chunk.buffer, { transfer: [chunk.buffer] });
  return [
    [
      "MomentsAccumulator: unknown option axis, did you mean axes",
      () => made({ shape: [-1, 4], axis: 0 }),
    ],
    ["MomentsAccumulator: options is null", () => made(null)],
    ["MomentsAccumulator.add: chunk is detached, expected", () => acc.add(chunk)],
    ["MomentsAccumulator.add: chunk is detached, expected", () => acc.add(chunk.buffer)],
    [
      "MomentsAccumulator.addAll: signal an object, expected an AbortSignal",
      () => acc.addAll([], given({ signal: {} })),
    ],
    ["MomentsAccumulator.addAll: unknown option eps", () => acc.addAll([], given({ eps: 1 }))],
    [
      "MomentsAccumulator.moments: unknown option keepdims, did you mean keepdim",
      () => acc.moments(given({ keepdims: true })),
    ],
    [
      "MomentsAccumulator.variance: unknown option unbiased, did you mean correction",
      () => acc.variance(given({ unbiased: true })),
    ],
    [
      'MomentsAccumulator.variance: correction "1", expected',
      () => acc.variance(given({ correction: "1" })),
    ],
    [
      "MomentsAccumulator.normalize: unknown option epsilon, did you mean eps",
      () => acc.normalize([], given({ epsilon: 1 })),
    ],
    [
      'MomentsAccumulator.normalize: eps "1", expected',
      () => acc.normalize([], given({ eps: "1" })),
    ],
  ];
});
