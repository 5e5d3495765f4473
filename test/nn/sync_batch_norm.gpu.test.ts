// SyncBatchNorm is PyTorch's BatchNorm of all ranks' data, with the same state on every rank.

import { expect } from "vitest";
import { type Context, NormError, type Tensor } from "../../src/index";
import * as nn from "../../src/nn/index";
import { expectMessage, rejection } from "../support/error_cases";
import { test } from "../support/fixture";
import { watchBuffers } from "../support/gpu_objects";
import { expectGradients, expectNear, expectState } from "../support/modules";
import { Random } from "../support/random";
import { moduleVectors, type Step, tensorOf } from "../support/vectors_nn";
import { cut, groupsOf, joined } from "../support/workers";

const VECTORS = moduleVectors.filter(
  ({ module, options }) => module === "BatchNorm" && !("virtualBatchSize" in options),
);

async function expectStep(module: nn.SyncBatchNorm, { x, dy, y, dx }: Step, name: string) {
  const [input, gradient] = [x, dy].map((values) => tensorOf(module.context, values));
  const made = await module.forward(input);
  expectNear(await made.read(), y, `y of ${name}`);
  expectNear(await (await module.backward(gradient)).read(), dx, `dx of ${name}`);
}

test("there are vectors", () => {
  expect(VECTORS.length).toBeGreaterThan(2);
});

for (const vector of VECTORS) {
  test(`alone it is PyTorch's BatchNorm: ${vector.id}`, async ({ ctx }) => {
    const [group] = groupsOf(1);
    const [channels] = vector.arguments as [number];
    using module = new nn.SyncBatchNorm(ctx, channels, { ...vector.options, group });
    module.loadStateDict(vector.initial);
    for (const [i, step] of vector.steps.entries()) await expectStep(module, step, `step ${i + 1}`);
    await expectGradients(module, vector.gradients);
    await expectState(module, vector.trained);
    module.eval().zeroGrad();
    await expectStep(module, vector.evaluation, "evaluation");
    await expectGradients(module, vector.evaluation.gradients);
    await expectState(module, vector.trained);
  });
}

const C = 3;
const SIZES = [1, 4, 0, 2];

test("four ranks over some steps are one BatchNorm", async ({ ctx }) => {
  const options = { momentum: null, eps: 1e-3, activation: "silu" } as const;
  const groups = groupsOf(SIZES.length);
  const modules = groups.map((group) => new nn.SyncBatchNorm(ctx, C, { ...options, group }));
  const deep = groups.map((group) => new nn.SyncBatchNorm(ctx, C, { group }));
  using whole = new nn.BatchNorm(ctx, C, options);
  using deepWhole = new nn.BatchNorm(ctx, C);
  for (let step = 0; step < 3; step++) {
    const [x, dy] = [0, 1].map((k) => {
      const shape = [7, C, 2];
      return { shape, data: new Random(10 * step + k).normals(42, 1 - k) };
    });
    const expected = deepWhole.forward(whole.forward(tensorOf(ctx, x)));
    const expectedDx = whole.backward(deepWhole.backward(tensorOf(ctx, dy)));
    const [xs, dys] = [x, dy].map((v) => cut(v, SIZES).map((part) => tensorOf(ctx, part)));
    const results = await Promise.all(
      modules.map(async (module, rank) => {
        const y = await deep[rank].forward(await module.forward(xs[rank]));
        const dx = await module.backward(await deep[rank].backward(dys[rank]));
        return { y, dx };
      }),
    );
    for (const [name, wanted] of [
      ["y", expected],
      ["dx", expectedDx],
    ] as const) {
      const read = results.map(async (one) => {
        return { shape: one[name].shape, data: await one[name].read() };
      });
      const { data } = joined(await Promise.all(read));
      expectNear(
        Float32Array.from(data),
        { shape: [], data: await wanted.read() },
        `${name} of step ${step}`,
      );
    }
  }
  const states = await Promise.all(modules.map((module) => module.stateDict()));
  for (const state of states) expect(state).toEqual(states[0]); // to the bit
  const { running_mean, running_var, num_batches_tracked } = await whole.stateDict();
  expectNear(states[0].running_mean.data, running_mean, "running mean");
  expectNear(states[0].running_var.data, running_var, "running variance");
  expect(states[0].num_batches_tracked).toEqual(num_batches_tracked);
  const sums = new Float32Array(C);
  for (const { weight } of modules) {
    for (const [c, v] of ((await weight?.grad?.read()) ?? []).entries()) sums[c] += v;
  }
  const grad = await whole.weight?.grad?.read();
  expectNear(sums, { shape: [C], data: grad ?? new Float32Array() }, "gradient of weight", 256);
  for (const module of [...modules, ...deep]) module.destroy();
});

test("several forwards before their backwards, and noGrad", async ({ ctx }) => {
  const [group] = groupsOf(1);
  using module = new nn.SyncBatchNorm(ctx, C, { group });
  using plain = new nn.BatchNorm(ctx, C);
  const of = (seed: number) => ctx.tensor(new Random(seed).normals(12), [4, C]);
  const [a, b, dy] = [of(1), of(2), of(3)];
  const [ya, yb] = [await module.forward(a), await module.forward(b)];
  const [pa, pb] = [plain.forward(a), plain.forward(b)];
  await module.forward(of(4), { noGrad: true });
  expectMessage(await rejection(module.backward(dy)), [
    "SyncBatchNorm.backward: no input is kept: the last forward had noGrad",
  ]);
  const near = async (x: Tensor, y: Tensor) =>
    expectNear(await x.read(), { shape: [], data: await y.read() }, "dx");
  await near(await module.backward(dy, { of: ya }), plain.backward(dy, { of: pa }));
  await near(await module.backward(dy, { of: yb }), plain.backward(dy, { of: pb }));
  await near(module.weight?.grad as Tensor, plain.weight?.grad as Tensor);
});

test("a step that fails leaves the state, on every rank", async ({ ctx }) => {
  const groups = groupsOf(2);
  const modules = groups.map((group) => new nn.SyncBatchNorm(ctx, C, { group }));
  const x = ctx.tensor(new Random(1).normals(12), [4, C]);
  const before = await modules[0].stateDict();
  const errors = await Promise.all([
    rejection(modules[0].forward(x)),
    rejection(modules[1].forward(ctx.empty([4, C + 1]))),
  ]);
  expectMessage(errors[0], [
    "syncBatchNorm: rank 1 failed: SyncBatchNorm.forward: x has shape [4, 4]",
  ]);
  expectMessage(errors[1], ["SyncBatchNorm.forward: x has shape [4, 4]", "expected 3"]);
  for (const module of modules) expect(await module.stateDict()).toEqual(before);
  const ys = await Promise.all(modules.map((module) => module.forward(x)));
  expect(await ys[0].read()).toEqual(await ys[1].read());
  const wrong = await Promise.all([
    rejection(modules[0].backward(ctx.empty([2, C]))),
    rejection(modules[1].backward(x)),
  ]);
  expectMessage(wrong[0], ["SyncBatchNorm.backward: dy has shape [2, 3]", "expected [4, 3]"]);
  expectMessage(wrong[1], ["syncBatchNormBackward: rank 0 failed: SyncBatchNorm.backward: dy has"]);
  const dx = await Promise.all(modules.map((module) => module.backward(x)));
  expect(await dx[0].read()).toEqual(await dx[1].read());
});

test("misuse is told", ({ ctx }) => {
  const [group] = groupsOf(1);
  const make = (options: object) => () => new nn.SyncBatchNorm(ctx, C, options as never);
  const CASES: [object, string][] = [
    [{}, "SyncBatchNorm: group undefined, expected { rank, size, allGather }"],
    [{ group: 3 }, "SyncBatchNorm: group 3, expected { rank, size, allGather }"],
    [
      { group: { ...group, rank: 5 } },
      "SyncBatchNorm: group has rank 5, expected an integer in 0 .. 0",
    ],
    [{ group, virtualBatchSize: 2 }, "SyncBatchNorm: unknown option virtualBatchSize"],
    [{ group, timeout: 0 }, "SyncBatchNorm: timeout 0, expected a positive number of milliseconds"],
    [{ group, momentum: 2 }, "batchNorm: momentum 2"],
  ];
  for (const [options, message] of CASES) {
    expect(make(options)).toThrow(NormError);
    expect(make(options)).toThrow(message);
  }
});

test("nothing leaks: not in a step, not beyond destroy", async ({ freshDevice, freshContext }) => {
  const device = await freshDevice();
  const { live } = watchBuffers(device);
  const ctx: Context = await freshContext({ device, poolBytes: 0 });
  const [group] = groupsOf(1);
  const x = ctx.tensor(new Random(1).normals(12), [4, C]);
  const run = async (steps: number) => {
    const module = new nn.SyncBatchNorm(ctx, C, { group });
    const plain = new nn.SyncBatchNorm(ctx, C, { group, affine: false, trackRunningStats: false });
    let within = 0;
    for (let i = 0; i < steps; i++) {
      const made: Tensor[] = [];
      for (const one of [module, plain]) {
        made.push(await one.forward(x), await one.backward(x));
        made.push(await one.forward(x, { noGrad: true }));
      }
      for (const tensor of made) tensor.destroy();
      await ctx.sync();
      within = live.size;
    }
    module.destroy();
    plain.destroy();
    await ctx.sync();
    return [within, live.size];
  };
  await run(2); // plans stay with the context
  const before = live.size;
  const [one, three] = [await run(1), await run(3)];
  expect(three).toEqual(one);
  expect(one[1]).toBe(before);
});
