// What cannot work is said in one line, before there is work; data that change in between are refused.

import { spawnSync } from "node:child_process";
import {
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, test, vi } from "vitest";
import { openDataset, planOf } from "../src/dataset.js";
import { progressBar } from "../src/progress.js";
import { runThreads } from "../src/threads.js";
import { npyBytes, writeParquet, writeTars } from "./files";
import { program } from "./workers";

const folder = mkdtempSync(join(tmpdir(), "webgpu-norm-command-"));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const table = (rows: number, columns = 3) =>
  npyBytes(
    Uint8Array.from({ length: rows * columns }, (_, i) => i),
    [rows, columns],
  );
const npy = (name: string, bytes: Buffer) => {
  writeFileSync(at(name), bytes);
  return at(name);
};

function command(...args: string[]) {
  const env = { ...process.env, VK_ICD_FILENAMES: at("none.json") }; // no GPU
  const options = { encoding: "utf8", env } as const;
  const { status, stderr } = spawnSync(process.execPath, [program("main"), ...args], options);
  const lines = stderr.trim().split("\n");
  return { status, last: lines.at(-1), lines };
}

const data = npy("table.npy", table(30));
const junk = npy("junk.json", Buffer.from("mean: 3"));
const out = at("stats.json");
const onHost = ["--device", "host", "--out", out];

/** By what is wrong: the arguments, and what the last line has. */
const WRONG: Readonly<Record<string, readonly [args: string[], message: string]>> = {
  "no samples": [[npy("empty.npy", table(0))], "empty.npy: shape [0,3], expected some values"],
  "samples of nothing": [[npy("thin.npy", table(5, 0))], "thin.npy: shape [5,0], expected some"],
  "an axis that is none": [[data, "--axes", "0,x"], "axis NaN, expected an integer in -2 .. 1"],
  "an axis too many": [[data, "--axes", "0,5"], "axis 5, expected an integer in -2 .. 1"],
  "no thread": [[data, "--threads", "0"], "--threads 0, expected a number above 0"],
  "blocks of nothing": [[data, "--block", "0"], "--block 0, expected a number above 0"],
  "another ending": [
    [at("data.csv")],
    "data.csv: ending .csv, expected .npy, .zarr, .parquet, .tar",
  ],
  "no such file": [[at("no.npy")], "ENOENT: no such file or directory"],
  "an option that is none": [[data, "--fast"], "Unknown option '--fast'"],
  "no folder for stats.json": [
    [data, "--out", at("no/stats.json")],
    "expected a place that can be written",
  ],
  "a stats.json of something else": [[data, "--out", junk], "expected a file of an earlier run"],
  "a folder as stats.json": [[data, "--out", folder], "expected a file of an earlier run, or none"],
  // of one thread: Dawn ends a process that exits while another thread asks for an adapter
  "a machine without a GPU": [
    [data, "--device", "gpu", "--threads", "1"],
    "no GPU here (Vulkan, Metal, D3D12), expected one",
  ],
  "a device that is none": [[data, "--device", "tpu"], "device tpu, expected gpu or host"],
  "an address that is none": [[data, "--redis", "here"], "expected an address like redis://HOST"],
};

for (const [what, [args, message]] of Object.entries(WRONG)) {
  test(`${what} is named`, () => {
    const { status, lines } = command(...onHost, ...args);
    // Dawn says more, before and after
    if (what === "a machine without a GPU") expect(lines.join()).toContain(message);
    else expect(lines).toEqual([expect.stringContaining(message)]);
    expect(status).toBe(1);
    expect(readdirSync(folder).filter((name) => name.includes("stats.json"))).toEqual([]);
  });
}

test("of many missing blocks some are named, and stats.json has all", () => {
  const values = new Float32Array(64).fill(Number.NaN);
  const path = npy("nan.npy", npyBytes(values, [64, 1]));
  const { status, last } = command(path, ...onHost, "--block", String(4 / 2 ** 20));
  expect([status, last]).toEqual([1, `missing: 56 more, which ${out} names`]);
  const { missing } = JSON.parse(readFileSync(out, "utf8"));
  expect(missing).toHaveLength(64);
  expect(missing[5]).toEqual({ samples: [5, 6], reason: "group 0 has values that are not finite" });
  rmSync(out);
});

test("one sample is a dataset", () => {
  expect(command(npy("one.npy", table(1)), ...onHost).status).toBe(0);
  expect(JSON.parse(readFileSync(out, "utf8")).mean).toEqual([0, 1, 2]);
  rmSync(out);
});

describe("data that change after the opening are refused", () => {
  const image = { shape: [4, 4, 3], values: new Uint8Array(48) };
  const column = { mass: new Float32Array(40) };
  const cases = {
    NPY: async () => [npy("a.npy", table(40)), at("a.npy")],
    Parquet: async () => [writeParquet(at("a.parquet"), column, 20), at("a.parquet")],
    WebDataset: async () => [
      await writeTars(at("a.tar"), [[image], [image]]),
      at("a.tar/shard-0001.tar"),
    ],
  };
  for (const [format, make] of Object.entries(cases)) {
    test(format, async () => {
      const [path = "", file = ""] = await make();
      const dataset = await openDataset({ path });
      const last = [dataset.length - 1, dataset.length] as const;
      await dataset.read(last);
      const bytes = readFileSync(file);
      writeFileSync(file, bytes);
      const later = new Date(Date.now() + 1000); // than the tick of any clock
      utimesSync(file, later, later);
      await expect(dataset.read(last)).rejects.toThrow(`${file}: has changed since it was opened`);
      if (format === "WebDataset") await dataset.read([0, 1]); // another shard
    });
  }
});

test("a file that is cut in the middle of a run: no block of the rest counts", async () => {
  const path = npy("cut.npy", table(400));
  const plan = await planOf({ path, blockBytes: 3 });
  const onProgress = ({ done }: { done: number }) => {
    if (done === 100) truncateSync(path, 400);
  };
  const { result, failed } = await runThreads(plan, { threads: 1, device: "host", onProgress });
  expect(result?.blocks).toEqual({ "host, no GPU": 400 - failed.length });
  expect(failed.length).toBeGreaterThan(290); // some are on their way
  for (const { reason } of failed) expect(reason).toMatch(/has changed since|ends at byte/);
});

test("progress without a terminal: each quarter, and once when the last worker has gone", () => {
  const said = vi.spyOn(console, "error").mockImplementation(() => {});
  const { at: tell } = progressBar();
  const steps = [
    [0, 0],
    [0, 0],
    [1, 2],
    [30, 2],
    [31, 0],
    [32, 0],
    [33, 1],
    [99, 1],
    [100, 1],
  ];
  for (const [done = 0, workers] of steps) tell({ done, failed: 0, all: 100, workers });
  expect(said.mock.calls.flat()).toEqual([
    "0 of 100 blocks, no worker: npm run worker",
    "30 of 100 blocks, 2 workers",
    "31 of 100 blocks, no worker: npm run worker",
    "99 of 100 blocks, 1 workers",
    "100 of 100 blocks, 1 workers",
  ]);
  said.mockRestore();
});
