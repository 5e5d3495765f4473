// These tests cover InstanceNorm as a module: PyTorch's steps, its misuse.

import * as nn from "../../src/nn/index";
import { type ErrorCase, testErrors } from "../support/error_cases";
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
    ["InstanceNorm: momentum null", "0 .. 1"],
  ],
  [
    "other channels, without a weight to notice it",
    ({ ctx, x }) => new nn.InstanceNorm(ctx, 4).forward(x),
    ["InstanceNorm.forward: x has shape [2, 6, 4], 6 channels along axis 1", "expected 4"],
  ],
];

testErrors(ERRORS);
