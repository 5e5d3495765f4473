// These tests cover the parts of the page "Measure on your GPU" that need neither a page nor a GPU.

import { afterEach, describe, expect, test, vi } from "vitest";
import { agreesWithWall } from "../../bench/clock";
import type { Row } from "../../bench/report";
import { PACE } from "../../bench/timing";
import { matching, titleOf, WORKLOADS } from "../../bench/workloads";
import { choiceOf } from "../../demo/measure/choice";
import { fileName } from "../../demo/measure/export";
import { figuresOf, summaryOf, verdict } from "../../demo/measure/figures";
import { obstacle, skippedRow } from "../../demo/measure/fit";
import { browserOf, machineOf } from "../../demo/measure/machine";
import { whileVisible } from "../../demo/measure/visible_tab";

const timed = (ms: number, samples = [ms]) =>
  ({ status: "timed", way: "a way", ms, samples, runs: 1, gbs: 3 }) as const;

const row = (ours: Row["results"][string], copy: Row["results"][string] = timed(2)): Row => ({
  name: "LayerNorm",
  shape: [2, 3],
  dtype: "f32",
  oursAlone: false,
  results: { ours, copy },
});

describe("the address", () => {
  test("chooses workloads and rounds", () => {
    const { text, workloads, pace } = choiceOf("?workload=layernorm%20[1,&rounds=2");
    expect(text).toBe("layernorm [1,");
    expect(workloads.map(titleOf)).toEqual(["LayerNorm [1, 4096]"]);
    expect(pace).toMatchObject({ rounds: 2, leastRounds: 2 });
  });

  test.each(["", "?rounds=0", "?rounds=-3", "?rounds=many", "?rounds=1.5"])(
    "%j is all of them, as the benchmark does",
    (query) => {
      expect(choiceOf(query)).toEqual({ text: "", workloads: WORKLOADS, pace: PACE });
    },
  );
});

describe("limits", () => {
  const [photos] = matching("BatchNorm training [64,"); // 36.75 MiB
  const limits = (maxBufferSize: number, maxStorageBufferBindingSize = maxBufferSize) => ({
    maxBufferSize,
    maxStorageBufferBindingSize,
  });

  test("that every tensor fits are no obstacle", () => {
    expect(obstacle(photos, limits(2 ** 26))).toBe("");
  });

  test.each([limits(2 ** 25), limits(2 ** 28, 2 ** 25)])("%j are one", (given) => {
    const reason = obstacle(photos, given);
    expect(reason).toBe("skipped: a tensor of 37 MiB, this device binds 32 MiB");
    expect(figuresOf(skippedRow(photos, reason))).toBe(reason);
  });
});

describe("figures", () => {
  test("are the share of the copy, and the rounds between which the median lies", () => {
    const figures = { ms: 4, gbs: 3, share: 0.5, least: 3, most: 9, copyMs: 2 };
    expect(figuresOf(row(timed(4, [9, 4, 3])))).toEqual(figures);
  });

  test("of what was not timed are words", () => {
    expect(figuresOf(row({ status: "wrong", maxError: 0.1 }))).toBe("wrong: off by 1.0e-1");
    expect(figuresOf(row({ status: "failed", message: "it broke" }))).toBe("it broke");
    expect(figuresOf(row(timed(1), { status: "failed", message: "no copy" }))).toBe("no copy");
  });

  test("have a mean, without the rows that were not timed", () => {
    expect(summaryOf([])).toBe("");
    expect(summaryOf([row(timed(4))])).toBe("50 % of the copy’s speed.");
    const rows = [row(timed(1)), row(timed(4)), row({ status: "failed", message: "" })];
    expect(summaryOf(rows)).toMatch(/^100 % .* 2 rows/);
  });

  test("of plans have a verdict", () => {
    const one = { name: "", shape: [], measured: 3, changes: {} };
    const right = { ...one, heuristicMs: 1, ms: 1, ratio: 1 };
    const far = { ...one, heuristicMs: 4, ms: 1, ratio: 4 };
    expect(verdict([])).toBe("");
    expect(verdict([right])).toContain("fastest in 1 of 1 rows");
    expect(verdict([right])).toContain("none");
    expect(verdict([right, far])).toMatch(/mean ratio is 2\.00, the largest 4\.00.*1\.3: 1/);
  });
});

describe("names", () => {
  const chrome =
    "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/156.0.0.0 Safari/537.36";
  const firefox = "Mozilla/5.0 (X11; Linux x86_64; rv:153.0) Gecko/20100101 Firefox/153.0";
  const safari =
    "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 (KHTML, like Gecko) Version/26.0 Safari/605.1.15";

  test.each([
    [chrome, "Chrome 156.0.0.0"],
    [`${chrome} Edg/156.0.1`, "Edge 156.0.1"],
    [firefox, "Firefox 153.0"],
    [safari, "Safari 26.0"],
    ["something new", "something new"],
  ])("%s is %s", (userAgent, name) => {
    expect(browserOf({ userAgent })).toBe(name);
  });

  test("of browsers that list their brands are the most special of them", () => {
    const brand = (name: string) => ({ brand: name, version: "156" });
    const of = (...names: string[]) =>
      browserOf({ userAgent: "", userAgentData: { brands: names.map(brand), platform: "" } });
    expect(of("Not(A:Brand", "Chromium", "Google Chrome")).toBe("Google Chrome 156");
    expect(of("Chromium", "Not_A Brand")).toBe("Chromium 156");
  });

  test("of machines are the visitor's, beside what the browser tells", () => {
    const own = machineOf({ userAgent: firefox, hardwareConcurrency: 8 }, " my laptop ");
    expect(own).toBe("my laptop, 8 logical cores, X11; Linux x86_64");
    const userAgentData = { brands: [], platform: "Android" };
    expect(machineOf({ userAgent: chrome, userAgentData }, "")).toBe("Android");
  });

  test("of files are what --save takes", () => {
    expect(fileName("Apple metal-3 (M2)")).toBe("apple-metal-3-m2");
    expect(fileName("…")).toBe("gpu");
  });
});

describe("timestamps", () => {
  const pause = (ms: number) => new Promise<void>((resolve) => setTimeout(resolve, ms));
  const work = {
    run: () => pause(25),
    sync: async () => {},
    results: async () => null,
    dispose: () => {},
  };
  const saying = (ms: number) => async () => {
    await work.run();
    return ms;
  };

  test.each([
    ["a part of the wall clock's time are trusted", 20, true],
    ["of zero are not", 0, false],
    ["beyond the wall clock's time are not", 1e6, false],
  ])("%s", async (_, ms, trusted) => {
    expect(await agreesWithWall(saying(ms), work)).toBe(trusted);
  });
});

describe("a tab", () => {
  afterEach(() => vi.unstubAllGlobals());

  /** A document, and a function that hides and shows its tab. */
  function tab(visibilityState: DocumentVisibilityState) {
    const document = Object.assign(new EventTarget(), { visibilityState });
    vi.stubGlobal("document", document);
    return (state: DocumentVisibilityState) => {
      document.visibilityState = state;
      document.dispatchEvent(new Event("visibilitychange"));
    };
  }

  test("that is hidden waits, and does the work when it is visible", async () => {
    const become = tab("hidden");
    const work = vi.fn(async () => "done");
    const result = whileVisible(work);
    await Promise.resolve();
    expect(work).not.toHaveBeenCalled();
    become("visible");
    expect(await result).toBe("done");
    expect(work.mock.calls).toEqual([[false]]);
  });

  test("that was hidden meanwhile does the work again", async () => {
    const become = tab("visible");
    const seen: boolean[] = [];
    await whileVisible(async (again) => {
      seen.push(again);
      if (again) return;
      become("hidden");
      become("visible");
    });
    expect(seen).toEqual([false, true]);
  });
});
