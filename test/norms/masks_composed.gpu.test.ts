// Composed norms with masks: GlobalResponseNorm, and BatchNorm over several workers.

import { expect } from "vitest";
import * as library from "../../src/index";
import {
  batchNorm,
  batchNormBackward,
  type Context,
  globalResponseNorm,
  globalResponseNormBackward,
  type Mask,
  maskOf,
  mergeMoments,
  syncBatchNorm,
  syncBatchNormBackward,
  type Tensor,
  type WeightedMoments,
} from "../../src/index";
import * as nn from "../../src/nn/index";
import { caught, expectMessage, rejection } from "../support/error_cases";
import { test } from "../support/fixture";
import { Random } from "../support/random";
import { groupsOf } from "../support/workers";

type Fill = number | "keep" | "apply";
const FILLS: readonly Fill[] = [0, -3, "keep", "apply"];

const [N, C, P] = [3, 4, 6];
const SHAPE = [N, C, P];
const SIZE = N * C * P;

interface Data {
  readonly x: Float32Array;
  readonly w: Float32Array; // weights; of example 1, channel 2 nothing counts
  readonly dy: Float32Array;
  readonly gamma: Float32Array;
  readonly beta: Float32Array;
}

function dataOf(seed: number, weights: readonly number[]): Data {
  const random = new Random(seed);
  const w = Float32Array.from({ length: SIZE }, (_, i) => {
    return Math.floor(i / P) !== C + 2 && random.chance(0.7) ? random.pick(weights) : 0;
  });
  return {
    x: random.normals(SIZE, 0.5, 1),
    w,
    dy: random.normals(SIZE, 0, 1),
    gamma: random.normals(C, 1, 0.3),
    beta: random.normals(C, 0, 1),
  };
}

/** What no result may depend on. */
const poisoned = ({ x, w }: Data, fill: Fill) =>
  typeof fill === "number" ? x.map((v, i) => (w[i] > 0 ? v : Number.NaN)) : x;

/** y = gamma x N + beta + x with N = G / (mean(G) + eps), G^2 = sum(w x^2) */
function responseNorm({ w, gamma, beta }: Data, x: ArrayLike<number>, fill: Fill): number[] {
  const y: number[] = [];
  for (let n = 0; n < N; n++) {
    const at = (c: number, p: number) => (n * C + c) * P + p;
    const g = Array.from({ length: C }, (_, c) => {
      let sum = 0;
      for (let p = 0; p < P; p++) if (w[at(c, p)] > 0) sum += w[at(c, p)] * x[at(c, p)] ** 2;
      return Math.sqrt(sum);
    });
    const mean = g.reduce((a, b) => a + b) / C + 1e-6;
    for (let c = 0; c < C; c++) {
      for (let p = 0; p < P; p++) {
        const v = x[at(c, p)];
        const usual = gamma[c] * v * (g[c] / mean) + beta[c] + v;
        const other = fill === "keep" ? v : fill === "apply" ? usual : fill;
        y.push(w[at(c, p)] > 0 ? usual : other);
      }
    }
  }
  return y;
}

const near = (given: ArrayLike<number>, wanted: ArrayLike<number>, most: number, name: string) => {
  expect(given.length).toBe(wanted.length);
  Array.from(given).forEach((v, i) => {
    expect(Math.abs(v - wanted[i]), `${name}[${i}]: ${v} for ${wanted[i]}`).toBeLessThan(most);
  });
};

const STEP = 1e-5;

for (const fill of FILLS) {
  test(`globalResponseNorm and its gradients with a mask, fill ${fill}`, async ({ ctx }) => {
    for (const weights of [[1], [0.5, 1, 3]]) {
      const data = dataOf(51, weights);
      const { x, w, dy, gamma, beta } = data;
      const mask = maskOf(ctx.tensor(w, SHAPE), { fill });
      const input = ctx.tensor(poisoned(data, fill), SHAPE);
      const own = { weight: ctx.tensor(gamma, [C]), bias: ctx.tensor(beta, [C]), mask };
      const y = await globalResponseNorm(input, own).read();
      near(y, responseNorm(data, x, fill), 1e-5, "y");
      const made = globalResponseNormBackward(ctx.tensor(dy, SHAPE), { x: input, ...own });
      const loss = (at: Data, values: ArrayLike<number>) =>
        responseNorm(at, values, fill).reduce((sum, v, i) => sum + v * dy[i], 0);
      const slope = (f: (by: number) => number) => (f(STEP) - f(-STEP)) / (2 * STEP);
      const moved = (all: ArrayLike<number>, k: number, by: number) =>
        Float64Array.from(all, (v, i) => (i === k ? v + by : v));
      const dx = Array.from(x, (_, k) => slope((by) => loss(data, moved(x, k, by))));
      const of = (name: "gamma" | "beta") =>
        Array.from(data[name], (_, k) =>
          slope((by) => loss({ ...data, [name]: moved(data[name], k, by) as never }, x)),
        );
      near(await made.dx.read(), dx, 3e-5, "dx");
      near(await made.dWeight.read(), of("gamma"), 3e-5, "dWeight");
      near(await made.dBias.read(), of("beta"), 3e-5, "dBias");
    }
  });
}

const SPLIT = [2, 0, 3, 1];
const EXAMPLES = 6;

/** Channel 3 counts nowhere, channel 2 little. */
function batch(weights: readonly number[]) {
  const random = new Random(61);
  const size = EXAMPLES * C * P;
  const w = Float32Array.from({ length: size }, (_, i) => {
    return random.chance([0.8, 0.6, 0.1, 0][Math.floor(i / P) % C]) ? random.pick(weights) : 0;
  });
  return { x: random.normals(size, 5, 2), w, dy: random.normals(size, 0, 1) };
}

const partOf = (data: Float32Array, rank: number) => {
  const first = SPLIT.slice(0, rank).reduce((a, b) => a + b, 0);
  return data.slice(first * C * P, (first + SPLIT[rank]) * C * P);
};

const upload = (ctx: Context, data: Float32Array, rank: number) =>
  ctx.tensor(partOf(data, rank), [SPLIT[rank], C, P]);

const joined = async (parts: readonly Tensor[]) =>
  (await Promise.all(parts.map((part) => part.read()))).flatMap((part) => [...part]);

const RANKS = SPLIT.map((_, rank) => rank);

for (const fill of FILLS) {
  for (const weights of [[1], [0.5, 1.5, 2]]) {
    test(`four ranks with masks, weights ${weights}, fill ${fill}`, async ({ ctx }) => {
      const data = batch(weights);
      const x = typeof fill === "number" ? data.x.map((v, i) => (data.w[i] ? v : NaN)) : data.x;
      const affine = {
        weight: ctx.tensor(new Random(1).normals(C, 1, 0.3), [C]),
        bias: ctx.tensor(new Random(2).normals(C, 0, 1), [C]),
      };
      const running = () => ({
        runningMean: ctx.tensor(Float32Array.of(1, 2, 3, 4), [C]),
        runningVar: ctx.tensor(Float32Array.of(1, 1, 1, 7), [C]),
      });
      const whole = [EXAMPLES, C, P];
      const all = maskOf(ctx.tensor(data.w, whole), { fill });
      const judgeRunning = running();
      const judge = batchNorm(ctx.tensor(x, whole), {
        ...{ ...affine, ...judgeRunning, training: true, mask: all },
      });
      const gradients = batchNormBackward(ctx.tensor(data.dy, whole), {
        ...{ ...affine, x: ctx.tensor(x, whole), training: true, mask: all },
      });
      const masks = RANKS.map((rank) => maskOf(upload(ctx, data.w, rank), { fill }));
      const states = RANKS.map(running);
      const groups = groupsOf(4);
      const made = await Promise.all(
        RANKS.map((rank) =>
          syncBatchNorm(upload(ctx, x, rank), {
            ...{ ...affine, ...states[rank], group: groups[rank], mask: masks[rank] },
          }),
        ),
      );
      near(await joined(made.map(({ y }) => y)), await judge.read(), 2e-5, "y");
      for (const state of states) {
        near(await state.runningMean.read(), await judgeRunning.runningMean.read(), 1e-5, "mean");
        near(await state.runningVar.read(), await judgeRunning.runningVar.read(), 1e-5, "var");
      }
      const back = await Promise.all(
        RANKS.map((rank) =>
          syncBatchNormBackward(upload(ctx, data.dy, rank), {
            ...{ ...affine, x: upload(ctx, x, rank), group: groups[rank] },
            ...{ mask: masks[rank], moments: made[rank].moments },
          }),
        ),
      );
      near(await joined(back.map(({ dx }) => dx)), await gradients.dx.read(), 3e-5, "dx");
      for (const name of ["dWeight", "dBias"] as const) {
        const parts = await Promise.all(back.map((one) => one[name].read()));
        const sums = parts[0].map((_, c) => parts.reduce((sum, part) => sum + part[c], 0));
        near(sums, await gradients[name].read(), 5e-5, name);
      }
    });
  }
}

test("allReduce gets a count of each channel", async ({ ctx }) => {
  const data = batch([1]);
  const x = ctx.tensor(data.x, [EXAMPLES, C, P]);
  const mask = maskOf(ctx.tensor(data.w, [EXAMPLES, C, P]));
  const { y, moments } = await syncBatchNorm(x, {
    mask,
    allReduce: (local: WeightedMoments) => mergeMoments([local]),
  });
  const judge = batchNorm(x, { training: true, mask });
  near(await y.read(), await judge.read(), 2e-5, "y");
  const counts = library.moments(x, { axes: [0, 2], mask }).count;
  expect([...(await moments.count.read())]).toEqual([...(await counts.read())]);
});

test("a SyncBatchNorm's forward and backward take the mask", async ({ ctx }) => {
  const data = batch([1]);
  const shape = [EXAMPLES, C, P];
  const mask = maskOf(ctx.tensor(data.w, shape));
  const [x, dy] = [data.x, data.dy].map((one) => ctx.tensor(one, shape));
  using module = new nn.SyncBatchNorm(ctx, C, { group: groupsOf(1)[0] });
  using judge = new nn.BatchNorm(ctx, C);
  const [y, wanted] = [await module.forward(x, { mask }), judge.forward(x, { mask })];
  near(await y.read(), await wanted.read(), 2e-5, "y");
  const [dx, gradient] = [await module.backward(dy), judge.backward(dy)];
  near(await dx.read(), await gradient.read(), 3e-5, "dx");
  const [ours, theirs] = [await module.stateDict(), await judge.stateDict()];
  for (const name of ["running_mean", "running_var"]) {
    near(ours[name].data, theirs[name].data, 1e-5, name);
  }
});

test("ranks with and without masks, and what does not go with masks, are errors", async ({
  ctx,
}) => {
  const x = ctx.tensor(new Float32Array(SIZE), SHAPE);
  const mask = maskOf([1], { shape: [1] });
  const groups = groupsOf(2);
  const both = await Promise.all([
    rejection(syncBatchNorm(x, { group: groups[0], mask })),
    rejection(syncBatchNorm(x, { group: groups[1] })),
  ]);
  for (const error of both) expectMessage(error, ["syncBatchNorm: rank", "sent another round"]);
  const allReduce = (async () => ({ mean: x, variance: x, count: 3 })) as never;
  expectMessage(await rejection(syncBatchNorm(x, { mask, allReduce })), [
    "syncBatchNorm: allReduce gave count 3, expected a tensor, of each channel",
  ]);
  const local = library.moments(x, { axes: [0, 2] });
  const back = { x, moments: local, allReduce: (sums: never) => sums };
  expectMessage(await rejection(syncBatchNormBackward(x, { ...back, mask } as never)), [
    "syncBatchNormBackward: moments have one count for all channels",
    "expected mask and moments of the forward",
  ]);
  expectMessage(
    caught(() => globalResponseNorm(x, { mask: maskOf([1, 0]) })),
    ["globalResponseNorm: mask has shape [2], expected one that broadcasts to [3, 4, 6]"],
  );
  expectMessage(
    caught(() => library.weightNorm(x, { mask: mask as Mask } as never)),
    ["weightNorm: unknown option mask"],
  );
});
