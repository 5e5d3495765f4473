// `npm test`: types, lint, unit tests, GPU tests in headless Chromium and some in Node on lavapipe, the demo
// from end to end, size.
// Every step runs, whatever the ones before it found; the last line counts the tests.
// Two run at a time, as on a software adapter compiling pipelines takes most of the time, and one thread.

import { spawn } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./lib/browser.mjs";
import { lavapipe } from "./lib/lavapipe.mjs";

const modules = (/** @type {string[]} */ ...path) => join(root, "node_modules", ...path);
const tsc = modules("typescript", "bin", "tsc");
const biome = modules("@biomejs", "biome", "bin", "biome");
const colors = process.stdout.isTTY ? "force" : "off"; // Biome takes CI for a terminal
const total = { passed: 0, failed: 0, skipped: 0 };

/** What another compiler, native f16 and vectors of another width may change. */
const UNDER_DAWN = ["wgsl/conversions", "norms/gradients", "norms/random", "norms/storage"];

/** Files of somewhat less than half the browser's time, since what runs in Node follows; the others run beside them. */
const HALF = ["norms/canaries", "norms/edges", "norms/numerics", "norms/storage"];

await together([
  [
    () => step("types", [tsc]),
    () => step("build of the library, with its types alone", [join(root, "scripts", "build.mjs")]),
    () => step("size", [join(root, "scripts", "size.mjs")]),
  ],
  [
    () => step("lint and format", [biome, "ci", "--error-on-warnings", `--colors=${colors}`, "."]),
    () => suite("node"),
  ],
]);
await together([
  [() => suite("browser", "1 of 2", gpuFiles(HALF)), underDawn, () => suite("e2e")],
  [
    () =>
      suite(
        "browser",
        "2 of 2",
        HALF.flatMap((name) => ["--exclude", gpuFile(name)]),
      ),
  ],
]);

const skipped = total.skipped ? `, ${total.skipped} skipped` : "";
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed ? 1 : 0;

/** Runs lanes at the same time, the steps of each one after the other. @param {(() => Promise<void>)[][]} lanes */
async function together(lanes) {
  const nest = async (/** @type {(() => Promise<void>)[]} */ lane) => {
    for (const one of lane) await one();
  };
  await Promise.all(lanes.map(nest));
}

function gpuFile(/** @type {string} */ name) {
  return `test/${name}.gpu.test.ts`;
}

/** @param {string[]} names */
function gpuFiles(names) {
  return names.map(gpuFile);
}

/** Runs a program under Node. One that fails counts as a failed test. @param {string[]} args */
async function step(/** @type {string} */ name, args) {
  const ok = await run(name, args);
  if (!ok) total.failed++;
}

async function underDawn() {
  const env = lavapipe();
  if (env) {
    await suite("dawn", "on lavapipe", gpuFiles(UNDER_DAWN), { ...env, SEEDS: "5" });
  } else {
    console.log("\n== dawn: skipped, no lavapipe with shader-f16 here (Mesa 24 or later)");
    total.skipped++;
  }
}

/**
 * Runs one of Vitest's projects, or a part of it, and adds up its tests.
 * @param {string} project
 * @param {string} [part]
 * @param {string[]} [chosen] files, or options that choose some
 * @param {NodeJS.ProcessEnv} [env]
 */
async function suite(project, part = "", chosen = [], env = process.env) {
  const name = `${project} ${part}`.trim();
  const file = join(root, ".cache", `tests-${name.replaceAll(" ", "-")}.json`);
  mkdirSync(join(root, ".cache"), { recursive: true });
  rmSync(file, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const options = ["--project", project, ...chosen, ...reporters];
  const ok = await run(name, [modules("vitest", "vitest.mjs"), "run", ...options], env);
  const result = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const failed = result.numFailedTests ?? 0;
  total.passed += result.numPassedTests ?? 0;
  total.skipped += (result.numPendingTests ?? 0) + (result.numTodoTests ?? 0);
  // a file that does not load or an error outside of any test fails the run, but no test
  total.failed += ok ? failed : Math.max(failed, 1);
}

/**
 * Its output is shown when it ends, in one piece. True if it succeeded.
 * @param {string} name
 * @param {string[]} args
 * @param {NodeJS.ProcessEnv} env
 * @returns {Promise<boolean>}
 */
function run(name, args, env = process.env) {
  console.log(`\n== ${name}: begins`);
  const start = performance.now();
  return new Promise((done) => {
    const child = spawn(process.execPath, args, {
      cwd: root,
      env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    /** @type {Buffer[]} */
    const output = [];
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (data) => output.push(data));
    const finish = (/** @type {boolean} */ ok) => {
      const seconds = ((performance.now() - start) / 1000).toFixed(1);
      console.log(`\n== ${name}\n${Buffer.concat(output).toString().trimEnd()}`);
      console.log(`== ${name}: ${ok ? "ok" : "FAILED"}, ${seconds} s`);
      done(ok);
    };
    child.on("error", (error) => {
      output.push(Buffer.from(String(error)));
      finish(false);
    });
    child.on("close", (code) => finish(code === 0));
  });
}
