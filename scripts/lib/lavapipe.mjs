// Lavapipe is Mesa's software Vulkan. Unlike the browser's SwiftShader it has shader-f16, and
// vectors of another width. `npm test` runs some of the GPU tests on it, under Dawn in Node, where
// it is installed or can be.

import { spawnSync } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./browser.mjs";
import { aptWorks, installBackports } from "./install.mjs";
import { driverFiles, drmShim } from "./mesa.mjs";

/** Has to be asked in a process of its own: the driver is chosen when Dawn is loaded. */
const PROBE = `
  import { create } from "webgpu";
  const adapter = await create([]).requestAdapter();
  process.exit(adapter?.features.has("shader-f16") ? 0 : 1);`;

/**
 * The environment in which Dawn takes lavapipe, or null where there is none with shader-f16.
 * @returns {NodeJS.ProcessEnv | null}
 */
export function lavapipe() {
  const runtime = mkdtempSync(join(tmpdir(), "webgpu-norm-")); // Mesa complains without
  for (const driver of driverFiles("lvp")) {
    const env = { ...process.env, VK_ICD_FILENAMES: driver, XDG_RUNTIME_DIR: runtime };
    const args = ["--input-type=module", "--eval", PROBE];
    const options = /** @type {const} */ ({ cwd: root, env, stdio: "ignore", timeout: 60_000 });
    if (spawnSync(process.execPath, args, options).status === 0) return env;
  }
  return null;
}

/**
 * Installs lavapipe on Debian bookworm, whose own is too old, and the shims that `npm run bench:isa`
 * compiles with; true if there is a lavapipe then. The shims may be missing.
 */
export function provideLavapipe() {
  const found = lavapipe() !== null;
  const packages = [
    ...(found ? [] : ["mesa-vulkan-drivers libvulkan1"]),
    ...(drmShim("amdgpu") ? [] : ["mesa-drm-shim"]),
  ];
  if (packages.length > 0 && aptWorks("bookworm")) installBackports(packages);
  return found || lavapipe() !== null;
}
