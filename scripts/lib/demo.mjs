// This file serves and drives the demo, for `npm start` without a display and for the end-to-end
// test.

import { join } from "node:path";
import { createServer } from "vite";
import { root } from "./browser.mjs";

const PATIENCE = 120_000; // milliseconds without a new line of status

/** @typedef {import("../../demo/report/report.ts").Report} Report */
/** @typedef {import("../../demo/report/report.ts").ReportRow} Row */

/** @param {import("vite").ServerOptions} [server] */
export async function serveDemo(server = {}) {
  const configFile = join(root, "vite.config.ts");
  const vite = await createServer({ configFile, logLevel: "warn", clearScreen: false, server });
  await vite.listen();
  const url = vite.resolvedUrls?.local[0];
  if (!url) throw new Error("the server has no local address");
  return { vite, url };
}

/**
 * @typedef {object} Visit
 * @property {import("playwright").Page} page
 * @property {string[]} complaints grows as the page goes on
 * @property {string} state
 * @property {Report | undefined} report
 */

/**
 * Opens the demo and waits until it is there, with ?report until it has checked and timed all norms.
 * @param {import("playwright").Browser} browser
 * @param {string} url
 * @param {object} [options]
 * @param {import("playwright").BrowserContextOptions} [options.context]
 * @param {() => unknown} [options.before] runs in the page before its own scripts
 * @param {(status: string) => void} [options.progress] is told each new line of #status
 * @returns {Promise<Visit>}
 */
export async function visitDemo(browser, url, { context, before, progress } = {}) {
  const visitor = await browser.newContext({ viewport: { width: 1280, height: 800 }, ...context });
  const page = await visitor.newPage();
  const complaints = complaintsOf(page);
  if (before) await page.addInitScript(before);
  await page.goto(url);
  const state = await finished(page, complaints, progress);
  return { page, complaints, state, report: await reportOf(page) };
}

/**
 * What the page says on the console when something is wrong, WebGPU's own warnings included.
 * @param {import("playwright").Page} page
 */
export function complaintsOf(page) {
  /** @type {string[]} */
  const list = [];
  page.on("pageerror", (error) => list.push(String(error)));
  page.on("console", (message) => {
    const { url } = message.location();
    const invalid = message.type() === "warning" && /\[Invalid|GPU.*error/i.test(message.text());
    if (message.type() === "error" || invalid) list.push(`${message.text()} (${url})`);
  });
  return list;
}

/**
 * @param {import("playwright").Page} page
 * @param {readonly string[]} [complaints]
 * @param {(status: string) => void} [progress]
 */
async function finished(page, complaints = [], progress = () => {}) {
  let last = "";
  for (let since = Date.now(); ; await page.waitForTimeout(100)) {
    const { state, status } = await page.evaluate(() => ({
      state: document.documentElement.dataset.state ?? "loading",
      status: document.querySelector("#status")?.textContent?.trim() ?? "",
    }));
    if (status !== last) {
      progress(status);
      since = Date.now();
    }
    last = status;
    if (state === "done" || state === "failed") return state;
    const stuck = Date.now() - since > PATIENCE || (state === "loading" && complaints.length > 0);
    if (stuck)
      throw new Error([`the page is stuck, ${state}: ${status}`, ...complaints].join("\n"));
  }
}

/** @param {import("playwright").Page} page @returns {Promise<Report | undefined>} */
function reportOf(page) {
  return page.evaluate(() => Reflect.get(globalThis, "normReport"));
}
