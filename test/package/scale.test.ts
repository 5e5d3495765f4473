// The figures at scale name where they are from, say what docs/scale.md says of them, and their programs run.

import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Machine } from "../../bench/scale/device";
import type { Errors } from "../../bench/scale/errors";
import { root } from "../../scripts/lib/browser.mjs";
import { printed } from "../runners/stream.mjs";

type Stored = Machine & { readonly command: string };

const stored = <T>(name: string): T & Stored =>
  JSON.parse(readFileSync(join(root, "bench", "results", `scale-${name}.json`), "utf8"));

test.each(["errors", "sizes", "workers"])("the caption of %s is that of its results", (name) => {
  const text = readFileSync(join(root, "docs", "scale.md"), "utf8");
  const block = text.split(`<!-- scale:${name} -->`)[1].split(`<!-- /scale:${name} -->`)[0];
  const { adapter, machine, engine, date, command } = stored(name);
  for (const fact of [adapter, machine, engine, date, command]) expect(block).toContain(fact);
  expect(command).toContain(`bench:scale -- ${name}`);
});

/** The last bit of an f32, twice. */
const LAST_BIT = 2 ** -23;

function expectFlat({ rows }: Errors, longest: number): void {
  const ours = rows.filter(({ way }) => way === "webgpu-norm");
  expect(Math.max(...ours.map(({ length }) => length))).toBe(longest);
  for (const { length, mean, variance } of ours) {
    expect(mean, `mean of ${length}`).toBeLessThan(LAST_BIT);
    expect(variance, `variance of ${length}`).toBeLessThan(LAST_BIT);
  }
}

test("our error does not grow with the length, that of a loop in f32 does", () => {
  const errors = stored<Errors>("errors");
  expectFlat(errors, 1e8);
  const loop = errors.rows.filter(({ way }) => way.startsWith("f32")).at(-1);
  expect(loop?.length).toBe(1e8);
  expect(loop?.mean).toBeGreaterThan(1); // in deviations
});

test("the program that measures errors runs", async () => {
  const found: Errors = await printed("bench/scale/errors.ts", ["--most", "1e5"]);
  expect(found.rows).toHaveLength(9);
  expectFlat(found, 1e5);
  const float64 = found.rows.filter(({ way }) => way === "float64");
  for (const { variance } of float64) expect(variance).toBeLessThan(1e-11);
}, 120_000);
