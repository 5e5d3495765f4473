// `npm run wgsl -- OPERATION OPTIONS` prints the joined kernels of a call, a line before each file.
//   npm run wgsl -- layerNorm '{"shape":[512,768],"normalizedShape":[768]}'
//   --profile gpu|cpu    the kind of device that is planned for, "gpu" by default
//   --dtype f32|f16|bf16 what the first argument holds, "f32" by default
//   --subgroups          teams combine by shuffles
// The options are those of `explain`. `npm run wgsl:snapshots` refreshes the kernels in test/snapshots.

import { join } from "node:path";
import { parseArgs } from "node:util";
import { runnerImport } from "vite";
import { root } from "./lib/browser.mjs";
import { shaderModules } from "./lib/shader_modules.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    profile: { type: "string", default: "gpu" },
    dtype: { type: "string", default: "f32" },
    subgroups: { type: "boolean", default: false },
  },
});
const [operation, options] = positionals;
try {
  if (!operation || !options) {
    throw new Error(`expected an operation and its options: layerNorm '{"shape":[512,768], ...}'`);
  }
  const { module } = await runnerImport(join(root, "scripts", "lib", "kernels.ts"), {
    plugins: await shaderModules(),
    logLevel: "error",
  });
  console.log(module.kernelsOf(operation, JSON.parse(options), values).join("\n"));
} catch (error) {
  console.error(`wgsl: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
