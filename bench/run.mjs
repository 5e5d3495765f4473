// `npm run bench`: one browser run on one adapter, a table, and the figures as JSON.
//   -- --only TEXT   workloads whose title contains it ("layernorm", "[64, 3")
//   -- --save NAME   keeps the JSON under bench/results/NAME.json as well

import { mkdirSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { createServer } from "vite";
import { launchBrowser, root } from "../scripts/browser.mjs";

const { values: options } = parseArgs({
  options: { only: { type: "string", default: "" }, save: { type: "string" } },
});

const vite = await createServer({
  configFile: false,
  root: join(root, "bench"),
  logLevel: "warn",
  server: { fs: { allow: [root] } },
});
await vite.listen();
const browser = await launchBrowser();
const report = await drive().finally(async () => {
  await browser.close();
  await vite.close();
});
print(report);
for (const path of [
  "out/bench.json",
  ...(options.save ? [`bench/results/${options.save}.json`] : []),
]) {
  const file = join(root, path);
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, `${JSON.stringify(report, null, 2)}\n`);
  console.log(`saved: ${relative(process.cwd(), file)}`);
}
if (report.error) {
  console.error(`error: ${report.error}`);
  process.exit(1);
}

/** @returns {Promise<import("./page").BenchReport>} */
async function drive() {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(String(error)));
  const url = new URL(vite.resolvedUrls?.local[0] ?? "");
  url.searchParams.set("only", options.only);
  await page.goto(url.href);
  let told = 0;
  for (;;) {
    const lines = await page.locator("li").allTextContents();
    for (const line of lines.slice(told)) console.log(`  ${line}`);
    told = lines.length;
    const done = await page.evaluate(() => Reflect.get(globalThis, "benchReport"));
    if (done) return done;
    await page.waitForTimeout(250);
  }
}

/** @param {import("./page").BenchReport} report */
function print({ adapter, software, rows }) {
  console.log(`\nadapter: ${adapter}${software ? " (software)" : ""}\n`);
  const table = [
    ["operation", "shape", "ms", "GB/s", "copy ms", "x copy", "largest error"],
    ...rows.map((row) => [
      row.name,
      `[${row.shape.join(", ")}]`,
      row.ms.toFixed(3),
      row.gbs.toFixed(2),
      row.copyMs.toFixed(3),
      row.multiple.toFixed(2),
      row.maxError.toExponential(1),
    ]),
  ];
  const widths = table[0].map((_, i) => Math.max(...table.map((cells) => cells[i].length)));
  for (const cells of table) {
    const line = cells.map((text, i) =>
      i < 2 ? text.padEnd(widths[i]) : text.padStart(widths[i]),
    );
    console.log(line.join("  ").trimEnd());
  }
}
