// Set-up calls these installers: npm, and apt-get on Debian and its kin. This is plain Node, since
// no package may be installed yet.

import { spawnSync } from "node:child_process";
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { root } from "./browser.mjs";

/** This folder has the libraries that the adapters are tested with. */
export const adapters = `${root}/test/adapters`;
/** This folder has the bundlers and versions of Node that the packed package is tested with. */
export const consumers = `${root}/test/consumers`;

/** This folder has the examples, whose packages are installed together. */
export const examples = `${root}/examples`;

/** This folder has the packages that build the site. */
export const site = `${root}/site`;

/**
 * These suites of tests need the packages of folders of their own, and are skipped without them.
 * `flags` are npm's.
 */
export const ADDITIONS = [
  {
    suite: "adapters*",
    folder: adapters,
    has: "the libraries that the adapters are tested with",
    flags: ["--omit=optional"],
  },
  { suite: "consumers", folder: consumers, has: "bundlers and versions of Node", flags: [] },
  { suite: "examples", folder: examples, has: "the packages of the examples", flags: [] },
  { suite: "site", folder: site, has: "the packages that build the site", flags: [] },
];

const LONGEST = 900_000; // milliseconds

/**
 * Runs a command with its output passed on; true if it succeeds within a quarter of an hour.
 * @param {string} command
 * @param {string[]} args
 * @param {import("node:child_process").SpawnSyncOptions} [options]
 */
export function run(command, args, options) {
  const defaults = /** @type {const} */ ({ cwd: root, stdio: "inherit", timeout: LONGEST });
  return spawnSync(command, args, { ...defaults, ...options }).status === 0;
}

/** @param {string} folder @param {string[]} args @param {"inherit" | "ignore" | "pipe"} stdio */
export function npm(folder, args, stdio) {
  const cli = process.env.npm_execpath ?? "";
  const options = { cwd: folder, stdio, timeout: LONGEST };
  return cli.endsWith("npm-cli.js")
    ? spawnSync(process.execPath, [cli, ...args], options)
    : spawnSync("npm", args, { ...options, shell: process.platform === "win32" });
}

/** Whether a folder has the packages that its package.json asks for, in npm's judgement. */
export function packagesAreInstalled(folder = root) {
  return existsSync(`${folder}/node_modules`) && npm(folder, ["ls"], "ignore").status === 0;
}

/** Installs what package-lock.json of a folder names. @param {string} folder @param {string[]} options */
export function installPackages(folder, ...options) {
  const { status } = npm(folder, ["ci", "--no-audit", "--no-fund", ...options], "inherit");
  if (status === 0) return;
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

/** Whether a program is there, by its version. @param {string} program */
export function has(program) {
  return spawnSync(program, ["--version"], { stdio: "ignore" }).status === 0;
}

/** Where this machine gets a release of Debian from, in apt's own judgement; after an update. */
function mirrorOf(/** @type {string} */ release) {
  const filter = ["Created-By: Packages", `Release: ${release}`, "Component: main"];
  const args = ["indextargets", "--format", "$(REPO_URI)", ...filter];
  return String(spawnSync("apt-get", args).stdout).split("\n")[0];
}

const BACKPORTS = "/etc/apt/sources.list.d/webgpu-norm-backports.list";

/**
 * Installs packages that bookworm itself lacks or has too old. Backports come from where the machine
 * gets Debian from; apt's sources stay as they were. Each entry of the list is installed whether or
 * not the others can be.
 * @param {readonly string[]} packages
 */
export function installBackports(packages) {
  console.log(`setup: installing backports (apt-get install ${packages.join(" ")})`);
  const mirror = apt("update") && mirrorOf("bookworm");
  if (!mirror) return;
  writeFileSync(BACKPORTS, `deb ${mirror} bookworm-backports main\n`);
  const install = ["install", "-y", "-t", "bookworm-backports"];
  try {
    if (!apt("update")) return;
    for (const names of packages) apt(...install, ...names.split(" "));
  } finally {
    rmSync(BACKPORTS);
  }
}

/** The servers that the queue of the example is tested on. */
const SERVERS = ["redis-server", "valkey-server"];

/** Installs those that are missing and can be had; returns those that are missing then. */
export function provideServers() {
  const missing = SERVERS.filter((server) => !has(server));
  if (missing.length > 0 && aptWorks()) {
    console.log(`setup: installing ${missing.join(", ")} for the examples (apt-get install)`);
    apt("update");
    for (const server of missing) apt("install", "-y", server);
    const late = missing.filter((server) => !has(server));
    if (late.length > 0 && aptWorks("bookworm")) installBackports(late);
  }
  return missing.filter((server) => !has(server));
}
