// The norm of many tensors together, and gradients that are clipped by it, in place.

import { expect } from "vitest";
import { clipGradNorm, globalNorm, type Tensor } from "../../src/index";
import { type ErrorCase, testErrors } from "../support/error_cases";
import { test } from "../support/fixture";
import { Random } from "../support/random";
import { UNIT } from "../support/units";

const norm = (all: readonly ArrayLike<number>[]) =>
  Math.sqrt(all.reduce((sum, one) => sum + Array.from(one).reduce((s, v) => s + v * v, 0), 0));

const SHAPES = [[3, 5], [4097], [2, 3, 4, 5], [1], [64, 64], [7, 0], []] as const;

function tensors(ctx: Parameters<typeof make>[0], scale = 1): Tensor[] {
  const random = new Random(1);
  return SHAPES.map((shape, i) => make(ctx, random, [...shape], scale, i));
}

function make(
  ctx: import("../../src/index").Context,
  random: Random,
  shape: number[],
  scale: number,
  i: number,
): Tensor {
  const size = shape.reduce((all, d) => all * d, 1);
  const dtype = scale === 1 ? (["f32", "f16", "bf16"] as const)[i % 3] : "f32";
  return ctx.tensor(random.normals(size, 0, scale), shape, { dtype });
}

const readAll = (all: readonly Tensor[]) => Promise.all(all.map((one) => one.read()));

test("a norm of tensors of any shape and type, the same bits each time", async ({ ctx }) => {
  for (const scale of [1, 1e25, 1e-25]) {
    const all = tensors(ctx, scale);
    const wanted = norm(await readAll(all));
    const total = globalNorm(all);
    const [given] = await total.read();
    expect([total.shape, total.dtype]).toEqual([[], "f32"]);
    expect(Math.abs(given - wanted)).toBeLessThan(16 * UNIT * wanted);
    expect([...(await globalNorm(all).read())]).toEqual([given]);
  }
});

test("views with gaps, empty tensors alone, NaN and infinity", async ({ ctx }) => {
  const buffer = ctx.tensor([3, 9, 4, 9], [4]).buffer;
  const gaps = ctx.fromBuffer(buffer, { shape: [2], strides: [2] });
  expect(await globalNorm([gaps]).read()).toEqual(Float32Array.of(5));
  expect(await globalNorm([ctx.empty([0])]).read()).toEqual(Float32Array.of(0));
  for (const value of [Number.NaN, Number.POSITIVE_INFINITY]) {
    const one = ctx.tensor([1, value], [2]);
    expect(await globalNorm([gaps, one]).read()).toEqual(Float32Array.of(value));
  }
});

test.for([0.5, 3, 1e3, 0])("gradients are clipped to a norm of %f", async (max, { ctx }) => {
  const all = tensors(ctx);
  const before = await readAll(all);
  const wanted = norm(before);
  const [given] = await clipGradNorm(all, { max }).read();
  expect(Math.abs(given - wanted)).toBeLessThan(16 * UNIT * wanted);
  const factor = Math.min(1, max / (wanted + 1e-6));
  const after = await readAll(all);
  const digits = { f32: 24 * UNIT, f16: 2 ** -11, bf16: 2 ** -8 };
  after.forEach((values, k) => {
    const { [all[k].dtype]: unit } = digits as Record<string, number>;
    values.forEach((v, i) => {
      const right = before[k][i] * factor;
      expect(Math.abs(v - right)).toBeLessThanOrEqual(unit * Math.abs(right) + 2 ** -24);
      if (factor === 1) expect(v).toBe(before[k][i]);
    });
  });
});

test("PyTorch's example: two vectors", async ({ ctx }) => {
  const [a, b] = [ctx.tensor([3, 4], [2]), ctx.tensor([12], [1])];
  expect(await clipGradNorm([a, b], { max: 1 }).read()).toEqual(Float32Array.of(13));
  const factor = 1 / (13 + 1e-6);
  for (const [tensor, values] of [
    [a, [3, 4]],
    [b, [12]],
  ] as const) {
    const read = await tensor.read();
    values.forEach((v, i) => {
      expect(read[i]).toBeCloseTo(v * factor, 7);
    });
  }
});

test("NaN in one tensor makes all NaN, as in PyTorch", async ({ ctx }) => {
  const [a, b] = [ctx.tensor([1, 2], [2]), ctx.tensor([Number.NaN], [1])];
  clipGradNorm([a, b], { max: 1 });
  expect([...(await a.read()), ...(await b.read())]).toEqual([Number.NaN, Number.NaN, Number.NaN]);
});

const CASES: ErrorCase[] = [
  ["no list", ({ x }) => globalNorm(x as never), ["globalNorm: tensors is", "array"]],
  ["an empty list", () => globalNorm([]), ["globalNorm: tensors is []", "at least one"]],
  ["a number in the list", ({ x }) => globalNorm([x, 3 as never]), ["globalNorm: tensors[1]", "3"]],
  ["an empty list to clip", () => clipGradNorm([], { max: 1 }), ["clipGradNorm: tensors is []"]],
  ["no largest norm", ({ x }) => clipGradNorm([x], {} as never), ["clipGradNorm: max is missing"]],
  ["a negative norm", ({ x }) => clipGradNorm([x], { max: -1 }), ["clipGradNorm: max -1"]],
];

testErrors(CASES);
