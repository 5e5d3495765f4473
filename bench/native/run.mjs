// `npm run bench:native -- [options]` builds the benchmark for Node into out/bench/native/ and runs
// it there. Another machine needs only this folder, with node_modules/webgpu copied into its
// node_modules/:
//   node bench.mjs --help        webgpu-norm under Dawn
//   python3 torch_bench.py       PyTorch on the same workloads; --workloads workloads_large.json
// With --build it is only built; --driver FILE names a Vulkan driver's JSON.

import { spawnSync } from "node:child_process";
import { copyFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { build } from "vite";
import { root } from "../../scripts/lib/browser.mjs";
import { leanShaders } from "../../scripts/lib/shader_modules.mjs";
import { vulkan } from "../../scripts/lib/vulkan.mjs";

const folder = join(root, "bench", "native");
const outDir = join(root, "out", "bench", "native");
const bundle = join(outDir, "bench.mjs");

const args = process.argv.slice(2);
const driver = taken("--driver", 2)[1];
const buildOnly = taken("--build", 1).length > 0;
if (driver) process.env.VK_ICD_FILENAMES = driver;

await build({
  configFile: false,
  logLevel: "error",
  root: folder,
  plugins: await leanShaders(),
  ssr: { noExternal: true, external: ["webgpu"] }, // other machines have no packages of ours
  build: {
    ssr: join(folder, "main.ts"),
    target: "node20",
    outDir,
    emptyOutDir: false,
    rolldownOptions: { output: { entryFileNames: "bench.mjs" } },
  },
});
for (const [name, ...which] of [["workloads"], ["workloads_large", "--large-alone"]]) {
  const { stdout } = spawnSync(process.execPath, [bundle, ...which, "--list"], { cwd: root });
  writeFileSync(join(outDir, `${name}.json`), stdout);
}
copyFileSync(join(folder, "torch_bench.py"), join(outDir, "torch_bench.py"));
if (buildOnly) console.log(`built: ${outDir}`);
else process.exitCode = start(await vulkan());

/** @param {NodeJS.ProcessEnv} env */
function start(env) {
  const given = args.includes("--json") ? args : [...args, "--json", join(outDir, "native.json")];
  const { status } = spawnSync(process.execPath, [bundle, ...given], {
    cwd: root,
    env,
    stdio: "inherit",
  });
  return status ?? 1;
}

/** Takes an option out of the arguments; the rest are bench.mjs's, which parses them. @param {string} name @param {number} count with its values */
function taken(name, count) {
  const at = args.indexOf(name);
  return at < 0 ? [] : args.splice(at, count);
}
