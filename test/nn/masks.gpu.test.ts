// Modules take masks: y, gradients and running statistics are those of the operations with the mask.

import { expect } from "vitest";
import * as library from "../../src/index";
import { type Context, lengthsOf, type Mask, maskOf, type Tensor } from "../../src/index";
import * as nn from "../../src/nn/index";
import { MomentsAccumulator } from "../../src/stream/index";
import { maskedForward, maskedMoments } from "../reference/masked";
import { expectMessage, rejection } from "../support/error_cases";
import { test } from "../support/fixture";
import { Random } from "../support/random";
import { UNIT } from "../support/units";

const SHAPE = [5, 6, 8];
const SIZE = 240;
const random = new Random(41);
const flags = Float32Array.from({ length: SIZE }, (_, i) => {
  return Number(Math.floor(i / 48) !== 2 && random.chance(0.7)); // nothing of example 2
});
const clean = random.normals(SIZE, 3, 2);
const poisoned = clean.map((v, i) => (flags[i] ? v : Number.NaN));
const dy = random.normals(SIZE, 0, 1);

interface Case {
  readonly name: string;
  readonly make: (ctx: Context) => nn.NormModule;
  readonly operation: string;
  readonly options: object;
  readonly channels: number;
}

const CASES: readonly Case[] = [
  {
    name: "BatchNorm",
    make: (ctx) => new nn.BatchNorm(ctx, 6),
    operation: "batchNorm",
    options: { training: true },
    channels: 6,
  },
  {
    name: "LayerNorm",
    make: (ctx) => new nn.LayerNorm(ctx, 8),
    operation: "layerNorm",
    options: { normalizedShape: [8] },
    channels: 8,
  },
  {
    name: "GroupNorm",
    make: (ctx) => new nn.GroupNorm(ctx, 3, 6),
    operation: "groupNorm",
    options: { groups: 3 },
    channels: 6,
  },
  {
    name: "InstanceNorm",
    make: (ctx) => new nn.InstanceNorm(ctx, 6, { affine: true }),
    operation: "instanceNorm",
    options: {},
    channels: 6,
  },
  {
    name: "RMSNorm",
    make: (ctx) => new nn.RMSNorm(ctx, 8),
    operation: "rmsNorm",
    options: { normalizedShape: [8] },
    channels: 8,
  },
];

type Calls = Record<string, (x: Tensor, o: object) => Tensor & Record<string, Tensor>>;

async function equal(one: Tensor, other: Tensor, name: string): Promise<void> {
  const [a, b] = await Promise.all([one.read(), other.read()]);
  for (const [i, v] of a.entries()) {
    expect(Math.abs(v - b[i]), `${name}[${i}]`).toBeLessThan(1e-5);
  }
}

for (const { name, make, operation, options, channels } of CASES) {
  test(`${name} with a mask is ${operation} with it`, async ({ ctx }) => {
    using module = make(ctx);
    const mask = maskOf(ctx.tensor(flags, SHAPE, { dtype: "u8" }));
    const [x, arriving] = [ctx.tensor(poisoned, SHAPE), ctx.tensor(dy, SHAPE)];
    const weight = random.normals(channels, 1, 0.3);
    module.loadStateDict({ weight, ...(module.bias && { bias: weight }) } as never, {
      strict: false,
    });
    const parameters = { weight: module.weight?.data, bias: module.bias?.data };
    const own = { ...options, ...(module.bias ? parameters : { weight: parameters.weight }), mask };
    const calls = library as unknown as Calls;
    const y = module.forward(x, { mask });
    await equal(y, calls[operation](x, own), "y");
    const dx = module.backward(arriving);
    const judge = calls[`${operation}Backward`](arriving, { ...own, x });
    await equal(dx, judge.dx, "dx");
    await equal(module.weight?.grad as Tensor, judge.dWeight, "dWeight");
    if (module.bias) await equal(module.bias.grad as Tensor, judge.dBias, "dBias");
    const plain = module.forward(ctx.tensor(clean, SHAPE)); // the next forward has no mask
    expect((await plain.read()).every(Number.isFinite)).toBe(true);
  });
}

const judged = maskedMoments(
  { shape: SHAPE, data: clean },
  { axes: [0, 2], mask: { shape: SHAPE, data: flags } },
);

test("running statistics are those of the valid elements, and evaluation takes them", async ({
  ctx,
}) => {
  const mask = maskOf(ctx.tensor(flags, SHAPE));
  const x = ctx.tensor(poisoned, SHAPE);
  using batch = new nn.BatchNorm(ctx, 6, { momentum: 1 });
  batch.forward(x, { mask });
  const { running_mean, running_var, num_batches_tracked } = await batch.stateDict();
  expect([...num_batches_tracked.data]).toEqual([1]);
  for (let c = 0; c < 6; c++) {
    expect(running_mean.data[c]).toBeCloseTo(judged.mean.data[c], 5);
    expect(running_var.data[c]).toBeCloseTo(judged.corrected(1).data[c], 4);
  }
  batch.eval();
  const y = await batch.forward(x, { mask }).read();
  y.forEach((v, i) => {
    const c = Math.floor(i / 8) % 6;
    const rstd = 1 / Math.sqrt(judged.corrected(1).data[c] + 1e-5);
    const wanted = flags[i] ? (clean[i] - judged.mean.data[c]) * rstd : 0;
    expect(Math.abs(v - wanted)).toBeLessThan(2e-5);
  });
  const dx = await batch.backward(ctx.tensor(dy, SHAPE)).read();
  expect(dx.every((v, i) => (flags[i] ? Number.isFinite(v) : v === 0))).toBe(true);
  using instance = new nn.InstanceNorm(ctx, 6, { trackRunningStats: true, momentum: 1 });
  instance.forward(x, { mask });
  const state = await instance.stateDict();
  const wanted = maskedForward(
    "instanceNorm",
    { shape: SHAPE, data: clean },
    {
      mask: { shape: SHAPE, data: flags },
      runningMean: { shape: [6], data: new Float32Array(6) },
      runningVar: { shape: [6], data: new Float32Array(6).fill(1) },
      momentum: 1,
    } as never,
    { shape: SHAPE, axes: [2] },
  );
  for (let c = 0; c < 6; c++) {
    expect(state.running_mean.data[c]).toBeCloseTo(wanted.runningMean?.data[c] as number, 5);
    expect(state.running_var.data[c]).toBeCloseTo(wanted.runningVar?.data[c] as number, 4);
  }
});

async function* batches(ctx: Context): AsyncGenerator<{ x: Tensor; mask: Mask }> {
  for (let n = 0; n < SHAPE[0]; n++) {
    const part = [n * 48, (n + 1) * 48] as const;
    const shape = [1, 6, 8];
    const x = ctx.tensor(poisoned.slice(...part), shape);
    const mask = maskOf(Uint8Array.from(flags.slice(...part)), { shape });
    yield { x, mask };
    mask.destroy();
    x.destroy();
  }
}

test("estimate takes masks, of tensors and of streams", async ({ ctx }) => {
  const expectEstimate = async (module: nn.BatchNorm) => {
    const { running_mean, running_var } = await module.stateDict();
    for (let c = 0; c < 6; c++) {
      expect(Math.abs(running_mean.data[c] - judged.mean.data[c])).toBeLessThan(8 * UNIT);
      const unbiased = judged.corrected(1).data[c];
      expect(Math.abs(running_var.data[c] / unbiased - 1)).toBeLessThan(32 * UNIT);
    }
  };
  using one = new nn.BatchNorm(ctx, 6);
  await one.estimate(batches(ctx));
  await expectEstimate(one);
  using acc = new MomentsAccumulator(ctx, { shape: [-1, 6, 8], axes: [0, 2] });
  await acc.add(poisoned, { mask: maskOf(ctx.tensor(flags, SHAPE)) });
  using two = new nn.BatchNorm(ctx, 6);
  await two.estimate(acc);
  await expectEstimate(two);
  using three = new nn.BatchNorm(ctx, 6);
  await three.estimate(await acc.state());
  await expectEstimate(three);
});

test("wrong masks are errors, and the module stays as it is", async ({ ctx }) => {
  using module = new nn.BatchNorm(ctx, 6);
  const x = ctx.tensor(clean, SHAPE);
  const message = (call: () => unknown) => {
    try {
      call();
    } catch (error) {
      return (error as Error).message;
    }
    return "";
  };
  expect(message(() => module.forward(x, { mask: [1] as never }))).toBe(
    "BatchNorm.forward: mask [1], expected a mask of maskOf or lengthsOf",
  );
  expect(message(() => module.forward(x, { mask: maskOf([1, 0]) }))).toBe(
    "batchNorm: mask has shape [2], expected one that broadcasts to [5, 6, 8]",
  );
  expect(message(() => module.forward(x, { mask: lengthsOf([9, 8, 8, 8, 8], { axis: 2 }) }))).toBe(
    "batchNorm: lengths[0] is 9, expected at most 8, that of axis 2",
  );
  expectMessage(await rejection(module.estimate([{ x, mask: 1 as never }])), [
    "BatchNorm.estimate: mask 1, expected a mask of maskOf or lengthsOf",
  ]);
  const nothing = { x, mask: maskOf([0, 0, 0, 0, 0, 0, 0, 1]) };
  const one = { x: ctx.tensor(clean.slice(0, 48), [1, 6, 8]), mask: nothing.mask };
  expectMessage(await rejection(module.estimate([one])), [
    "BatchNorm.estimate: 1 values a channel, expected more than one",
  ]);
  const { running_mean, num_batches_tracked } = await module.stateDict();
  expect([...running_mean.data, ...num_batches_tracked.data]).toEqual([0, 0, 0, 0, 0, 0, 0]);
});
