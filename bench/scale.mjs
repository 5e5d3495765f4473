// `npm run bench:scale -- errors|sizes|workers` runs a program of bench/scale under Dawn in Node, and
// writes bench/results/scale-NAME.json, docs/scale_NAME.svg and its caption in docs/scale.md.
//   --draw        draws the stored figures again
//   -- OPTIONS    of the program: errors and sizes --most N, sizes --rounds N, workers --blocks N
//   --out FOLDER  writes both files there, for a try

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../scripts/lib/browser.mjs";
import { printed } from "../test/runners/stream.mjs";
import { drawn } from "./render.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    draw: { type: "boolean", default: false },
    out: { type: "string" },
    most: { type: "string" },
    rounds: { type: "string" },
    blocks: { type: "string" },
  },
});
const [name = ""] = positionals;
if (!["errors", "sizes", "workers"].includes(name)) {
  console.error(`scale: ${name || "nothing"}, expected errors, sizes or workers`);
  process.exit(1);
}
const { out } = values;
if (out) mkdirSync(out, { recursive: true });
const results = join(out ?? join(root, "bench", "results"), `scale-${name}.json`);
const picture = join(out ?? join(root, "docs"), `scale_${name}.svg`);

if (!values.draw) {
  const given = ["most", "rounds", "blocks"].flatMap((option) => {
    const value = values[/** @type {"most"} */ (option)];
    return value ? [`--${option}`, value] : [];
  });
  const report = await printed(join("bench", "scale", `${name}.ts`), given);
  const command = `npm run bench:scale -- ${[name, ...given].join(" ")}`;
  writeFileSync(results, `${JSON.stringify({ command, ...report }, null, 2)}\n`);
}
const report = JSON.parse(readFileSync(results, "utf8"));
writeFileSync(picture, `${await drawn(join("scale", "figures.ts"), `FIGURES.${name}`, report)}\n`);
if (!out) caption(report);
console.log(`saved: ${results}, ${picture}`);

/** Says below the figure where it is from. @param {import("./scale/device").Machine & { command: string }} report */
function caption({ adapter, software, machine, engine, date, command }) {
  const path = join(root, "docs", "scale.md");
  const lines = [
    `${adapter}${software ? ", a CPU adapter" : ""};`,
    `${machine}; ${engine}; ${date};`,
    `\`${command}\``,
  ].join("\n");
  const block = new RegExp(`(<!-- scale:${name} -->)[\\s\\S]*?(<!-- /scale:${name} -->)`);
  const text = readFileSync(path, "utf8");
  writeFileSync(
    path,
    text.replace(block, (_, open, close) => `${open}\n\n${lines}\n\n${close}`),
  );
}
