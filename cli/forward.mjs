#!/usr/bin/env node
// `npx webgpu-norm` runs the command line, which is a package of its own (webgpu-norm-cli) of the same
// version, so that the library has no dependencies.

import { spawnSync } from "node:child_process";
import { readFileSync } from "node:fs";

const { version } = JSON.parse(readFileSync(new URL("../package.json", import.meta.url), "utf8"));
const args = ["--yes", `webgpu-norm-cli@${version}`, ...process.argv.slice(2)];
const shell = process.platform === "win32";
process.exitCode = spawnSync("npx", args, { stdio: "inherit", shell }).status ?? 1;
