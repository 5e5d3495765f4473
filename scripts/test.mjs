// `npm test` runs all suites in one run of Vitest, which counts them in its last line. Lavapipe's
// part is skipped, visibly, where it is not installed. That must be known before Dawn is loaded, so
// a process of its own finds it out. So are the suites whose packages are not installed.
//   --thorough   all cases of the generic tests, not a share of them (npm run test:thorough)

import { spawnSync } from "node:child_process";
import { join } from "node:path";
import { root } from "./lib/browser.mjs";
import { ADDITIONS, packagesAreInstalled } from "./lib/install.mjs";
import { lavapipe } from "./lib/lavapipe.mjs";

const found = lavapipe();
if (!found) console.log("lavapipe: skipped, none with shader-f16 here (Mesa 24 or later)");
const missing = ADDITIONS.filter(({ folder }) => !packagesAreInstalled(folder));
for (const { suite, folder, has } of missing) {
  console.log(`${suite}: skipped, ${has} are not installed (${folder})`);
}
const optional = [
  ...(found ? ["lavapipe"] : []),
  ...ADDITIONS.filter((one) => !missing.includes(one)).map(({ suite }) => suite),
];
const suites = ["checks", "node", "browser", "e2e", ...optional];
const thorough = process.argv.includes("--thorough") && { THOROUGH: "1" };
const driver = { WEBGPU_NORM_LAVAPIPE: found?.VK_ICD_FILENAMES ?? "none" };
const skipped = { WEBGPU_NORM_SKIPPED: String(missing.length + (found ? 0 : 1)) };
const env = { ...process.env, ...driver, ...skipped, ...thorough };
const vitest = join(root, "node_modules", "vitest", "vitest.mjs");
const args = [
  vitest,
  "run",
  ...suites.map((name) => `--project=${name}`),
  ...process.argv.slice(2).filter((argument) => argument !== "--thorough"),
];
process.exitCode =
  spawnSync(process.execPath, args, { cwd: root, env, stdio: "inherit" }).status ?? 1;
