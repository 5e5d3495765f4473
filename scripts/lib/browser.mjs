// `npm start`, `npm test` and `npm run bench` drive the browser that this file finds, with these
// flags. Playwright is imported only on first use, because setup.mjs imports this file before
// anything is installed.

import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { delimiter, dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

/** @typedef {{ executablePath: string } | { channel: string }} Place what Playwright launches */

/**
 * @typedef {object} Browser
 * @property {string} path
 * @property {boolean} software the adapter is to be the software one
 */

export const root = fileURLToPath(new URL("../..", import.meta.url));

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
 * WEBGPU_NORM_BROWSER, or else the browser in which WebGPU was seen last, or else the first installed one that has it.
 * @returns {Promise<Browser | undefined>}
 */
export async function findBrowser() {
  const asked = process.env.WEBGPU_NORM_BROWSER;
  const known = recall();
  if (known && (!asked || asked === known.path)) {
    return { ...known, software: known.software || softwareOnly() };
  }
  for (const place of asked ? [{ executablePath: asked }] : places()) {
    const browser = await probe(place);
    if (browser) return remember(browser);
  }
  if (asked) throw new Error(`WEBGPU_NORM_BROWSER: no browser with WebGPU at ${asked}`);
  return undefined;
}

const memory = join(root, ".cache", "browser.json");

/** @returns {Browser | undefined} */
function recall() {
  try {
    const browser = JSON.parse(readFileSync(memory, "utf8"));
    return existsSync(browser.path) ? browser : undefined;
  } catch {
    return undefined; // nothing remembered
  }
}

/** @param {Browser} browser */
function remember(browser) {
  mkdirSync(dirname(memory), { recursive: true });
  writeFileSync(memory, `${JSON.stringify(browser)}\n`);
  return browser;
}

/**
 * Playwright knows where Chrome, Edge and its own Chromium are; the system's Chromium is on the path.
 * @returns {Place[]}
 */
function places() {
  const paths = ["chromium", "chromium-browser"].flatMap((name) =>
    (process.env.PATH ?? "").split(delimiter).map((folder) => join(folder, name)),
  );
  const own = paths.filter(existsSync).map((executablePath) => ({ executablePath }));
  return [{ channel: "chrome" }, ...own, { channel: "msedge" }, { channel: "chromium" }];
}

/** Playwright's Browser, headless, ready for WebGPU. @param {string[]} [more] arguments */
export async function launchBrowser(more = []) {
  const { chromium } = await import("playwright");
  const found = await findBrowser();
  if (!found)
    throw new Error("no browser with WebGPU; `node scripts/setup.mjs` finds or installs one");
  return chromium.launch({
    executablePath: found.path,
    args: [...launchArgs(found.software), ...more],
  });
}

/**
 * Whether pages in this browser get a WebGPU adapter: the machine's GPU, or else the software one.
 * @param {Place} place
 * @returns {Promise<Browser | undefined>}
 */
async function probe(place) {
  for (const software of softwareOnly() ? [true] : [false, true]) {
    // a browser that does not even start is one without WebGPU
    const path = await pathOfWorking(place, software).catch(() => undefined);
    if (path) return { path, software };
  }
  return undefined;
}

/** @param {Place} place @param {boolean} software */
async function pathOfWorking(place, software) {
  const { chromium } = await import("playwright");
  const server = await chromium.launchServer({ ...place, args: launchArgs(software) });
  try {
    const browser = await chromium.connect(server.wsEndpoint());
    const page = await browser.newPage();
    // navigator.gpu exists in secure contexts only, and localhost is one
    const response = { contentType: "text/html", body: "<!doctype html>" };
    await page.route("http://localhost/", (route) => route.fulfill(response));
    await page.goto("http://localhost/");
    const recent = await page.evaluate(async () => (await navigator.gpu.requestAdapter())?.info);
    return recent && server.process().spawnfile;
  } finally {
    await server.close();
  }
}
