// This file chooses the Vulkan driver for Dawn in Node: the system's, or without one the browser's
// software driver (SwiftShader).

import { existsSync, mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findBrowser } from "./browser.mjs";

/**
 * The environment for a process with Dawn; the driver is chosen when it is loaded.
 * @returns {Promise<NodeJS.ProcessEnv>}
 */
export async function vulkan() {
  const env = { ...process.env };
  env.XDG_RUNTIME_DIR ??= mkdtempSync(join(tmpdir(), "webgpu-norm-")); // Mesa complains without
  if (process.platform === "linux" && !env.VK_ICD_FILENAMES && !systemDriver()) {
    await useBrowsers(env);
  }
  return env;
}

function systemDriver() {
  return ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"].some(existsSync);
}

async function useBrowsers(/** @type {NodeJS.ProcessEnv} */ env) {
  const browser = await findBrowser();
  if (!browser) return;
  const folders = [dirname(realpathSync(browser.path)), "/usr/lib/chromium"];
  const folder = folders.find((at) => existsSync(join(at, "vk_swiftshader_icd.json")));
  if (!folder) return;
  env.VK_ICD_FILENAMES = join(folder, "vk_swiftshader_icd.json");
  env.LD_LIBRARY_PATH = [folder, env.LD_LIBRARY_PATH].filter(Boolean).join(":");
}
