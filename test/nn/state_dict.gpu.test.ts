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
    ["RMSNorm.loadStateDict: weight is a Uint16Array with dtype undefined", "f16 or bf16"],
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
];

testErrors(ERRORS);

test("a state cannot be read after destroy", async ({ ctx }) => {
  const module = new nn.LayerNorm(ctx, 2);
  module.destroy();
  await expect(module.stateDict()).rejects.toThrow("LayerNorm.stateDict: the module is destroyed");
});
