// Running statistics of all data together (precise BN) come from tensors, from states that workers
// have merged, and from streams.

import { expect } from "vitest";
import type { Context, Tensor } from "../../src/index";
import { MomentsState } from "../../src/moments/index";
import * as nn from "../../src/nn/index";
import { MomentsAccumulator } from "../../src/stream/index";
import * as reference from "../reference/norms";
import { expectMessage, rejection } from "../support/error_cases";
import { test } from "../support/fixture";
import { watchBuffers } from "../support/gpu_objects";
import { Random } from "../support/random";
import { UNIT } from "../support/units";

const [CHANNELS, POSITIONS] = [3, 5];
const SAMPLE = CHANNELS * POSITIONS;
const SIZES = [4, 1, 7, 2, 0, 6]; // examples of the batches
const EXAMPLES = 20;
const data = new Random(2).normals(EXAMPLES * SAMPLE, 30);
const all = { shape: [EXAMPLES, CHANNELS, POSITIONS], data };
const expected = reference.moments(all, { axes: [0, 2] });
const COUNT = EXAMPLES * POSITIONS;

function* chunks(): Generator<Float32Array> {
  let at = 0;
  for (const size of SIZES) {
    yield data.slice(at * SAMPLE, (at + size) * SAMPLE);
    at += size;
  }
}

const upload = (ctx: Context, chunk: Float32Array) =>
  ctx.tensor(chunk, [chunk.length / SAMPLE, CHANNELS, POSITIONS]);

/** Each tensor ends when the next is asked for, as those of a network do. */
async function* batches(ctx: Context): AsyncGenerator<Tensor> {
  for (const chunk of chunks()) {
    const x = upload(ctx, chunk);
    yield x;
    x.destroy();
  }
}

async function expectEstimate(module: nn.BatchNorm): Promise<void> {
  const { running_mean, running_var } = await module.stateDict();
  for (let c = 0; c < CHANNELS; c++) {
    expect(Math.abs(running_mean.data[c] - expected.mean.data[c])).toBeLessThan(UNIT * 40);
    const unbiased = (expected.variance.data[c] * COUNT) / (COUNT - 1);
    expect(Math.abs(running_var.data[c] / unbiased - 1)).toBeLessThan(16 * UNIT);
  }
}

test("tensors, one after the other", async ({ ctx }) => {
  using module = new nn.BatchNorm(ctx, CHANNELS);
  await module.estimate(batches(ctx));
  await expectEstimate(module);
  expect(module.numBatchesTracked).toBe(0);
  module.resetRunningStats();
  const list = Array.from(chunks(), (chunk) => upload(ctx, chunk));
  await module.estimate(list);
  await expectEstimate(module);
  for (const x of list) expect(x.destroyed).toBe(false);
  using last = new nn.BatchNorm(ctx, POSITIONS, { channelAxis: -1 });
  await last.estimate(list);
  const { mean } = reference.moments(all, { axes: [0, 1] });
  for (const [c, value] of (await last.stateDict()).running_mean.data.entries()) {
    expect(Math.abs(value - mean.data[c])).toBeLessThan(UNIT * 40);
  }
});

test("a stream, and states of two workers", async ({ ctx }) => {
  using module = new nn.BatchNorm(ctx, CHANNELS);
  const options = { shape: [-1, CHANNELS, POSITIONS], axes: [0, 2] };
  using acc = new MomentsAccumulator(ctx, options);
  await acc.addAll(chunks());
  await module.estimate(acc);
  await expectEstimate(module);
  module.resetRunningStats();
  const states = [...chunks()]
    .filter((chunk) => chunk.length > 0)
    .map(async (chunk, i) => {
      using one = new MomentsAccumulator(ctx, options);
      await one.add(chunk);
      return one.state({ range: [i, i + 1] });
    });
  const [first, ...others] = await Promise.all(states);
  await module.estimate(others.reduce((sum, state) => sum.merge(state), first));
  await expectEstimate(module);
});

test("wrong sources are told, change nothing and leave nothing", async ({
  freshDevice,
  freshContext,
}) => {
  const device = await freshDevice();
  const { live } = watchBuffers(device);
  const ctx = await freshContext({ device, poolBytes: 0 });
  const module = new nn.BatchNorm(ctx, CHANNELS);
  await module.estimate(batches(ctx));
  const before = await module.stateDict();
  const state = (shape: number[], numbers: object) =>
    new MomentsState({ shape, axes: [0] }).add({
      ...{ count: 5, pivot: [1, 1, 1], delta: [0, 0, 0], variance: [1, 1, 1], range: [0, 5] },
      ...numbers,
    } as never);
  const BROKEN = new Error("the loader broke");
  async function* broken() {
    yield* batches(ctx);
    throw BROKEN;
  }
  function* with2(shape: number[]) {
    const x = ctx.tensor(new Float32Array(2 * CHANNELS).fill(1), [2, CHANNELS]);
    yield x;
    x.destroy();
    const wrong = ctx.empty(shape);
    try {
      yield wrong;
    } finally {
      wrong.destroy();
    }
  }
  const cases = (): [source: unknown, message: readonly string[]][] => [
    [undefined, ["BatchNorm.estimate: source is undefined", "an iterable of tensors"]],
    ["text", ['BatchNorm.estimate: source is "text"', "MomentsState"]],
    [3, ["BatchNorm.estimate: source is 3"]],
    [[1, 2], ["BatchNorm.estimate: x is 1, expected a tensor"]],
    [[], ["BatchNorm.estimate: 0 values a channel, expected more than one"]],
    [
      with2([4, 5]),
      ["BatchNorm.estimate: x has shape [4, 5], 5 channels along axis 1, expected 3"],
    ],
    [with2([3]), ["BatchNorm.estimate: x has shape [3]", "at least two axes"]],
    [new MomentsState({ shape: [-1, 3], axes: [0] }), ["BatchNorm.estimate: 0 values a channel"]],
    [
      new MomentsState({ shape: [-1, 4], axes: [0] }),
      ["BatchNorm.estimate: source has 4 groups, expected 3"],
    ],
    [state([-1, 3], { count: [5, 1, 5] }), ["BatchNorm.estimate: 1 values a channel"]],
    [
      state([-1, 3], { nan: [0, 0, 2] }),
      ["BatchNorm.estimate: channel 2 of source has variance NaN, expected finite"],
    ],
  ];
  const buffers: number[] = [];
  for (let turn = 0; turn < 2; turn++) {
    for (const [source, message] of cases()) {
      expectMessage(await rejection(module.estimate(source as never)), message);
    }
    expect(await rejection(module.estimate(broken()))).toBe(BROKEN);
    using acc = new MomentsAccumulator(ctx, { shape: [-1, 4], axes: [0] });
    await acc.add(new Float32Array(8));
    expectMessage(await rejection(module.estimate(acc)), [
      "BatchNorm.estimate: source has moments of shape [4], expected [3]",
    ]);
    acc.destroy();
    await ctx.sync();
    buffers.push(live.size);
  }
  expect(buffers[1]).toBe(buffers[0]); // the plans of the first turn stay
  expect(await module.stateDict()).toEqual(before);
  const untracked = new nn.BatchNorm(ctx, CHANNELS, { trackRunningStats: false });
  expectMessage(await rejection(untracked.estimate(batches(ctx))), [
    "BatchNorm.estimate: the module keeps no running statistics",
  ]);
  const x = upload(ctx, data.slice(0, 4 * SAMPLE));
  module.eval().forward(x);
  await module.estimate(batches(ctx));
  expectMessage(await rejection((async () => module.backward(x))()), [
    "BatchNorm.backward: no input is kept: estimate came after the last forward",
  ]);
  module.destroy();
  expectMessage(await rejection(module.estimate([x])), [
    "BatchNorm.estimate: the module is destroyed",
  ]);
});
