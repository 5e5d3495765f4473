// Results of denormalize are stored as bytes: the nearest one, ties to even, within 0 .. 255.

import { expect } from "vitest";
import { type Context, denormalize, type Tensor } from "../../src/index";
import { caught, expectMessage } from "../support/error_cases";
import { test } from "../support/fixture";
import { Random } from "../support/random";

function byteOf(value: number): number {
  const low = Math.floor(value);
  const up = value - low > 0.5 || (value - low === 0.5 && low % 2 !== 0);
  return Number.isNaN(value) ? 0 : Math.min(255, Math.max(0, low + Number(up)));
}

/** Returns x as it is, as bytes. */
function asBytes(ctx: Context, x: Tensor, out?: Tensor): Tensor {
  const mean = ctx.tensor([0], []);
  const rstd = ctx.tensor([1], []);
  const axes = x.shape.map((_, i) => i);
  return denormalize(x, { mean, rstd, axes, eps: 0, dtype: "u8", out });
}

const EDGES = [
  ...[0, -0, 0.5, 1.5, 2.5, 254.5, 255.5, 255.49, 0.4999999, 1e-45, -0.5, -1, 256, 1e30, -1e30],
  ...[Infinity, -Infinity, Number.NaN, 127.5, 128.5],
];

test("edges are rounded to even, clamped, and NaN is 0", async ({ ctx }) => {
  for (const length of [EDGES.length, EDGES.length - 1]) {
    const values = EDGES.slice(0, length); // as vectors, and one by one
    const y = asBytes(ctx, ctx.tensor(values, [length]));
    expect(y.dtype).toBe("u8");
    expect([...(await y.read())]).toEqual(values.map((v) => byteOf(Math.fround(v))));
  }
});

test("any layout, and arrays that take several bindings", async ({ ctx, freshContext }) => {
  const small = await freshContext({ profile: { maxBindingBytes: 1024 } });
  const random = new Random(4);
  for (const context of [ctx, small]) {
    for (const shape of [
      [3, 5, 7],
      [2, 3, 16, 16],
      [33, 31],
    ]) {
      const size = shape.reduce((a, b) => a * b);
      const values = Array.from({ length: size }, () => Math.fround(random.between(-40, 300)));
      const expected = values.map(byteOf);
      const x = context.tensor(values, shape);
      expect([...(await asBytes(context, x).read())]).toEqual(expected);
      // with neighbours that others write: the last axis first in memory
      const strides = shape.map((_, i) => shape.slice(0, i).reduce((a, b) => a * b, 1));
      const whole = context.tensor(new Uint8Array(size + 8).fill(77), [size + 8], { dtype: "u8" });
      const out = context.fromBuffer(whole.buffer, { shape, strides, offset: 3, dtype: "u8" });
      asBytes(context, x, out);
      expect([...(await out.read())]).toEqual(expected);
      const all = await whole.read();
      expect([...all.subarray(0, 3), ...all.subarray(size + 3)]).toEqual(Array(8).fill(77));
    }
  }
});

test("bytes in place of bytes", async ({ ctx }) => {
  const x = ctx.tensor(
    Uint8Array.from({ length: 12 }, (_, i) => 20 * i),
    [3, 4],
    { dtype: "u8" },
  );
  const mean = ctx.tensor([10, 0, 0], [3]);
  const variance = ctx.tensor([4, 1, 0.25], [3]);
  denormalize(x, { mean, variance, axes: [1], eps: 0, out: x });
  const expected = Array.from({ length: 12 }, (_, i) => {
    const row = i >> 2;
    return byteOf(20 * i * [2, 1, 0.5][row] + [10, 0, 0][row]);
  });
  expect([...(await x.read())]).toEqual(expected);
});

test("an image of a model goes back to bytes, as a loop over its values says", async ({ ctx }) => {
  const random = new Random(8);
  const [mean, std] = [
    [0.485, 0.456, 0.406],
    [0.229, 0.224, 0.225],
  ];
  const values = random.normals(3 * 64, 0, 2);
  const y = ctx.tensor(values, [1, 3, 8, 8]);
  const scaled = (list: number[]) =>
    ctx.tensor(
      list.map((v) => v * 255),
      [3],
    );
  const back = denormalize(y, {
    ...{
      mean: scaled(mean),
      variance: ctx.tensor(
        std.map((v) => (v * 255) ** 2),
        [3],
      ),
    },
    ...{ axes: [0, 2, 3], eps: 0, dtype: "u8" },
  });
  const found = await back.read();
  values.forEach((v, i) => {
    const c = Math.floor(i / 64);
    const exact = v * std[c] * 255 + mean[c] * 255;
    const clamped = Math.min(255, Math.max(0, exact));
    expect(Math.abs(found[i] - clamped), `${i}`).toBeLessThanOrEqual(0.5 + 1e-4);
  });
});

test("no other norm stores bytes", async ({ ctx }) => {
  const x = ctx.tensor([1, 2], [1, 2]);
  const out = ctx.empty([1, 2], { dtype: "u8" });
  const { standardize } = await import("../../src/index");
  expectMessage(
    caught(() => standardize(x, { axes: [1], dtype: "u8" as never })),
    ['standardize: dtype "u8"', "f32, f16, bf16"],
  );
  expectMessage(
    caught(() => standardize(x, { axes: [1], out })),
    ['standardize: dtype "u8"', "f32, f16, bf16"],
  );
  expectMessage(
    caught(() => asBytes(ctx, x, ctx.empty([1, 2]))),
    ["denormalize: out has dtype f32", "u8"],
  );
});
