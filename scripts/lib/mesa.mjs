// Mesa's Vulkan drivers are found here, and its DRM shims. A shim pretends to be a kernel with a GPU
// that is not there, so that a driver compiles for that GPU.

import { existsSync, readdirSync } from "node:fs";
import { join } from "node:path";

const DRIVERS = ["/usr/share/vulkan/icd.d", "/usr/local/share/vulkan/icd.d", "/etc/vulkan/icd.d"];
const LIBRARIES = [
  "/usr/lib/x86_64-linux-gnu",
  "/usr/lib/aarch64-linux-gnu",
  "/usr/lib64",
  "/usr/lib",
  "/usr/local/lib",
];

/** @param {readonly string[]} folders @param {RegExp} pattern */
function filesIn(folders, pattern) {
  return folders.filter(existsSync).flatMap((folder) =>
    readdirSync(folder)
      .filter((name) => pattern.test(name))
      .map((name) => join(folder, name)),
  );
}

/** The description files of a driver: "lvp" is lavapipe, "radeon" is RADV, "intel" is ANV. @param {string} name */
export function driverFiles(name) {
  return filesIn(DRIVERS, new RegExp(`^${name}_icd.*\\.json$`));
}

/** The shim of a kernel driver: "amdgpu" or "intel". @param {string} name @returns {string | undefined} */
export function drmShim(name) {
  return filesIn(LIBRARIES, new RegExp(`^lib${name}_noop_drm_shim\\.so`))[0];
}
