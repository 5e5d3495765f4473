// `npm run test:firefox`, `test:deno` and their like run the GPU tests on one stack, or say that the
// machine has none and succeed.
//   -- FILES   and other arguments of Vitest

import { spawnSync } from "node:child_process";
import { root } from "../../scripts/lib/browser.mjs";
import { findStack, vitestCommand } from "../../scripts/lib/stacks.mjs";

const [name = "", ...others] = process.argv.slice(2);
const stack = await findStack(name);
if (!stack) console.log(`${name}: skipped, none on this machine and none that could be installed`);
else {
  console.log(`${name}: on ${stack.device}`);
  const [path = "", ...args] = [...vitestCommand(stack), ...others];
  const { status } = spawnSync(path, args, { cwd: root, env: stack.env, stdio: "inherit" });
  process.exitCode = status ?? 1;
}
