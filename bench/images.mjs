// `npm run bench:images` runs this script. It measures the way from an ImageBitmap to a normalized
// tensor in a page, prints a table, and writes bench/results/images.json.

import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { launchBrowser, root } from "../scripts/lib/browser.mjs";
import { buildImages, serve } from "./build.mjs";
import { installPeers } from "./setup.mjs";

installPeers();
const server = await serve(await buildImages());
const browser = await launchBrowser();
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(String(error)));
  await page.goto(server.url, { waitUntil: "networkidle" });
  const made = await page.evaluate(() => Reflect.get(globalThis, "imageReport")());
  /** @type {import("./images/page").ImageReport} */
  const report = made;
  console.log(report.adapter);
  for (const { size, way, ms, error } of report.rows) {
    const off = error === undefined ? "" : `, off by ${error.toExponential(1)}`;
    console.log(`${size}: ${way}: ${ms.toFixed(2)} ms${off}`);
  }
  const engine = `Chromium ${browser.version()}`;
  const file = join(root, "bench", "results", "images.json");
  const all = { date: new Date().toISOString(), engine, ...report };
  writeFileSync(file, `${JSON.stringify(all, null, 1)}\n`);
  console.log(`saved: ${file}`);
} finally {
  await browser.close();
  await server.close();
}
