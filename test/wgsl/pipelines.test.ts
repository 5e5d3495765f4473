// Every combination of shader files makes a pipeline whose bindings fit, under Dawn's null backend:
// the same validation as a browser's, without a GPU and without the time that compiling takes.

import { expect, test } from "vitest";
import { queueOf } from "../../src/runtime/command_queue";
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
    const { status } = queueOf(device).batch((batch) => {
      pipelinesOf(device).get(device, "test", pass);
      return batch;
    });
    const error = await status.done;
    if (error) failures.push(`${fragmentNames(pass.fragments)}: ${error.message}`);
  }
  expect(failures).toEqual([]);
  device.destroy();
}, 180_000);
