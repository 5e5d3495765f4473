// Every combination of shader files makes a pipeline whose bindings fit, under Dawn's null backend:
// the same validation as a browser's, without a GPU and without the time that compiling takes.

import { expect, test } from "vitest";
import { create } from "webgpu";
import { namesOf, pipelinesOf } from "../../src/pipelines";
import { PASSES } from "../variants";

test("every combination of files makes a pipeline with its bindings", async () => {
  const gpu = create(["backend=null"]);
  const adapter = await gpu.requestAdapter();
  const requiredFeatures: GPUFeatureName[] = ["shader-f16", "subgroups"];
  const device = await adapter?.requestDevice({ requiredFeatures });
  if (!device) throw new Error("Dawn gives no null device");
  const failures: string[] = [];
  for (const pass of PASSES) {
    device.pushErrorScope("validation");
    pipelinesOf(device).get(pass);
    const error = await device.popErrorScope();
    if (error) failures.push(`${namesOf(pass.modules)}: ${error.message}`);
  }
  expect(failures).toEqual([]);
  device.destroy();
}, 60_000);
