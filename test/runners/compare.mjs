// `npm run compare -- OLD [NEW]` runs every operation, forward and backward, by two builds of the
// package, under Dawn in Node. It exits with 1 unless all results are equal in all bits. OLD and
// NEW are folders as `npm run build` makes, NEW by default ./dist.
//   --seeds N      random problems of an operation, forward and backward each, 6 by default
//   --only TEXT    operations whose name contains it
//   --thorough     each problem planned for every kind of device, not for one in turn: 5 x as long
// VK_ICD_FILENAMES names the Vulkan driver.

import { spawnSync } from "node:child_process";
import { existsSync } from "node:fs";
import { join, resolve } from "node:path";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { root } from "../../scripts/lib/browser.mjs";
import { bundle } from "../../scripts/lib/bundle.mjs";
import { vulkan } from "../../scripts/lib/vulkan.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seeds: { type: "string", default: "6" },
    only: { type: "string", default: "" },
    thorough: { type: "boolean", default: false },
  },
});
const [older, newer = join(root, "dist")] = positionals;
if (!older) fail("OLD is missing, expected the folder of a build: npm run compare -- OLD [NEW]");
if (!(Number(values.seeds) >= 1)) fail(`--seeds ${values.seeds}, expected a positive number`);
const folders = [older, newer].map((folder) => resolve(folder));
for (const folder of folders) {
  if (!existsSync(join(folder, "index.js"))) fail(`${folder} has no index.js, expected a build`);
}
const entry = join(root, "test", "compare", "main.ts");
const program = await bundle(entry, join(root, ".cache", "compare.mjs"));
const urls = folders.map((folder) => `${pathToFileURL(folder)}/`);
const args = [program, ...urls, values.seeds, values.only, values.thorough ? "thorough" : ""];
const { status } = spawnSync(process.execPath, args, { env: await vulkan(), stdio: "inherit" });
process.exitCode = status ?? 1;

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(`compare: ${message}`);
  process.exit(2);
}
