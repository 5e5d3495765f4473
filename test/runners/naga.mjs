// `npm run test:naga` runs every combination of shader files through naga, the WGSL of Firefox and
// Deno, and small problems through the library under Deno. Without Deno (an installed one, or
// npm's) or a Vulkan driver it says so and succeeds. WEBGPU_NORM_DENO names a program.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "../../scripts/lib/browser.mjs";
import { bundle } from "../../scripts/lib/bundle.mjs";

const VERSION = "2.9";
const MAIN = join(root, "test", "runners", "naga_main.ts");

const folder = mkdtempSync(join(tmpdir(), "webgpu-norm-naga-"));
/** @type {NodeJS.ProcessEnv} */
const env = { ...process.env, NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
env.XDG_RUNTIME_DIR ??= folder; // Mesa complains without
if (process.platform === "linux") env.DENO_WEBGPU_BACKEND ??= "vulkan"; // else OpenGL without a driver
try {
  const deno = findDeno();
  if (deno) process.exitCode = run(deno, await bundle(MAIN, join(folder, "naga.mjs")));
  else console.log(`naga: skipped, no Deno here and none from npm (npx deno@${VERSION})`);
} finally {
  rmSync(folder, { recursive: true, force: true });
}

/** A command and its first arguments. */
function findDeno() {
  const named = env.WEBGPU_NORM_DENO ? [[env.WEBGPU_NORM_DENO]] : [];
  const options = [...named, ["deno"], ["npx", "--yes", `deno@${VERSION}`]];
  return options.find(([command, ...args]) => {
    const { status } = spawnSync(command, [...args, "--version"], {
      cwd: folder, // npx must not take this package's for Deno's
      env,
      shell: process.platform === "win32",
      stdio: "ignore",
      timeout: 180_000,
    });
    return status === 0;
  });
}

/** @param {string[]} deno @param {string} file */
function run([command, ...args], file) {
  const all = [...args, "run", "--unstable-webgpu", "-A", "--no-config", "--no-lock", file];
  const shell = process.platform === "win32";
  const timeout = 900_000;
  const { status } = spawnSync(command, all, {
    cwd: folder,
    env,
    shell,
    stdio: "inherit",
    timeout,
  });
  return status ?? 1;
}
