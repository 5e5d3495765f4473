// `npm run bench` runs this script: one browser run on one adapter; a table, a picture, and the
// figures as JSON.

import { mkdirSync, writeFileSync } from "node:fs";
import { cpus, type as system } from "node:os";
import { join, relative } from "node:path";
import { parseArgs } from "node:util";
import { launchBrowser, root } from "../scripts/lib/browser.mjs";
import { buildPage, PEERS, serve } from "./build.mjs";
import { measureCold } from "./cold.mjs";
import { markdown, picture } from "./render.mjs";
import { installPeers } from "./setup.mjs";

const USAGE = `npm run bench -- [options]
  --only ours|all      webgpu-norm and the copies, quickly, or all libraries (the default)
  --workload TEXT      workloads whose title contains it ("layernorm", "[64, 3")
  --peers IDS          some of ${PEERS.join(",")}
  --accuracy           errors on inputs that are hard for some formulas; no times
  --rounds N           turns of each library, 9 by default
  --cold N             first results of each library in new browsers, 5 by default; 0: none
  --save NAME          keeps the JSON as bench/results/NAME.json as well
  --out FOLDER         where bench.json, bench.md and bench.svg go: out`;

const options = parsed();
function parsed() {
  try {
    const { values } = parseArgs({
      options: {
        only: { type: "string", default: "all" },
        workload: { type: "string", default: "" },
        peers: { type: "string", default: PEERS.join(",") },
        accuracy: { type: "boolean", default: false },
        rounds: { type: "string", default: "9" },
        cold: { type: "string", default: "5" },
        save: { type: "string" },
        out: { type: "string", default: join(root, "out") },
        help: { type: "boolean", default: false },
      },
    });
    check("only", values.only, /^(ours|all)$/, "ours or all");
    check("rounds", values.rounds, /^[1-9]\d*$/, "a whole number above 0");
    check("cold", values.cold, /^\d+$/, "a whole number");
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
  if (options.peers.length) installPeers();
  const report = await measured();
  const json = `${JSON.stringify(report, null, 1)}\n`;
  save(join(options.out, "bench.json"), json);
  if (options.save) save(join(root, "bench", "results", `${options.save}.json`), json);
  const { blocks } = await markdown();
  const made = blocks(report);
  const parts = report.accuracy ? [made.accuracy] : [made.summary, made.full];
  if (report.rows.some(({ oursAlone }) => oursAlone)) parts.push(made.extra);
  if (report.cold) parts.push(made.cold);
  if (report.overhead) parts.push(made.overhead);
  const text = `${parts.join("\n\n")}\n`;
  console.log(`\n${text}`);
  save(join(options.out, "bench.md"), text);
  if (report.rows.length) save(join(options.out, "bench.svg"), await picture(report));
}

/** @returns {Promise<import("./report").Report>} */
async function measured() {
  const server = await serve(await buildPage(options.peers));
  const browser = await launchBrowser();
  const engine = `Chromium ${browser.version()}`;
  const { error, ...page } = await drive(browser, server.url).finally(async () => {
    await browser.close();
    await server.close();
  });
  if (!page.rows.length && !page.accuracy)
    fail(error ?? `no workload's title contains ${options.workload}`);
  if (error) {
    console.error(`bench: ${error}`); // what was measured until then is kept
    process.exitCode = 1;
  }
  const processors = cpus();
  const machine = `${processors[0]?.model.trim()}, ${processors.length} cores, ${system()}`;
  const date = new Date().toISOString();
  const times = options.accuracy ? 0 : Number(options.cold);
  const clock = "wall clock";
  return {
    date,
    engine,
    machine,
    clock,
    ...page,
    ...(error && { error }),
    ...(times && (await measureCold(options.peers, times))),
  };
}

/** @param {string} message @returns {never} */
function fail(message) {
  console.error(`bench: ${message}`);
  process.exit(1);
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
  if (options.accuracy) address.searchParams.set("accuracy", "");
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

if (options.help) console.log(USAGE);
else await main().catch((error) => fail(error.message));
