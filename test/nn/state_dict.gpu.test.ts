// These tests cover the states of modules: as PyTorch's, through JSON, in every form, and with
// errors.

import { expect } from "vitest";
import { type Context, NormError } from "../../src/index";
import * as nn from "../../src/nn/index";
import { caught, destroyed, type ErrorCase, testErrors } from "../support/error_cases";
import { test } from "../support/fixture";
import { moduleVectors } from "../support/vectors_nn";

const NAMES: [string, (ctx: Context) => nn.NormModule, string[]][] = [
  [
    "BatchNorm",
    (ctx) => new nn.BatchNorm(ctx, 2),
    ["weight", "bias", "running_mean", "running_var", "num_batches_tracked"],
  ],
  [
    "BatchNorm without its own",
    (ctx) => new nn.BatchNorm(ctx, 2, { affine: false }),
    ["running_mean", "running_var", "num_batches_tracked"],
  ],
  [
    "BatchNorm that tracks nothing",
    (ctx) => new nn.BatchNorm(ctx, 2, { trackRunningStats: false }),
    ["weight", "bias"],
  ],
  ["InstanceNorm", (ctx) => new nn.InstanceNorm(ctx, 2), []],
  [
    "InstanceNorm that tracks",
    (ctx) => new nn.InstanceNorm(ctx, 2, { trackRunningStats: true }),
    ["running_mean", "running_var", "num_batches_tracked"],
  ],
  ["GroupNorm", (ctx) => new nn.GroupNorm(ctx, 1, 2), ["weight", "bias"]],
  ["LayerNorm", (ctx) => new nn.LayerNorm(ctx, 2), ["weight", "bias"]],
  ["LayerNorm without bias", (ctx) => new nn.LayerNorm(ctx, [2], { bias: false }), ["weight"]],
  ["RMSNorm", (ctx) => new nn.RMSNorm(ctx, [2]), ["weight"]],
];
const FIRST = { weight: [1, 1], bias: [0, 0], running_mean: [0, 0], running_var: [1, 1] };

for (const [name, make, names] of NAMES) {
  test(`${name} begins as PyTorch's`, async ({ ctx }) => {
    using module = make(ctx);
    const state = await module.stateDict();
    expect(Object.keys(state)).toEqual(names);
    const { num_batches_tracked: count, ...others } = state;
    if (count) expect(count).toEqual({ shape: [], data: Float32Array.of(0), dtype: "f32" });
    for (const [name, entry] of Object.entries(others)) {
      const data = Float32Array.from(FIRST[name as keyof typeof FIRST]);
      expect(entry).toEqual({ shape: [2], data, dtype: "f32" });
    }
  });
}

test("a state goes from one module to another through JSON", async ({ ctx }) => {
  using from = new nn.BatchNorm(ctx, 4);
  from.loadStateDict(moduleVectors[0].initial);
  const state = await from.stateDict({ prefix: "a." });
  const plain = Object.entries(state).map(([name, { data }]) => [name, [...data]]);
  using to = new nn.BatchNorm(ctx, 4);
  to.loadStateDict(JSON.parse(JSON.stringify(Object.fromEntries(plain))), { prefix: "a." });
  expect(await to.stateDict({ prefix: "a." })).toEqual(state);
});

test("values in every form", async ({ ctx }) => {
  using module = new nn.BatchNorm(ctx, 2);
  const strided = ctx.tensor([5, 6, 7, 8], [4]);
  const every = ctx.fromBuffer(strided.buffer, { shape: [2], strides: [2] });
  const half = ctx.tensor([1.5, 2.5], [2], { dtype: "f16" });
  module.loadStateDict({
    weight: every,
    bias: { data: Uint16Array.of(0x3fc0, 0xc000), shape: [2], dtype: "bf16" },
    running_mean: half,
    running_var: Float64Array.of(3, 4),
    num_batches_tracked: BigInt64Array.of(12n),
  });
  const read = Object.entries(await module.stateDict()).map(([, { data }]) => [...data]);
  expect(read).toEqual([[5, 7], [1.5, -2], [1.5, 2.5], [3, 4], [12]]);
  expect(module.numBatchesTracked).toBe(12);
  using other = new nn.BatchNorm(ctx, 2, { dtype: "bf16" });
  const { weight, bias } = module;
  other.loadStateDict({ weight: weight?.data, bias: bias ?? undefined }, { strict: false });
  const { data, dtype } = (await other.stateDict()).weight;
  expect([[...data], dtype]).toEqual([[5, 7], "bf16"]);
});

test("without strict, names are told and the rest is loaded", async ({ ctx }) => {
  using module = new nn.BatchNorm(ctx, 2);
  const state = { "n.weight": [3, 4], "n.other": [1], "m.bias": [1, 2] };
  expect(module.loadStateDict(state, { prefix: "n.", strict: false })).toEqual({
    missing: ["n.bias", "n.running_mean", "n.running_var"],
    unexpected: ["n.other"],
  });
  const { weight, bias } = await module.stateDict();
  expect([...weight.data, ...bias.data]).toEqual([3, 4, 0, 0]);
});

test("what is wrong anywhere leaves everything as it was", async ({ ctx }) => {
  using module = new nn.BatchNorm(ctx, 2);
  const before = await module.stateDict();
  const state = { weight: [3, 4], bias: [1, 2], running_mean: [1, 2], running_var: [1] };
  expect(caught(() => module.loadStateDict(state))).toBeInstanceOf(NormError);
  expect(await module.stateDict()).toEqual(before);
});

/** The bytes of a file of safetensors, as its loaders cut them out: at any offset. */
function bytesAt(offset: number, list: ArrayBufferView): Uint8Array {
  const file = new Uint8Array(offset + list.byteLength);
  file.set(new Uint8Array(list.buffer), offset);
  return file.subarray(offset);
}

test("bytes by safetensors' and PyTorch's names of dtypes", async ({ ctx }) => {
  const values = { f32: Float32Array.of(1.5, -2), f64: Float64Array.of(1.5, -2) };
  const halves = { f16: Uint16Array.of(0x3e00, 0xc000), bf16: Uint16Array.of(0x3fc0, 0xc000) };
  const cases: [string, ArrayBufferView][] = [
    ["F32", values.f32],
    ["torch.float32", values.f32],
    ["f32", values.f32],
    ["F64", values.f64],
    ["float64", values.f64],
    ["F16", halves.f16],
    ["float16", halves.f16],
    ["BF16", halves.bf16],
    ["bfloat16", halves.bf16],
    ["torch.bfloat16", halves.bf16],
  ];
  using module = new nn.RMSNorm(ctx, 2);
  for (const [dtype, list] of cases) {
    const bytes = bytesAt(3, list);
    const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
    for (const data of [bytes, view]) {
      module.loadStateDict({ weight: [0, 0] });
      module.loadStateDict({ weight: { data, shape: [2], dtype } });
      expect([...((await module.weight?.data.read()) ?? [])], dtype).toEqual([1.5, -2]);
    }
  }
  for (const [dtype, data] of [
    ["BF16", halves.bf16],
    ["F16", halves.f16],
  ] as const) {
    module.loadStateDict({ weight: { data, dtype } });
    expect([...((await module.weight?.data.read()) ?? [])], dtype).toEqual([1.5, -2]);
  }
});

test("a Map is a state, and a count comes in bytes, too", async ({ ctx }) => {
  using module = new nn.BatchNorm(ctx, 2);
  const count = { data: bytesAt(1, BigInt64Array.of(7n)), shape: [], dtype: "I64" };
  const state = new Map<string, nn.StateValue>([
    ["weight", Int32Array.of(2, 3)],
    ["bias", Uint32Array.of(4, 5)],
    ["running_mean", Float64Array.of(6, 7)],
    ["running_var", [8, 9]],
    ["num_batches_tracked", count],
  ]);
  expect(module.loadStateDict(state, { strict: false })).toEqual({ missing: [], unexpected: [] });
  const read = Object.entries(await module.stateDict()).map(([, { data }]) => [...data]);
  expect(read).toEqual([[2, 3], [4, 5], [6, 7], [8, 9], [7]]);
  module.forward(ctx.tensor([1, 2, 3, 5], [2, 2])).destroy();
  expect(module.numBatchesTracked).toBe(8);
});

test("other libraries' names stand for PyTorch's by a map", async ({ ctx }) => {
  const keras = {
    gamma: "weight",
    beta: "bias",
    moving_mean: "running_mean",
    moving_variance: "running_var",
  };
  using batch = new nn.BatchNorm(ctx, 1);
  const state = {
    "bn/gamma": [2],
    "bn/beta": [3],
    "bn/moving_mean": [4],
    "bn/moving_variance": [5],
  };
  const options = { prefix: "bn/", names: keras };
  expect(batch.loadStateDict(state, options)).toEqual({ missing: [], unexpected: [] });
  const read = Object.values(await batch.stateDict()).map(({ data }) => [...data]);
  expect(read).toEqual([[2], [3], [4], [5], [0]]);
  using bert = new nn.LayerNorm(ctx, 1);
  const layer = { "output.LayerNorm.gamma": [2], "output.LayerNorm.beta": [3] };
  bert.loadStateDict(layer, { prefix: "output.LayerNorm.", names: keras });
  expect([...(await bert.stateDict()).bias.data]).toEqual([3]);
});

function withHole(list: number[]): number[] {
  delete list[1];
  return list;
}

function ofLength(length: number): number[] {
  const list: number[] = [];
  list.length = length;
  return list;
}

const ERRORS: ErrorCase[] = [
  [
    "missing names",
    ({ ctx }) => new nn.LayerNorm(ctx, 4).loadStateDict({ weight: [1, 2, 3, 4] }),
    ["LayerNorm.loadStateDict: bias missing", "expected weight, bias"],
  ],
  [
    "unexpected names",
    ({ ctx }) =>
      new nn.RMSNorm(ctx, 1).loadStateDict({ "a.weight": [1], "a.b": 1 }, { prefix: "a." }),
    ["RMSNorm.loadStateDict: a.b unexpected", "expected a.weight"],
  ],
  [
    "names for a module that has none",
    ({ ctx }) => new nn.InstanceNorm(ctx, 1).loadStateDict({ weight: [1] }),
    ["InstanceNorm.loadStateDict: weight unexpected", "expected no names"],
  ],
  [
    "no dictionary",
    ({ ctx }) => new nn.RMSNorm(ctx, 1).loadStateDict(null as never),
    ["RMSNorm.loadStateDict: state is null", "object"],
  ],
  [
    "fewer values",
    ({ ctx }) => new nn.RMSNorm(ctx, 4).loadStateDict({ weight: [1] }),
    ["RMSNorm.loadStateDict: weight has 1 values", "expected 4 for shape [4]"],
  ],
  [
    "values of another shape, though as many",
    ({ ctx }) => {
      const weight = { shape: [4], data: new Float32Array(4) };
      new nn.RMSNorm(ctx, [2, 2]).loadStateDict({ weight }, { strict: false });
    },
    ["RMSNorm.loadStateDict: weight has shape [4]", "expected [2, 2]"],
  ],
  [
    "a tensor of another shape",
    ({ ctx, x }) => new nn.RMSNorm(ctx, 4).loadStateDict({ weight: x }),
    ["RMSNorm.loadStateDict: weight has shape [2, 6, 4]", "expected [4]"],
  ],
  [
    "a destroyed tensor",
    ({ ctx, of }) => new nn.RMSNorm(ctx, 4).loadStateDict({ weight: destroyed(of(4)) }),
    ["RMSNorm.loadStateDict: weight is destroyed"],
  ],
  [
    "bits of an unknown type",
    ({ ctx }) => new nn.RMSNorm(ctx, 1).loadStateDict({ weight: Uint16Array.of(1) }),
    ["RMSNorm.loadStateDict: weight is a Uint16Array with dtype undefined", "F32, F16, BF16"],
  ],
  [
    "bytes of a type that no norm has",
    ({ ctx }) => {
      const weight = { data: new Uint8Array(1), shape: [1], dtype: "F8_E4M3" };
      new nn.RMSNorm(ctx, 1).loadStateDict({ weight });
    },
    ['RMSNorm.loadStateDict: weight is a Uint8Array with dtype "F8_E4M3"', "F32, F16, BF16"],
  ],
  [
    "bytes that end within a value",
    ({ ctx }) =>
      new nn.RMSNorm(ctx, 1).loadStateDict({ weight: { data: new Uint8Array(5), dtype: "F32" } }),
    [
      'RMSNorm.loadStateDict: weight is a Uint8Array with dtype "F32" and 5 bytes',
      "expected a multiple of 4",
    ],
  ],
  [
    "a hole",
    ({ ctx }) => new nn.RMSNorm(ctx, 3).loadStateDict({ weight: withHole([1, 2, 3]) }),
    ["RMSNorm.loadStateDict: weight[1] is undefined", "expected a number"],
  ],
  [
    "a list of four thousand million, at once",
    ({ ctx }) => new nn.RMSNorm(ctx, 3).loadStateDict({ weight: ofLength(4e9) }),
    ["RMSNorm.loadStateDict: weight has 4000000000 values", "expected 3"],
  ],
  [
    "a shape within a shape",
    ({ ctx }) => {
      const weight = { shape: [[4]], data: [1, 2, 3, 4] };
      new nn.RMSNorm(ctx, [4]).loadStateDict({ weight } as never);
    },
    ["RMSNorm.loadStateDict: weight has shape [[4]]", "expected [4]"],
  ],
  [
    "a negative variance",
    ({ ctx }) => {
      const module = new nn.BatchNorm(ctx, 2, { affine: false });
      module.loadStateDict({ running_mean: [-1, 0], running_var: [1, -0.5] });
    },
    ["BatchNorm.loadStateDict: running_var[1] is -0.5", "not negative"],
  ],
  [
    "a negative variance by another name",
    ({ ctx }) => {
      const module = new nn.BatchNorm(ctx, 1, { affine: false });
      const names = { moving_mean: "running_mean", moving_variance: "running_var" };
      module.loadStateDict({ moving_mean: [-1], moving_variance: [-2] }, { names });
    },
    ["BatchNorm.loadStateDict: moving_variance[0] is -2", "not negative"],
  ],
  [
    "two names for one",
    ({ ctx }) => {
      const names = { gamma: "weight" };
      new nn.RMSNorm(ctx, 1).loadStateDict({ gamma: [1], weight: [1] }, { names, strict: false });
    },
    ["RMSNorm.loadStateDict: gamma and weight are both weight", "expected one of them"],
  ],
  [
    "a name that stands for none",
    ({ ctx }) =>
      new nn.RMSNorm(ctx, 1).loadStateDict({ gamma: [1] }, { names: { gamma: "wieght" } }),
    ['RMSNorm.loadStateDict: names.gamma is "wieght"', "weight, bias, running_mean"],
  ],
  [
    "names that are none",
    ({ ctx }) => new nn.RMSNorm(ctx, 1).loadStateDict({ weight: [1] }, { names: null as never }),
    ["RMSNorm.loadStateDict: names is null", '{ gamma: "weight" }'],
  ],
  [
    "text as values",
    ({ ctx }) => new nn.RMSNorm(ctx, 1).loadStateDict({ weight: "1" as never }),
    ['RMSNorm.loadStateDict: weight is "1"', "array of numbers"],
  ],
  [
    "half a batch",
    ({ ctx }) => {
      const module = new nn.BatchNorm(ctx, 1, { affine: false });
      module.loadStateDict({ running_mean: [0], running_var: [1], num_batches_tracked: 1.5 });
    },
    ["BatchNorm.loadStateDict: num_batches_tracked is 1.5", "whole number"],
  ],
  ...[2 ** 53 - 1, 2n ** 60n, [1, 2], BigInt64Array.of(-1n)].map(
    (count): ErrorCase => [
      `a count of ${count}`,
      ({ ctx }) => {
        const module = new nn.BatchNorm(ctx, 1, { affine: false });
        const state = { running_mean: [0], running_var: [1], num_batches_tracked: count };
        module.loadStateDict(state);
      },
      ["BatchNorm.loadStateDict: num_batches_tracked is", "expected a whole number from 0 to 2^52"],
    ],
  ),
];

testErrors(ERRORS);

test("a state cannot be read after destroy", async ({ ctx }) => {
  const module = new nn.LayerNorm(ctx, 2);
  module.destroy();
  await expect(module.stateDict()).rejects.toThrow("LayerNorm.stateDict: the module is destroyed");
});
