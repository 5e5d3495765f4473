// This test runs the benchmark from end to end on its smallest workload, with no library but this
// one.

import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, test } from "vitest";
import type { Report } from "../../bench/report";
import { root } from "../../scripts/lib/browser.mjs";

test("`npm run bench -- --only ours` leaves figures, a table and a picture", () => {
  const out = mkdtempSync(join(tmpdir(), "webgpu-norm-"));
  const few = ["--workload", "LayerNorm [1,", "--rounds", "1", "--cold", "1"];
  const args = ["--only", "ours", ...few, "--out", out];
  const options = { cwd: root, encoding: "utf8" } as const;
  const printed = execFileSync(process.execPath, [join("bench", "run.mjs"), ...args], options);
  const read = (name: string) => readFileSync(join(out, name), "utf8");

  const { rows, bytes, cold } = JSON.parse(read("bench.json")) as Report;
  expect(rows).toHaveLength(1);
  expect(rows[0].results).toMatchObject({
    ours: { status: "timed" },
    copy: { status: "timed", multiple: 1 },
    copyBuffer: { status: "timed" },
  });
  expect(bytes?.ours).toBeGreaterThan(10_000);
  expect(cold?.ours.ms).toBeGreaterThan(0);

  expect(printed).toContain(read("bench.md"));
  const svg = read("bench.svg");
  expect(svg).toMatch(/^<svg/);
  expect(svg).toContain("LayerNorm [1, 4096]");
  expect(svg).toContain("prefers-color-scheme: dark");
  rmSync(out, { recursive: true });
});
