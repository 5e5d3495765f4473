// Set-up calls these installers: npm, and apt-get on Debian and its kin. This is plain Node, since
// no package may be installed yet.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { root } from "./browser.mjs";

/** This folder has the libraries that the adapters are tested with. */
export const adapters = `${root}/test/adapters`;
/** This folder has the packages that build the site. */
export const site = `${root}/site`;

/**
 * Runs a command with its output passed on; true if it succeeds within a quarter of an hour.
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnSyncOptions} [options]
 */
export function run(command, args, options) {
  const defaults = /** @type {const} */ ({ cwd: root, stdio: "inherit", timeout: 900_000 });
  return spawnSync(command, args, { ...defaults, ...options }).status === 0;
}

/** @param {string} folder @param {string[]} args @param {"inherit" | "ignore"} stdio */
function npm(folder, args, stdio) {
  const cli = process.env.npm_execpath ?? "";
  return cli.endsWith("npm-cli.js")
    ? run(process.execPath, [cli, ...args], { cwd: folder, stdio })
    : run("npm", args, { cwd: folder, stdio, shell: process.platform === "win32" });
}

/** Whether a folder has the packages that its package.json asks for, in npm's judgement. */
export function packagesAreInstalled(folder = root) {
  return existsSync(`${folder}/node_modules`) && npm(folder, ["ls"], "ignore");
}

/** Installs what package-lock.json of a folder names. @param {string} folder @param {string[]} options */
export function installPackages(folder, ...options) {
  if (npm(folder, ["ci", "--no-audit", "--no-fund", ...options], "inherit")) return;
  throw new Error("npm ci failed, see above");
}

/** Whether this is root on a Debian of that name, or on any system of its family. */
export function aptWorks(codename = "") {
  const os = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  const family = /^ID(_LIKE)?=.*(debian|ubuntu)/m.test(os);
  return family && os.includes(`VERSION_CODENAME=${codename}`) && process.getuid?.() === 0;
}

/** @param {string[]} args */
export function apt(...args) {
  return run("apt-get", args, { env: { ...process.env, DEBIAN_FRONTEND: "noninteractive" } });
}

/** Where this machine gets a release of Debian from, in apt's own judgement; after an update. */
export function mirrorOf(/** @type {string} */ release) {
  const filter = ["Created-By: Packages", `Release: ${release}`, "Component: main"];
  const args = ["indextargets", "--format", "$(REPO_URI)", ...filter];
  return String(spawnSync("apt-get", args).stdout).split("\n")[0];
}
