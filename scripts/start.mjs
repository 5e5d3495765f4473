// `npm start` opens the demo in the user's browser, or, without a display, in a headless one with
// the result as a table and a screenshot. `-- --once` does the latter and exits, non-zero if a
// check failed.

import { mkdirSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { launchBrowser, root } from "./lib/browser.mjs";
import { serveDemo, visitDemo } from "./lib/demo.mjs";

/** @typedef {import("./lib/demo.mjs").Report} Report */

const { values: options } = parseArgs({
  options: {
    once: { type: "boolean", default: false },
    headless: { type: "boolean", default: false },
    port: { type: "string" },
  },
});

const { env, platform } = process;
const desktop = platform !== "linux" || Boolean(env.DISPLAY || env.WAYLAND_DISPLAY);
const show = desktop && !env.CI && !options.once && !options.headless;

const { vite, url } = await serveDemo(options.port ? { port: Number(options.port) } : {});
console.log(`demo at ${url}, measurements of your GPU at ${url}measure.html`);
if (show) vite.openBrowser();
else {
  const passed = await drive().catch((error) => {
    console.error(error instanceof Error ? error.message : error);
    return false;
  });
  if (options.once) {
    await vite.close();
    process.exit(passed ? 0 : 1);
  }
}
console.log(`still served at ${url}, Ctrl+C stops it`);

/** Runs the page once and prints what it found; true if all is well. */
async function drive() {
  console.log("no display: running it in a headless browser");
  const browser = await launchBrowser();
  try {
    const progress = (/** @type {string} */ status) => console.log(`  ${status}`);
    const { page, complaints, state, report } = await visitDemo(browser, `${url}?report`, {
      progress,
    });
    if (report?.rows) printTable(report);
    if (report?.error) console.error(`error: ${report.error}`);
    for (const text of complaints) console.error(`console: ${text}`);
    console.log(`\nscreenshot: ${await screenshot(page, "demo")}`);
    if (state === "done") console.log(`screenshot: ${await trained(page)}`);
    const passed = printChecks(report?.checks ?? []);
    return state === "done" && passed && complaints.length === 0;
  } finally {
    await browser.close();
  }
}

/** @param {import("playwright").Page} page @param {string} name */
async function screenshot(page, name) {
  const path = join(root, "out", `${name}.png`);
  mkdirSync(join(root, "out"), { recursive: true });
  await page.screenshot({ path });
  return relative(process.cwd(), path);
}

/**
 * Waits until the networks of the experiment are trained.
 * @param {import("playwright").Page} page
 */
async function trained(page) {
  console.log("  Training the networks of the experiment");
  await page.click('[data-station="experiment"]');
  await page.waitForFunction(
    () =>
      /^Step (\d+) of \1:/.test(document.querySelector("#experiment .status")?.textContent ?? ""),
    null,
    { timeout: 300_000 },
  );
  await page.locator("#experiment .charts").scrollIntoViewIfNeeded();
  return screenshot(page, "experiment");
}

/** @param {Report} report */
function printTable({ adapter, shape, timedShape, copyGBs, rows }) {
  console.log(`\nadapter: ${adapter.name}${adapter.software ? " (software)" : ""}`);
  console.log(`checked: [${shape.join(", ")}], timed: [${timedShape.join(", ")}]`);
  console.log(`copy:    ${copyGBs.toFixed(2)} GB/s\n`);
  console.table(rows.map(figures));
}

/** @param {import("./lib/demo.mjs").Row} row */
function figures(row) {
  return {
    norm: row.norm,
    "sets x values": row.sets,
    "largest error": row.maxError.toExponential(2),
    ms: row.ms?.toFixed(2) ?? "-",
    "GB/s": row.gbs?.toFixed(2) ?? "-",
    "of copy": row.copyShare === undefined ? "-" : `${(100 * row.copyShare).toFixed(0)} %`,
  };
}

/** @param {Report["checks"]} checks */
function printChecks(checks) {
  const failed = checks.filter((check) => !check.passed);
  for (const { name, detail } of failed) console.error(`failed: ${name}: ${detail}`);
  console.log(`checks: ${checks.length - failed.length} passed, ${failed.length} failed`);
  return checks.length > 0 && failed.length === 0;
}
