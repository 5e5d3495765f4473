// `npm run bench:isa -- [options]` prints what GPU compilers make of the kernels, without a GPU.
// docs/design/machine_code.md explains the tables.

import { join } from "node:path";
import { parseArgs } from "node:util";
import { runnerImport } from "vite";
import { root } from "../../scripts/lib/browser.mjs";
import { shaderModules } from "../../scripts/lib/shader_modules.mjs";

const USAGE = `npm run bench:isa -- [options]: what GPU compilers make of the kernels, without a GPU
  --families LIST   navi31,navi21 by default; also navi10; of Intel tgl, dg2, bmg, lnl
  --machines LIST   for whom to plan: RX 7900 XTX, RTX 4090, H200, M2, Iris Xe, unnamed; all by default
  --only TEXT       cases whose title contains it, for example "layerNorm f32"
  --no-subgroups    plans for devices without subgroups, as in Firefox and Safari
  --json FILE       keeps the figures
  --baseline FILE   says what has changed since the figures that --json kept there
  --dump DIR        writes WGSL and machine code of every kernel
docs/design/machine_code.md explains the tables.`;

const config = /** @type {const} */ ({
  families: { type: "string", default: "navi31,navi21" },
  machines: { type: "string", default: "all" },
  only: { type: "string", default: "" },
  "no-subgroups": { type: "boolean", default: false },
  json: { type: "string" },
  baseline: { type: "string" },
  dump: { type: "string" },
  help: { type: "boolean", default: false },
});

try {
  const { values } = parseArgs({ options: config });
  process.exitCode = values.help ? usage() : await run(values);
} catch (error) {
  console.error(`bench:isa: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}

function usage() {
  console.log(USAGE);
  return 0;
}

/** @param {import("./main").Options} options @returns {Promise<number>} */
async function run(options) {
  const { module } = await runnerImport(join(root, "bench", "isa", "main.ts"), {
    plugins: await shaderModules(),
    logLevel: "error",
  });
  return module.main(options);
}
