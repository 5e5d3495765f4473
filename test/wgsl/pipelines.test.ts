// Every combination of shader files makes a pipeline whose bindings fit, under Dawn's null backend:
// the same validation as a browser's, without a GPU and without the time that compiling takes.

import { expect, test } from "vitest";
import { pipelinesOf } from "../../src/runtime/pipeline_cache";
import { fragmentNames } from "../../src/wgsl/link";
import { nullDevice } from "../support/null_device";
import { PASSES } from "../support/variants";

test("every combination of files makes a pipeline with its bindings", async () => {
  const device = await nullDevice(["shader-f16", "subgroups"]);
  expect(device.features.has("shader-f16")).toBe(true);
  expect(device.features.has("subgroups")).toBe(true);
  const failures: string[] = [];
  for (const pass of PASSES) {
    device.pushErrorScope("validation");
    pipelinesOf(device).get(pass);
    const error = await device.popErrorScope();
    if (error) failures.push(`${fragmentNames(pass.fragments)}: ${error.message}`);
  }
  expect(failures).toEqual([]);
  device.destroy();
}, 60_000);
