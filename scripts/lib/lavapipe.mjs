// Lavapipe is Mesa's software Vulkan. Unlike the browser's SwiftShader it has shader-f16, and
// vectors of another width. `npm test` runs some of the GPU tests on it, under Dawn in Node, where
// it is installed or can be.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { root } from "./browser.mjs";
import { apt, aptWorks, mirrorOf } from "./install.mjs";

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

/** Installs lavapipe on Debian bookworm, whose own is too old; true if there is one then. */
export function provideLavapipe() {
  return lavapipe() !== null || (aptWorks("bookworm") && installBackport() && lavapipe() !== null);
}

const BACKPORTS = "/etc/apt/sources.list.d/webgpu-norm-backports.list";

/** The backport comes from where the machine gets Debian from; apt's sources stay as they were. */
function installBackport() {
  console.log("setup: installing lavapipe (apt-get install mesa-vulkan-drivers, a backport)");
  const mirror = apt("update") && mirrorOf("bookworm");
  if (!mirror) return false;
  writeFileSync(BACKPORTS, `deb ${mirror} bookworm-backports main\n`);
  const install = ["install", "-y", "-t", "bookworm-backports"];
  try {
    return apt("update") && apt(...install, "mesa-vulkan-drivers", "libvulkan1");
  } finally {
    rmSync(BACKPORTS);
  }
}
