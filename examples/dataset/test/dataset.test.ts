// Every format gives the moments of float64, on threads, by a GPU and by the host.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, truncateSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { MomentsState } from "webgpu-norm/moments";
import { Random } from "../../../test/support/random";
import { blocksOf, planOf } from "../src/dataset.js";
import { merged } from "../src/measure.js";
import { runThreads } from "../src/threads.js";
import type { DeviceKind, Source } from "../src/types";
import { npyBytes, writeParquet, writeTars, writeZarr } from "./files";
import { environment, program } from "./workers";

const folder = mkdtempSync(join(tmpdir(), "webgpu-norm-dataset-"));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));
beforeAll(async () => {
  Object.assign(process.env, await environment("any"));
});

const random = new Random(1);
const bytes = (length: number) => Uint8Array.from({ length }, () => random.below(256));

/** Mean and variance of each column of rows, in float64. */
function columnMoments(values: ArrayLike<number>, columns: number) {
  const all = Array.from(values);
  return Array.from({ length: columns }, (_, c) => {
    const own = all.filter((_, i) => i % columns === c);
    const mean = own.reduce((a, b) => a + b, 0) / own.length;
    return { mean, variance: own.reduce((a, b) => a + (b - mean) ** 2, 0) / own.length };
  });
}

async function measured(source: Source, device: DeviceKind = "host") {
  const plan = await planOf(source);
  const { result, failed } = await runThreads(plan, { threads: 1, device, onProgress: () => {} });
  expect(failed).toEqual([]);
  if (!result) throw new Error("there is no result");
  const state = MomentsState.fromJSON(result.state);
  expect(state.ranges).toEqual([[0n, BigInt(plan.length)]]);
  return { plan, result, state };
}

/** Of u8: rounded once to f64. */
function expectExact(state: MomentsState, values: ArrayLike<number>, columns: number): void {
  const { mean, variance } = state.moments();
  for (const [c, expected] of columnMoments(values, columns).entries()) {
    expect(Math.abs((mean[c] as number) - expected.mean)).toBeLessThan(1e-13 * expected.mean);
    const error = Math.abs((variance[c] as number) - expected.variance);
    expect(error).toBeLessThan(1e-12 * expected.variance); // that of the sum here
  }
}

test("NPY of u8, by the host and by the GPU: the same bytes", async () => {
  const [samples, sample] = [300, [5, 7, 3]];
  const values = bytes(samples * 105);
  writeFileSync(at("images.npy"), npyBytes(values, [samples, ...sample]));
  const source = { path: at("images.npy"), blockBytes: 40 * 105 };
  const [host, gpu] = [await measured(source), await measured(source, "gpu")];
  expect(host.plan.blocks).toHaveLength(8);
  expectExact(host.state, values, 3);
  expect(gpu.state.toBytes()).toEqual(host.state.toBytes());
  expect(Object.keys(host.result.blocks)).toEqual(["host, no GPU"]);
  expect(Object.keys(gpu.result.blocks)[0]).not.toContain("host");
});

test("NPY of f32 at an offset: the GPU's error is 1e-7 of the deviation", async () => {
  const values = Float32Array.from({ length: 4000 * 4 }, () => 1e4 + random.normal());
  writeFileSync(at("table.npy"), npyBytes(values, [4000, 4]));
  for (const device of ["host", "gpu"] as const) {
    const { state } = await measured({ path: at("table.npy"), blockBytes: 2 ** 14 }, device);
    const { mean, variance } = state.moments();
    for (const [c, expected] of columnMoments(values, 4).entries()) {
      expect(Math.abs((mean[c] as number) - expected.mean)).toBeLessThan(1e-6);
      expect(Math.abs((variance[c] as number) / expected.variance - 1)).toBeLessThan(1e-6);
    }
  }
});

test("Zarr: chunks, compressed, the last one shorter; axes of one's own", async () => {
  const values = bytes(50 * 6 * 4);
  const path = await writeZarr(at("small.zarr"), values, [50, 6, 4], 8, "zstd");
  const { plan, state } = await measured({ path, blockBytes: 16 * 24 });
  expect(plan.blocks).toEqual([
    [0, 16],
    [16, 32],
    [32, 48],
    [48, 50],
  ]);
  expectExact(state, values, 4);
  const whole = await measured({ path, axes: [0, 1, 2] });
  expectExact(whole.state, values, 1);
});

test("Parquet: columns of numbers, whole row groups", async () => {
  const [mass, height] = [3, 180].map((offset) =>
    Float32Array.from({ length: 1000 }, () => offset + random.normal()),
  ) as [Float32Array<ArrayBuffer>, Float32Array<ArrayBuffer>];
  const path = writeParquet(at("table.parquet"), { mass, height }, 100);
  const { plan, state } = await measured({ path, blockBytes: 250 * 8 });
  expect(plan.blocks[0]).toEqual([0, 200]);
  for (const [c, column] of [mass, height].entries()) {
    const [expected] = columnMoments(column, 1);
    expect(Math.abs((state.moments().mean[c] as number) - (expected?.mean ?? 0))).toBeLessThan(
      1e-6,
    );
  }
  const one = await measured({ path, columns: ["height"] });
  const [both, alone] = [state.moments().mean[1], one.state.moments().mean[0]];
  expect(Math.abs((both as number) - (alone as number))).toBeLessThan(1e-6); // of other blocks
  const missing = planOf({ path, columns: ["age"] });
  await expect(missing).rejects.toThrow("column age, expected some of mass, height");
});

test("WebDataset: shards of images of all sizes", async () => {
  const image = (shape: number[]) => ({ shape, values: bytes(shape.reduce((a, b) => a * b, 1)) });
  const shards = [0, 1, 2, 3, 4].map((i) => [image([4 + i, 5, 3]), image([2, 9, 3])]);
  const path = await writeTars(at("images.tar"), shards);
  const { plan, state } = await measured({ path, blockBytes: 1 });
  expect([plan.unit, plan.blocks.length]).toEqual(["shard", 5]);
  const all = shards.flat().flatMap(({ values }) => [...values]);
  expectExact(state, all, 3);
  expect(state.moments().count[0]).toBe(BigInt(all.length / 3));
});

test("blocks depend on the data alone, and cover each unit once", () => {
  const dataset = { length: 1003, unitBytes: 100, step: 8 } as never;
  for (const bytes of [1, 800, 5000, 1e9]) {
    const blocks = blocksOf(dataset, bytes);
    expect(blocks[0]?.[0]).toBe(0);
    expect(blocks.at(-1)?.[1]).toBe(1003);
    blocks.slice(1).forEach(([first], i) => {
      expect(first).toBe(blocks[i]?.[1]);
      expect(first % 8).toBe(0);
    });
  }
});

test("a block that comes twice is an error, not a wrong mean", async () => {
  const { result } = await measured({ path: at("images.npy") });
  expect(() => merged([result, result])).toThrow("is counted already");
});

test("a block that always fails is named, the others count, and a second run adds it alone", async () => {
  const values = bytes(100 * 10);
  const path = await writeZarr(at("broken.zarr"), values, [100, 10], 25);
  const out = at("stats.json");
  const chunk = (i: number) => join(path, "c", String(i), "0");
  const good = readFileSync(chunk(2));
  truncateSync(chunk(2), good.length - 5);
  const run = () => {
    const block = String(250 / 2 ** 20);
    const args = [program("main"), path, "--out", out, "--block", block, "--device", "host"];
    const { status, stderr } = spawnSync(process.execPath, args, { encoding: "utf8" });
    const stats = JSON.parse(readFileSync(out, "utf8"));
    return { status, stderr, stats, state: MomentsState.fromJSON(stats.result.state) };
  };
  const first = run();
  expect([first.status, first.stats.complete, first.stats.missing.length]).toEqual([1, false, 1]);
  expect(first.stderr).toContain('missing: {"samples":[50,75]}: ');
  expect(first.state.ranges).toEqual([
    [0n, 50n],
    [75n, 100n],
  ]);
  writeFileSync(chunk(2), good);
  truncateSync(chunk(0), 3); // nobody reads it again
  const second = run();
  expect([second.status, second.stats.complete, second.stats.missing]).toEqual([0, true, []]);
  expect(second.stats.measuredBy).toEqual({ "host, no GPU": 4 });
  expectExact(second.state, values, 10);
}, 60_000);
