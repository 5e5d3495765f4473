// Chunks of a stream, one by one, give the moments of the whole data, and are normalized to its
// results.

import { expect } from "vitest";
import { DTYPES } from "../../src/base/dtype";
import { applyMoments, type Context, mergeMoments, moments, type Tensor } from "../../src/index";
import { MomentsAccumulator } from "../../src/stream/index";
import { mergeStatistics } from "../../src/stream/pair_moments";
import * as reference from "../reference/norms";
import { product, type Values } from "../support/arrays";
import { test } from "../support/fixture";
import { HALVES, numberOf } from "../support/halves";
import { Random } from "../support/random";

const UNIT = 2 ** -24;

/** Hard to sum, each with a deviation that is known to be above zero or exactly zero. */
const DATA: Readonly<Record<string, (size: number) => Float32Array>> = {
  "offset 0": (size) => new Random(1).normals(size),
  "offset 1e4": (size) => new Random(2).normals(size, 1e4),
  "offset 1e6": (size) => new Random(3).normals(size, 1e6),
  constant: (size) => new Float32Array(size).fill(0.1),
  "a large constant": (size) => new Float32Array(size).fill(-1234567.8),
  "an outlier first": (size) => new Random(4).normals(size, 3).fill(1e6, 0, 1),
  "a first sample far off": (size) => new Random(5).normals(size, 1e3).fill(-1e5, 0, 120),
  drift: (size) => new Random(6).normals(size).map((v, i) => v + (1e4 * i) / size),
};

const AXES = [[0, 2], [0], [0, 1, 2], [-3, 1]];
const SHAPE = [41, 3, 40]; // of the whole

const partitions: Readonly<Record<string, readonly number[]>> = {
  whole: [41],
  "samples alone": new Array(41).fill(1),
  uneven: [1, 17, 2, 16, 5],
};

const sampleOf = (shape: readonly number[]) => product(shape.slice(1));

function* chunks<T extends Float32Array | Uint16Array>(
  data: T,
  sample: number,
  sizes: readonly number[],
): Generator<T> {
  let from = 0;
  for (const size of sizes) {
    yield data.subarray(from * sample, (from + size) * sample) as T;
    from += size;
  }
}

async function together(blocks: AsyncIterable<Float32Array | Uint16Array>): Promise<number[]> {
  const all: number[] = [];
  for await (const block of blocks) all.push(...block);
  return all;
}

function furthest(given: ArrayLike<number>, expected: ArrayLike<number>): number {
  expect(given.length).toBe(expected.length);
  return Array.from(given).reduce((most, value, i) => {
    const off = Math.abs(value - expected[i]);
    return off <= most ? most : off;
  }, 0);
}

const largest = (values: ArrayLike<number>) =>
  Array.from(values).reduce((most, value) => Math.max(most, Math.abs(value)), 0);

/** Mean and variance as exact as f32 has them: 16 units for the sums and the few levels of merges. */
async function expectMoments(
  acc: MomentsAccumulator,
  x: Values,
  axes: readonly number[],
  units = 16,
) {
  const { mean, variance, count } = acc.moments();
  const expected = reference.moments(x, { axes });
  const deviation = Math.sqrt(largest(expected.variance.data));
  expect(count).toBe(expected.count);
  expect(mean.shape).toEqual(expected.mean.shape);
  const means = furthest(await mean.read(), expected.mean.data);
  expect(means).toBeLessThanOrEqual(UNIT * (largest(expected.mean.data) + 8 * deviation));
  const variances = furthest(await variance.read(), expected.variance.data);
  expect(variances).toBeLessThanOrEqual(units * UNIT * largest(expected.variance.data));
  for (const tensor of [mean, variance]) tensor.destroy();
}

for (const [name, make] of Object.entries(DATA)) {
  test(`a stream's moments and y are those of the whole: ${name}`, async ({ ctx }) => {
    const x = { shape: SHAPE, data: make(product(SHAPE)) };
    const sample = sampleOf(SHAPE);
    for (const axes of AXES) {
      const expected = reference.standardize(x, { axes }).y.data;
      for (const sizes of Object.values(partitions)) {
        using acc = new MomentsAccumulator(ctx, { shape: [-1, ...SHAPE.slice(1)], axes });
        await acc.addAll(chunks(x.data, sample, sizes));
        await expectMoments(acc, x, axes);
        const y = await together(acc.normalize(chunks(x.data, sample, sizes)));
        expect(furthest(y, expected)).toBeLessThan(2e-6 * Math.max(1, largest(expected)));
      }
    }
  });
}

for (const half of HALVES) {
  test(`chunks of ${half} are bits, and so is y`, async ({ ctx }) => {
    const shape = [33, 5, 7]; // samples end within words
    const bits = DTYPES[half].encode(new Random(7).normals(product(shape), 20));
    const x = { shape, data: Float32Array.from(bits, (b) => numberOf(b, half)) };
    const axes = [0, 2];
    const options = { shape: [-1, 5, 7], axes, dtype: half };
    using acc = new MomentsAccumulator(ctx, options);
    const parts = () => chunks(bits, 35, [3, 1, 20, 9]);
    await acc.addAll(parts());
    await expectMoments(acc, x, axes);
    const expected = reference.standardize(x, { axes }).y.data;
    const floats = await together(acc.normalize(parts(), { dtype: "f32" }));
    expect(furthest(floats, expected)).toBeLessThan(2e-6 * largest(expected));
    const y: number[] = [];
    for await (const block of acc.normalize(parts())) {
      expect(block).toBeInstanceOf(Uint16Array);
      y.push(...block);
    }
    expect(y).toEqual([...DTYPES[half].encode(floats)]);
    using rounded = new MomentsAccumulator(ctx, options);
    rounded.add(x.data); // numbers are rounded to the type
    await expectMoments(rounded, x, axes);
  });
}

test("blocks of so many samples give the same bits wherever the chunks end", async ({ ctx }) => {
  const data = new Random(8).normals(50 * 21, 100);
  const bytes = new Uint8Array(data.buffer);
  const cut = function* (size: number) {
    for (let at = 0; at < bytes.length; at += size) yield bytes.subarray(at, at + size);
  };
  const ways = [[data], cut(1), cut(7), cut(84), cut(1000), chunks(data, 21, [49, 1])];
  const results: Float32Array[][] = [];
  for (const source of ways) {
    using acc = new MomentsAccumulator(ctx, { shape: [-1, 3, 7], axes: [0, 2] });
    await acc.addAll(source as Iterable<Float32Array>, { chunk: 8 });
    const { mean, variance, count } = acc.moments();
    const y = await together(acc.normalize(cut(13), { chunk: 8 }));
    expect([count, acc.samples]).toEqual([350, 50]);
    results.push([await mean.read(), await variance.read(), Float32Array.from(y)]);
  }
  for (const result of results) expect(result).toEqual(results[0]);
});

test("a thousand merges lose nothing: the error does not grow with the chunks", async ({ ctx }) => {
  const shape = [1000, 2, 8];
  const x = { shape, data: new Random(9).normals(product(shape), 1e6) };
  using acc = new MomentsAccumulator(ctx, { shape: [-1, 2, 8], axes: [0, 2] });
  await acc.addAll(chunks(x.data, 16, new Array(1000).fill(1)));
  await expectMoments(acc, x, [0, 2], 4); // merged in turn they are off by 16
});

test("more elements than a float can count", async ({ ctx }) => {
  const chunk = Float32Array.from({ length: 2 ** 21 }, (_, i) => i % 4);
  using acc = new MomentsAccumulator(ctx, { shape: [-1] });
  await acc.addAll(new Array(17).fill(chunk));
  await acc.add(Float32Array.of(1.5));
  const count = 17 * 2 ** 21 + 1;
  expect([acc.count, acc.samples]).toEqual([count, count]); // beyond 2^25, and odd
  const { mean, variance } = acc.moments();
  expect([...(await mean.read())]).toEqual([1.5]);
  expect((await variance.read())[0] / 1.25 - 1).toBeCloseTo(0, 6); // 1.25 (1 - 1 / count)
});

test("parts of 2^40 elements merge with parts of one", async ({ ctx }) => {
  const part = (pivot: number, delta: number, variance: number, count: number) => ({
    mean: ctx.tensor([pivot + delta], [1]),
    variance: ctx.tensor([variance], [1]),
    meanPair: ctx.tensor([pivot, delta], [2, 1]),
    count,
  });
  const many = part(5, 0.25, 4, 2 ** 40);
  const one = part(2 ** 22, 0.5, 0, 1);
  const apart = 2 ** 22 + 0.5 - 5.25;
  for (const [a, b] of [[many, one] as const, [one, many] as const]) {
    const { meanPair, variance } = mergeStatistics(a, b, ["variance", "meanPair"], [1]);
    const [pivot, delta] = await meanPair.read();
    expect(pivot).toBe(5);
    expect(delta).toBeCloseTo(0.25 + apart * 2 ** -40, 7);
    expect((await variance.read())[0]).toBeCloseTo(4 + apart ** 2 * 2 ** -40, 5);
  }
});

test("the variance has any correction, results may keep their axes", async ({ ctx }) => {
  const x = { shape: [9, 4, 2], data: new Random(10).normals(72, 5) };
  using acc = new MomentsAccumulator(ctx, { shape: [-1, 4, 2], axes: [0, -1] });
  acc.add(x.data);
  for (const correction of [0, 1, 2.5]) {
    const variance = acc.variance({ correction, keepdim: true });
    expect(variance.shape).toEqual([1, 4, 1]);
    const expected = reference.variance(x, { axes: [0, 2], correction }).data;
    expect(furthest(await variance.read(), expected)).toBeLessThan(16 * UNIT * largest(expected));
  }
  expect(acc.variance().shape).toEqual([4]);
  expect(acc.moments({ keepdim: true }).mean.shape).toEqual([1, 4, 1]);
  expect([...(await acc.variance({ correction: 18 }).read())]).toEqual(new Array(4).fill(Infinity));
});

test("a stream's moments merge and apply as those of moments()", async ({ ctx }) => {
  const x = { shape: [6, 5, 8], data: new Random(11).normals(240, 2) };
  const axes = [0, 2];
  using acc = new MomentsAccumulator(ctx, { shape: [-1, 5, 8], axes });
  acc.add(x.data.subarray(0, 160));
  const rest = ctx.tensor(x.data.subarray(160), [2, 5, 8]);
  const all = mergeMoments([acc.moments(), moments(rest, { axes })]);
  const y = applyMoments(ctx.tensor(x.data, x.shape), { axes, ...all });
  const expected = reference.standardize(x, { axes }).y.data;
  expect(furthest(await y.read(), expected)).toBeLessThan(1e-6 * largest(expected));
});

/** [n, 2, 3] with its axes in another order. */
function transposed(ctx: Context, data: Float32Array, samples: number): Tensor {
  const buffer = ctx.device.createBuffer({ size: data.byteLength, usage: 128 + 8 });
  const turned = data.map((_, i) => data[(i % samples) * 6 + Math.floor(i / samples)]);
  ctx.device.queue.writeBuffer(buffer, 0, turned);
  return ctx.fromBuffer(buffer, { shape: [samples, 2, 3], strides: [1, 3 * samples, samples] });
}

test("chunks may be tensors of any layout and type, gone right after the call", async ({ ctx }) => {
  const data = Float32Array.from({ length: 60 }, (_, i) => ((i * 7) % 11) / 4);
  const x = { shape: [10, 2, 3], data };
  using acc = new MomentsAccumulator(ctx, { shape: [-1, 2, 3], axes: [0, 2] });
  const plain = ctx.tensor(data.subarray(0, 18), [3, 2, 3], { dtype: "f16" }); // exact in it
  acc.add(plain);
  plain.destroy();
  const last = () => transposed(ctx, data.subarray(18), 7);
  await acc.addAll([ctx.empty([0, 2, 3]), last()]);
  await expectMoments(acc, x, [0, 2]);
  const made: Tensor[] = [];
  for await (const y of acc.normalize([last()], { as: "tensor" })) made.push(y);
  const expected = reference.standardize(x, { axes: [0, 2] }).y.data.slice(18);
  expect(made.map(({ shape }) => shape)).toEqual([[7, 2, 3]]);
  expect(furthest(await made[0].read(), expected)).toBeLessThan(1e-6 * largest(expected));
});

test("y has weight, bias, modulation, activation and a type", async ({ ctx }) => {
  const x = { shape: [8, 3, 4], data: new Random(12).normals(96, 1e5) };
  const vector = (seed: number) => ({ shape: [3, 1], data: new Random(seed).normals(3) });
  const [weight, bias, scale, shift] = [1, 2, 3, 4].map(vector);
  using acc = new MomentsAccumulator(ctx, { shape: [-1, 3, 4], axes: [0, 2] });
  await acc.addAll([x.data]);
  const upload = ({ shape, data }: Values) => ctx.tensor(data as Float32Array, shape);
  const y = await together(
    acc.normalize([x.data], {
      eps: 0.1,
      weight: upload(weight),
      bias: upload(bias),
      scale: upload(scale),
      shift: upload(shift),
      activation: "relu",
    }),
  );
  const plain = reference.standardize(x, { axes: [0, 2], eps: 0.1, weight, bias }).y.data;
  const expected = Array.from(plain, (v, i) => {
    const channel = Math.floor(i / 4) % 3;
    return Math.max(0, (1 + scale.data[channel]) * v + shift.data[channel]);
  });
  expect(furthest(y, expected)).toBeLessThan(2e-6 * largest(expected));
});

test("infinity and NaN stay in their group; its mean is as in PyTorch", async ({ ctx }) => {
  const data = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
  using acc = new MomentsAccumulator(ctx, { shape: [-1, 3] });
  using bad = new MomentsAccumulator(ctx, { shape: [-1, 3], axes: [0] });
  for (const [i, value] of [Infinity, 0, NaN, 0].entries()) {
    acc.add(Float32Array.from(data.slice(3 * i, 3 * i + 3)));
    bad.add(Float32Array.of(i, i === 0 ? value : 1, i === 2 ? value : 2));
  }
  expect([...(await acc.moments().mean.read())]).toEqual([6.5]);
  const { mean, variance } = bad.moments();
  expect([...(await mean.read())]).toEqual([1.5, Infinity, NaN]);
  expect([...(await variance.read())]).toEqual([1.25, NaN, NaN]);
});

test("in a batch chunks are added as without", async ({ ctx }) => {
  const data = new Random(13).normals(40);
  using acc = new MomentsAccumulator(ctx, { shape: [-1, 4] });
  const { mean } = ctx.batch(() => {
    for (const chunk of chunks(data, 4, [3, 3, 4])) acc.add(chunk);
    return acc.moments();
  });
  const expected = data.reduce((a, b) => a + b, 0) / 40;
  expect((await mean.read())[0]).toBeCloseTo(expected, 6);
});

test("a weight and a bias of the moments' shape lie along the kept axes", async ({ ctx }) => {
  const shape = [4, 3, 2, 3]; // 3 is also the length of the last axis
  const acc = new MomentsAccumulator(ctx, { shape: [-1, 3, 2, 3], axes: [0, 2, 3] });
  const data = Float32Array.from(new Random(3).normals(product(shape), 5));
  await acc.add(data);
  const [weight, bias] = [ctx.tensor([1, 10, 100], [3]), ctx.tensor([0, 1, 2], [3])];
  const wide = { weight: weight.reshape([3, 1, 1]), bias: bias.reshape([3, 1, 1]) };
  const expected = await together(acc.normalize([data], wide));
  expect(await together(acc.normalize([data], { weight, bias }))).toEqual(expected);
  acc.destroy();
});
