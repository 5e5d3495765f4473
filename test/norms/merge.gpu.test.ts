// Merged moments, and BatchNorm over several workers, give the results of the whole data.

import { expect } from "vitest";
import {
  applyMoments,
  batchNorm,
  batchNormBackward,
  type Context,
  type GradientSums,
  type Moments,
  mergeMoments,
  moments,
  syncBatchNorm,
  syncBatchNormBackward,
  type Tensor,
} from "../../src/index";
import { BACKWARD } from "../reference/backward";
import * as reference from "../reference/norms";
import type { Values } from "../support/arrays";
import { test } from "../support/fixture";
import { Random } from "../support/random";
import { UNIT } from "../support/units";
import { addSums, cut, meeting } from "../support/workers";

const upload = (ctx: Context, { shape, data }: Values) =>
  ctx.tensor(data as Float32Array, [...shape]);

function normals(shape: readonly number[], seed: number, offset = 0): Values {
  const size = shape.reduce((a, b) => a * b, 1);
  return { shape, data: new Random(seed).normals(size, offset) };
}

function furthest(given: ArrayLike<number>, expected: ArrayLike<number>): number {
  let most = 0;
  for (let i = 0; i < expected.length; i++) {
    const off = Math.abs(given[i] - expected[i]);
    if (!(off <= most)) most = off;
  }
  expect(given.length).toBe(expected.length);
  return most;
}

for (const offset of [0, 1e3, 1e6]) {
  test(`moments of parts merge to those of the whole, offset ${offset}`, async ({ ctx }) => {
    const whole = normals([13, 3, 40], 1, offset);
    const axes = [0, 2];
    const parts = cut(whole, [1, 7, 2, 3]).map((v) => moments(upload(ctx, v), { axes }));
    const expected = reference.moments(whole, { axes });
    const orders = [parts, [...parts].reverse()];
    const nested = mergeMoments([mergeMoments(parts.slice(0, 2)), mergeMoments(parts.slice(2))]);
    for (const merged of [...orders.map(mergeMoments), nested]) {
      expect(merged.count).toBe(13 * 40);
      // the mean is rounded to one f32, its pair is not
      const means = furthest(await merged.mean.read(), expected.mean.data);
      expect(means).toBeLessThan(UNIT * (offset + 16));
      const pair = await merged.meanPair?.read();
      const sums = Array.from(
        expected.mean.data,
        (_, c) => (pair?.[c] ?? 0) + (pair?.[3 + c] ?? 0),
      );
      expect(furthest(sums, expected.mean.data)).toBeLessThan(16 * UNIT);
      const variances = furthest(await merged.variance.read(), expected.variance.data);
      expect(variances).toBeLessThan(64 * UNIT);
    }
  });
}

test("one part merges to itself; parts stay as they are", async ({ ctx }) => {
  const part = moments(upload(ctx, normals([5, 4], 2)), { axes: [0] });
  const before = [await part.mean.read(), await part.variance.read()];
  const merged = mergeMoments([part]);
  expect([await merged.mean.read(), await merged.variance.read()]).toEqual(before);
  mergeMoments([part, part, part]);
  expect([await part.mean.read(), await part.variance.read()]).toEqual(before);
});

test("a part of count 0 adds nothing, whatever its moments", async ({ ctx }) => {
  const part = moments(upload(ctx, normals([5, 4], 2)), { axes: [0] });
  const NOTHING = new Float32Array(4).fill(Number.NaN);
  const empty = { mean: ctx.tensor(NOTHING, [4]), variance: ctx.tensor(NOTHING, [4]), count: 0 };
  for (const parts of [
    [part, empty],
    [empty, part, empty],
  ]) {
    const merged = mergeMoments(parts);
    expect(merged.count).toBe(5);
    expect(await merged.mean.read()).toEqual(await part.mean.read());
    expect(await merged.variance.read()).toEqual(await part.variance.read());
  }
  expect(mergeMoments([empty, empty]).count).toBe(0);
});

test("infinity in a part reaches its own group of the whole alone", async ({ ctx }) => {
  const a = { shape: [2, 2], data: Float32Array.of(1, 2, 3, 4) };
  const b = { shape: [2, 2], data: Float32Array.of(Infinity, 6, 7, 8) };
  const merged = mergeMoments([a, b].map((v) => moments(upload(ctx, v), { axes: [0] })));
  const [first, second] = await merged.mean.read();
  expect(Number.isFinite(first)).toBe(false);
  expect(second).toBe(5);
});

test("merged moments apply to each part as to the whole", async ({ ctx }) => {
  const whole = normals([6, 5, 8], 3, 10);
  const axes = [0, 2];
  const parts = cut(whole, [2, 4]);
  const tensors = parts.map((v) => upload(ctx, v));
  const all = mergeMoments(tensors.map((x) => moments(x, { axes })));
  const expected = reference.standardize(whole, { axes });
  const read = await Promise.all(tensors.map((x) => applyMoments(x, { axes, ...all }).read()));
  const together = [...read[0], ...read[1]];
  expect(furthest(together, expected.y.data)).toBeLessThan(UNIT * (8 * 4 + 4 * 10));
});

const SIZES = [2, 1, 5];
const SHAPE = [8, 6, 3, 5];
const vector = (ctx: Context, seed: number, offset: number): [Values, Tensor] => {
  const v = normals([6], seed, offset);
  return [v, upload(ctx, v)];
};

test("BatchNorm over three workers is that of all their data", async ({ ctx }) => {
  const x = normals(SHAPE, 4, 3);
  const dy = normals(SHAPE, 5);
  const [w, weight] = vector(ctx, 6, 1);
  const [b, bias] = vector(ctx, 7, 0);
  const xs = cut(x, SIZES).map((v) => upload(ctx, v));
  const runs = xs.map(() => [
    ctx.tensor(new Float32Array(6), [6]),
    ctx.tensor(new Float32Array(6).fill(1), [6]),
  ]);
  const allReduce = meeting<Moments>(SIZES.length, mergeMoments);
  const results = await Promise.all(
    xs.map((part, i) => {
      const [runningMean, runningVar] = runs[i];
      return syncBatchNorm(part, { weight, bias, runningMean, runningVar, allReduce });
    }),
  );
  const zeros = { shape: [6], data: new Float32Array(6) };
  const ones = { shape: [6], data: new Float32Array(6).fill(1) };
  const affine = { weight: w, bias: b };
  const running = { runningMean: zeros, runningVar: ones };
  const expected = reference.batchNorm(x, { ...affine, ...running, training: true });
  const ys = (await Promise.all(results.map(({ y }) => y.read()))).flatMap((y) => [...y]);
  expect(furthest(ys, expected.y.data)).toBeLessThan(2e-6);
  for (const [mean, variance] of runs) {
    expect(furthest(await mean.read(), expected.runningMean?.data ?? [])).toBeLessThan(1e-6);
    expect(furthest(await variance.read(), expected.runningVar?.data ?? [])).toBeLessThan(1e-6);
  }

  const reduce = meeting<GradientSums>(SIZES.length, (all) => addSums(ctx, all));
  const dys = cut(dy, SIZES).map((v) => upload(ctx, v));
  const gradients = await Promise.all(
    dys.map((part, i) => {
      const { moments } = results[i];
      return syncBatchNormBackward(part, { x: xs[i], moments, weight, bias, allReduce: reduce });
    }),
  );
  const whole = BACKWARD.batchNormBackward(dy, { x, ...affine, training: true } as never);
  const dx = (await Promise.all(gradients.map((g) => g.dx.read()))).flatMap((d) => [...d]);
  expect(furthest(dx, whole.dx.data)).toBeLessThan(1e-5);
  const sums = await addSums(ctx, gradients);
  expect(furthest(await sums.dWeight.read(), whole.dWeight.data)).toBeLessThan(1e-4);
  expect(furthest(await sums.dBias.read(), whole.dBias.data)).toBeLessThan(1e-4);
});

test("one worker alone is batchNorm, channels last too", async ({ ctx }) => {
  const x = upload(ctx, normals([4, 5, 6], 8, 2));
  const dy = upload(ctx, normals([4, 5, 6], 9));
  const channelAxis = -1;
  const o = { channelAxis, activation: "silu" } as const;
  const { y, moments: all } = await syncBatchNorm(x, { ...o, allReduce: (m) => m });
  const alone = batchNorm(x, { ...o, training: true });
  expect(furthest(await y.read(), await alone.read())).toBeLessThan(1e-6);
  const back = await syncBatchNormBackward(dy, { ...o, x, moments: all, allReduce: (s) => s });
  const { dx } = batchNormBackward(dy, { ...o, x, training: true });
  expect(furthest(await back.dx.read(), await dx.read())).toBeLessThan(4e-6);
});

test("misuse is told, and everything works afterwards", async ({ ctx }) => {
  const x = upload(ctx, normals([4, 3], 10));
  const good = moments(x, { axes: [0] });
  const other = moments(x, { axes: [1] });
  expect(() => mergeMoments([])).toThrow(/^mergeMoments: parts \[\], expected a list/);
  expect(() => mergeMoments([good, other])).toThrow(
    /^mergeMoments: mean has shape \[4\], expected \[3\]/,
  );
  for (const count of [-1, Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => mergeMoments([{ ...good, count }])).toThrow(
      new RegExp(`^mergeMoments: count ${count}, expected a number of elements`),
    );
  }
  expect(() => mergeMoments([null as never])).toThrow(/^mergeMoments: count undefined, expected/);
  expect(() => mergeMoments([good, { mean: good.mean, count: 1 } as never])).toThrow(
    /^mergeMoments: variance is missing, expected a tensor of shape \[3\]/,
  );
  expect(() => applyMoments(x, { axes: [0], mean: good.mean } as never)).toThrow(
    /^applyMoments: variance is missing, expected a tensor of shape \[3\]/,
  );
  await expect(syncBatchNorm(undefined as never, { allReduce: (m) => m })).rejects.toThrow(
    /^syncBatchNorm: x is undefined, expected a tensor/,
  );
  await expect(syncBatchNorm(x, {} as never)).rejects.toThrow(
    /^syncBatchNorm: allReduce undefined, expected a function/,
  );
  await expect(syncBatchNorm(x, { allReduce: (m) => ({ ...m, count: 1 }) })).rejects.toThrow(
    /^syncBatchNorm: allReduce gave count 1, expected at least 4/,
  );
  await expect(
    syncBatchNorm(x, {
      allReduce: () => {
        throw new Error("the other tab is closed");
      },
    }),
  ).rejects.toThrow("the other tab is closed");
  const { y } = await syncBatchNorm(x, { allReduce: (m) => m });
  expect(furthest(await y.read(), await batchNorm(x, { training: true }).read())).toBeLessThan(
    1e-6,
  );
});
