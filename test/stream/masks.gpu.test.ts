// Chunks with masks and lengths: each group has a count of its own, in streams and in states.

import { expect } from "vitest";
import { type Context, lengthsOf, type Mask, maskOf, moments } from "../../src/index";
import { MomentsState } from "../../src/moments/index";
import { type MaskedChunk, MomentsAccumulator } from "../../src/stream/index";
import { maskedMoments } from "../reference/masked";
import { caught, expectMessage, rejection } from "../support/error_cases";
import { test } from "../support/fixture";
import { watchBuffers } from "../support/gpu_objects";
import { Random } from "../support/random";
import { UNIT } from "../support/units";

const [SAMPLES, CHANNELS, POSITIONS] = [24, 5, 6];
const SAMPLE = CHANNELS * POSITIONS;
const OPTIONS = { shape: [-1, CHANNELS, POSITIONS], axes: [0, 2] };
const OFFSET = 1e4;
const random = new Random(31);
const shape = [SAMPLES, CHANNELS, POSITIONS];
/** Nothing of channel 4 counts, and little of channel 3. */
const flags = Uint8Array.from({ length: SAMPLES * SAMPLE }, (_, i) => {
  const channel = Math.floor(i / POSITIONS) % CHANNELS;
  return Number(random.chance([0.9, 0.5, 1, 0.02, 0][channel]));
});
const clean = random.normals(SAMPLES * SAMPLE, OFFSET, 2);
const data = clean.map((v, i) => (flags[i] ? v : random.pick([Number.NaN, Infinity, -3e38])));

const judged = maskedMoments(
  { shape, data: clean },
  { axes: OPTIONS.axes, mask: { shape, data: Float32Array.from(flags) } },
);

const CUTS = [0, 1, 9, 10, 17, 24];
const own = <T extends { subarray(from: number, to: number): T }>(all: T, k: number) =>
  all.subarray(CUTS[k] * SAMPLE, CUTS[k + 1] * SAMPLE);
const chunk = (k: number) => own(data, k);
const mask = (k: number): Mask =>
  maskOf(own(flags, k), { shape: [CUTS[k + 1] - CUTS[k], CHANNELS, POSITIONS] });
const PARTS = CUTS.slice(1).map((_, k) => k);

/** Each mask ends when the next chunk is asked for. */
function* masked(parts = PARTS): Generator<MaskedChunk> {
  for (const k of parts) {
    const one = mask(k);
    yield { chunk: chunk(k), mask: one };
    one.destroy();
  }
}

async function expectMoments(acc: MomentsAccumulator): Promise<void> {
  const { mean, variance, count } = acc.moments();
  if (typeof count === "number") throw new Error("a count of each group is a tensor");
  const read = [mean, variance, count, acc.variance()].map((one) => one.read());
  const [m, v, n, corrected] = await Promise.all(read);
  for (let c = 0; c < CHANNELS; c++) {
    expect(n[c]).toBe(judged.count.data[c]);
    expect(Math.abs(m[c] - judged.mean.data[c])).toBeLessThan(UNIT * OFFSET);
    const off = Math.abs(v[c] - judged.variance.data[c]);
    expect(off).toBeLessThan(32 * UNIT * (1 + v[c]));
    const wanted = judged.corrected(1).data[c];
    if (Number.isFinite(wanted)) expect(Math.abs(corrected[c] / wanted - 1)).toBeLessThan(1e-5);
    else expect(corrected[c]).toBeNaN();
  }
}

test("moments of masked chunks are those of the valid elements", async ({ ctx }) => {
  using one = new MomentsAccumulator(ctx, OPTIONS);
  for (const k of PARTS) await one.add(chunk(k), { mask: mask(k) });
  await expectMoments(one);
  using all = new MomentsAccumulator(ctx, OPTIONS);
  await all.addAll(masked());
  await expectMoments(all);
  expect([all.samples, all.count]).toEqual([SAMPLES, SAMPLES * POSITIONS]);
  using tensors = new MomentsAccumulator(ctx, OPTIONS);
  const x = ctx.tensor(data, shape);
  const flagged = maskOf(ctx.tensor(flags, shape, { dtype: "u8" }));
  await tensors.add(x, { mask: flagged });
  await expectMoments(tensors);
});

test("chunks with and without masks make one stream", async ({ ctx }) => {
  const lengths = [6, 0, 3, 5];
  const part = clean.subarray(0, 4 * SAMPLE);
  const valid = Float32Array.from(clean, (_, i) => {
    if (i >= 4 * SAMPLE) return 1;
    return Number(i % POSITIONS < lengths[Math.floor(i / SAMPLE)]);
  });
  using acc = new MomentsAccumulator(ctx, OPTIONS);
  await acc.add(part, { mask: lengthsOf(lengths, { axis: 2 }) });
  await acc.add(clean.subarray(4 * SAMPLE));
  const wanted = maskedMoments(
    { shape, data: clean },
    { axes: OPTIONS.axes, mask: { shape, data: valid } },
  );
  const { mean, count } = acc.moments();
  if (typeof count === "number") throw new Error("a count of each group is a tensor");
  expect([...(await count.read())]).toEqual([...wanted.count.data]);
  const means = await mean.read();
  for (let c = 0; c < CHANNELS; c++) {
    expect(Math.abs(means[c] - wanted.mean.data[c])).toBeLessThan(UNIT * OFFSET);
  }
});

async function stateOf(ctx: Context, parts: number[], range: [number, number]) {
  using acc = new MomentsAccumulator(ctx, OPTIONS);
  await acc.addAll(masked(parts));
  return acc.state({ range });
}

test("a state has the exact counts of groups, and comes back", async ({ ctx }) => {
  const whole = await stateOf(ctx, PARTS, [0, 24]);
  const { count, mean, variance } = whole.moments();
  for (let c = 0; c < CHANNELS; c++) {
    expect(count[c]).toBe(BigInt(judged.count.data[c]));
    if (count[c] === 0n) continue;
    expect(Math.abs(mean[c] - judged.mean.data[c])).toBeLessThan(16 * UNIT);
    expect(Math.abs(variance[c] - judged.variance.data[c])).toBeLessThan(32 * UNIT * 4);
  }
  const parts = await Promise.all([
    stateOf(ctx, [3, 4], [10, 24]),
    stateOf(ctx, [0, 1, 2], [0, 10]),
  ]);
  const merged = parts.reduce((all, one) => all.merge(one));
  expect([...merged.moments().count]).toEqual([...count]);
  using resumed = new MomentsAccumulator(ctx, OPTIONS);
  resumed.load(MomentsState.fromBytes(parts[1].toBytes()));
  // parts[0] has both ranges by now; the stream goes on from the first
  await resumed.addAll(masked([3, 4]));
  await expectMoments(resumed);
  expect(resumed.samples).toBe(SAMPLES);
  const again = await resumed.state();
  expect(again.toBytes()).toEqual(merged.toBytes());
});

test("masked elements of the second pass become the fill, a group of nothing the bias", async ({
  ctx,
}) => {
  using acc = new MomentsAccumulator(ctx, OPTIONS);
  await acc.addAll(masked());
  const bias = ctx.tensor([1, 2, 3, 4, 5], [CHANNELS]);
  const fills = [-7, "apply"] as const;
  for (const fill of fills) {
    const source = PARTS.map((k) => {
      const own = [CUTS[k + 1] - CUTS[k], CHANNELS, POSITIONS];
      const part = fill === "apply" ? clean : data;
      return {
        chunk: part.subarray(CUTS[k] * SAMPLE, CUTS[k + 1] * SAMPLE),
        mask: maskOf(flags.subarray(CUTS[k] * SAMPLE, CUTS[k + 1] * SAMPLE), { shape: own, fill }),
      };
    });
    let at = 0;
    for await (const y of acc.normalize(source, { bias })) {
      y.forEach((value, i) => {
        const k = at + i;
        const c = Math.floor(k / POSITIONS) % CHANNELS;
        const rstd = 1 / Math.sqrt(judged.variance.data[c] + 1e-5);
        const usual = c === 4 ? 5 : (clean[k] - judged.mean.data[c]) * rstd + c + 1;
        const wanted = flags[k] || fill === "apply" ? usual : -7;
        expect(Math.abs(value - wanted), `${k}`).toBeLessThan(2e-5 * (1 + Math.abs(wanted)));
      });
      at += y.length;
    }
    expect(at).toBe(data.length);
  }
});

test("counts of groups beyond 2^24 are exact: chunks are cut", { timeout: 60_000 }, async ({
  ctx,
}) => {
  using acc = new MomentsAccumulator(ctx, { shape: [-1, 64], dtype: "u8" });
  const samples = 2 ** 18 + 3;
  const bytes = new Uint8Array(samples * 64).fill(3);
  const x = ctx.tensor(bytes, [samples, 64], { dtype: "u8" });
  const valid = Uint8Array.from({ length: 64 }, (_, i) => Number(i > 0));
  const of = { mask: maskOf(valid) };
  await acc.add(x, of);
  await acc.add(x, of);
  const { count, mean } = (await acc.state()).moments();
  expect(count[0]).toBe(2n * BigInt(samples) * 63n);
  expect(mean[0]).toBe(3);
});

test("nothing is left on the GPU", async ({ device, freshContext }) => {
  const { live } = watchBuffers(device);
  const ctx = await freshContext({ device, poolBytes: 0 });
  const run = async () => {
    using acc = new MomentsAccumulator(ctx, OPTIONS);
    await acc.addAll(masked());
    const { mean, variance, count } = acc.moments();
    for (const tensor of [mean, variance, count, acc.variance()]) {
      if (typeof tensor === "object") tensor.destroy();
    }
    await acc.state();
    for await (const y of acc.normalize(masked())) y.fill(0);
  };
  await run();
  const before = live.size;
  for (let i = 0; i < 3; i++) await run();
  expect(live.size).toBe(before);
});

test("wrong masks are errors at the call, and the stream goes on", async ({ ctx }) => {
  using acc = new MomentsAccumulator(ctx, OPTIONS);
  const add = (given: unknown) => caught(() => acc.add(chunk(1), { mask: given as Mask }));
  expectMessage(add([1, 0]), [
    "MomentsAccumulator.add: mask [1, 0], expected a mask of maskOf or lengthsOf",
  ]);
  expectMessage(add(maskOf([1, 0])), [
    "MomentsAccumulator.add: mask has shape [2], expected one that broadcasts to [8, 5, 6]",
  ]);
  expectMessage(add(lengthsOf([1, 2])), [
    "MomentsAccumulator.add: lengths has shape [2], expected [8]",
  ]);
  const all = (value: unknown, options?: object) =>
    rejection(acc.addAll([value as MaskedChunk], options));
  expectMessage(await all({ chunk: chunk(1), mask: 3 }), [
    "MomentsAccumulator.addAll: mask 3, expected a mask of maskOf or lengthsOf",
  ]);
  expectMessage(await all({ chunk: chunk(1), mask: mask(1) }, { chunk: 2 }), [
    "MomentsAccumulator.addAll: chunk 2 beside a chunk with a mask, expected none",
  ]);
  expect(acc.count).toBe(0);
  const weights = Float32Array.from({ length: CHANNELS * POSITIONS }, () => 0.25);
  await acc.add(clean.subarray(0, SAMPLE), {
    mask: maskOf(weights, { shape: [CHANNELS, POSITIONS] }),
  });
  expectMessage(await rejection(acc.state()), [
    "MomentsAccumulator.state: group 0 has a weight of 1.5",
    "expected whole weights, which count elements",
  ]);
  const { mean } = acc.moments();
  const judge = moments(ctx.tensor(clean.subarray(0, SAMPLE), [1, CHANNELS, POSITIONS]), {
    axes: [0, 2],
  });
  const [ours, theirs] = await Promise.all([mean.read(), judge.mean.read()]);
  for (let c = 0; c < CHANNELS; c++) expect(Math.abs(ours[c] - theirs[c])).toBeLessThan(4e-3);
});
