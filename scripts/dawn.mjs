// `npm run test:dawn`: the GPU tests in Node, under Dawn's `webgpu` package. Where the system has no
// Vulkan driver, the browser's software one (SwiftShader) serves.

import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, realpathSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { findBrowser, root } from "./browser.mjs";

const env = { ...process.env };
env.XDG_RUNTIME_DIR ??= mkdtempSync(join(tmpdir(), "webgpu-norm-")); // Mesa complains without
if (process.platform === "linux" && !env.VK_ICD_FILENAMES && !systemDriver()) await useBrowsers();

const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const args = [vitest, "run", "--project", "dawn", ...process.argv.slice(2)];
process.exitCode =
  spawnSync(process.execPath, args, { cwd: root, env, stdio: "inherit" }).status ?? 1;

function systemDriver() {
  return ["/usr/share/vulkan/icd.d", "/etc/vulkan/icd.d"].some(existsSync);
}

async function useBrowsers() {
  const browser = await findBrowser();
  if (!browser) return;
  const folders = [dirname(realpathSync(browser.path)), "/usr/lib/chromium"];
  const folder = folders.find((at) => existsSync(join(at, "vk_swiftshader_icd.json")));
  if (!folder) return;
  env.VK_ICD_FILENAMES = join(folder, "vk_swiftshader_icd.json");
  env.LD_LIBRARY_PATH = [folder, env.LD_LIBRARY_PATH].filter(Boolean).join(":");
}
