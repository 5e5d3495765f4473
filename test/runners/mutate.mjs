// `npm run test:mutations` shows whether the tests find faults. It puts one fault of
// test/runners/mutations.mjs at a time into a copy of the repository and runs the tests named with
// it. One of them must fail. At the end the failed tests run once more without a fault, and must
// pass.
//   -- TEXT        only the mutations whose name or file contains it
//   -- --verbose   with the message of the test that failed

import { spawnSync } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../../scripts/lib/browser.mjs";
import { MUTATIONS } from "./mutations.mjs";

/** @typedef {{ file: string, title: string, message: string }} Failure */

const COMPILES = "test/wgsl/pipelines.test.ts"; // every combination of shader files
const LEFT_OUT = [".git", "node_modules", "out", "dist"];
const LIMIT = 600_000; // milliseconds a run: a fault may make a shader hang

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: { verbose: { type: "boolean", default: false } },
});
const chosen = MUTATIONS.filter(({ name, file }) =>
  positionals.every((text) => name.includes(text) || file.includes(text)),
);
const lost = MUTATIONS.filter(({ file, find }) => occurrences(file, find) !== 1);
for (const { name, file, find } of lost) {
  console.error(`${name}: occurs ${occurrences(file, find)} times in ${file}:\n${find}`);
}
const copy = fs.mkdtempSync(join(tmpdir(), "webgpu-norm-mutations-"));
try {
  process.exitCode = lost.length > 0 || chosen.length === 0 ? 1 : judge();
} finally {
  fs.rmSync(copy, { recursive: true, force: true });
}

function occurrences(/** @type {string} */ file, /** @type {string} */ text) {
  const path = join(root, file);
  return fs.existsSync(path) ? fs.readFileSync(path, "utf8").split(text).length - 1 : 0;
}

/** The exit status. */
function judge() {
  copyRepository();
  const width = Math.max(...chosen.map(({ name }) => name.length));
  const caught = /** @type {Failure[]} */ ([]);
  let survivors = 0;
  for (const mutation of chosen) {
    const start = performance.now();
    const { failure, verdict } = attempt(mutation);
    const seconds = ((performance.now() - start) / 1000).toFixed(0).padStart(4);
    console.log(`${mutation.name.padEnd(width)} ${seconds} s  ${verdict}`);
    if (options.verbose && failure) console.log(`  ${failure.message.slice(0, 300)}`);
    if (failure) caught.push(failure);
    else survivors++;
  }
  const unfit = control(caught);
  for (const { file, title } of unfit) console.log(`FAILS WITHOUT A FAULT: ${file}: ${title}`);
  console.log(`${caught.length} of ${chosen.length} caught`);
  return survivors > 0 || unfit.length > 0 ? 1 : 0;
}

function copyRepository() {
  const skipped = new Set(LEFT_OUT.map((name) => join(root, name)));
  fs.cpSync(root, copy, { recursive: true, filter: (path) => !skipped.has(path) });
  // package by package, so that Vite's own folders in there are the copy's
  const packages = join(root, "node_modules");
  fs.mkdirSync(join(copy, "node_modules"));
  for (const name of fs.readdirSync(packages)) {
    if (name.startsWith(".vite")) continue;
    fs.symlinkSync(join(packages, name), join(copy, "node_modules", name), "junction");
  }
}

/** @param {import("./mutations/mutation.mjs").Mutation} mutation */
function attempt({ file, find, replace, tests }) {
  const path = join(copy, file);
  const original = fs.readFileSync(path, "utf8");
  fs.writeFileSync(
    path,
    original.replace(find, () => replace),
  );
  try {
    const broken = file.endsWith(".wgsl") ? run([COMPILES], ["--bail=1"]) : null;
    if (broken) return { verdict: `DOES NOT COMPILE: ${broken.message}` };
    const failure = run(tests, ["--bail=1"]);
    if (failure) return { failure, verdict: `${basename(failure.file)}: ${failure.title}` };
    return { verdict: `SURVIVED ${tests.join(", ")}` };
  } finally {
    fs.writeFileSync(path, original);
  }
}

/** The tests that fail in the copy as it is. @param {Failure[]} tests */
function control(tests) {
  const escaped = tests.map(({ title }) => title.replace(/[^\w ]/g, "\\$&"));
  if (tests.length === 0) return [];
  const found = run([...new Set(tests.map(({ file }) => file))], ["-t", `(${escaped.join("|")})$`]);
  return found ? [found] : [];
}

/** Runs test files in the copy; the first test that fails. @param {string[]} files @param {string[]} args */
function run(files, args) {
  for (const project of ["node", "browser"]) {
    const own = files.filter((file) => !file.endsWith(".gpu.test.ts") === (project === "node"));
    const failure = own.length > 0 && suite(project, own, args);
    if (failure) return failure;
  }
  return null;
}

/** @param {string} project @param {string[]} files @param {string[]} args @returns {Failure | null} */
function suite(project, files, args) {
  const report = join(copy, "report.json");
  fs.rmSync(report, { force: true });
  const vitest = join(copy, "node_modules", "vitest", "vitest.mjs");
  const reporter = ["--reporter=json", `--outputFile=${report}`];
  const { status, stderr } = spawnSync(
    process.execPath,
    [vitest, "run", "--project", project, ...files, ...args, ...reporter],
    { cwd: copy, env: { ...process.env, SEEDS: "30" }, encoding: "utf8", timeout: LIMIT },
  );
  if (status === 0) return null;
  if (status === null) return { file: files[0], title: "(no end within the limit)", message: "" };
  const { testResults = [] } = fs.existsSync(report)
    ? JSON.parse(fs.readFileSync(report, "utf8"))
    : {};
  for (const { name, assertionResults } of testResults) {
    const failed = assertionResults.find((/** @type {any} */ one) => one.status === "failed");
    const message = failed?.failureMessages[0] ?? "";
    if (failed) return { file: relative(copy, name), title: failed.title, message };
  }
  throw new Error(`${project} ${files.join(" ")} fails without a failed test:\n${stderr}`);
}
