// Runs before `npm start`, `npm test` and `npm run bench`: installs what is missing, the packages
// and then a browser with WebGPU. Plain Node: at this point there may be no package yet.

import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { candidates, probe, recall, remember, root } from "./lib/browser.mjs";

const INSTALL_A_BROWSER = `
No browser with WebGPU was found, and none could be installed.
Install Google Chrome (google.com/chrome), Chromium or Microsoft Edge, for example
  Debian, Ubuntu   sudo apt-get install chromium
  Fedora           sudo dnf install chromium
  macOS            brew install --cask google-chrome
  Windows          winget install Google.Chrome
or name one:       WEBGPU_NORM_BROWSER=/path/to/chrome npm test
`;

try {
  if (!packagesAreCurrent()) await installPackages();
  await provideBrowser();
} catch (error) {
  console.error(`setup: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

/** Compares what package-lock.json asks for with npm's own record of what it installed. */
function packagesAreCurrent() {
  const record = join(root, "node_modules", ".package-lock.json");
  if (!existsSync(record)) return false;
  const wanted = packagesOf(join(root, "package-lock.json"));
  const present = packagesOf(record);
  return Object.entries(wanted).every(
    // optional packages of other systems are not there
    ([name, { version, optional }]) =>
      present[name] ? present[name].version === version : optional,
  );
}

/** @returns {Record<string, { version: string, optional?: boolean }>} */
function packagesOf(/** @type {string} */ file) {
  const { "": _root, ...packages } = JSON.parse(readFileSync(file, "utf8")).packages;
  return packages;
}

async function installPackages() {
  console.log("setup: installing packages (npm ci)");
  const options = ["ci", "--include=dev", "--no-audit", "--no-fund"];
  const cli = process.env.npm_execpath ?? "";
  const ok = cli.endsWith("npm-cli.js")
    ? await run(process.execPath, [cli, ...options])
    : await run("npm", options);
  if (!ok) throw new Error("npm ci failed, see above");
}

async function provideBrowser() {
  const asked = process.env.WEBGPU_NORM_BROWSER;
  const known = recall();
  if (known && (!asked || asked === known.path)) return;
  if (asked) {
    if (!existsSync(asked)) throw new Error(`WEBGPU_NORM_BROWSER: no file ${asked}`);
    if (!(await accept([asked]))) throw new Error(`WEBGPU_NORM_BROWSER: no WebGPU in ${asked}`);
    return;
  }
  if (await accept(await candidates())) return;
  for (const install of [installWithPlaywright, installWithApt]) {
    if ((await install()) && (await accept(await candidates()))) return;
  }
  throw new Error(INSTALL_A_BROWSER);
}

/** Settles on the first of these browsers that has WebGPU. @param {string[]} paths */
async function accept(paths) {
  for (const path of paths) {
    const browser = await probe(path);
    if (browser) {
      remember(browser);
      console.log(`setup: ${path}${browser.software ? ", software adapter" : ""}`);
      return true;
    }
    console.log(`setup: no WebGPU in ${path}`);
  }
  return false;
}

/** As `playwright install --with-deps chromium`, but the download first: it is what may fail. */
async function installWithPlaywright() {
  console.log("setup: no browser with WebGPU here, downloading Chromium (playwright install)");
  const cli = join(root, "node_modules", "playwright", "cli.js");
  const env = { ...process.env, PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: "15000" };
  if (!(await run(process.execPath, [cli, "install", "chromium"], { env, silence: 60_000 }))) {
    console.log("setup: Playwright's Chromium cannot be downloaded here");
    return false;
  }
  return process.platform !== "linux" || run(process.execPath, [cli, "install-deps", "chromium"]);
}

async function installWithApt() {
  const os = existsSync("/etc/os-release") ? readFileSync("/etc/os-release", "utf8") : "";
  if (!/^ID(_LIKE)?=.*(debian|ubuntu)/m.test(os) || process.getuid?.() !== 0) return false;
  console.log("setup: installing the system's Chromium (apt-get install chromium)");
  const env = { ...process.env, DEBIAN_FRONTEND: "noninteractive" };
  return (
    (await run("apt-get", ["update"], { env })) &&
    (await run("apt-get", ["install", "-y", "chromium"], { env }))
  );
}

/**
 * Runs a command, its output passed on as progress; true if it succeeded. It is stopped after
 * `silence` milliseconds without output, and in any case after a quarter of an hour.
 * @param {string} command
 * @param {string[]} args
 * @param {{ env?: NodeJS.ProcessEnv, silence?: number }} [options]
 * @returns {Promise<boolean>}
 */
function run(command, args, { env = process.env, silence = 300_000 } = {}) {
  return new Promise((done) => {
    const shell = process.platform === "win32" && command === "npm"; // npm is npm.cmd there
    const child = spawn(command, args, {
      cwd: root,
      env,
      shell,
      stdio: ["ignore", "pipe", "pipe"],
    });
    const stop = (/** @type {string} */ why) => () => {
      console.error(`setup: ${command} ${args.join(" ")}: stopped ${why}`);
      child.kill();
    };
    const limit = setTimeout(stop("after 15 minutes"), 900_000);
    const quiet = setTimeout(stop("for giving no sign of life"), silence);
    const heard = (/** @type {NodeJS.WriteStream} */ to) => (/** @type {Buffer} */ data) => {
      quiet.refresh();
      to.write(data);
    };
    child.stdout.on("data", heard(process.stdout));
    child.stderr.on("data", heard(process.stderr));
    const finish = (/** @type {boolean} */ ok) => {
      clearTimeout(limit);
      clearTimeout(quiet);
      done(ok);
    };
    child.on("error", () => finish(false));
    child.on("close", (code) => finish(code === 0));
  });
}
