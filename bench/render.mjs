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
export async function picture(report) {
  const code = await chartCode();
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    await page.addScriptTag({ content: code });
    return await page.evaluate((given) => Reflect.get(globalThis, "bench").chart(given), report);
  } finally {
    await browser.close();
  }
}

async function chartCode() {
  const result = await build({
    configFile: false,
    logLevel: "error",
    root: join(root, "bench"),
    build: {
      write: false,
      lib: { entry: join(root, "bench", "chart.ts"), formats: ["iife"], name: "bench" },
    },
  });
  const [{ output }] = /** @type {[import("vite").Rolldown.RolldownOutput]} */ ([result].flat());
  return output[0].code;
}
