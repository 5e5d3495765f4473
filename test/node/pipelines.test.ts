// Every combination of shader files makes a pipeline whose bindings fit, under Dawn's null backend:
// the same validation as a browser's, without a GPU and without the time that compiling takes.

import { expect, test } from "vitest";
import { create } from "webgpu";
import { pipelinesOf } from "../../src/pipelines";
import type { Pass } from "../../src/planner";
import { VARIANTS } from "../variants";

test("every combination of files makes a pipeline with its bindings", async () => {
  const gpu = create(["backend=null"]);
  const adapter = await gpu.requestAdapter();
  const device = await adapter?.requestDevice();
  if (!device) throw new Error("Dawn gives no null device");
  const failures: string[] = [];
  for (const modules of VARIANTS) {
    const constants: Record<string, number> = modules.includes("track")
      ? { WORKGROUP: 64 }
      : { WORKGROUP: 64, TEAM: modules.includes("team/alone") ? 1 : 64 };
    device.pushErrorScope("validation");
    pipelinesOf(device).get({ does: "measure", modules, constants } as unknown as Pass);
    const error = await device.popErrorScope();
    if (error) failures.push(`${modules.join(" ")}: ${error.message}`);
  }
  expect(failures).toEqual([]);
  device.destroy();
}, 60_000);
