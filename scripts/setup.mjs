// This script installs missing parts before `npm start`, `npm test` and `npm run bench`: the
// packages, and then a browser with WebGPU. With --lavapipe it also installs Mesa's software Vulkan
// driver and its DRM shims where Debian has them, with --examples the packages of the examples, a
// Redis, a Valkey and PyTorch, and with --tests all of that and the packages of every suite.

import { join } from "node:path";
import { parseArgs } from "node:util";
import { findBrowser, root } from "./lib/browser.mjs";
import {
  ADDITIONS,
  apt,
  aptWorks,
  examples,
  installPackages,
  packagesAreInstalled,
  provideServers,
  run,
} from "./lib/install.mjs";
import { pythonWithTorch } from "./lib/pytorch.mjs";

const INSTALL_A_BROWSER = `
No browser with WebGPU was found, and none could be installed.
Install Google Chrome (google.com/chrome), Chromium or Microsoft Edge, for example
  Debian, Ubuntu   sudo apt-get install chromium
  Fedora           sudo dnf install chromium
  macOS            brew install --cask google-chrome
  Windows          winget install Google.Chrome
or name one:       WEBGPU_NORM_BROWSER=/path/to/chrome npm test
`;

const { values: options } = parseArgs({
  options: {
    lavapipe: { type: "boolean" },
    examples: { type: "boolean" },
    tests: { type: "boolean" },
  },
});

try {
  if (!packagesAreInstalled()) {
    console.log("setup: installing packages (npm ci)");
    installPackages(root, "--include=dev");
  }
  await provideBrowser();
  if (options.lavapipe || options.tests) {
    const { provideLavapipe } = await import("./lib/lavapipe.mjs");
    if (!provideLavapipe()) console.log("setup: no lavapipe here, npm test skips a part");
  }
  for (const addition of ADDITIONS) {
    if (options.tests || (options.examples && addition.folder === examples)) provide(addition);
  }
  if (options.examples || options.tests) {
    for (const server of provideServers())
      console.log(`setup: no ${server} here, npm test skips a part of the examples`);
    providePyTorch();
  }
} catch (error) {
  console.error(`setup: ${error instanceof Error ? error.message : error}`);
  process.exit(1);
}

/** @param {(typeof ADDITIONS)[number]} addition */
function provide({ folder, has, flags }) {
  if (packagesAreInstalled(folder)) return;
  console.log(`setup: installing ${has} (npm ci)`);
  try {
    installPackages(folder, "--ignore-scripts", ...flags);
  } catch {
    console.log("setup: they cannot be installed here, npm test skips a part");
  }
}

/** An example's network is read back by PyTorch: 150 MB of packages, a minute. */
function providePyTorch() {
  if (pythonWithTorch()) return;
  if (aptWorks()) {
    console.log("setup: installing PyTorch for an example (apt-get install python3-torch)");
    apt("update");
    apt("install", "-y", "--no-install-recommends", "python3-torch");
    if (pythonWithTorch()) return;
  }
  console.log("setup: no PyTorch here, npm test skips a part of the examples");
}

async function provideBrowser() {
  for (const install of [() => true, installWithPlaywright, installWithApt]) {
    if (install() && (await findBrowser())) return;
  }
  throw new Error(INSTALL_A_BROWSER);
}

/** As `playwright install --with-deps chromium`, but the download first: it is what may fail. */
function installWithPlaywright() {
  console.log("setup: no browser with WebGPU here, downloading Chromium (playwright install)");
  const cli = join(root, "node_modules", "playwright", "cli.js");
  const env = { ...process.env, PLAYWRIGHT_DOWNLOAD_CONNECTION_TIMEOUT: "15000" };
  if (!run(process.execPath, [cli, "install", "chromium"], { env })) {
    console.log("setup: Playwright's Chromium cannot be downloaded here");
    return false;
  }
  return process.platform !== "linux" || run(process.execPath, [cli, "install-deps", "chromium"]);
}

function installWithApt() {
  if (!aptWorks()) return false;
  console.log("setup: installing the system's Chromium (apt-get install chromium)");
  return apt("update") && apt("install", "-y", "chromium");
}
