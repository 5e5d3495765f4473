// `npm run fuzz` tries random problems on a stack until the time is over, and says what failed. A
// failure names a structure and the number of its values, which repeat it, and shrinks.
//   --stack S      chromium, firefox, dawn-swiftshader (the default), dawn-lavapipe or deno
//   --seconds T    60 by default
//   --seed N       of the first structure; those after it have the next seeds. By default the time
//   --only S.N     the values N of structure S alone, or without .N all of them
// The programs that run the structures end after some of them, since drivers keep what they compile;
// a crash is a failure of the structure that it came at.

import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { pathToFileURL } from "node:url";
import { parseArgs } from "node:util";
import { root } from "../../scripts/lib/browser.mjs";
import { bundle } from "../../scripts/lib/bundle.mjs";
import { openFirefox } from "../../scripts/lib/firefox.mjs";
import { html, servePages } from "../../scripts/lib/pages.mjs";
import { findStack } from "../../scripts/lib/stacks.mjs";

/** @typedef {import("../fuzz/main.ts").Step} Step */
/** @typedef {import("../fuzz/main.ts").Work} Work */
/** @typedef {import("../../scripts/lib/stacks.mjs").Stack} Stack */
/** @typedef {{ problems: number, structures: number, failures: number, device: string }} Counts */

const STRUCTURES = 40; // of one process
const NUMBERS = 12; // values of a structure
const SILENCE = 300_000; // milliseconds after which a process is taken for hung

/**
 * Runs structures until the time is over.
 * @param {string} name of the stack
 * @param {{ seconds: number, seed: number, only?: string }} options
 * @param {(text: string) => void} print
 * @returns {Promise<Counts | undefined>} undefined where there is no such stack
 */
export async function runFuzzer(name, { seconds, seed, only }, print) {
  const stack = await findStack(name);
  if (!stack) return undefined;
  const program = await programFor(name);
  const counts = { problems: 0, structures: 0, failures: 0, device: stack.device };
  const [structure, number] = only?.split(".").map(Number) ?? [];
  const end = performance.now() + 1000 * seconds;
  let first = structure ?? seed;
  do {
    /** @type {Work} */
    const work = {
      first,
      structures: only ? 1 : STRUCTURES,
      numbers: NUMBERS,
      only: number ?? null,
      milliseconds: Math.max(0, end - performance.now()),
    };
    first = await attempt(name, stack, program, work, counts, print);
  } while (!only && performance.now() < end);
  return counts;
}

/** Bundled within the package, so that `webgpu` is found. @param {string} name */
function programFor(name) {
  const entry = isPage(name) ? "page" : "process";
  const file = join(root, ".cache", `fuzz_${entry}.mjs`);
  return bundle(join(root, "test", "fuzz", `${entry}.ts`), file);
}

const isPage = (/** @type {string} */ name) => name === "chromium" || name === "firefox";

/**
 * One process; the seed that comes next.
 * @param {string} name @param {Stack} stack @param {string} program @param {Work} work
 * @param {Counts} counts @param {(text: string) => void} print
 */
async function attempt(name, stack, program, work, counts, print) {
  let next = work.first;
  let done = false;
  /** @type {Extract<Step, { step: "begin" }> | undefined} */
  let current;
  const listen = (/** @type {Step} */ step) => {
    if (step.step === "begin") current = step;
    if (step.step === "end") {
      counts.structures++;
      counts.problems += step.problems;
      next = step.seed + 1;
      current = undefined;
    }
    if (step.step === "failure") {
      counts.failures++;
      print(`failure ${step.seed}.${step.number}: ${step.failure}\n  of ${step.text}`);
      print(`  smallest: ${step.smallest}\n  ${step.smallestFailure}`);
      print(`  again: npm run fuzz -- --stack ${name} --only ${step.seed}.${step.number}`);
    }
    if (step.step === "done") done = true;
  };
  const how = await (isPage(name) ? inPage : inProcess)(name, stack, program, work, listen);
  if (done) return next;
  if (!current) throw new Error(`fuzz: ${name} ended before any structure (${how})`);
  counts.failures++;
  counts.structures++;
  print(`failure ${current.seed}: the process ended (${how})\n  at ${current.text}`);
  print(`  again: npm run fuzz -- --stack ${name} --only ${current.seed}`);
  return current.seed + 1;
}

/** @typedef {(name: string, stack: Stack, program: string, work: Work, listen: (step: Step) => void) => Promise<string>} Runner */

/** Calls `late` after a long time without a call of what it returns. @param {() => void} late */
function watch(late) {
  let timer = setTimeout(late, SILENCE);
  const heard = () => {
    clearTimeout(timer);
    timer = setTimeout(late, SILENCE);
  };
  return { heard, stop: () => clearTimeout(timer) };
}

/** @type {Runner} */
async function inProcess(_, { command, env }, program, work, listen) {
  const [path = "", ...args] = [...command, program, JSON.stringify(work)];
  const child = spawn(path, args, { cwd: root, env, stdio: ["ignore", "pipe", "pipe"] });
  const { heard, stop } = watch(() => child.kill("SIGKILL"));
  let complaints = "";
  child.stderr.on("data", (/** @type {Buffer} */ data) => {
    complaints = (complaints + data).slice(-2000);
  });
  for await (const line of createInterface({ input: child.stdout })) {
    heard();
    if (line.startsWith("{")) listen(JSON.parse(line));
  }
  stop();
  const [code, signal] =
    child.exitCode === null && child.signalCode === null
      ? await new Promise((resolve) => child.once("exit", (...how) => resolve(how)))
      : [child.exitCode, child.signalCode];
  return `${signal ?? `status ${code}`} ${complaints
    .split("\n")
    .filter((l) => !/^Warning/.test(l))
    .join(" ")
    .trim()}`;
}

/** @type {Runner} */
async function inPage(name, stack, program, work, listen) {
  /** @type {(how: string) => void} */
  let finish = () => {};
  const finished = new Promise((resolve) => {
    finish = resolve;
  });
  const { heard, stop } = watch(() => finish("no answer"));
  const script = { type: "text/javascript", body: readFileSync(program) };
  const page = html('<script type="module" src="/fuzz.js"></script>');
  const find = (/** @type {string} */ path) => ({ "/": page, "/fuzz.js": script })[path];
  const server = await servePages(find, (line) => {
    heard();
    const step = JSON.parse(line);
    if (step.step === "stopped") finish(step.error);
    else listen(step);
    if (step.step === "done") finish("done");
  });
  const url = `${server.url}/#${encodeURIComponent(JSON.stringify(work))}`;
  const browser =
    name === "firefox"
      ? openFirefox({ path: stack.browser ?? "", env: stack.env }, url)
      : await openChromium(url);
  try {
    return await Promise.race([finished, browser.ended.then(() => "the browser ended")]);
  } finally {
    stop();
    server.close();
    await browser.close();
  }
}

/** @param {string} url */
async function openChromium(url) {
  const { launchBrowser } = await import("../../scripts/lib/browser.mjs");
  const browser = await launchBrowser();
  const page = await browser.newPage();
  const ended = new Promise((resolve) => {
    browser.once("disconnected", resolve);
    page.once("crash", resolve);
  });
  await page.goto(url);
  return { ended, close: () => browser.close() };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  const { values } = parseArgs({
    options: {
      stack: { type: "string", default: "dawn-swiftshader" },
      seconds: { type: "string", default: "60" },
      seed: { type: "string" },
      only: { type: "string" },
    },
  });
  const seed = Number(values.seed ?? Math.floor(Date.now() / 1000));
  if (!Number.isSafeInteger(seed))
    throw new Error(`--seed ${values.seed}, expected a whole number`);
  if (!(Number(values.seconds) > 0)) {
    throw new Error(`--seconds ${values.seconds}, expected a positive number`);
  }
  const options = {
    seconds: Number(values.seconds),
    seed,
    ...(values.only && { only: values.only }),
  };
  console.log(
    `fuzz: ${values.stack}, ${values.only ? `values ${values.only}` : `from seed ${seed} for ${values.seconds} s`}`,
  );
  const counts = await runFuzzer(values.stack, options, console.log);
  if (!counts) console.log(`fuzz: skipped, ${values.stack} is not on this machine`);
  else {
    const { problems, structures, failures, device } = counts;
    console.log(
      `fuzz: ${problems} problems of ${structures} structures on ${device}, ${failures} failures`,
    );
    process.exitCode = failures > 0 ? 1 : 0;
  }
}
