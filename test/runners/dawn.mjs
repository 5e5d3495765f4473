// `npm run test:dawn` runs the GPU tests in Node, under Dawn's `webgpu` package.

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "../../scripts/lib/browser.mjs";
import { vulkan } from "../../scripts/lib/vulkan.mjs";

const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const args = [vitest, "run", "--project", "dawn", ...process.argv.slice(2)];
const env = await vulkan();
process.exitCode =
  spawnSync(process.execPath, args, { cwd: root, env, stdio: "inherit" }).status ?? 1;
