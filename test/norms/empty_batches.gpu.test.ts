// Empty batches train as in PyTorch: the result is empty, running statistics stay, and gradients are
// zeros. PyTorch counts the batch (`num_batches_tracked`).

import { expect } from "vitest";
import {
  batchNorm,
  batchNormBackward,
  batchRenorm,
  batchRenormBackward,
  type Context,
  instanceNorm,
  instanceNormBackward,
} from "../../src/index";
import * as nn from "../../src/nn/index";
import { test } from "../support/fixture";

const CHANNELS = 3;
const zeros = new Float32Array(CHANNELS);

const running = (ctx: Context) => ({
  runningMean: ctx.tensor([1, 2, 3], [CHANNELS]),
  runningVar: ctx.tensor([4, 5, 6], [CHANNELS]),
});

type Any = (first: unknown, options: object) => never;

const NORMS: readonly [string, unknown, unknown, object][] = [
  ["batchNorm", batchNorm, batchNormBackward, { training: true }],
  [
    "batchNorm, cumulative",
    batchNorm,
    batchNormBackward,
    { training: true, momentum: null, numBatchesTracked: 4 },
  ],
  [
    "batchNorm, virtual batches",
    batchNorm,
    batchNormBackward,
    { training: true, virtualBatchSize: 2 },
  ],
  ["batchRenorm", batchRenorm, batchRenormBackward, { training: true }],
  ["instanceNorm", instanceNorm, instanceNormBackward, {}],
];

for (const [name, forward, backward, options] of NORMS) {
  for (const shape of [
    [0, CHANNELS],
    [0, CHANNELS, 5],
    [4, CHANNELS, 0, 3],
  ]) {
    if (name === "instanceNorm" && shape.length < 3) continue;
    if (name.includes("virtual") && shape[0] % 2 !== 0) continue;
    test(`${name} trains on [${shape}]`, async ({ ctx }) => {
      const x = ctx.empty(shape);
      const own = running(ctx);
      const weight = ctx.tensor([7, 8, 9], [CHANNELS]);
      const bias = ctx.tensor([1, 1, 1], [CHANNELS]);
      const all = { ...options, ...own, weight, bias };
      const y = (forward as Any)(x, all) as { shape: number[]; read(): Promise<Float32Array> };
      expect(y.shape).toEqual(shape);
      expect(await y.read()).toEqual(new Float32Array(0));
      expect(await own.runningMean.read()).toEqual(Float32Array.of(1, 2, 3));
      expect(await own.runningVar.read()).toEqual(Float32Array.of(4, 5, 6));
      const { dx, dWeight, dBias } = (backward as Any)(x, { ...all, x }) as Record<
        string,
        typeof y
      >;
      expect(dx.shape).toEqual(shape);
      expect(await dWeight.read()).toEqual(zeros);
      expect(await dBias.read()).toEqual(zeros);
    });
  }
}

test("a module trains on an empty batch, and counts it", async ({ ctx }) => {
  using module = new nn.BatchNorm(ctx, CHANNELS);
  const x = ctx.empty([0, CHANNELS, 2]);
  expect(module.forward(x).shape).toEqual([0, CHANNELS, 2]);
  expect(module.numBatchesTracked).toBe(1);
  expect(module.backward(x).shape).toEqual([0, CHANNELS, 2]);
  expect(await module.weight?.grad?.read()).toEqual(zeros);
  expect(await module.runningMean?.read()).toEqual(zeros);
  expect(await module.runningVar?.read()).toEqual(new Float32Array(CHANNELS).fill(1));
});

test("one value a channel stays refused", ({ ctx }) => {
  for (const shape of [
    [1, CHANNELS],
    [1, CHANNELS, 1, 1],
  ]) {
    expect(() => batchNorm(ctx.empty(shape), { training: true })).toThrow(
      /^batchNorm: shape .* has 1 values a channel, expected more than one in training/,
    );
  }
});
