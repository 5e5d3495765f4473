// These tests cover the parts of `npm run bench:isa` that need no driver. driver_output/ has what
// compile.mjs and RADV printed for two kernels: a sum of dot products, two packs of x a round, and a
// text with an error.

import { readFileSync } from "node:fs";
import { describe, expect, test } from "vitest";
import { type AmdCode, amdCodeOf, loadsUnderWay } from "../../bench/isa/amd_code";
import { arrayAccesses, instructionsOf, loopsIn } from "../../bench/isa/amd_instructions";
import { casesWith } from "../../bench/isa/cases";
import { outputOf } from "../../bench/isa/compiler";
import { familiesOf } from "../../bench/isa/families";
import type { FamilyCode } from "../../bench/isa/family_code";
import { intelCodeOf } from "../../bench/isa/intel_code";
import { groupsOf, kernelRows, kernelsIn } from "../../bench/isa/kernel_rows";
import { machinesOf, withoutSubgroups } from "../../bench/isa/machines";
import { modelledPlans } from "../../bench/isa/model";
import { planCases } from "../../bench/isa/plans";
import { comparisonText, earlierRun, savedRun } from "../../bench/isa/saved_run";
import { familyTables, modelTable, widthsText } from "../../bench/isa/tables";

const recorded = (family: string) =>
  outputOf(readFileSync(new URL(`driver_output/${family}.txt`, import.meta.url), "utf8"));

const textOf = (family: string, id: string) => recorded(family).texts.get(id) ?? "";

describe("a driver's output", () => {
  test("is cut into the texts of the kernels", () => {
    const { driver, texts } = recorded("navi31");
    expect(driver).toBe("radv: Mesa 25.0.7-2~bpo12+1");
    expect([...texts.keys()]).toEqual(["sum", "bad"]);
    expect(texts.get("bad")).toMatch(/^@@ refused Error while parsing WGSL/m);
  });

  test("without an adapter is an error", () => {
    expect(() => outputOf("no adapter")).toThrow("no device to compile for:\nno adapter");
  });

  test.each(["navi31", "navi21"])("gives the figures of a kernel for %s", (family) => {
    expect(amdCodeOf(textOf(family, "sum"))).toMatchObject({
      ...{ loads: 2, trips: 1, loadWidths: { 16: 2 }, storeWidths: { 4: 1 } },
      ...{ valu: 3, wideMultiplies: 0, waves: 16, lds: 0, barriers: 0, spills: 0, scratch: 0 },
      vgprs: family === "navi31" ? 12 : 16,
      latency: family === "navi31" ? 3666 : 3683,
      throughput: family === "navi31" ? 229 : 230,
      loops: [
        {
          ...{ valu: 6, salu: 7, lds: 0, accesses: 2, packs: 2, loads: 2, trips: 1 },
          ...{ innermost: true, aroundMemory: false },
        },
      ],
    });
  });

  test("without machine code or a statistic is an error", () => {
    expect(() => amdCodeOf("Latency: 7")).toThrow("the driver printed no machine code");
    const text = textOf("navi31", "sum").replace("Latency", "Later");
    expect(() => amdCodeOf(text)).toThrow('the driver printed no "Latency"');
  });

  test("of Intel's compiler gives the figures of the last variant", () => {
    const head = (lanes: number, cycles: number) =>
      `SIMD${lanes} shader: 14 instructions. 2 loops. ${cycles} cycles. 3:5 spills:fills, 4 sends, more`;
    expect(intelCodeOf(`${head(8, 100)}\n   START B0\n${head(16, 214)}\n`)).toEqual({
      ...{ lanes: 16, instructions: 14, loops: 2, cycles: 214, spills: 3, fills: 5, sends: 4 },
    });
    expect(() => intelCodeOf("")).toThrow("the driver printed no statistics");
  });
});

const codeOf = (...lines: string[]) =>
  instructionsOf(
    `\ndisasm:\n${lines.map((line) => (line.endsWith(":") ? line : `\t${line} ; 0`)).join("\n")}\n\n`,
  );

const LOAD = "buffer_load_b128 v[4:7], v2, s[8:11], 0 offen";

describe("machine code", () => {
  test("has loads under way until one is waited for", () => {
    const apart = codeOf(LOAD, "s_waitcnt vmcnt(0)", LOAD, "s_waitcnt vmcnt(0)");
    expect(loadsUnderWay(apart)).toEqual({ loads: 1, trips: 2 });
    const together = codeOf(LOAD, LOAD, "s_waitcnt vmcnt(1)", "s_waitcnt vmcnt(0)", LOAD);
    expect(loadsUnderWay(together)).toEqual({ loads: 2, trips: 1 });
  });

  test("has loops where it jumps back, one within another", () => {
    const branch = (to: string) => `s_cbranch_scc1 ${to}`;
    const list = codeOf("BB0:", "v_a", "BB1:", "v_b", "BB2:", "v_c", branch("BB2"), branch("BB1"));
    expect(loopsIn(list).toSorted((a, b) => a.from - b.from)).toEqual([
      { from: 1, to: 4 },
      { from: 2, to: 3 },
    ]);
    expect(loopsIn(codeOf("BB0:", branch("BB1"), "BB1:", "v_a"))).toEqual([]);
  });

  test("has arrays by the places of their descriptors", () => {
    const access = (first: number) => LOAD.replace("s[8:11]", `s[${first}:${first + 3}]`);
    const list = codeOf(
      "s_load_b256 s[8:15], s[2:3], 0x10",
      ...[access(8), access(12)],
      "s_load_b128 s[12:15], s[2:3], 0x40",
      access(12),
    );
    const arrays = arrayAccesses(list).map((found) => found?.array);
    expect(arrays).toEqual([
      ...[undefined, "s[2:3] 0x10 0", "s[2:3] 0x10 4"],
      ...[undefined, "s[2:3] 0x40 0"],
    ]);
  });
});

const [card, unnamed] = machinesOf(["RX 7900 XTX", "unnamed"]);

describe("plans", () => {
  test("are there for every case", { timeout: 60_000 }, () => {
    for (const machine of [card, unnamed]) {
      const plans = planCases(casesWith(""), machine);
      expect(plans.length).toBeGreaterThan(40);
      for (const { passes } of plans) expect(passes.length).toBeGreaterThan(0);
    }
  });

  test("use subgroups and native f16 where a machine has them", () => {
    const codes = (machine: typeof card) =>
      planCases(casesWith("layerNorm f16 [4096, 768]"), machine).map(
        ({ passes }) => passes[0].kernel.code,
      );
    expect(codes(card)).toEqual([expect.stringMatching(/enable f16; .*subgroupShuffle/s)]);
    expect(codes(withoutSubgroups(card))).toEqual([expect.not.stringContaining("subgroupShuffle")]);
    expect(codes(unnamed)).toEqual([]);
    const [packed] = planCases(casesWith("layerNorm f16 packed [4096, 768]"), card);
    expect(packed.passes[0].kernel.code).not.toContain("enable f16");
  });

  test("name an unknown machine or family", () => {
    expect(() => machinesOf(["GTX"])).toThrow("machine GTX, expected one of RX 7900 XTX, RTX 4090");
    expect(() => familiesOf(["navi99"])).toThrow("family navi99, expected one of navi31, navi21");
  });
});

const COPY: AmdCode = {
  ...{ loads: 1, trips: 1, loadWidths: { 16: 1 }, storeWidths: { 16: 1 }, valu: 2, salu: 2 },
  ...{ wideMultiplies: 0, loops: [], vgprs: 12, waves: 16, lds: 0, barriers: 0, spills: 0 },
  ...{ scratch: 0, latency: 682, throughput: 43 },
};

const plans = planCases(casesWith("layerNorm f32 [4096, 768]"), card);
const rows = kernelRows(plans);

/** All kernels of the rows with the same figures. */
function familyCode(code: AmdCode): FamilyCode {
  const codes = new Map(kernelsIn(rows).map(({ id }) => [id, code]));
  const [family] = familiesOf(["navi31"]);
  return { family, vendor: "amd", driver: "a driver", codes, texts: new Map() };
}

describe("the model", () => {
  const modelled = (code: AmdCode, machine = card) =>
    modelledPlans([{ ...plans[0], machine }], familyCode(code).codes as never)[0];

  test("takes a pass of one read and one write for a copy", () => {
    const { percent, steps } = modelled(COPY);
    expect(percent).toBeCloseTo(100, 0);
    expect(steps.map(({ limit }) => limit)).toEqual(["bandwidth"]);
  });

  test("finds what limits other code", () => {
    const limitOf = (code: Partial<AmdCode>) => modelled({ ...COPY, ...code }).steps[0].limit;
    expect(limitOf({ trips: 1000 })).toBe("latency");
    expect(limitOf({ valu: 10_000 })).toBe("issue");
  });

  test("counts whole lines of short runs", () => {
    const [given] = planCases(casesWith("groupNorm NHWC f32 [2, 64, 64, 128]"), card);
    const [pass] = given.passes;
    expect(pass.run).toBe(16);
    const codes = new Map([[pass.kernel.id, COPY]]);
    const ofRuns = (run: number) => {
      const plan = { ...given, passes: [{ ...pass, run }] };
      return modelledPlans([plan], codes as never)[0].percent;
    };
    expect(ofRuns(card.line)).toBeCloseTo(100, 0);
    expect(ofRuns(pass.run)).toBeLessThan(90);
    expect(ofRuns(4)).toBeLessThan(ofRuns(pass.run) / 2);
  });

  test("lets compilers join loads on machines where they do", () => {
    const [joining] = machinesOf(["RTX 4090"]);
    const slow = { ...COPY, trips: 1000 };
    expect(modelled(slow, joining).percent).toBeGreaterThan(modelled(slow).percent);
  });
});

describe("tables", () => {
  test("have a row for each reference and each pass", () => {
    const text = familyTables(familyCode(COPY), rows);
    expect(text).toContain("## navi31: RDNA 3, RX 7900 (a driver)");
    expect(text).toMatch(/^\| copy f32 +\| 1x16 +\| 1x16 +\| 1 +\|/m);
    expect(text).toMatch(/^\| layerNorm f32 \[4096, 768\] 1\/1 normalize +\| 1x16 /m);
  });

  test("say why figures are missing", () => {
    const code = familyCode(COPY);
    const bad = new Map([[rows[0].kernel.id, { problem: "refused" }]]);
    const text = familyTables({ ...code, codes: bad } as FamilyCode, rows.slice(0, 1));
    expect(text).toMatch(/^\| copy f32 +\| refused +\|/m);
  });

  test("write widths from the largest", () => {
    expect(widthsText({ 4: 2, 16: 12 })).toBe("12x16 2x4");
    expect(widthsText({})).toBe("-");
  });

  test("have a column of the model for each machine", () => {
    const step = { us: 3.21, limit: "bandwidth" } as const;
    const model = { steps: [step], us: 3.21, copyUs: 3, percent: 93.4 };
    const text = modelTable("navi31", [
      { ...model, title: "a case", machine: "one" },
      { ...model, title: "a case", machine: "two", percent: 50 },
      { ...model, title: "another", machine: "two" },
    ]);
    expect(text).toMatch(/^\| case +\| one +\| two +\| limits, one +\|$/m);
    expect(text).toMatch(/^\| a case +\| 93 +\| 50 +\| bandwidth 3.2 \(3.0\) +\|$/m);
    expect(text).toMatch(/^\| another +\| - +\| 93 +\| - +\|$/m);
  });

  test("show a kernel for the first machine that has it", () => {
    const both = kernelRows(
      [card, { ...card, name: "its twin" }].flatMap((machine) =>
        planCases(casesWith("layerNorm f32 [4096, 768]"), machine),
      ),
    );
    expect([...groupsOf(both).keys()]).toEqual(["references", "RX 7900 XTX"]);
  });
});

describe("a run that was saved", () => {
  const runOf = (code: AmdCode) => savedRun([familyCode(code)], rows, []);

  test("is compared figure by figure", () => {
    const text = comparisonText(runOf(COPY), runOf({ ...COPY, valu: 3, latency: 700 }));
    const others = rows.length - 1;
    expect(text).toContain(
      `- references: copy f32 (and ${others} more): VALU 2 -> 3, latency 682 -> 700`,
    );
    expect(text).toContain("- 0 kernels are new, 0 are not among these");
  });

  test("is read from what was written", () => {
    const run = runOf(COPY);
    expect(earlierRun("a.json", JSON.stringify(run))).toEqual(run);
    expect(() => earlierRun("a.json", "{}")).toThrow(
      "baseline a.json, expected a file that --json wrote",
    );
  });

  test("may be the same, or lack kernels", () => {
    const before = runOf(COPY);
    expect(comparisonText(before, before)).toContain("- no figure has changed");
    const none = { ...before, families: { navi31: { driver: "", kernels: {} } } };
    expect(comparisonText(none, before)).toContain(
      `- ${rows.length} kernels are new, 0 are not among these`,
    );
    expect(comparisonText({ ...before, families: {} }, before)).not.toContain("navi31");
  });
});
