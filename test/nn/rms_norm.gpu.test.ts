// These tests cover RMSNorm as a module: PyTorch's steps, its misuse.

import * as nn from "../../src/nn/index";
import { type ErrorCase, testErrors } from "../support/error_cases";
import { testVectors } from "../support/modules";

testVectors("RMSNorm");

const ERRORS: ErrorCase[] = [
  [
    "a shape of halves",
    ({ ctx }) => new nn.RMSNorm(ctx, 1.5),
    ["RMSNorm: normalizedShape [1.5]", "non-negative integers"],
  ],
];

testErrors(ERRORS);
