// The table of sizes (`npm run size:table`) rests on what each byte costs in its gzip.

import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { expect, test } from "vitest";
import { root } from "../../scripts/lib/browser.mjs";
import { gzipCosts } from "../../scripts/lib/gzip_cost.mjs";

const bytes = (text: string) => new TextEncoder().encode(text);
const sum = (costs: Float64Array) => costs.reduce((total, cost) => total + cost, 0);

const shaders = readdirSync(join(root, "shaders"), { recursive: true, encoding: "utf8" })
  .filter((name) => name.endsWith(".wgsl"))
  .map((name) => readFileSync(join(root, "shaders", name), "utf8"))
  .join("");

test("costs add up to the size, without the codes of its blocks", () => {
  const text = bytes(shaders);
  const size = gzipSync(text, { level: 9 }).length;
  const total = sum(gzipCosts(text));
  expect(total).toBeLessThan(size);
  expect(total).toBeGreaterThan(0.97 * size); // codes take about 80 bytes a block
  expect(gzipCosts(text).every((cost) => cost > 0)).toBe(true);
});

test("what was there before costs next to nothing, up to 32 KB away", () => {
  const part = shaders.slice(0, 4000);
  const costOfSecond = (between: string) => {
    const costs = gzipCosts(bytes(part + between + part));
    return sum(costs.subarray(-part.length));
  };
  const first = sum(gzipCosts(bytes(part)));
  expect(costOfSecond("")).toBeLessThan(0.05 * first);
  expect(costOfSecond(noise(20_000))).toBeLessThan(0.1 * first);
  expect(costOfSecond(noise(40_000))).toBeGreaterThan(0.5 * first);
});

test("a run costs a few symbols, the longest of which stand for 258 bytes", () => {
  const costs = gzipCosts(bytes(`${shaders.slice(0, 2000)}${" ".repeat(2600)}`));
  expect(sum(costs.subarray(-2600))).toBeLessThan(20);
  expect(costs.at(-1)).toBeGreaterThan(0);
});

/** Letters that repeat nothing. */
function noise(length: number): string {
  let state = 1;
  return Array.from({ length }, () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return String.fromCharCode(97 + ((state >>> 16) % 26));
  }).join("");
}
