// These tests cover BatchNorm as a module: PyTorch's steps, the README's example, its misuse.

import { expect } from "vitest";
import { NormError, type Tensor } from "../../src/index";
import * as nn from "../../src/nn/index";
import { caught, type ErrorCase, testErrors } from "../support/error_cases";
import { test } from "../support/fixture";
import { expectNear, testVectors } from "../support/modules";
import { type ModuleVector, moduleOf, moduleVectors, tensorOf } from "../support/vectors_nn";

testVectors("BatchNorm");

test("the README's example", async ({ ctx }) => {
  const [shape, channels] = [[2, 64, 3, 3], 64];
  const values = (size: number) => Float32Array.from({ length: size }, (_, i) => (i * 7) % 11);
  const x = ctx.tensor(values(2 * 64 * 9), shape);
  const dy = ctx.tensor(values(2 * 64 * 9), shape);
  const checkpoint = {
    "conv1.weight": values(3),
    "layer1.0.bn1.weight": values(channels),
    "layer1.0.bn1.bias": values(channels),
    "layer1.0.bn1.running_mean": values(channels),
    "layer1.0.bn1.running_var": values(channels),
  };
  const updated: Tensor[] = [];
  const update = (data: Tensor, grad: Tensor | null) => updated.push(data, grad as Tensor);

  // from here on as in the README
  const bn = new nn.BatchNorm(ctx, 64, { activation: "relu" });
  bn.loadStateDict(checkpoint, { prefix: "layer1.0.bn1." }); // PyTorch's names; values or tensors

  const y = bn.forward(x); // training: the batch's statistics; the running ones are updated
  const dx = bn.backward(dy); // the gradients add up in bn.weight.grad and bn.bias.grad
  for (const { data, grad } of bn.parameters()) update(data, grad); // your optimizer, on data.buffer
  bn.zeroGrad();

  bn.eval(); // the running statistics from now on
  const prediction = bn.forward(x, { noGrad: true });
  const { running_mean } = await bn.stateDict(); // { shape: [64], data: Float32Array, dtype: "f32" }
  bn.destroy(); // parameters, gradients and statistics; x, y, dy and dx are yours
  // until here

  expect(updated.map((tensor) => tensor.shape)).toEqual([[64], [64], [64], [64]]);
  for (const tensor of [y, dx, prediction]) expect(tensor.shape).toEqual(shape);
  expect(running_mean).toMatchObject({ shape: [64], dtype: "f32" });
  expect(running_mean.data[1]).toBeCloseTo(0.9 * 7 + 0.1 * mean(await x.read(), 1), 4);
});

/** The mean of a channel of the example above. */
function mean(data: Float32Array, channel: number): number {
  const all = data.filter((_, i) => Math.floor(i / 9) % 64 === channel);
  return all.reduce((sum, v) => sum + v, 0) / all.length;
}

test("evaluation is that of the forward, whatever the mode at backward", async ({ ctx }) => {
  const { initial, evaluation } = moduleVectors[0];
  using module = moduleOf(ctx, moduleVectors[0] as ModuleVector);
  module.loadStateDict({ ...initial, ...moduleVectors[0].trained });
  const [x, dy] = [tensorOf(ctx, evaluation.x), tensorOf(ctx, evaluation.dy)];
  module.eval().forward(x);
  module.train();
  expectNear(await module.backward(dy).read(), evaluation.dx, "dx");
});

const ERRORS: ErrorCase[] = [
  ["no channels", ({ ctx }) => new nn.BatchNorm(ctx, 0), ["BatchNorm: channels 0", "positive"]],
  [
    "a negative eps, at once",
    ({ ctx }) => new nn.BatchNorm(ctx, 4, { eps: -1 }),
    ["BatchNorm: eps -1", "not negative"],
  ],
  [
    "a momentum past 1, at once",
    ({ ctx }) => new nn.BatchNorm(ctx, 4, { momentum: 2 }),
    ["batchNorm: momentum 2", "0 .. 1"],
  ],
  [
    "a single value a channel",
    ({ ctx, of }) => new nn.BatchNorm(ctx, 3).forward(of(1, 3)),
    ["batchNorm: shape [1, 3]", "1 values a channel"],
  ],
];

testErrors(ERRORS);

test("a failed forward leaves what was kept, and counts no batch", ({ ctx }) => {
  using module = new nn.BatchNorm(ctx, 2);
  const x = ctx.tensor([1, 2, 3, 4], [2, 2]);
  module.forward(x);
  expect(caught(() => module.forward(ctx.tensor([1, 2], [1, 2])))).toBeInstanceOf(NormError);
  expect(module.numBatchesTracked).toBe(1);
  expect(module.backward(x).shape).toEqual([2, 2]);
});
