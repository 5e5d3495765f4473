// This script writes the Markdown and the picture of a report.

import { join } from "node:path";
import { build, runnerImport } from "vite";
import { launchBrowser, root } from "../scripts/lib/browser.mjs";

/** @returns {Promise<typeof import("./markdown")>} */
export async function markdown() {
  const file = join(root, "bench", "markdown.ts");
  return (await runnerImport(file, { configFile: false })).module;
}

/**
 * The picture, as a file's text.
 * @param {import("./report").Report} report
 * @returns {Promise<string>}
 */
export const picture = (report) => drawn("chart.ts", "chart", report);

/**
 * What a function of a file of bench/ draws in a page, as a file's text.
 * @param {string} file
 * @param {string} name of the function; with a dot, one in a table
 * @param {unknown} report
 * @returns {Promise<string>}
 */
export async function drawn(file, name, report) {
  const code = await pageCode(file);
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: code });
    return await page.evaluate(
      ({ path, given }) => {
        const found = path.reduce((from, key) => Reflect.get(from, key), globalThis);
        return /** @type {(report: unknown) => string} */ (/** @type {unknown} */ (found))(given);
      },
      { path: ["bench", ...name.split(".")], given: report },
    );
  } finally {
    await browser.close();
  }
}

/** @param {string} file */
async function pageCode(file) {
  const result = await build({
    configFile: false,
    logLevel: "error",
    root: join(root, "bench"),
    build: {
      write: false,
      lib: { entry: join(root, "bench", file), formats: ["iife"], name: "bench" },
    },
  });
  const [{ output }] = /** @type {[import("vite").Rolldown.RolldownOutput]} */ ([result].flat());
  return output[0].code;
}
