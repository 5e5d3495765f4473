// Which browser `npm start`, `npm test` and `npm run bench` drive, and with which flags.
// Loads Playwright only when called: setup.mjs imports this before anything is installed.

import { execFileSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { createServer } from "node:http";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/**
 * @typedef {object} Browser
 * @property {string} path
 * @property {boolean} software the adapter is to be the software one
 */

export const root = fileURLToPath(new URL("../..", import.meta.url));

const OLDEST = 121; // the first Chromium with GPUAdapter.info

/**
 * No first-run pages, no traffic of its own, and WebGPU also where it is off by default.
 * @param {boolean} software
 */
export function launchArgs(software) {
  const args = [
    "--enable-unsafe-webgpu",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--no-first-run",
    "--disable-quic",
  ];
  if (process.getuid?.() === 0) args.push("--no-sandbox"); // Chromium refuses root otherwise
  if (software) return [...args, "--use-webgpu-adapter=swiftshader"];
  if (process.platform !== "linux") return args;
  const vulkan = ["--use-angle=vulkan", "--enable-features=Vulkan", "--disable-vulkan-surface"];
  return [...args, ...vulkan, "--ignore-gpu-blocklist"];
}

/** Asked for, or known beforehand. Elsewhere than on Linux the browser is left to see for itself. */
function softwareOnly() {
  if (process.env.WEBGPU_NORM_SOFTWARE === "1") return true;
  if (process.platform !== "linux" || existsSync("/dev/nvidia0")) return false;
  const nodes = existsSync("/dev/dri") ? readdirSync("/dev/dri") : [];
  return !nodes.some((name) => name.startsWith("renderD"));
}

/**
 * WEBGPU_NORM_BROWSER, or else the browser in which setup saw WebGPU, or else the first installed.
 * @returns {Promise<Browser | undefined>}
 */
export async function findBrowser() {
  const known = recall();
  const path = process.env.WEBGPU_NORM_BROWSER || known?.path || (await candidates())[0];
  if (path === undefined) return undefined;
  return { path, software: softwareOnly() || (known?.path === path && known.software) };
}

const memory = join(root, ".cache", "browser.json");

/** @returns {Browser | undefined} */
export function recall() {
  try {
    const browser = JSON.parse(readFileSync(memory, "utf8"));
    return existsSync(browser.path) ? browser : undefined;
  } catch {
    return undefined; // nothing remembered
  }
}

/** @param {Browser} browser */
export function remember(browser) {
  mkdirSync(dirname(memory), { recursive: true });
  writeFileSync(memory, `${JSON.stringify(browser)}\n`);
}

/** Browsers on this machine that could serve, best first. */
export async function candidates() {
  const { chromium } = await import("playwright");
  const paths = [...usualPlaces(), chromium.executablePath()];
  return paths.filter((path) => existsSync(path) && recentEnough(path));
}

function usualPlaces() {
  const { env, platform } = process;
  if (platform === "darwin") {
    return ["Google Chrome", "Chromium", "Microsoft Edge"].flatMap((name) =>
      ["", env.HOME ?? ""].map((home) => `${home}/Applications/${name}.app/Contents/MacOS/${name}`),
    );
  }
  if (platform === "win32") {
    const bases = [env.ProgramFiles ?? "", env["ProgramFiles(x86)"] ?? "", env.LOCALAPPDATA ?? ""];
    return ["Google/Chrome/Application/chrome", "Chromium/Application/chrome"]
      .concat("Microsoft/Edge/Application/msedge")
      .flatMap((place) => bases.map((base) => join(base, `${place}.exe`)));
  }
  const names = ["google-chrome", "google-chrome-stable", "chromium", "chromium-browser"];
  names.push("microsoft-edge", "microsoft-edge-stable");
  const folders = [...(env.PATH ?? "").split(delimiter), "/opt/google/chrome", "/snap/bin"];
  return names.flatMap((name) => folders.map((folder) => join(folder, name)));
}

/** False also for what only looks like a browser, as Ubuntu's placeholder for the snap. */
function recentEnough(/** @type {string} */ path) {
  if (process.platform === "win32") return true; // `--version` opens a window there
  try {
    const text = execFileSync(path, ["--version"], {
      encoding: "utf8",
      timeout: 20_000,
      stdio: ["ignore", "pipe", "ignore"],
    });
    return Number(/(\d+)\.\d+\.\d+/.exec(text)?.[1]) >= OLDEST;
  } catch {
    return false;
  }
}

/**
 * Headless, ready for WebGPU; Playwright's Browser.
 * @param {Browser} [browser]
 */
export async function launchBrowser(browser) {
  const { chromium } = await import("playwright");
  const found = browser ?? (await findBrowser());
  if (!found)
    throw new Error("no browser with WebGPU; `node scripts/setup.mjs` finds or installs one");
  return chromium.launch({ executablePath: found.path, args: launchArgs(found.software) });
}

/**
 * Whether pages in this browser get a WebGPU adapter: the machine's GPU, or else the software one.
 * @param {string} path
 * @returns {Promise<Browser | undefined>}
 */
export async function probe(path) {
  for (const software of softwareOnly() ? [true] : [false, true]) {
    // a browser that does not even start is one without WebGPU
    if (await givesAdapter({ path, software }).catch(() => false)) return { path, software };
  }
  return undefined;
}

/** @param {Browser} browser */
async function givesAdapter(browser) {
  // navigator.gpu exists in secure contexts only, and localhost is one
  const server = createServer((_, response) => {
    response.setHeader("content-type", "text/html").end("<!doctype html>");
  });
  await new Promise((done) => server.listen(0, "127.0.0.1", () => done(undefined)));
  const { port } = /** @type {import("node:net").AddressInfo} */ (server.address());
  const running = await launchBrowser(browser);
  try {
    const page = await running.newPage();
    await page.goto(`http://127.0.0.1:${port}/`);
    return await page.evaluate(async () => (await navigator.gpu?.requestAdapter()) != null);
  } finally {
    await running.close();
    server.close();
  }
}
