// The code that the page gives away: each norm has it in three worlds, and its options are those of
// the library.

import { describe, expect, test } from "vitest";
import type { Shape4 } from "../../demo/base/shape";
import { codesOf, gradientsOf } from "../../demo/norms/code_elsewhere";
import {
  FREE,
  type NormId,
  partitionOf,
  presetOf,
  presetsIn,
  VIEWS,
} from "../../demo/norms/presets";
import * as library from "../../src/index";

const SHAPE: Shape4 = [6, 3, 48, 48];
const codes = (view: "images" | "tokens", norm: NormId) =>
  codesOf(view, norm, SHAPE, partitionOf(presetOf(norm, view)));

for (const view of VIEWS) {
  describe(view, () => {
    test.each<NormId>([...presetsIn(view), FREE])("%s", (norm) => {
      const [[, own], [, pytorch], [, onnx]] = codes(view, norm);
      expect(library).toHaveProperty(/(\w+)\(/.exec(own)?.[1] ?? "");
      expect(own).not.toMatch(/undefined|NaN/);
      for (const text of [pytorch, onnx]) expect(text).toMatch(/^(–$|[\w(])(?!.*undefined)/);
    });
  });
}

test.each(["batch", "layer", "instance", "rms", "evaluation"] as const)(
  "gradient of %s",
  (norm) => {
    const [[, own], [, pytorch]] = gradientsOf(codes("images", norm));
    const [, operation] = /^(\w+)\(dy, \{ x(?:, .+)? \}\)$/.exec(own) ?? [];
    expect(library).toHaveProperty(operation);
    expect(pytorch).toMatch(/^torch\.autograd\.grad\(F\..+, x, dy\)$/);
  },
);

test("the parts of a norm are in its code", () => {
  const partition = { ...partitionOf(presetOf("group")), groups: 3 };
  expect(codesOf("images", "group", SHAPE, partition).map(([, code]) => code)).toEqual([
    "groupNorm(x, { groups: 3 })",
    "F.group_norm(x, 3)",
    "GroupNormalization(x, scale, bias, num_groups=3)",
  ]);
});
