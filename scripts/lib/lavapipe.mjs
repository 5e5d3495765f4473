// Mesa's software Vulkan: unlike the browser's SwiftShader it has shader-f16, and vectors of another width.
// `npm test` runs some of the GPU tests on it, under Dawn in Node, where it is installed.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./browser.mjs";

const FOLDERS = ["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"];

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
  const drivers = FOLDERS.filter(existsSync).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => /^lvp_icd.*\.json$/.test(name))
      .map((name) => join(folder, name)),
  );
  const runtime = mkdtempSync(join(tmpdir(), "webgpu-norm-")); // Mesa complains without
  for (const driver of drivers) {
    const env = { ...process.env, VK_ICD_FILENAMES: driver, XDG_RUNTIME_DIR: runtime };
    const args = ["--input-type=module", "--eval", PROBE];
    const options = /** @type {const} */ ({ cwd: root, env, stdio: "ignore", timeout: 60_000 });
    if (spawnSync(process.execPath, args, options).status === 0) return env;
  }
  return null;
}
