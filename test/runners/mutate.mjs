// `npm run test:mutations` shows whether the tests find faults. It puts one fault of
// test/runners/mutations.mjs at a time into a copy of the repository and runs the tests named with
// it. One of them must fail. At the end the failed tests run once more without a fault, and must
// pass.
//   -- TEXT        only the mutations whose name or file contains it
//   -- --jobs N    at a time, each in a copy of its own, 2 by default
//   -- --verbose   with the message of the test that failed

import { execFile } from "node:child_process";
import * as fs from "node:fs";
import { tmpdir } from "node:os";
import { basename, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { root } from "../../scripts/lib/browser.mjs";
import { MUTATIONS } from "./mutations.mjs";

/** @typedef {{ file: string, title: string, message: string }} Failure */
/** @typedef {import("./mutations/mutation.mjs").Mutation} Mutation */

const COMPILES = "test/wgsl/pipelines.test.ts"; // every combination of shader files
const LEFT_OUT = [".git", "node_modules", "out", "dist"];
const LIMIT = 600_000; // milliseconds a run: a fault may make a shader hang

const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    jobs: { type: "string", default: "2" },
    verbose: { type: "boolean", default: false },
  },
});
const chosen = MUTATIONS.filter(({ name, file }) =>
  positionals.every((text) => name.includes(text) || file.includes(text)),
);
const lost = MUTATIONS.filter(({ file, find }) => occurrences(file, find) !== 1);
for (const { name, file, find } of lost) {
  console.error(`${name}: occurs ${occurrences(file, find)} times in ${file}:\n${find}`);
}
function occurrences(/** @type {string} */ file, /** @type {string} */ text) {
  const path = join(root, file);
  return fs.existsSync(path) ? fs.readFileSync(path, "utf8").split(text).length - 1 : 0;
}

/** The exit status. */
async function judge() {
  const copies = Array.from({ length: Number(options.jobs) }, copyRepository);
  try {
    const left = [...chosen];
    const caught = /** @type {Failure[]} */ ([]);
    const job = async (/** @type {string} */ copy) => {
      for (let next = left.shift(); next; next = left.shift()) {
        const failure = await told(next, copy);
        if (failure) caught.push(failure);
      }
    };
    await Promise.all(copies.map(job));
    const unfit = await control(caught, copies[0]);
    for (const { file, title } of unfit) console.log(`FAILS WITHOUT A FAULT: ${file}: ${title}`);
    console.log(`${caught.length} of ${chosen.length} caught`);
    return caught.length < chosen.length || unfit.length > 0 ? 1 : 0;
  } finally {
    for (const copy of copies) fs.rmSync(copy, { recursive: true, force: true });
  }
}

const width = Math.max(...chosen.map(({ name }) => name.length));

/** Tries a mutation and prints the verdict. @param {Mutation} mutation @param {string} copy */
async function told(mutation, copy) {
  const start = performance.now();
  const { failure, verdict } = await attempt(mutation, copy);
  const seconds = ((performance.now() - start) / 1000).toFixed(0).padStart(4);
  console.log(`${mutation.name.padEnd(width)} ${seconds} s  ${verdict}`);
  if (options.verbose && failure) console.log(`  ${failure.message.slice(0, 300)}`);
  return failure;
}

function copyRepository() {
  const copy = fs.mkdtempSync(join(tmpdir(), "webgpu-norm-mutations-"));
  const skipped = new Set(LEFT_OUT.map((name) => join(root, name)));
  fs.cpSync(root, copy, { recursive: true, filter: (path) => !skipped.has(path) });
  // package by package, so that Vite's own folders in there are the copy's
  const packages = join(root, "node_modules");
  fs.mkdirSync(join(copy, "node_modules"));
  for (const name of fs.readdirSync(packages)) {
    if (name.startsWith(".vite")) continue;
    fs.symlinkSync(join(packages, name), join(copy, "node_modules", name), "junction");
  }
  return copy;
}

/** @param {Mutation} mutation @param {string} copy */
async function attempt({ file, find, replace, tests }, copy) {
  const path = join(copy, file);
  const original = fs.readFileSync(path, "utf8");
  fs.writeFileSync(
    path,
    original.replace(find, () => replace),
  );
  try {
    const broken = file.endsWith(".wgsl") ? await run(copy, [COMPILES], ["--bail=1"]) : null;
    if (broken) return { verdict: `DOES NOT COMPILE: ${broken.message}` };
    const failure = await run(copy, tests, ["--bail=1"]);
    if (failure) return { failure, verdict: `${basename(failure.file)}: ${failure.title}` };
    return { verdict: `SURVIVED ${tests.join(", ")}` };
  } finally {
    fs.writeFileSync(path, original);
  }
}

/** The tests that fail in the copy as it is. @param {Failure[]} tests @param {string} copy */
async function control(tests, copy) {
  const escaped = tests.map(({ title }) => title.replace(/[^\w ]/g, "\\$&"));
  if (tests.length === 0) return [];
  const files = [...new Set(tests.map(({ file }) => file))];
  const found = await run(copy, files, ["-t", `(${escaped.join("|")})$`]);
  return found ? [found] : [];
}

/**
 * Runs test files in the copy; the first test that fails.
 * @param {string} copy @param {string[]} files @param {string[]} args
 */
async function run(copy, files, args) {
  for (const project of ["node", "browser"]) {
    const own = files.filter((file) => !file.endsWith(".gpu.test.ts") === (project === "node"));
    const failure = own.length > 0 && (await suite(copy, project, own, args));
    if (failure) return failure;
  }
  return null;
}

/**
 * @param {string} copy @param {string} project @param {string[]} files @param {string[]} args
 * @returns {Promise<Failure | null>}
 */
async function suite(copy, project, files, args) {
  const report = join(copy, "report.json");
  fs.rmSync(report, { force: true });
  const vitest = join(copy, "node_modules", "vitest", "vitest.mjs");
  const reporter = ["--reporter=json", `--outputFile=${report}`];
  const command = [vitest, "run", "--project", project, ...files, ...args, ...reporter];
  const { error, stderr } = await finished(command, { cwd: copy, timeout: LIMIT });
  if (error === null) return null;
  if (error.killed) return { file: files[0], title: "(no end within the limit)", message: "" };
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

/**
 * @param {string[]} command @param {import("node:child_process").ExecFileOptions} how
 * @returns {Promise<{ error: import("node:child_process").ExecFileException | null, stderr: string }>}
 */
const finished = (command, how) =>
  new Promise((resolve) => {
    execFile(process.execPath, command, { ...how, maxBuffer: 2 ** 28 }, (error, _, stderr) => {
      resolve({ error, stderr: String(stderr) });
    });
  });

process.exitCode = lost.length > 0 || chosen.length === 0 ? 1 : await judge();
