// The command standardizes CSV, NPY and Parquet files: columns of mean 0 and deviation 1, as float64
// has them.

import { spawnSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterAll, expect, test } from "vitest";
import { npyHeader } from "webgpu-norm-cli/files";
import { vulkan } from "../../../scripts/lib/vulkan.mjs";
import { Random } from "../../../test/support/random";
import { npyBytes, writeParquet } from "../../dataset/test/files";

const folder = mkdtempSync(join(tmpdir(), "webgpu-norm-standardize-"));
const at = (name: string) => join(folder, name);
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const [ROWS, OFFSETS] = [2000, [170, 65_000, 1]];
const random = new Random(3);
const values = Float32Array.from(
  { length: ROWS * 3 },
  (_, i) => (OFFSETS[i % 3] as number) * (1 + 0.05 * random.normal()),
);
const column = (c: number) => values.filter((_, i) => i % 3 === c);

async function standardized(path: string) {
  const program = fileURLToPath(new URL("../src/main.js", import.meta.url));
  const args = [program, path, "--out", at("y.npy"), "--plot", at("plot.svg")];
  const env = { ...process.env, ...(await vulkan()) };
  const { status, stdout, stderr } = spawnSync(process.execPath, args, { env, encoding: "utf8" });
  expect([status, stderr.replace(/^Warning: max.*\n/gm, "")]).toEqual([0, ""]);
  const bytes = readFileSync(at("y.npy"));
  const { start, shape, type } = npyHeader("y.npy", bytes);
  expect([shape, type]).toEqual([[ROWS, 3], "f4"]);
  const y = new Float32Array(new Uint8Array(bytes.subarray(start)).buffer);
  return { y, stdout, plot: readFileSync(at("plot.svg"), "utf8") };
}

/** The library's bound is 2e-6 (docs/numerics.md), of values up to 4 deviations. */
function expectStandard(y: Float32Array): void {
  for (let c = 0; c < 3; c++) {
    const own = [...column(c)];
    const mean = own.reduce((a, b) => a + b, 0) / ROWS;
    const deviation = Math.sqrt(own.reduce((a, b) => a + (b - mean) ** 2, 0) / ROWS);
    const errors = own.map((x, i) => Math.abs((y[3 * i + c] as number) - (x - mean) / deviation));
    expect(Math.max(...errors)).toBeLessThan(4 * 2e-6);
  }
}

test("CSV, with the names of its columns in the picture", async () => {
  const lines = Array.from({ length: ROWS }, (_, i) => `p${i},${values.slice(3 * i, 3 * i + 3)}`);
  writeFileSync(at("table.csv"), `name,height,mass,rate\n${lines.join("\n")}\n`);
  const { y, stdout, plot } = await standardized(at("table.csv"));
  expectStandard(y);
  expect(stdout).toMatch(/2000 rows of .*\n +height: mean 1[67]\d\./);
  for (const name of ["height, before", "mass, after"]) expect(plot).toContain(name);
  expect(plot.match(/<rect/g)?.length).toBeGreaterThan(60);
});

test("NPY and Parquet give the same bytes", async () => {
  writeFileSync(at("table.npy"), npyBytes(values, [ROWS, 3]));
  const [height, mass, rate] = [0, 1, 2].map(column) as [never, never, never];
  writeParquet(at("table.parquet"), { height, mass, rate }, 500);
  const npy = await standardized(at("table.npy"));
  expectStandard(npy.y);
  const parquet = await standardized(at("table.parquet"));
  expect(parquet.y).toEqual(npy.y);
  expect(parquet.stdout).toContain("mass: mean");
});
