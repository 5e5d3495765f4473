// The slopes of prelu are an array: one for each channel, wherever the channels lie, or of any shape
// that broadcasts; in passes of few arrays, too.

import { expect } from "vitest";
import {
  applyMomentsBackward,
  groupNorm,
  groupNormBackward,
  maskOf,
  standardizeBackward,
  type Tensor,
} from "../../src/index";
import { difference, inChunks } from "../support/comparison";
import { test } from "../support/fixture";
import { finished } from "../support/make_problems";
import { rows } from "../support/operations";
import type { Operation, Options, Problem } from "../support/problem";
import { Random } from "../support/random";
import { randomInputs } from "../support/random_inputs";
import { expected } from "../support/tolerance";

const CHANNELS = [0.5, 0.1, -0.2, 2];

test("a slope for each channel is that of a broadcast array, in NCHW and NHWC", async ({ ctx }) => {
  const random = new Random(1);
  for (const [channelAxis, shape, broadcast] of [
    [1, [2, 4, 3, 5], [4, 1, 1]],
    [-1, [2, 3, 5, 4], [4]],
    [3, [2, 3, 5, 4], [1, 1, 4]],
  ] as const) {
    const [x, dy] = [1, 2].map(() => ctx.tensor(random.normals(120), [...shape]));
    const call = async (alpha: readonly number[]) => {
      const activation = { name: "prelu", alpha: ctx.tensor(CHANNELS, [...alpha]) } as const;
      const own = { groups: 2, channelAxis, activation };
      const { dx } = groupNormBackward(dy, { ...own, x });
      return [...(await groupNorm(x, own).read()), ...(await dx.read())];
    };
    const each = await call([4]);
    expect(each).toEqual(await call(broadcast));
    expect(each.some((v) => v < 0)).toBe(true);
  }
});

test("more arrays than a pass can bind", async ({ ctx }) => {
  const x = [6, 36];
  const all = { weight: [36], bias: [36], scale: x, shift: [6, 1], slope: [36] };
  const problems = (["layerNorm", "layerNormBackward"] as const).map((name): Problem => {
    const gradient = name.endsWith("Backward");
    const random = new Random(3);
    const more = gradient ? { dy: x, dSum: x, residualBias: [36] } : { residual: x };
    const inputs = randomInputs(random, x, { ...all, ...more });
    const row = rows.find((one) => one.name === name) as Operation;
    const options: Options = { normalizedShape: [36], activation: "leakyRelu" };
    return finished({ operation: { ...row, completed: undefined }, options, inputs }, random);
  });
  const failures = await inChunks(problems, (one) => difference(ctx, one, expected(one)));
  expect(failures).toEqual([]);
});

test("the slopes have a gradient of their own shape and type, alone, too", async ({ ctx }) => {
  const x = ctx.tensor([-2, -1, 1, 2, -4, 4], [2, 3]);
  const dy = ctx.tensor([1, 2, 3, 4, 5, 6], [2, 3]);
  const identity = { axes: [0, 1], mean: ctx.tensor([0], []), variance: ctx.tensor([1], []) };
  for (const [shape, expected] of [
    [[3], [-2, -22, 0]],
    [[1], [-24]],
    [
      [2, 1],
      [-4, -20],
    ],
  ] as const) {
    const alpha = ctx.tensor(new Float32Array(expected.length), [...shape], { dtype: "bf16" });
    const own = { ...identity, eps: 0, activation: { name: "prelu", alpha } } as const;
    const all = applyMomentsBackward(dy, { ...own, x });
    const { dSlope } = applyMomentsBackward(dy, { ...own, x, gradients: ["dSlope"] });
    expect([dSlope.shape, dSlope.dtype]).toEqual([shape, "bf16"]);
    expect([...(await dSlope.read())]).toEqual(expected);
    expect(await all.dSlope.read()).toEqual(await dSlope.read());
  }
});

test("a masked place adds nothing to the gradient of a slope, not even NaN", async ({ ctx }) => {
  const x = ctx.tensor([-2, Number.NaN, 1, -4], [1, 4]);
  const dy = ctx.tensor([1, Number.NaN, 3, 4], [1, 4]);
  const alpha = ctx.tensor([0.5], [1]);
  const all = { x, axes: [1], mask: maskOf([1, 0, 1, 1]), activation: { name: "prelu", alpha } };
  const { dSlope } = standardizeBackward(dy, all as never) as { dSlope: Tensor };
  const [mean, std] = [-5 / 3, Math.sqrt(7 - 25 / 9 + 1e-5)];
  const z = [-2, 1, -4].map((v) => (v - mean) / std);
  const expected = 1 * Math.min(z[0], 0) + 4 * z[2];
  expect((await dSlope.read())[0]).toBeCloseTo(expected, 5);
});

test("of another activation there are no slopes to ask for", ({ ctx }) => {
  const x = ctx.tensor([1, 2], [1, 2]);
  const own = { x, axes: [1], activation: "leakyRelu" } as const;
  expect(() => standardizeBackward(x, { ...own, gradients: ["dSlope"] as never })).toThrow(
    'gradients ["dSlope"], expected some of dx in an array',
  );
});
