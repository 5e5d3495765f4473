// An offset of the data costs no digits: in y, in dx with what the forward saved, in a training
// step of a module, and over several workers.

import { expect } from "vitest";
import {
  applyMoments,
  applyMomentsBackward,
  batchNorm,
  batchNormBackward,
  batchRenorm,
  batchRenormBackward,
  type Context,
  type GradientSums,
  groupNorm,
  groupNormBackward,
  instanceNorm,
  instanceNormBackward,
  layerNorm,
  layerNormBackward,
  type Moments,
  mergeMoments,
  moments,
  standardize,
  standardizeBackward,
  syncBatchNorm,
  syncBatchNormBackward,
  type Tensor,
} from "../../src/index";
import * as nn from "../../src/nn/index";
import { test } from "../support/fixture";
import { Random } from "../support/random";
import { addSums, cut, joined, meeting } from "../support/workers";

const OFFSETS = [0, 1e4, 1e6];
const LARGEST_ERROR = 2e-6; // of y and dx at a deviation of 1

/** Examples of four channels; each reduced group has at least 128 elements. */
const SHAPE = [8, 4, 128];

interface Case {
  readonly name: string;
  /** The group of element i. */
  readonly group: (i: number) => number;
  readonly run: (ctx: Context, x: Tensor, dy: Tensor) => Results | Promise<Results>;
}

interface Results {
  readonly y: Tensor;
  readonly dx: Tensor;
}

const channel = (i: number) => Math.floor(i / 128) % 4;
const row = (i: number) => Math.floor(i / 128);
const half = (i: number) => Math.floor(i / 256);

type Any = (first: Tensor, options: object) => never;

/** A forward with `stats`, and its backward with all that it returned. */
const saved =
  (forward: unknown, backward: unknown, options: object): Case["run"] =>
  (_, x, dy) => {
    const { y, ...statistics } = (forward as Any)(x, { ...options, stats: true }) as Results;
    const { dx } = (backward as Any)(dy, { ...options, ...statistics, x }) as Results;
    return { y, dx };
  };

/** A step of a module in training. */
const stepOf =
  (make: (ctx: Context) => nn.NormModule): Case["run"] =>
  (ctx, x, dy) => {
    const module = make(ctx);
    return { y: module.forward(x), dx: module.backward(dy) };
  };

const running = (ctx: Context) => ({
  runningMean: ctx.tensor(new Float32Array(4), [4]),
  runningVar: ctx.tensor(new Float32Array(4).fill(1), [4]),
});

const CASES: readonly Case[] = [
  {
    name: "layerNorm",
    group: row,
    run: saved(layerNorm, layerNormBackward, { normalizedShape: [128] }),
  },
  {
    name: "standardize",
    group: channel,
    run: saved(standardize, standardizeBackward, { axes: [0, 2] }),
  },
  {
    name: "batchNorm",
    group: channel,
    run: saved(batchNorm, batchNormBackward, { training: true }),
  },
  { name: "instanceNorm", group: row, run: saved(instanceNorm, instanceNormBackward, {}) },
  { name: "groupNorm", group: half, run: saved(groupNorm, groupNormBackward, { groups: 2 }) },
  { name: "nn.BatchNorm", group: channel, run: stepOf((ctx) => new nn.BatchNorm(ctx, 4)) },
  { name: "nn.InstanceNorm", group: row, run: stepOf((ctx) => new nn.InstanceNorm(ctx, 4)) },
  { name: "nn.GroupNorm", group: half, run: stepOf((ctx) => new nn.GroupNorm(ctx, 2, 4)) },
  { name: "nn.LayerNorm", group: row, run: stepOf((ctx) => new nn.LayerNorm(ctx, 128)) },
  { name: "syncBatchNorm", group: channel, run: overWorkers },
];

/** Three workers with parts of the examples. */
async function overWorkers(ctx: Context, x: Tensor, dy: Tensor): Promise<Results> {
  const parts = async (of: Tensor) =>
    cut({ shape: of.shape, data: await of.read() }, [3, 1, 4]).map(({ data, shape }) =>
      ctx.tensor(data as Float32Array, shape),
    );
  const [xs, dys] = [await parts(x), await parts(dy)];
  const all = meeting<Moments>(3, mergeMoments);
  const forward = await Promise.all(xs.map((part) => syncBatchNorm(part, { allReduce: all })));
  const sums = meeting<GradientSums>(3, (own) => addSums(ctx, own));
  const backward = await Promise.all(
    dys.map((part, k) => {
      return syncBatchNormBackward(part, {
        x: xs[k],
        moments: forward[k].moments,
        allReduce: sums,
      });
    }),
  );
  const whole = async (tensors: readonly Tensor[]) => {
    const read = tensors.map(async (t) => ({ shape: t.shape, data: await t.read() }));
    const { data, shape } = joined(await Promise.all(read));
    return ctx.tensor(data as Float32Array, [...shape]);
  };
  return {
    y: await whole(forward.map(({ y }) => y)),
    dx: await whole(backward.map(({ dx }) => dx)),
  };
}

/** y and dx in float64, for a weight of 1. */
function exact(x: Float32Array, dy: Float32Array, group: Case["group"]) {
  const sums = (of: (i: number) => number) => {
    const all: number[] = [];
    for (let i = 0; i < x.length; i++) all[group(i)] = (all[group(i)] ?? 0) + of(i);
    return all;
  };
  const count = sums(() => 1);
  const means = (of: (i: number) => number) => sums(of).map((sum, g) => sum / count[g]);
  const mean = means((i) => x[i]);
  const rstd = means((i) => (x[i] - mean[group(i)]) ** 2).map((v) => 1 / Math.sqrt(v + 1e-5));
  const y = Float64Array.from(x, (v, i) => (v - mean[group(i)]) * rstd[group(i)]);
  const [first, second] = [means((i) => dy[i]), means((i) => dy[i] * y[i])];
  const dx = Float64Array.from(
    dy,
    (g, i) => rstd[group(i)] * (g - first[group(i)] - y[i] * second[group(i)]),
  );
  return { y, dx };
}

const furthest = (given: ArrayLike<number>, wanted: ArrayLike<number>) =>
  Array.from(given, (v, i) => Math.abs(v - wanted[i])).reduce((a, b) => (b <= a ? a : b), 0);

function data(offset: number) {
  const random = new Random(7);
  const size = SHAPE.reduce((a, b) => a * b, 1);
  return { x: random.normals(size, offset), dy: random.normals(size) };
}

for (const offset of OFFSETS) {
  for (const { name, group, run } of CASES) {
    test(`${name} is exact at an offset of ${offset}, y and dx`, async ({ ctx }) => {
      const { x, dy } = data(offset);
      const made = await run(ctx, ctx.tensor(x, SHAPE), ctx.tensor(dy, SHAPE));
      const wanted = exact(x, dy, group);
      expect(furthest(await made.y.read(), wanted.y)).toBeLessThan(LARGEST_ERROR);
      expect(furthest(await made.dx.read(), wanted.dx)).toBeLessThan(LARGEST_ERROR);
    });
  }

  test(`batchRenorm's dx from what it saved is that without, offset ${offset}`, async ({ ctx }) => {
    const { x, dy } = data(offset);
    const [given, upstream] = [ctx.tensor(x, SHAPE), ctx.tensor(dy, SHAPE)];
    const options = { training: true, ...running(ctx) };
    const { y: _, ...statistics } = batchRenorm(given, { ...options, stats: true });
    const { r, d } = statistics;
    const again = batchRenormBackward(upstream, { training: true, x: given, r, d });
    const back = batchRenormBackward(upstream, { training: true, x: given, ...statistics });
    const off = furthest(await back.dx.read(), await again.dx.read());
    expect(off).toBeLessThan(LARGEST_ERROR);
  });

  test(`given moments are exact with their pair, offset ${offset}`, async ({ ctx }) => {
    const { x, dy } = data(offset);
    const [given, upstream] = [ctx.tensor(x, SHAPE), ctx.tensor(dy, SHAPE)];
    const wanted = exact(x, dy, channel);
    const { count: _, ...own } = moments(given, { axes: [0, 2] });
    const y = applyMoments(given, { axes: [0, 2], ...own });
    expect(furthest(await y.read(), wanted.y)).toBeLessThan(LARGEST_ERROR);
    const weight = ctx.tensor(new Float32Array(4).fill(1), [4, 1]);
    const { dWeight } = applyMomentsBackward(upstream, { x: given, axes: [0, 2], ...own, weight });
    const sums = [0, 0, 0, 0];
    for (let i = 0; i < x.length; i++) sums[channel(i)] += dy[i] * wanted.y[i];
    expect(furthest(await dWeight.read(), sums)).toBeLessThan(1e-4); // of 1024 products
  });
}

test("a mean of one f32 costs what the docs say", async ({ ctx }) => {
  const { x, dy } = data(1e6);
  const given = ctx.tensor(x, SHAPE);
  const { y, mean, rstd } = batchNorm(given, { training: true, stats: true });
  const wanted = exact(x, dy, channel);
  expect(furthest(await y.read(), wanted.y)).toBeLessThan(LARGEST_ERROR);
  const { dx } = batchNormBackward(ctx.tensor(dy, SHAPE), { training: true, x: given, mean, rstd });
  const off = furthest(await dx.read(), wanted.dx);
  expect(off).toBeLessThan(6e-2);
});
