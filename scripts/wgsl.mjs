// `npm run wgsl -- OPERATION OPTIONS` prints the joined kernels of a call, a line before each file.
//   npm run wgsl -- layerNorm '{"shape":[512,768],"normalizedShape":[768]}'
//   --profile gpu|cpu    the kind of device that is planned for, "gpu" by default
//   --dtype f32|f16|bf16 what the first argument holds, "f32" by default
//   --subgroups          teams combine by shuffles
// The options are those of `explain`. `npm run wgsl:snapshots` refreshes the kernels in test/snapshots.

import { join } from "node:path";
import { parseArgs } from "node:util";
import { loadConfigFromFile, runnerImport } from "vite";
import { root } from "./lib/browser.mjs";

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
  const env = /** @type {const} */ ({ command: "serve", mode: "development" });
  const loaded = await loadConfigFromFile(env, join(root, "vite.config.ts"));
  const { module } = await runnerImport(join(root, "scripts", "lib", "kernels.ts"), {
    plugins: loaded?.config.plugins ?? [], // they make modules of shader files
    logLevel: "error",
  });
  console.log(module.kernelsOf(operation, JSON.parse(options), values).join("\n"));
} catch (error) {
  console.error(`wgsl: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}
