// `npm run bench:models` runs this script. It times models of TensorFlow.js and onnxruntime-web
// without this library and with it, in turns in one page; writes bench/results/models.json and the
// table in docs/interop.md.
//   --rounds N   turns of each, 9 by default

import { readFileSync, writeFileSync } from "node:fs";
import { cpus, type as system } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { runnerImport } from "vite";
import { launchBrowser, root } from "../scripts/lib/browser.mjs";
import { buildModels, serve } from "./build.mjs";
import { markdown } from "./render.mjs";
import { installPeers } from "./setup.mjs";

const { values } = parseArgs({ options: { rounds: { type: "string", default: "9" } } });
const rounds = Number(values.rounds);
if (!Number.isInteger(rounds) || rounds < 1) {
  console.error(`bench: --rounds: ${values.rounds}, expected a whole number above 0`);
  process.exit(2);
}

installPeers();
const server = await serve(await buildModels());
const browser = await launchBrowser();
try {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(String(error)));
  page.on("console", (message) => console.log(message.text()));
  await page.goto(server.url, { waitUntil: "networkidle" });
  const made = await page.evaluate((n) => Reflect.get(globalThis, "modelReport")(n), rounds);
  const [processor] = cpus();
  /** @type {import("./models/report").ModelReport} */
  const report = {
    date: new Date().toISOString(),
    engine: `Chromium ${browser.version()}`,
    machine: `${processor?.model.trim()}, ${cpus().length} cores, ${system()}`,
    ...made,
  };
  write(join(root, "bench", "results", "models.json"), `${JSON.stringify(report, null, 1)}\n`);
  const models = await block(report);
  const docs = join(root, "docs", "interop.md");
  const { refreshed } = await markdown();
  write(docs, refreshed(readFileSync(docs, "utf8"), { models }));
  console.log(`\n${models}`);
} finally {
  await browser.close();
  await server.close();
}

/** @param {import("./models/report").ModelReport} report @returns {Promise<string>} */
async function block(report) {
  const file = join(root, "bench", "models", "report.ts");
  const { module } = await runnerImport(file, { configFile: false });
  return module.modelsBlock(report);
}

/** @param {string} file @param {string} text */
function write(file, text) {
  writeFileSync(file, text);
  console.log(`written: ${file.slice(root.length)}`);
}
