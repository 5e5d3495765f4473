// Several forwards of one module come before their backwards, as in siamese and recurrent networks.

import { expect } from "vitest";
import { type Context, layerNorm, layerNormBackward } from "../../src/index";
import * as nn from "../../src/nn/index";
import { type ErrorCase, testErrors } from "../support/error_cases";
import { test } from "../support/fixture";
import { watchBuffers } from "../support/gpu_objects";
import { Random } from "../support/random";

const SHAPE = [3, 5];

function inputs(ctx: Context, count: number) {
  const random = new Random(count);
  return Array.from({ length: count }, () => ({
    x: ctx.tensor(random.normals(15, 0, 1), SHAPE),
    dy: ctx.tensor(random.normals(15, 0, 1), SHAPE),
  }));
}

test("backwards in any order give each forward's dx, and gradients that add up", async ({
  ctx,
}) => {
  using module = new nn.LayerNorm(ctx, 5);
  const all = inputs(ctx, 3).map((one) => ({ ...one, y: module.forward(one.x) }));
  const sums = new Float64Array(5);
  for (const k of [1, 2, 0]) {
    const { x, dy, y } = all[k];
    expect(await y.read()).toEqual(await layerNorm(x, { normalizedShape: [5] }).read());
    const weight = ctx.tensor([1, 1, 1, 1, 1], [5]);
    const wanted = layerNormBackward(dy, { x, normalizedShape: [5], weight });
    const dx = await module.backward(dy, { of: y }).read();
    (await wanted.dx.read()).forEach((v, i) => {
      expect(dx[i]).toBeCloseTo(v, 5);
    });
    (await wanted.dWeight.read()).forEach((v, i) => {
      sums[i] += v;
    });
  }
  const grad = await module.weight?.grad?.read();
  sums.forEach((v, i) => {
    expect(grad?.[i]).toBeCloseTo(v, 5);
  });
});

test("the last forward needs no y, nor that y lives", async ({ ctx }) => {
  using module = new nn.BatchNorm(ctx, 5);
  const [first, second] = inputs(ctx, 2);
  const y = module.forward(first.x);
  module.forward(second.x).destroy();
  expect(module.backward(second.dy).shape).toEqual(SHAPE);
  expect(module.backward(first.dy, { of: y }).shape).toEqual(SHAPE);
});

test("what is kept goes with y, at the next forward", async ({ freshDevice, freshContext }) => {
  const device = await freshDevice();
  const { live } = watchBuffers(device);
  const ctx = await freshContext({ device, poolBytes: 0 });
  using module = new nn.LayerNorm(ctx, 5);
  const [{ x }] = inputs(ctx, 1);
  module.forward(x).destroy();
  const before = live.size; // with the statistics of one forward
  const kept = module.forward(x);
  module.forward(x).destroy();
  expect(live.size).toBe(before + 2); // y and its statistics
  kept.destroy();
  for (let i = 0; i < 5; i++) module.forward(x).destroy();
  expect(live.size).toBe(before);
});

const ERRORS: ErrorCase[] = [
  [
    "a second backward of one forward",
    ({ ctx, x }) => {
      const module = new nn.LayerNorm(ctx, 4);
      const y = module.forward(x);
      module.backward(x, { of: y });
      module.backward(x, { of: y });
    },
    ["LayerNorm.backward: no input is kept: `of` is no y of a forward that is kept"],
  ],
  [
    "the y of another module",
    ({ ctx, x }) => {
      const [one, other] = [new nn.LayerNorm(ctx, 4), new nn.LayerNorm(ctx, 4)];
      const y = one.forward(x);
      other.forward(x);
      other.backward(x, { of: y });
    },
    ["LayerNorm.backward: no input is kept: `of` is no y"],
  ],
  [
    "an earlier forward whose y is destroyed",
    ({ ctx, x }) => {
      const module = new nn.LayerNorm(ctx, 4);
      const y = module.forward(x);
      y.destroy();
      module.forward(x);
      module.backward(x, { of: y });
    },
    ["LayerNorm.backward: no input is kept: `of` is no y"],
  ],
  [
    "running statistics that have changed since",
    ({ ctx, x }) => {
      const module = new nn.BatchNorm(ctx, 6).eval();
      const y = module.forward(x);
      module.train().forward(x);
      module.backward(x, { of: y });
    },
    ["BatchNorm.backward: no input is kept: `of` is no y"],
  ],
];

testErrors(ERRORS);
