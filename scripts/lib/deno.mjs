// Deno has WebGPU of another make than Chrome and Dawn (wgpu and naga, as Firefox has). It is the
// installed one, or npm's.

import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { lavapipe } from "./lavapipe.mjs";

const VERSION = "2.9";
const PROBE = `
  const adapter = await navigator.gpu?.requestAdapter();
  console.log(JSON.stringify({
    path: Deno.execPath(),
    device: adapter && (adapter.info.description || adapter.info.device || adapter.info.vendor),
  }));`;

/** Flags before the program's path; packages are those that npm has installed. */
export const DENO_FLAGS = [
  "run",
  "--unstable-webgpu",
  "-A",
  "--no-config",
  "--no-lock",
  "--node-modules-dir=manual",
];

/**
 * Where it is, with the environment in which it finds an adapter; or undefined.
 * @returns {{ path: string, env: NodeJS.ProcessEnv, device: string } | undefined}
 */
export function findDeno() {
  const software = process.platform === "linux" && !process.env.VK_ICD_FILENAMES && lavapipe();
  /** @type {NodeJS.ProcessEnv} */
  const env = { ...(software || process.env), NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1" };
  if (process.platform === "linux") env.DENO_WEBGPU_BACKEND ??= "vulkan"; // else OpenGL without a driver
  const folder = mkdtempSync(join(tmpdir(), "webgpu-norm-deno-")); // npx must not look in this package
  env.XDG_RUNTIME_DIR ??= tmpdir(); // Mesa complains without
  const asked = process.env.WEBGPU_NORM_DENO;
  const commands = asked ? [[asked]] : [["deno"], ["npx", "--yes", `deno@${VERSION}`]];
  try {
    for (const [command = "", ...args] of commands) {
      const { status, stdout } = spawnSync(command, [...args, "eval", "--unstable-webgpu", PROBE], {
        cwd: folder,
        env,
        encoding: "utf8",
        shell: process.platform === "win32",
        timeout: 180_000,
      });
      if (status !== 0) continue;
      const { path, device } = JSON.parse(stdout);
      if (device !== null) return { path, env, device };
    }
    return undefined;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
