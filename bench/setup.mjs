// Installs the other libraries when they are first measured, as scripts/setup.mjs does for the rest.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "../scripts/lib/browser.mjs";

const folder = join(root, "bench");

export function installPeers() {
  if (peersAreInstalled()) return;
  console.log("bench: installing the other libraries (npm ci in bench/)");
  const args = ["ci", "--no-audit", "--no-fund", "--ignore-scripts"];
  const cli = process.env.npm_execpath ?? "";
  const options = /** @type {const} */ ({ cwd: folder, stdio: "inherit" });
  const { status } = cli.endsWith("npm-cli.js")
    ? spawnSync(process.execPath, [cli, ...args], options)
    : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
  if (status !== 0) {
    throw new Error("npm ci failed, see above; `npm run bench -- --only ours` needs none of them");
  }
}

/** Whether npm's record of what it installed has what the lock file asks for. */
export function peersAreInstalled() {
  const record = join(folder, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const present = packagesOf(record);
  return Object.entries(packagesOf(join(folder, "package-lock.json"))).every(
    ([name, { version, optional }]) =>
      present[name] ? present[name].version === version : optional,
  );
}

/** @returns {Record<string, { version: string, optional?: boolean }>} */
function packagesOf(/** @type {string} */ file) {
  const { "": _root, ...packages } = JSON.parse(readFileSync(file, "utf8")).packages;
  return packages;
}
