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
  const missing = process.platform === "linux" && !env.VK_ICD_FILENAMES && !systemDriver();
  return missing ? { ...env, ...(await swiftshader()) } : env;
}

function systemDriver() {
  return ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"].some(existsSync);
}

/** What chooses the browser's driver, or undefined where none comes with it. */
export async function swiftshader() {
  const browser = await findBrowser();
  if (!browser) return undefined;
  const folders = [dirname(realpathSync(browser.path)), "/usr/lib/chromium"];
  const folder = folders.find((at) => existsSync(join(at, "vk_swiftshader_icd.json")));
  if (!folder) return undefined;
  const libraries = [folder, process.env.LD_LIBRARY_PATH].filter(Boolean).join(":");
  return { VK_ICD_FILENAMES: join(folder, "vk_swiftshader_icd.json"), LD_LIBRARY_PATH: libraries };
}
