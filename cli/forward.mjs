#!/usr/bin/env node
// `npx webgpu-norm` runs the command line, which is a package of its own (webgpu-norm-cli) of the same
// version, so that the library has no dependencies.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
// the package is named apart, since `npx --package` leaves its own in the environment
const cli = ["--yes", `--package=webgpu-norm-cli@${version}`, "--", "webgpu-norm-cli"];
const args = ["exec", ...cli, ...process.argv.slice(2)];

const npm = process.env.npm_execpath ?? ""; // as npx leaves it
const inherit = /** @type {const} */ ({ stdio: "inherit" });
process.exitCode = ended().status ?? 1;

function ended() {
  if (npm.endsWith("npm-cli.js")) return spawnSync(process.execPath, [npm, ...args], inherit);
  if (process.platform !== "win32") return spawnSync("npm", args, inherit);
  const words = ["npm", ...args].map((word) => (/[^\w@.,:=/\\-]/.test(word) ? `"${word}"` : word));
  return spawnSync(words.join(" "), { ...inherit, shell: true }); // npm.cmd needs one
}
