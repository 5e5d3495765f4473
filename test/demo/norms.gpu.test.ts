// The norms of the demo's page: what is drawn as a set is what the library computes with. Each preset
// is compared with float64, and its sets with a brute-force search: a value is changed, and what
// changes with it shared a set.

import { expect } from "vitest";
import { AXES, cellOf, type Shape4, sizeOf } from "../../demo/base/shape";
import { compute } from "../../demo/engine/gpu";
import { BACKWARD_NORMS, computeBackward } from "../../demo/norms/backward_calls";
import { backwardReference } from "../../demo/norms/backward_reference";
import {
  FREE,
  FREE_PRESET,
  type NormId,
  PRESET_IDS,
  presetOf,
  presetsIn,
} from "../../demo/norms/presets";
import { largestError, reference } from "../../demo/norms/reference";
import { sharedSets } from "../../demo/norms/sets";
import type { Context } from "../../src/index";
import { test } from "../support/fixture";
import { Random } from "../support/random";

const SHAPE: Shape4 = [4, 6, 3, 5];
const EPS = 1e-5;

const values = (seed: number, length: number) => {
  const random = new Random(seed);
  return Float32Array.from({ length }, () => random.normal());
};

const partitionOf = (norm: NormId) => {
  const { axes, groups, split } = presetOf(norm);
  return { axes, groups: groups ? 2 : 1, split: split ? 2 : 1 };
};

const resultOf = async (
  ctx: Context,
  norm: NormId,
  x: Float32Array,
  partition = partitionOf(norm),
) => {
  const question = { preset: presetOf(norm), partition, shape: SHAPE, x, eps: EPS };
  return { question, ...(await compute(ctx, norm, question)) };
};

for (const norm of PRESET_IDS) {
  test(`${norm} is as in float64`, async ({ ctx }) => {
    const { question, y, shared } = await resultOf(ctx, norm, values(1, sizeOf(SHAPE)));
    const right = reference(question);
    expect(largestError(y, right.y)).toBeLessThan(2e-6);
    if (!shared) return;
    expect(largestError(Float32Array.from(shared.a), right.a)).toBeLessThan(2e-6);
    expect(largestError(Float32Array.from(shared.b), right.b)).toBeLessThan(2e-6);
  });

  test(`${norm} shares as it is drawn`, async ({ ctx }) => {
    const x = values(2, sizeOf(SHAPE));
    const { question, y } = await resultOf(ctx, norm, x);
    const { relationTo } = sharedSets(SHAPE, question.preset, question.partition);
    for (const index of [0, 137, 359]) {
      const changed = x.slice();
      changed[index] += 3; // large beside a deviation of 1, so that every partner's bits change
      const after = await resultOf(ctx, norm, changed);
      const related = relationTo(cellOf(SHAPE, index));
      const drawn: number[] = [];
      const found: number[] = [];
      for (let i = 0; i < x.length; i++) {
        if (related(cellOf(SHAPE, i)) !== 0) drawn.push(i);
        if (!Object.is(y[i], after.y[i])) found.push(i);
      }
      expect(found, `changed value ${index}`).toEqual(drawn);
    }
  });
}

for (const norm of presetsIn("tokens")) {
  test(`${norm} of tokens is as in float64`, async ({ ctx }) => {
    const shape: Shape4 = [3, 1, 5, 8];
    const preset = presetOf(norm, "tokens");
    const partition = { axes: preset.axes, groups: 1, split: 1 };
    const question = { preset, partition, shape, x: values(6, sizeOf(shape)), eps: EPS };
    const { y } = await compute(ctx, norm, question);
    expect(largestError(y, reference(question).y)).toBeLessThan(2e-6);
  });
}

test("all 16 combinations of axes run, and are as in float64", async ({ ctx }) => {
  const x = values(3, sizeOf(SHAPE));
  for (let mask = 0; mask < 16; mask++) {
    const axes = AXES.filter((_, i) => mask & (1 << i));
    const { question, y } = await resultOf(ctx, FREE, x, { axes, groups: 1, split: 1 });
    expect(question.preset).toBe(FREE_PRESET);
    expect(largestError(y, reference(question).y), axes.join()).toBeLessThan(2e-6);
  }
});

for (const norm of BACKWARD_NORMS) {
  test(`the gradient of ${norm} is as in float64`, async ({ ctx }) => {
    const [x, dy] = [values(4, sizeOf(SHAPE)), values(5, sizeOf(SHAPE))];
    const question = {
      preset: presetOf(norm),
      partition: partitionOf(norm),
      shape: SHAPE,
      x,
      eps: EPS,
    };
    const dx = await computeBackward(ctx, norm, question, dy);
    expect(largestError(dx, backwardReference(question, dy))).toBeLessThan(5e-6);
  });
}
