// `npm run bench`: one browser run on one adapter; a table, a picture, and the figures as JSON.

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, type as system } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { launchBrowser, root } from "../scripts/browser.mjs";
import { buildPage, PEERS, serve } from "./build.mjs";

const USAGE = `npm run bench -- [options]
  --only ours|all      webgpu-norm and the copies, quickly, or all libraries (the default)
  --workload TEXT      workloads whose title contains it ("layernorm", "[64, 3")
  --peers IDS          some of ${PEERS.join(",")}
  --rounds N           turns of each library, 9 by default
  --without-cold       no cold starts and no bytes
  --save NAME          keeps the JSON as bench/results/NAME.json as well`;

const options = parsed();
if (options.help) console.log(USAGE);
else await main();

function parsed() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string", default: "all" },
        workload: { type: "string", default: "" },
        peers: { type: "string", default: PEERS.join(",") },
        rounds: { type: "string", default: "9" },
        "without-cold": { type: "boolean", default: false },
        save: { type: "string" },
        help: { type: "boolean", default: false },
      },
    });
    check("only", values.only, /^(ours|all)$/, "ours or all");
    check("rounds", values.rounds, /^[1-9]\d*$/, "a whole number above 0");
    if (values.save) check("save", values.save, /^[\w.-]+$/, "a file's name without .json");
    const peers = values.only === "ours" ? [] : values.peers.split(",");
    for (const id of peers) check("peers", id, new RegExp(`^(${PEERS.join("|")})$`), String(PEERS));
    return { ...values, peers };
  } catch (error) {
    console.error(`bench: ${error instanceof Error ? error.message : error}\n${USAGE}`);
    process.exit(2);
  }
}

/** @param {string} name @param {string} given @param {RegExp} allowed @param {string} expected */
function check(name, given, allowed, expected) {
  if (!allowed.test(given)) throw new Error(`--${name}: ${given}, expected ${expected}`);
}

async function main() {
  const server = await serve(await buildPage(options.peers));
  const browser = await launchBrowser();
  const version = browser.version();
  const measured = await drive(browser, server.url).finally(async () => {
    await browser.close();
    await server.close();
  });
  const processor = cpus();
  const report = {
    date: new Date().toISOString(),
    engine: `Chromium ${version}`,
    machine: `${processor[0]?.model.trim()}, ${processor.length} cores, ${system()}`,
    ...measured,
  };
  const names = ["out/bench.json", ...(options.save ? [`bench/results/${options.save}.json`] : [])];
  for (const name of names) save(join(root, name), `${JSON.stringify(report, null, 1)}\n`);
  if (report.error) {
    console.error(`bench: ${report.error}`);
    process.exit(1);
  }
}

/** @param {string} file @param {string} text */
function save(file, text) {
  mkdirSync(join(file, ".."), { recursive: true });
  writeFileSync(file, text);
  console.log(`saved: ${relative(process.cwd(), file)}`);
}

/**
 * @param {import("playwright").Browser} browser
 * @param {string} url
 * @returns {Promise<import("./page/page").PageReport>}
 */
async function drive(browser, url) {
  const page = await browser.newPage();
  page.on("pageerror", (error) => console.error(String(error)));
  const address = new URL(url);
  address.searchParams.set("workload", options.workload);
  address.searchParams.set("peers", options.peers.join(","));
  address.searchParams.set("rounds", options.rounds);
  await page.goto(address.href);
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
