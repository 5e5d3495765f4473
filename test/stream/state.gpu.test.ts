// A stream's moments go to a state and come back: to other accumulators, after a crash, from
// workers.

import { expect } from "vitest";
import type { Context } from "../../src/index";
import { MomentsState } from "../../src/moments/index";
import { MomentsAccumulator } from "../../src/stream/index";
import * as reference from "../reference/norms";
import { caught, expectMessage, rejection } from "../support/error_cases";
import { test } from "../support/fixture";
import { Random } from "../support/random";
import { UNIT } from "../support/units";

const [CHANNELS, POSITIONS] = [3, 10];
const SAMPLE = CHANNELS * POSITIONS;
const OPTIONS = { shape: [-1, CHANNELS, POSITIONS], axes: [0, 2] };
const SAMPLES = 32;
const OFFSET = 1e6;

const data = new Random(1).normals(SAMPLES * SAMPLE, OFFSET);
const expected = reference.moments(
  { shape: [SAMPLES, CHANNELS, POSITIONS], data },
  { axes: OPTIONS.axes },
);

const part = (from: number, to: number) => data.subarray(from * SAMPLE, to * SAMPLE);

function* chunks(from: number, to: number, size = 4): Generator<Float32Array> {
  for (let at = from; at < to; at += size) yield part(at, Math.min(to, at + size));
}

/** 1e-7 of the deviation is for sums in f32 within a chunk and merges on the GPU. */
function expectWhole(state: MomentsState): void {
  const { mean, variance, count } = state.moments();
  for (let c = 0; c < CHANNELS; c++) {
    expect(count[c]).toBe(BigInt(SAMPLES * POSITIONS));
    expect(Math.abs(mean[c] - expected.mean.data[c])).toBeLessThan(16 * UNIT);
    expect(Math.abs(variance[c] / expected.variance.data[c] - 1)).toBeLessThan(16 * UNIT);
  }
}

async function stateOf(ctx: Context, from: number, to: number, range?: [number, number]) {
  using acc = new MomentsAccumulator(ctx, OPTIONS);
  await acc.addAll(chunks(from, to));
  return acc.state({ range });
}

test("a stream's state has its moments, in more digits than its tensors", async ({ ctx }) => {
  const state = await stateOf(ctx, 0, SAMPLES);
  expectWhole(state);
  expect(state.ranges).toEqual([[0n, BigInt(SAMPLES)]]);
  expect([state.shape, state.axes, state.dtype]).toEqual([[-1, 3, 10], [0, 2], "f32"]);
});

test("a state is that of the call, whatever is added meanwhile", async ({ ctx }) => {
  using acc = new MomentsAccumulator(ctx, OPTIONS);
  await acc.addAll(chunks(0, 12));
  const early = acc.state();
  for (const chunk of chunks(12, SAMPLES)) acc.add(chunk);
  const late = acc.state();
  expect((await early).toBytes()).toEqual((await stateOf(ctx, 0, 12)).toBytes());
  expectWhole(await late);
});

test("a stream goes on from a state, and gives the bits of one that never stopped", async ({
  ctx,
}) => {
  using whole = new MomentsAccumulator(ctx, OPTIONS);
  let saved = new Uint8Array();
  let done = 0;
  for (let block = 0; block < 4; block++) {
    // a process that has the file alone, and ends after a block
    using acc = new MomentsAccumulator(ctx, OPTIONS);
    if (saved.length > 0) acc.load(MomentsState.fromBytes(saved));
    expect(acc.samples).toBe(done);
    await acc.addAll(chunks(done, done + 8));
    saved = (await acc.state()).toBytes();
    done += 8;
    const { mean, variance, count } = acc.moments();
    expect(count).toBe(done * POSITIONS);
    if (done === SAMPLES) {
      for (const [c, value] of (await mean.read()).entries()) {
        expect(Math.abs(value - expected.mean.data[c])).toBeLessThan(UNIT * OFFSET);
      }
      for (const [c, value] of (await variance.read()).entries()) {
        expect(Math.abs(value / expected.variance.data[c] - 1)).toBeLessThan(16 * UNIT);
      }
      const y: number[] = [];
      for await (const block of acc.normalize(chunks(0, SAMPLES))) y.push(...block);
      const { data: wanted } = reference.standardize(
        { shape: [SAMPLES, CHANNELS, POSITIONS], data },
        { axes: OPTIONS.axes },
      ).y;
      for (const [i, value] of y.entries()) expect(Math.abs(value - wanted[i])).toBeLessThan(1e-5);
    }
  }
  const state = MomentsState.fromBytes(saved);
  expectWhole(state);
  expect(state.ranges).toEqual([[0n, BigInt(SAMPLES)]]);
  // blocks that were never stored, in another order
  const blocks = await Promise.all(
    [16, 0, 24, 8].map((from) => stateOf(ctx, from, from + 8, [from, from + 8])),
  );
  expect(blocks.reduce((all, one) => all.merge(one)).toBytes()).toEqual(saved);
  whole.load(state);
  expect((await whole.state()).toBytes()).toEqual(saved);
});

test("a state without data is as none", async ({ ctx }) => {
  using acc = new MomentsAccumulator(ctx, OPTIONS);
  const empty = await acc.state();
  expect(empty.toBytes()).toEqual(new MomentsState(OPTIONS).toBytes());
  acc.load(empty);
  expect(acc.count).toBe(0);
  await acc.addAll(chunks(0, SAMPLES));
  expectWhole(await acc.state());
});

test("misuse is told, and the stream goes on", async ({ ctx }) => {
  using acc = new MomentsAccumulator(ctx, OPTIONS);
  const state = await stateOf(ctx, 0, 4);
  const load = (given: unknown) => caught(() => acc.load(given as MomentsState));
  expectMessage(load({}), ["MomentsAccumulator.load: state is an object", "a MomentsState"]);
  expectMessage(load(new MomentsState({ ...OPTIONS, dtype: "f16" })), [
    "MomentsAccumulator.load: state has shape [-1, 3, 10], axes [0, 2] and dtype f16",
    "expected shape [-1, 3, 10], axes [0, 2] and dtype f32",
  ]);
  expectMessage(load(new MomentsState({ shape: [-1, 3, 11], axes: [0, 2] })), [
    "MomentsAccumulator.load: state has shape [-1, 3, 11]",
  ]);
  const three = { pivot: [1, 1, 1], delta: [0, 0, 0], variance: [1, 1, 1], range: [0, 1] as const };
  expectMessage(load(new MomentsState(OPTIONS).add({ ...three, count: 10n ** 17n })), [
    "MomentsAccumulator.load: state has 100000000000000000 values a group, expected at most 2^53",
  ]);
  acc.load(state);
  expectMessage(load(state), [
    "MomentsAccumulator.load: 4 samples are counted, expected an accumulator without any",
  ]);
  await acc.add(part(4, 8));
  expectMessage(await rejection(acc.state({ range: [2, 6] })), [
    "MomentsAccumulator.state: [2, 4) of range [2, 6) is counted already",
  ]);
  expectMessage(await rejection(acc.state({ range: [6, 6] })), [
    "MomentsAccumulator.state: range [6, 6), expected first below last",
  ]);
  expectMessage(await rejection(acc.state({ first: 3 } as never)), [
    "MomentsAccumulator.state: unknown option first",
  ]);
  expect((await acc.state()).ranges).toEqual([[0n, 8n]]);
  expect((await acc.state({ range: [100, 101] })).ranges).toEqual([
    [0n, 4n],
    [100n, 101n],
  ]);
  const strange = part(8, 12).slice();
  strange[15] = Number.NaN;
  await acc.add(strange);
  expectMessage(await rejection(acc.state()), [
    "MomentsAccumulator.state: group 1 has values that are not finite",
  ]);
  acc.destroy();
  expectMessage(await rejection(acc.state()), [
    "MomentsAccumulator.state: the accumulator is destroyed",
  ]);
  expectMessage(load(state), ["MomentsAccumulator.load: the accumulator is destroyed"]);
});
