// The command line of webgpu-norm.

import { writeFileSync } from "node:fs";
import { SingleBar } from "cli-progress";
import { type Command, InvalidArgumentError, Option, program } from "commander";
import published from "../package.json" with { type: "json" };
import { callOf, type NamedCall, operations, shapeOf } from "./call";
import { doctor } from "./doctor";
import { explainCommand, type PlanOptions, wgslCommand } from "./explain";
import { type FileMoments, fileMoments, momentsText } from "./moments";
import { tuneCommand } from "./tune";

/** A bar on a terminal, else nothing. It goes to stderr, so that results can be piped. */
function progress(unit: string, scale = 1) {
  const shown = process.stderr.isTTY;
  const bar = new SingleBar({
    format: `{bar} {percentage} % | {value} of {total} ${unit} | {eta_formatted} left`,
    stream: process.stderr,
    hideCursor: true,
    clearOnComplete: true,
  });
  return {
    at: (done: number, all: number) => {
      if (!shown) return;
      const shownAs = (n: number) => Math.round((10 * n) / scale) / 10;
      if (!bar.isActive) bar.start(shownAs(all), 0);
      bar.update(shownAs(done));
    },
    stop: () => bar.stop(),
  };
}

interface CallOptions extends PlanOptions {
  readonly shape: string;
  readonly dtype: string;
}

const TYPES = ["f32", "f16", "bf16", "u8", "i8", "u16"];
const dtype = () =>
  new Option("-d, --dtype <type>", "what x is stored as").choices(TYPES).default("f32");
const profile = () =>
  new Option("-p, --profile <kind>", "plans on paper instead of for this machine").choices([
    "gpu",
    "cpu",
  ]);

type Action<O> = (call: NamedCall, options: O) => Promise<void>;

/** Adds a command that takes a call: an operation, a shape and options. */
function callCommand<O extends CallOptions>(
  name: string,
  about: string,
  action: Action<O>,
): Command {
  return program
    .command(name)
    .description(about)
    .argument("<operation>", "layerNorm, batchNorm, softmaxBackward, ...")
    .argument("[options...]", "options as name=value: normalizedShape=768 weight=true")
    .requiredOption("-s, --shape <sizes>", "the shape of x: 4096,768")
    .addOption(dtype())
    .addHelpText("after", () => `\nOperations: ${operations().join(", ")}`)
    .action((operation: string, words: string[], options: O) =>
      action(callOf(operation, options.shape, options.dtype, words), options),
    );
}

program
  .name("webgpu-norm")
  .description("Explains plans, prints kernels, measures files and tunes on this machine's GPU.")
  .version(published.version);

callCommand<CallOptions & { json?: boolean }>(
  "explain",
  "says how a call is planned: its passes, their traffic, the alternatives",
  async (call, options) => console.log(await explainCommand(call, options)),
)
  .addOption(profile())
  .option("--subgroups", "on paper: teams combine by shuffles")
  .option("--json", "as JSON");

callCommand(
  "wgsl",
  "prints the kernels of a call, a line before each shader file",
  async (call, options) => console.log(await wgslCommand(call, options)),
)
  .addOption(profile())
  .option("--subgroups", "on paper: teams combine by shuffles");

callCommand<CallOptions & { out?: string }>(
  "tune",
  "measures the plans of a call on this machine's GPU",
  async (call, { out }) => {
    const bar = progress("problems");
    const { text, json } = await tuneCommand(call, bar.at).finally(bar.stop);
    console.log(text);
    if (!out) return;
    writeFileSync(out, `${json}\n`);
    console.log(`written: ${out}, for createContext({ tuning })`);
  },
).option("-o, --out <file>", "keeps the choices as JSON, for createContext({ tuning })");

/** Makes a parser of an option's value; of another text the command says what it expects. */
const parser =
  <T>(expected: string, parse: (text: string) => T, isRight: (value: T) => boolean) =>
  (text: string): T => {
    const value = parse(text);
    if (text.trim() !== "" && isRight(value)) return value;
    throw new InvalidArgumentError(`Expected ${expected}.`);
  };

const axesOf = parser(
  "axes such as 0,1",
  (text) => text.split(",").map(Number),
  (axes) => axes.every(Number.isInteger),
);
const problemsOf = parser("a whole number above 0", Number, (n) => Number.isInteger(n) && n > 0);
const correctionOf = parser("a number", Number, Number.isFinite);

program
  .command("moments")
  .description("computes mean and standard deviation of files of any size: NPY, CSV, raw elements")
  .argument("<files...>", "files of one shape; each is read along its first axis")
  .option("-a, --axes <list>", "axes that share statistics; all but the last by default", axesOf)
  .option("--sample <sizes>", "of raw files: the shape of a sample", shapeOf)
  .option("--type <type>", "of raw files: f2, f4, f8, u1, u2, u4, i1, i2 or i4", "f4")
  .option("-c, --correction <n>", "the variance's divisor is n minus this", correctionOf, 0)
  .option("--json", "as JSON")
  .action(async (paths: string[], { json, ...options }) => {
    const bar = progress("MB", 1e6);
    const found: FileMoments = await fileMoments(paths, {
      ...options,
      onProgress: bar.at,
    }).finally(bar.stop);
    console.log(json ? JSON.stringify(found, null, 2) : momentsText(found));
  });

program
  .command("doctor")
  .description("says what this machine's WebGPU offers, and checks every operation with float64")
  .option("-n, --problems <n>", "random problems an operation", problemsOf, 2)
  .option("--only <text>", "operations whose name contains it")
  .action(async ({ problems, only }: { problems: number; only?: string }) => {
    const bar = progress("operations");
    const wrong = await doctor({
      problems,
      only,
      print: console.log,
      onProgress: bar.at,
    }).finally(bar.stop);
    process.exitCode = wrong > 0 ? 1 : 0;
  });

/** Ends once all is written; Dawn's thread would keep the process. */
const exit = () => process.stdout.write("", () => process.exit());

process.stdout.on("error", () => process.exit()); // who read it has seen enough: `| head`
try {
  await program.parseAsync();
} catch (error) {
  console.error(`webgpu-norm: ${error instanceof Error ? error.message : error}`);
  process.exitCode = 1;
}
exit();
