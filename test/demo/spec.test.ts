// What the page says of an experiment follows from its spec.

import { expect, test } from "vitest";
import { labelOf, valuesPerStatistic } from "../../demo/experiment/kinds";
import { CONV, fewestValues, learningRateAt, MLP, SMALL } from "../../demo/experiment/spec";

test("the values behind a statistic are counted over examples, pixels and channels", () => {
  expect(MLP.kinds.map((kind) => fewestValues(MLP, kind))).toEqual([32, 16, 8, 4, 2, 16]);
  // the last maps have 2 x 2 pixels; groups are 16 channels of 32 there
  expect(CONV.kinds.map((kind) => fewestValues(CONV, kind))).toEqual([128, 32, 8, 4, 64]);
  expect(valuesPerStatistic(CONV.kinds[0], 8, 8)).toBe(32 * 64);
});

test("kinds have names", () => {
  expect(SMALL.kinds.map(labelOf)).toEqual([
    "BatchNorm, 32 examples",
    "BatchNorm, 2 examples",
    "GroupNorm, 4 groups",
  ]);
  expect(labelOf(CONV.kinds[3])).toBe("BatchNorm, 1 example");
});

test("the learning rate falls along a cosine", () => {
  expect(learningRateAt(MLP, 0)).toBe(0.05);
  expect(learningRateAt(MLP, 256)).toBeCloseTo(0.025, 10);
  expect(learningRateAt(MLP, 511)).toBeLessThan(1e-6);
});

test("specs fit the kernels: whole vectors, whole batches", () => {
  for (const { layers, batch, testDigits, kinds } of [MLP, CONV, SMALL]) {
    expect(testDigits % batch).toBe(0);
    expect(batch % 4).toBe(0);
    for (const [i, { inSide, inChannels, outSide, outChannels }] of layers.entries()) {
      expect([inChannels % 4, outChannels % 4]).toEqual([0, 0]);
      const next = layers[i + 1];
      if (next) expect([next.inSide, next.inChannels]).toEqual([outSide, outChannels]);
      for (const kind of kinds) {
        if (kind.norm === "batch") expect(batch % kind.examples).toBe(0);
        else if (next) expect(outChannels % kind.groups).toBe(0);
      }
      expect(inSide).toBeGreaterThan(0);
    }
  }
});
