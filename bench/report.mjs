// `node bench/report.mjs NAME` writes the tables of bench/results/NAME.json into docs/performance.md, their
// means into README.md, and the picture docs/performance.svg. Without a name: swiftshader.

import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../scripts/lib/browser.mjs";
import { markdown, picture } from "./render.mjs";

const [name = "swiftshader"] = parseArgs({ allowPositionals: true }).positionals;
const results = join(root, "bench", "results");
const report = JSON.parse(readFileSync(join(results, `${name}.json`), "utf8"));
const { blocks, refreshed } = await markdown();
const tunings = readdirSync(results)
  .filter((file) => file.startsWith("tuning-"))
  .map((file) => JSON.parse(readFileSync(join(results, file), "utf8")));
const exactness = JSON.parse(readFileSync(join(results, "accuracy.json"), "utf8"));
const made = blocks(report, tunings, exactness);
for (const file of ["README.md", "docs/performance.md"]) {
  const path = join(root, file);
  writeFileSync(path, refreshed(readFileSync(path, "utf8"), made));
  console.log(`written: ${file}`);
}
writeFileSync(join(root, "docs", "performance.svg"), await picture(report));
console.log("written: docs/performance.svg");
