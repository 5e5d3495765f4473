// The slopes of prelu are an array: one for each channel, wherever the channels lie, or of any shape
// that broadcasts; in passes of few arrays, too.

import { expect } from "vitest";
import { groupNorm, groupNormBackward } from "../../src/index";
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
