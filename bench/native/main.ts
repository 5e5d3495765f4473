// This program is the benchmark under Dawn in Node: no browser, no other libraries. run.mjs bundles
// it into one file, which needs only Node and the `webgpu` package beside it, so that it can be
// carried to a machine without a network.

import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { cpus, type as system } from "node:os";
import { dirname } from "node:path";
import { parseArgs } from "node:util";
import { create, globals } from "webgpu";
import dawn from "webgpu/package.json";
import { requestBenchDevice } from "../device";
import { context, openContext } from "../libraries/context";
import { copy, driverCopy } from "../libraries/copies";
import { ours, plain } from "../libraries/ours";
import { MOST_BEHIND, sideBySide, table, times } from "../markdown";
import { measure } from "../measure";
import { measureOverhead } from "../overhead";
import type { Report, Row } from "../report";
import { timestampClock } from "../timestamps";
import { paceOf, wallClock } from "../timing";
import { matching, titleOf, WORKLOADS } from "../workloads";
import { GATED, LARGE } from "./large";
import { tuned, tuningTable } from "./tuning";

const USAGE = `options:
  --workload TEXT   workloads whose title contains it
  --large           also tensors of 64 MB and more; --large-alone: only those
  --rounds N        9 by default
  --wall            wall clock even where there are timestamp queries
  --adapter TEXT    a GPU whose name contains it
  --json FILE       where the report goes: native.json
  --from FILE       a report that there is already, instead of measuring
  --beside FILE     another report, as torch_bench.py writes, to be printed beside it
  --tune            instead of times: how far the heuristics are from the fastest plan that tune finds; fails beyond ${MOST_BEHIND}
  --list            prints the workloads as JSON, for torch_bench.py`;

const { values: options } = parseArgs({
  options: {
    workload: { type: "string", default: "" },
    large: { type: "boolean", default: false },
    "large-alone": { type: "boolean", default: false },
    rounds: { type: "string", default: "9" },
    wall: { type: "boolean", default: false },
    adapter: { type: "string" },
    json: { type: "string", default: "native.json" },
    from: { type: "string" },
    beside: { type: "string" },
    tune: { type: "boolean", default: false },
    list: { type: "boolean", default: false },
    help: { type: "boolean", default: false },
  },
});

const FLAGS = ["disable-dawn-features=timestamp_quantization"];

/** Instance and adapter have to outlive the device: nothing else holds them in Dawn's bindings. */
const held: unknown[] = [];

async function openDevice(): Promise<GPUDevice> {
  Object.assign(globalThis, globals);
  const flags = options.adapter ? [...FLAGS, `adapter=${options.adapter}`] : FLAGS;
  const gpu = create(flags);
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (!adapter) throw new Error("Dawn finds no adapter here: is there a Vulkan driver?");
  held.push(gpu, adapter);
  Object.assign(globalThis, { benchHeld: held });
  return requestBenchDevice(adapter);
}

const usual = [...WORKLOADS, ...GATED];
const workloads = options["large-alone"] ? LARGE : [...usual, ...(options.large ? LARGE : [])];

async function report(): Promise<Report> {
  const device = await openDevice();
  const { profile } = await openContext({ device });
  const queries = device.features.has("timestamp-query") && !options.wall;
  const clock = queries ? timestampClock(device) : wallClock;
  const libraries = [ours, plain, copy, driverCopy];
  const pace = paceOf(Math.max(1, Number(options.rounds)));
  const rows: Row[] = [];
  for (const workload of matching(options.workload, workloads)) {
    console.error(titleOf(workload));
    rows.push(await measure(workload, libraries, pace, (text) => console.error(text), clock));
  }
  await context().sync();
  const overhead = await measureOverhead(context());
  const processors = cpus();
  return {
    date: new Date().toISOString(),
    engine: `Dawn (webgpu ${dawn.version}) in Node ${process.versions.node}`,
    adapter: profile.name,
    software: profile.software,
    clock: queries ? "timestamp queries" : "wall clock",
    machine: `${processors[0]?.model.trim()}, ${processors.length} cores, ${system()}`,
    libraries: libraries.map(({ id, name, version }) => ({ id, name, version })),
    rows,
    overhead,
  };
}

function print({ adapter, clock, rows }: Report): void {
  console.log(`${adapter}, ${clock}\n`);
  const cells = rows.map(
    ({ name, shape, results: { ours: own, plain: unmasked, copy: copied } }) => [
      name,
      `[${shape.join(", ")}]`,
      ...(own.status === "timed" && copied.status === "timed"
        ? [own.ms.toFixed(4), own.gbs.toFixed(1), times(own.multiple ?? Number.NaN)]
        : [own.status, "", ""]),
      ...(copied.status === "timed" ? [copied.ms.toFixed(4), copied.gbs.toFixed(1)] : ["", ""]),
      ...(own.status === "timed" && unmasked?.status === "timed"
        ? [unmasked.ms.toFixed(4), (own.ms / unmasked.ms).toFixed(2)]
        : ["", ""]),
    ],
  );
  const head = ["operation", "shape", "ms", "GB/s", "multiple", "copy, ms", "copy, GB/s"];
  console.log(table([...head, "without mask, ms", "times that"], cells));
}

if (options.help) console.log(USAGE);
else if (options.tune) await tune();
else if (options.list) console.log(JSON.stringify(workloads, null, 1));
else {
  const made = options.from ? kept(options.from) : await report();
  print(made);
  if (options.beside) console.log(`\n${sideBySide([made, kept(options.beside)])}`);
  if (!options.from) save(made);
  const bad = made.rows.filter(({ results }) => results.ours.status !== "timed");
  process.exit(bad.length ? 1 : 0); // Dawn may keep the process alive
}

async function tune(): Promise<void> {
  const { profile } = await openContext({ device: await openDevice() });
  const chosen = matching(options.workload, workloads);
  const rows = await tuned(context(), chosen, (text) => console.error(text));
  console.log(`${profile.name}\n\n${tuningTable(rows)}`);
  save({ date: new Date().toISOString(), adapter: profile.name, software: profile.software, rows });
  const far = rows.filter(({ ratio }) => ratio > MOST_BEHIND);
  if (far.length) console.error(`beyond ${MOST_BEHIND}: ${far.map(({ name }) => name).join(", ")}`);
  process.exit(far.length ? 1 : 0);
}

function kept(file: string): Report {
  return JSON.parse(readFileSync(file, "utf8")) as Report;
}

function save(made: object): void {
  mkdirSync(dirname(options.json), { recursive: true });
  writeFileSync(options.json, `${JSON.stringify(made, null, 1)}\n`);
  console.log(`\nsaved: ${options.json}`);
}
