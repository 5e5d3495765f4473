// These tests cover the benchmark's parts that need no GPU, and the types of its adapters where its
// packages are installed.

import { spawnSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { largestError } from "../../bench/check";
import { meaningOf } from "../../bench/definitions";
import { expectedOf, inputsOf, product } from "../../bench/inputs";
import {
  blocks,
  compared,
  digits,
  means,
  refreshed,
  sideBySide,
  table,
  times,
  wrapped,
} from "../../bench/markdown";
import { measure } from "../../bench/measure";
import { type ModelReport, modelsBlock } from "../../bench/models/report";
import { LARGE } from "../../bench/native/large";
import type { Report, Row } from "../../bench/report";
import { peersAreInstalled } from "../../bench/setup.mjs";
import { geometricMean, median } from "../../bench/statistics";
import { PACE } from "../../bench/timing";
import { matching, titleOf, WORKLOADS } from "../../bench/workloads";
import { root } from "../../scripts/lib/browser.mjs";

const timed = (ms: number, multiple: number) =>
  ({
    status: "timed",
    way: "a way",
    ms,
    samples: [ms],
    runs: 1,
    gbs: 1,
    multiple,
    maxError: 1e-7,
  }) as const;

const row = (name: string, results: Row["results"], oursAlone = false): Row => ({
  name,
  shape: [2, 3],
  dtype: "f32",
  oursAlone,
  results: { copy: timed(2, 1), ...results },
});

const report: Report = {
  date: "2026-01-02T03:04:05.000Z",
  engine: "Chromium 1",
  adapter: "an adapter",
  software: true,
  clock: "wall clock",
  machine: "a machine",
  libraries: [
    { id: "ours", name: "webgpu-norm", version: "1.2.3" },
    { id: "copy", name: "copy kernel", version: "" },
    { id: "other", name: "other", version: "4.5" },
  ],
  rows: [
    row("LayerNorm", { ours: timed(4, 2), other: timed(16, 8) }),
    row("RMSNorm", { ours: timed(16, 8), other: timed(4, 2) }),
    row("GroupNorm", { ours: timed(4, 2), other: { status: "none" } }),
    row("BatchNorm", { ours: timed(4, 2), other: { status: "wrong", maxError: 0.25 } }),
    row("LayerNorm f16", { ours: timed(3, 1.5) }, true),
  ],
  bytes: { ours: 20_000, other: 1_500_000 },
  cold: { ours: { ms: 300, samples: [300] }, other: { ms: 1200, samples: [1200] } },
};

describe("figures", () => {
  test("medians and geometric means", () => {
    expect(median([5, 1, 3])).toBe(3);
    expect(median([4, 1, 3, 2])).toBe(2.5);
    expect(geometricMean([2, 8])).toBeCloseTo(4, 12);
  });

  test("are written with two or three digits", () => {
    expect([0.0123, 0.123, 1.234, 12.34, 123.4].map(digits)).toEqual([
      "0.012",
      "0.12",
      "1.23",
      "12.3",
      "123",
    ]);
    expect([0.567, 2.13, 9.97, 24.4].map(times)).toEqual(["0.57", "2.1", "10", "24"]);
  });

  test("geometric means are of the workloads that all libraries can do", () => {
    const { count, mean } = means(report);
    expect(count).toBe(2);
    expect(mean.ours).toBeCloseTo(4, 12);
    expect(mean.other).toBeCloseTo(4, 12);
  });
});

describe("Markdown", () => {
  test("a table", () => {
    expect(table(["a", "b"], [["1", "2"]])).toBe("| a | b |\n| - | - |\n| 1 | 2 |");
  });

  test("says none and wrong instead of a time", () => {
    expect(blocks(report).full.split("\n")).toEqual([
      "| operation | shape | copy, ms | webgpu-norm | other |",
      "| - | - | - | - | - |",
      "| LayerNorm | [2, 3] | 2.00 | 2.0 (4.00) | 8.0 (16.0) |",
      "| RMSNorm | [2, 3] | 2.00 | 8.0 (16.0) | 2.0 (4.00) |",
      "| GroupNorm | [2, 3] | 2.00 | 2.0 (4.00) | none |",
      "| BatchNorm | [2, 3] | 2.00 | 2.0 (4.00) | wrong: 3e-1 |",
    ]);
  });

  test("has date, versions, bytes and first results", () => {
    const { machine, cold, extra } = blocks(report);
    expect(machine).toBe(
      "2026-01-02, Chromium 1 on an adapter, a CPU adapter; a machine. webgpu-norm 1.2.3, other 4.5.",
    );
    expect(cold).toContain("| other | 1500 kB | 1200 ms |");
    expect(extra).toContain("| LayerNorm f16 | [2, 3] | 2.00 | 3.00 | 1.5 |");
  });

  test("two reports side by side, joined by operation and shape", () => {
    const torch = { ...report, libraries: [{ id: "torch", name: "PyTorch", version: "2" }] };
    const rows = [row("RMSNorm", { torch: timed(7, 3) }), row("LayerNorm", { torch: timed(5, 2) })];
    const [, , first, second, third] = sideBySide([report, { ...torch, rows }]).split("\n");
    expect(first).toBe("| LayerNorm | [2, 3] | 2.00 | 4.00 | 16.0 | 5.00 |");
    expect(second).toBe("| RMSNorm | [2, 3] | 2.00 | 16.0 | 4.00 | 7.00 |");
    expect(third).toBe("| GroupNorm | [2, 3] | 2.00 | 4.00 | none | |");
  });

  test("says where heuristics are far from the fastest plan", () => {
    const times = { heuristicMs: 2, ms: 2, ratio: 1, measured: 5, changes: {} };
    const one = { name: "LayerNorm", shape: [2, 3], ...times };
    const far = { ...one, name: "RMSNorm", ms: 0.5, ratio: 4, changes: { team: 8 } };
    const found = { date: "", adapter: "an adapter", software: true, rows: [one, far] };
    const lines = blocks(report, [found]).tuning.split("\n");
    expect(lines[2]).toBe('| an adapter | 2 | 1 | 2.00 | RMSNorm [2, 3] 4.00 ({"team":8}) |');
  });

  test("has the errors of each library, and says where NaN came out", () => {
    const errors = { ours: { error: 1.5e-7, way: "one" }, other: { error: null, way: "two" } };
    const accuracy = [{ name: "LayerNorm", shape: [2, 3], values: "offset", errors }];
    const [, , head, , line] = blocks(report, [], { ...report, accuracy }).accuracy.split("\n");
    expect(head).toBe("| operation | shape | x | webgpu-norm | other |");
    expect(line).toBe("| LayerNorm | [2, 3] | offset | 1.5e-7 | no number |");
  });

  test("prose is wrapped at 100 characters", () => {
    const words = `${"word ".repeat(50)}end`;
    const lines = wrapped(words).split("\n");
    expect(lines.map(({ length }) => length)).toEqual([99, 99, 53]);
    expect(lines.join(" ")).toBe(words);
    expect(wrapped("one word")).toBe("one word");
  });

  test("has a headline with the means and the adapter", () => {
    expect(blocks(report).headline.split("\n")).toEqual([
      "Time as a multiple of a copy of x, geometric mean of 2 workloads: webgpu-norm 4.0, other 4.0",
      "(2026-01-02, an adapter, a CPU adapter).",
    ]);
    const alone = { ...report, rows: [row("LayerNorm", { ours: timed(4, 2) })] };
    expect(blocks(alone).headline).toMatch(/^No workload was run by all libraries \(2026-01-02/);
  });

  test("goes between its markers, again and again", () => {
    const text = "a\n<!-- bench:full -->\nold\n<!-- /bench:full -->\nb";
    const once = refreshed(text, { full: "new" });
    expect(once).toBe("a\n<!-- bench:full -->\n\nnew\n\n<!-- /bench:full -->\nb");
    expect(refreshed(once, { full: "new" })).toBe(once);
    expect(() => refreshed(text, {})).toThrow("no block of the report is called full");
  });

  test.each([
    ["README.md", "headline"],
    ["docs/performance.md", "summary"],
  ])("%s has the report's %s", (file, block) => {
    const text = readFileSync(join(root, file), "utf8");
    expect(refreshed(text, blocks(report))).toContain(blocks(report)[block]);
  });

  test("README has the headline alone, of two lines", () => {
    const text = readFileSync(join(root, "README.md"), "utf8");
    expect([...text.matchAll(/<!-- bench:(\w+) -->/g)].map(([, name]) => name)).toEqual([
      "headline",
    ]);
    const kept = readFileSync(join(root, "bench", "results", "swiftshader.json"), "utf8");
    const { headline } = blocks(JSON.parse(kept) as Report);
    expect(headline.split("\n")).toHaveLength(2);
    expect(text).toContain(headline);
  });

  test("docs/interop.md has the models' table as it was measured, both sides of each", () => {
    const file = join(root, "bench", "results", "models.json");
    const models = JSON.parse(readFileSync(file, "utf8")) as ModelReport;
    const text = readFileSync(join(root, "docs", "interop.md"), "utf8");
    expect(refreshed(text, { models: modelsBlock(models) })).toBe(text);
    expect(text).not.toMatch(/NaN|undefined|Infinity/);
    const libraries = new Set(models.models.map(({ library }) => library));
    expect([...libraries]).toEqual(["TensorFlow.js", "onnxruntime-web"]);
  });

  test("renders every report that is kept", () => {
    const folder = join(root, "bench", "results");
    for (const name of readdirSync(folder)) {
      const kept = JSON.parse(readFileSync(join(folder, name), "utf8")) as Report;
      if (!kept.libraries) continue; // of streams, or of tuning
      expect(compared(kept).length + (kept.accuracy?.length ?? 0)).toBeGreaterThan(0);
      const all = blocks(kept);
      const made = kept.accuracy ? { accuracy: all.accuracy } : all; // which has no times
      for (const [block, text] of Object.entries(made)) {
        expect(text, `${name}: ${block}`).not.toMatch(/NaN|undefined|Infinity/);
      }
    }
  });
});

describe("workloads", () => {
  test("have titles of their own, by which they are found", () => {
    const titles = [...WORKLOADS, ...LARGE].map(titleOf);
    expect(new Set(titles).size).toBe(titles.length);
    expect(matching("layernorm [1,").map(titleOf)).toEqual(["LayerNorm [1, 4096]"]);
  });

  test("large ones have 64 MB and more", () => {
    for (const { shape, dtype } of LARGE) {
      expect(product(shape) * (dtype === "f32" ? 4 : 2)).toBeGreaterThanOrEqual(64e6);
    }
  });

  test.each([...WORKLOADS, ...LARGE].map((one) => [titleOf(one), one] as const))(
    "%s means what it computes",
    (_, one) => {
      if (one.options.channelAxis !== undefined) return; // of ours alone: nobody asks for its meaning
      const { view, axes, parameter, count } = meaningOf(one);
      expect(product(view)).toBe(product(one.shape));
      expect(count).toBe(product(axes.map((axis) => view[axis])));
      for (const name of ["weight", "bias", "runningMean", "runningVar"]) {
        if (one.inputs[name]) expect(product(one.inputs[name])).toBe(product(parameter));
      }
    },
  );

  test("float64 says what has to come out", () => {
    const [one] = matching("LayerNorm [1, 4096]");
    const inputs = inputsOf(one);
    const { y } = expectedOf(one, inputs);
    const right = Float32Array.from(y.data);
    expect(largestError({ y: right }, { y })).toBeLessThan(1e-7);
    expect(largestError({ y: right.slice(1) }, { y })).toBe(Number.POSITIVE_INFINITY);
    right[7] = Number.NaN;
    expect(largestError({ y: right }, { y })).toBe(Number.POSITIVE_INFINITY);
  });
});

describe("measuring", () => {
  const [workload] = matching("LayerNorm [1, 4096]");
  const expected = Float32Array.from(expectedOf(workload, inputsOf(workload)).y.data);
  const pace = { ...PACE, sampleMs: 1, rounds: 2, leastRounds: 2 };

  /** A library that does nothing, as slowly as its way says, and has this to show for it. */
  const fake = (id: string, ways: string[], y: Float32Array | null) => ({
    id,
    name: id,
    version: "",
    ways: () => ways,
    prepare: async (_workload: unknown, _inputs: unknown, way: string) => {
      if (way === "broken") throw new Error("it broke");
      return {
        run: (runs: number) => new Promise<void>((done) => setTimeout(done, Number(way) * runs)),
        sync: async () => {},
        results: async () => y && { y },
        dispose: () => {},
      };
    },
  });

  test("takes the fastest way that is right, and says why there is none", async () => {
    const wrong = expected.map((v) => v + 1);
    const libraries = [
      fake("right", ["20", "broken", "2"], expected),
      fake("wrong", ["1"], wrong),
      fake("broken", ["broken"], expected),
      fake("without", [], expected),
      fake("copy", ["2"], null),
    ];
    const said: string[] = [];
    const { results } = await measure(workload, libraries, pace, (text) => said.push(text));
    expect(results.right).toMatchObject({ status: "timed", way: "2" });
    expect(results.right).toHaveProperty("others.broken", "failed: it broke");
    expect(results.wrong.status).toBe("wrong");
    expect(results.broken).toEqual({ status: "failed", message: "it broke" });
    expect(results.without).toEqual({ status: "none" });
    expect(results.copy).toMatchObject({ multiple: 1 });
    expect(said).toHaveLength(3);
  });
});

test.skipIf(!peersAreInstalled())(
  "adapters of other libraries have the right types",
  () => {
    const tsc = join(root, "node_modules", "typescript", "bin", "tsc");
    const { stdout, status } = spawnSync(process.execPath, [tsc, "-p", "bench"], { cwd: root });
    expect(String(stdout)).toBe("");
    expect(status).toBe(0);
  },
  60_000,
);
