// These tests cover LayerNorm as a module: PyTorch's steps, sums of many gradients, its misuse.

import { expect } from "vitest";
import * as nn from "../../src/nn/index";
import { type ErrorCase, testErrors } from "../support/error_cases";
import { test } from "../support/fixture";
import { testVectors } from "../support/modules";

testVectors("LayerNorm");

test("gradients are stored and added up as their parameters are", async ({ ctx }) => {
  using module = new nn.LayerNorm(ctx, [3], { dtype: "bf16" });
  const x = ctx.tensor([1, 2, 3, 4, 6, 5], [2, 3]);
  for (let i = 0; i < 3; i++) {
    module.forward(x);
    module.backward(ctx.tensor([1, 2, 3, 10, 20, 30], [2, 3]));
  }
  const { bias } = module;
  expect(bias?.grad?.dtype).toBe("bf16");
  expect([...((await bias?.grad?.read()) ?? [])]).toEqual([33, 66, 99]);
});

for (const kind of ["cpu", "gpu"] as const) {
  test(`many gradients are added up by a ${kind}'s plans`, async ({ freshContext }) => {
    const ctx = await freshContext({ profile: { kind } });
    const size = 70_001;
    using module = new nn.LayerNorm(ctx, size);
    const dy = Float32Array.from({ length: 2 * size }, (_, i) => (i % 97) - 40);
    const [x, gradient] = [ctx.tensor(dy, [2, size]), ctx.tensor(dy, [2, size])];
    for (let i = 0; i < 3; i++) {
      module.forward(x).destroy();
      module.backward(gradient).destroy();
    }
    const sums = dy.subarray(0, size).map((v, i) => 3 * (v + dy[size + i]));
    expect(await module.bias?.grad?.read()).toEqual(sums);
  });
}

test("a forward lets go of what the one before has kept", ({ ctx }) => {
  using module = new nn.LayerNorm(ctx, 2);
  const [first, second] = [ctx.tensor([1, 2], [1, 2]), ctx.tensor([1, 2, 3, 4], [2, 2])];
  module.forward(first);
  module.forward(second);
  first.destroy();
  expect(module.backward(second).shape).toEqual([2, 2]);
});

const ERRORS: ErrorCase[] = [
  ["no shape", ({ ctx }) => new nn.LayerNorm(ctx, []), ["layerNorm: normalizedShape []"]],
  [
    "an unknown activation, at once",
    ({ ctx }) => new nn.LayerNorm(ctx, 4, { activation: "elu" as never }),
    ['layerNorm: activation "elu"', "silu"],
  ],
  [
    "another shape",
    ({ ctx, x }) => new nn.LayerNorm(ctx, 5).forward(x),
    ["layerNorm: normalizedShape [5]", "[2, 6, 4]"],
  ],
];

testErrors(ERRORS);
