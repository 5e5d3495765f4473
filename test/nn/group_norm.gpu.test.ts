// These tests cover GroupNorm as a module: PyTorch's steps, its misuse.

import * as nn from "../../src/nn/index";
import { type ErrorCase, testErrors } from "../support/error_cases";
import { testVectors } from "../support/modules";

testVectors("GroupNorm");

const ERRORS: ErrorCase[] = [
  [
    "groups that do not divide",
    ({ ctx }) => new nn.GroupNorm(ctx, 4, 6),
    ["groupNorm: channels 6 is not divisible by groups 4"],
  ],
  [
    "channels on the axis of the examples",
    ({ ctx }) => new nn.GroupNorm(ctx, 2, 4, { channelAxis: 0 }),
    ["groupNorm: channelAxis 0", "another"],
  ],
];

testErrors(ERRORS);
