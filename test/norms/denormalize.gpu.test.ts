// The way back from a norm: RevIN's round trip, statistics of other lengths, gradients. The order of
// its parts is that of no other norm, so that it has a float64 loop of its own here.

import { expect } from "vitest";
import {
  type Context,
  denormalize,
  denormalizeBackward,
  layerNorm,
  moments,
  prepare,
  type Tensor,
} from "../../src/index";
import { broadcastStrides, visit } from "../support/arrays";
import { type ErrorCase, testErrors } from "../support/error_cases";
import { test } from "../support/fixture";
import { Random } from "../support/random";
import { UNIT } from "../support/units";

type Arrays = Record<string, { shape: number[]; data: Float32Array }>;
type Given = { axes: number[]; mean: Tensor; rstd: Tensor };
type Spread = "rstd" | "variance";

const EPS = 1e-2;

/** (x - bias) / (weight + eps^2) / rstd + mean, of arrays that broadcast. */
function reference({ x, weight, bias, mean, rstd, variance }: Arrays, eps = EPS): Float64Array {
  const onto = (v: Arrays[string] | undefined, usual: number) => {
    const all = new Float64Array(x.data.length).fill(usual);
    if (v) {
      visit(x.shape, broadcastStrides(v.shape, x.shape), (i, k) => {
        all[i] = v.data[k];
      });
    }
    return all;
  };
  const guard = weight ? Math.fround(eps * eps) : 0;
  const [w, b, m] = [onto(weight, 1), onto(bias, 0), onto(mean, 0)];
  const inverse = rstd ? onto(rstd, 0).map((r) => (r === 0 ? 0 : 1 / r)) : undefined;
  const deviation = inverse ?? onto(variance, 0).map((v) => Math.sqrt(v + Math.fround(eps)));
  return Float64Array.from(x.data, (v, i) => ((v - b[i]) / (w[i] + guard)) * deviation[i] + m[i]);
}

/** x [4, 6, 5] with statistics over its axis 1, of the kept axes with length 1 there. */
function arraysOf(seed: number, spread: Spread, affine: boolean): Arrays {
  const random = new Random(seed);
  const positive = (length: number) => random.normals(length).map((v) => 0.3 + v * v);
  const own = {
    weight: { shape: [5], data: positive(5) },
    bias: { shape: [6, 1], data: random.normals(6) },
  };
  return {
    x: { shape: [4, 6, 5], data: random.normals(120) },
    mean: { shape: [4, 1, 5], data: random.normals(20, 100, 1) },
    [spread]: { shape: [4, 1, 5], data: positive(20) },
    ...(affine ? own : {}),
  };
}

function upload(ctx: Context, arrays: Arrays, keepdim: boolean): Record<string, Tensor> {
  const entries = Object.entries(arrays).map(([name, { shape, data }]) => {
    const kept = /mean|rstd|variance/.test(name) && !keepdim ? [4, 5] : shape;
    return [name, ctx.tensor(data, kept)] as const;
  });
  return Object.fromEntries(entries);
}

const CASES = (["rstd", "variance"] as const).flatMap((spread) =>
  [true, false].flatMap((affine) => [true, false].map((keepdim) => ({ spread, affine, keepdim }))),
);

test.for(CASES)("agrees with float64: %o", async ({ spread, affine, keepdim }, { ctx }) => {
  const arrays = arraysOf(1, spread, affine);
  const { x, ...others } = upload(ctx, arrays, keepdim);
  const options = { axes: [1], eps: EPS, ...others } as unknown as Given;
  const wanted = reference(arrays);
  const given = await denormalize(x, options).read();
  given.forEach((v, i) => {
    const sizes = 110 + Math.abs(wanted[i]) + 60;
    expect(Math.abs(v - wanted[i])).toBeLessThan(4 * UNIT * sizes);
  });
  const half = await denormalize(x, { ...options, dtype: "f16" }).read();
  half.forEach((v, i) => {
    expect(Math.abs(v - wanted[i])).toBeLessThan(2 ** -11 * 300);
  });
  denormalize(x, { ...options, out: x });
  expect(await x.read()).toEqual(given);
});

test.for(CASES)(
  "gradients are differences of it: %o",
  async ({ spread, affine, keepdim }, { ctx }) => {
    const arrays = arraysOf(2, spread, affine);
    const { x, ...others } = upload(ctx, arrays, keepdim);
    const random = new Random(3);
    const dy = random.normals(120);
    const options = { axes: [1], eps: EPS, ...others, x } as never;
    const found = denormalizeBackward(ctx.tensor(dy, [4, 6, 5]), options) as Record<string, Tensor>;
    expect(Object.keys(found).sort()).toEqual(affine ? ["dBias", "dWeight", "dx"] : ["dx"]);
    const loss = (changed: Arrays) => reference(changed).reduce((sum, v, i) => sum + v * dy[i], 0);
    for (const [name, gradient] of [
      ["x", "dx"],
      ["weight", "dWeight"],
      ["bias", "dBias"],
    ]) {
      if (!arrays[name]) continue;
      const { shape, data } = arrays[name];
      const read = await found[gradient].read();
      data.forEach((v, i) => {
        const moved = (step: number) => {
          const other = Float64Array.from(data);
          other[i] = v + step;
          return loss({ ...arrays, [name]: { shape, data: other as unknown as Float32Array } });
        };
        const slope = (moved(1e-5) - moved(-1e-5)) / 2e-5;
        const size = Math.max(1, Math.abs(slope));
        expect(Math.abs(read[i] - slope), `${gradient}[${i}]`).toBeLessThan(1e-4 * size);
      });
    }
  },
);

test("RevIN: there and back, with a forecast of another length", async ({ ctx }) => {
  const random = new Random(4);
  const x = ctx.tensor(random.normals(2 * 96 * 7, 50, 8), [2, 96, 7]);
  const weight = ctx.tensor(random.normals(7, 1, 0.1), [7]);
  const bias = ctx.tensor(random.normals(7), [7]);
  const { mean, variance } = moments(x, { axes: [1], keepdim: true });
  const places = { axes: [1], eps: 1e-5 };
  const wide = { weight: weight.reshape([1, 1, 7]), bias };
  const y = layerNorm(x, { ...places, ...wide });
  const again = await denormalize(y, { ...places, mean, variance, ...wide }).read();
  const before = await x.read();
  again.forEach((v, i) => {
    expect(Math.abs(v - before[i])).toBeLessThan(1e-4);
  });
  const forecast = ctx.tensor(new Float32Array(2 * 24 * 7), [2, 24, 7]);
  const to = await denormalize(forecast, { axes: [1], mean, variance }).read();
  const means = await mean.read();
  to.forEach((v, i) => {
    const n = Math.floor(i / (24 * 7));
    expect(v).toBe(means[7 * n + (i % 7)]);
  });
});

test("an rstd of 0 gives the mean, a weight of 0 a finite number", async ({ ctx }) => {
  const [x, zero] = [ctx.tensor([1, -2], [2, 1]), ctx.tensor([0], [1])];
  const [mean, one] = [ctx.tensor([3, 4], [2]), ctx.tensor([1, 1], [2])];
  const rstd = ctx.tensor([0, 2], [2]);
  expect([...(await denormalize(x, { axes: [1], mean, rstd }).read())]).toEqual([3, 3]);
  const guarded = await denormalize(x, { axes: [1], mean, rstd: one, weight: zero }).read();
  expect(guarded.every(Number.isFinite)).toBe(true);
});

test("prepared, by the names of the options", async ({ ctx }) => {
  const arrays = arraysOf(5, "rstd", true);
  const tensors = upload(ctx, arrays, false);
  const { x, ...others } = tensors;
  const described = Object.fromEntries(
    Object.entries(others).map(([name, { shape }]) => [name, { shape }]),
  );
  const own = { axes: [1], eps: EPS };
  const op = prepare(ctx, denormalize, { shape: [4, 6, 5], ...own, ...described } as never);
  const encoder = ctx.device.createCommandEncoder();
  const pass = encoder.beginComputePass();
  const y = op.encode(pass, tensors) as unknown as Tensor;
  pass.end();
  ctx.device.queue.submit([encoder.finish()]);
  const plain = denormalize(x, { ...own, ...others } as unknown as Given) as unknown as Tensor;
  expect(await y.read()).toEqual(await plain.read());
});

const ERRORS: ErrorCase[] = [
  [
    "no axes",
    ({ x, of }) => denormalize(x, { mean: of(2, 6), rstd: of(2, 6) } as never),
    ["denormalize: axes are missing"],
  ],
  [
    "no spread",
    ({ x, of }) => denormalize(x, { axes: [2], mean: of(2, 6) } as never),
    ["denormalize: neither of rstd and variance", "one of them"],
  ],
  [
    "two spreads",
    ({ x, of }) => {
      const both = { axes: [2], mean: of(2, 6), rstd: of(2, 6), variance: of(2, 6) };
      return denormalize(x, both as never);
    },
    ["denormalize: both of rstd and variance", "one of them"],
  ],
  [
    "no mean",
    ({ x, of }) => denormalize(x, { axes: [2], rstd: of(2, 6) } as never),
    ["denormalize: mean is missing", "[2, 6]"],
  ],
  [
    "a mean of another shape",
    ({ x, of }) => denormalize(x, { axes: [2], mean: of(2, 4), rstd: of(2, 6) }),
    ["denormalize: mean has shape [2, 4]", "expected [2, 6]"],
  ],
  [
    "a gradient of a statistic",
    ({ x, of }) => {
      const own = { axes: [2], mean: of(2, 6), rstd: of(2, 6), x };
      return denormalizeBackward(x, { ...own, gradients: ["dScale"] } as never);
    },
    ["denormalizeBackward: gradients", "dScale", "some of dx"],
  ],
];

testErrors(ERRORS);
