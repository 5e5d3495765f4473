// A device in compatibility mode has at most 128 invocations a workgroup, and nothing but what is
// common to all GPUs. Every operation runs on one, with the plans for a GPU and with rows longer
// than a team holds in registers.

import { expect } from "vitest";
import { difference, inChunks } from "../support/comparison";
import { test } from "../support/fixture";
import { gridProblems } from "../support/make_problems";
import { rows } from "../support/operations";
import { Random } from "../support/random";
import { share } from "../support/share";
import { expected } from "../support/tolerance";

const COMPATIBILITY = { featureLevel: "compatibility" } as const;

test("every operation, in compatibility mode", async ({ freshDevice, freshContext, skip }) => {
  const device = await freshDevice({ requiredFeatures: [] }, COMPATIBILITY);
  skip(device.limits.maxComputeInvocationsPerWorkgroup > 128, "the stack has no such devices");
  const ctx = await freshContext({ device, profile: { kind: "gpu" } });
  const operations = share(rows, 30, 5);
  const problems = operations.flatMap((one) => gridProblems(one, 3, 1030, new Random(2)));
  expect(problems.length).toBeGreaterThanOrEqual(operations.length);
  const failures = await inChunks(problems, (one) => difference(ctx, one, expected(one)));
  expect(failures).toEqual([]);
});
