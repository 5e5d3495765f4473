// This process compiles kernels one after the other on the Vulkan driver that the environment names.
// It marks the beginning and the end of each on stderr, between which the driver prints what it
// made. The argument is a JSON file with a list of kernels (kernels.ts).

import { readFileSync, writeSync } from "node:fs";
import { create } from "webgpu";

const mark = (/** @type {string} */ text) => writeSync(2, `\n@@ ${text}\n`);

const gpu = create([]);
const adapter = await gpu.requestAdapter();
if (!adapter) throw new Error("Dawn finds no adapter with this driver");
mark(`driver ${adapter.info.description}`);
const wanted = /** @type {const} */ (["subgroups", "shader-f16"]);
const device = await adapter.requestDevice({
  requiredFeatures: wanted.filter((name) => adapter.features.has(name)),
});
/** @type {import("./kernels").Kernel[]} */
const kernels = JSON.parse(readFileSync(process.argv[2] ?? "", "utf8"));
for (const { id, code, constants } of kernels) {
  mark(`begin ${id}`);
  device.pushErrorScope("validation"); // it has the compiler's message, which the pipeline has not
  const module = device.createShaderModule({ code });
  const compute = { module, constants };
  const made = device.createComputePipelineAsync({ layout: "auto", compute });
  const [invalid, failure] = await Promise.all([
    device.popErrorScope(),
    made.then(() => null, String),
  ]);
  const refusal = invalid?.message ?? failure;
  if (refusal) mark(`refused ${refusal.replaceAll("\n", " ")}`);
  mark(`end ${id}`);
}
process.exit(0); // Dawn may keep the process alive
