// `npm run test:stacks` runs the GPU tests, and then random problems, on every stack that there is,
// one after the other, and prints a table.
//   --seconds T    of random problems a stack, 60 by default
//   --seed N       of the first ones, 1 by default
//   -- FILES       these tests alone

import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { markdownTable } from "markdown-table";
import { root } from "../../scripts/lib/browser.mjs";
import { findStack, STACKS, vitestCommand } from "../../scripts/lib/stacks.mjs";
import { runFuzzer } from "./fuzz.mjs";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    seconds: { type: "string", default: "60" },
    seed: { type: "string", default: "1" },
  },
});
const HEAD = [
  "stack",
  "device",
  "passed",
  "failed",
  "skipped",
  "problems",
  "structures",
  "failures",
];
const folder = join(root, "out");
const file = join(folder, "stacks.md");

/** @type {string[][]} */
const lines = [];
for (const name of STACKS) {
  lines.push([name, ...(await lineOf(name))]);
  mkdirSync(folder, { recursive: true });
  writeFileSync(file, `${markdownTable([HEAD, ...lines])}\n`); // what there is, after each
}
console.log(`\n${readFileSync(file, "utf8")}`);
const wrong = lines.some((line) =>
  ["3", "7"].some((at) => !["0", "", undefined].includes(line[Number(at)])),
);
process.exitCode = wrong ? 1 : 0;

/** @param {string} name */
async function lineOf(name) {
  const stack = await findStack(name);
  if (!stack) return ["skipped: not on this machine"];
  const tests = runTests(stack);
  const options = { seconds: Number(values.seconds), seed: Number(values.seed) };
  const fuzzed = await runFuzzer(name, options, console.log);
  const { problems = 0, structures = 0, failures = 0, device = stack.device } = fuzzed ?? {};
  return [device, ...tests, ...[problems, structures, failures].map(String)];
}

/** Passed, failed and skipped. @param {import("../../scripts/lib/stacks.mjs").Stack} stack */
function runTests(stack) {
  const report = join(folder, "stack.json");
  rmSync(report, { force: true });
  const reporters = ["--reporter=default", "--reporter=json", `--outputFile.json=${report}`];
  const [path = "", ...args] = [...vitestCommand(stack), ...reporters, ...positionals];
  spawnSync(path, args, { cwd: root, env: stack.env, stdio: "inherit" });
  if (!existsSync(report)) return ["", "no report", ""];
  const { testResults } = JSON.parse(readFileSync(report, "utf8"));
  return countsOf(testResults).map(String);
}

/**
 * A file that fails outside of its tests counts as a failed test.
 * @param {{ status: string, assertionResults: { status: string }[] }[]} files
 */
function countsOf(files) {
  const states = files.flatMap(({ status, assertionResults }) => {
    const own = assertionResults.map((one) => one.status);
    return status === "failed" && !own.includes("failed") ? [...own, "failed"] : own;
  });
  const count = (/** @type {string[]} */ ...wanted) =>
    states.filter((state) => wanted.includes(state)).length;
  return [count("passed"), count("failed"), count("pending", "skipped", "todo")];
}
