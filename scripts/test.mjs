// `npm test`: types, lint, unit tests, GPU tests in headless Chromium and some in Node on lavapipe, the demo
// from end to end, size.
// Every step runs, whatever the ones before it found; the last line counts the tests.

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { root } from "./browser.mjs";
import { lavapipe } from "./lavapipe.mjs";

const modules = (/** @type {string[]} */ ...path) => join(root, "node_modules", ...path);
const tsc = modules("typescript", "bin", "tsc");
const biome = modules("@biomejs", "biome", "bin", "biome");
const colors = process.stdout.isTTY ? "force" : "off"; // Biome takes CI for a terminal
const total = { passed: 0, failed: 0, skipped: 0 };

/** What another compiler, native f16 and vectors of another width may change. */
const UNDER_DAWN = ["conversions", "gradients", "random", "storage"];

step("types", [tsc]);
step("build of the library, with its types alone", [join(root, "scripts", "build.mjs")]);
step("lint and format", [biome, "ci", "--error-on-warnings", `--colors=${colors}`, "."]);
suite("node");
suite("browser");
underDawn();
suite("e2e");
step("size", [join(root, "scripts", "size.mjs")]);

const skipped = total.skipped ? `, ${total.skipped} skipped` : "";
console.log(`\n${total.passed} passed, ${total.failed} failed${skipped}`);
process.exitCode = total.failed ? 1 : 0;

/** Runs a program under Node. One that fails counts as a failed test. @param {string[]} args */
function step(/** @type {string} */ name, args) {
  const ok = run(name, args);
  if (!ok) total.failed++;
}

function underDawn() {
  const env = lavapipe();
  if (env) {
    const files = UNDER_DAWN.map((name) => join("test", "gpu", `${name}.test.ts`));
    suite("dawn", files, { ...env, SEEDS: "5" });
  } else {
    console.log("\n== dawn: skipped, no lavapipe with shader-f16 here (Mesa 24 or later)");
    total.skipped++;
  }
}

/**
 * Runs one of Vitest's projects and adds up its tests.
 * @param {string} name
 * @param {string[]} [files] all by default
 * @param {NodeJS.ProcessEnv} [env]
 */
function suite(name, files = [], env = process.env) {
  const file = join(root, ".cache", `tests-${name}.json`);
  mkdirSync(join(root, ".cache"), { recursive: true });
  rmSync(file, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${file}`];
  const args = [modules("vitest", "vitest.mjs"), "run", "--project", name, ...files, ...reporters];
  const ok = run(name, args, env);
  const result = existsSync(file) ? JSON.parse(readFileSync(file, "utf8")) : {};
  const failed = result.numFailedTests ?? 0;
  total.passed += result.numPassedTests ?? 0;
  total.skipped += (result.numPendingTests ?? 0) + (result.numTodoTests ?? 0);
  // a file that does not load or an error outside of any test fails the run, but no test
  total.failed += ok ? failed : Math.max(failed, 1);
}

/** @param {string} name @param {string[]} args @param {NodeJS.ProcessEnv} env */
function run(name, args, env = process.env) {
  console.log(`\n== ${name}`);
  const start = performance.now();
  const { status } = spawnSync(process.execPath, args, {
    cwd: root,
    env,
    stdio: ["ignore", "inherit", "inherit"],
  });
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  console.log(`== ${name}: ${status === 0 ? "ok" : "FAILED"}, ${seconds} s`);
  return status === 0;
}
