// These tests cover InstanceNorm as a module: PyTorch's steps, its misuse.

import { expect } from "vitest";
import { instanceNorm } from "../../src/index";
import * as nn from "../../src/nn/index";
import { type ErrorCase, testErrors } from "../support/error_cases";
import { test } from "../support/fixture";
import { testVectors } from "../support/modules";

testVectors("InstanceNorm");

const ERRORS: ErrorCase[] = [
  [
    "half a channel",
    ({ ctx }) => new nn.InstanceNorm(ctx, 1.5),
    ["InstanceNorm: channels 1.5", "integer"],
  ],
  [
    "a cumulative average that PyTorch does not have",
    ({ ctx }) => new nn.InstanceNorm(ctx, 4, { momentum: null as never }),
    ["InstanceNorm: momentum null", "a finite number"],
  ],
  [
    "other channels, without a weight to notice it",
    ({ ctx, x }) => new nn.InstanceNorm(ctx, 4).forward(x),
    ["InstanceNorm.forward: x has shape [2, 6, 4], 6 channels along axis 1", "expected 4"],
  ],
];

testErrors(ERRORS);

test("channels may be on any axis from the end but that of the examples", async ({ ctx }) => {
  const x = ctx.tensor(
    new Float32Array(48).map((_, i) => Math.sin(i)),
    [2, 3, 2, 4],
  );
  const module = new nn.InstanceNorm(ctx, 3, { channelAxis: -3 });
  const expected = await instanceNorm(x, { channelAxis: 1 }).read();
  expect(await module.forward(x, { noGrad: true }).read()).toEqual(expected);
  expect(() => module.forward(x.reshape([3, 4, 4]))).toThrow(/channel/);
});
