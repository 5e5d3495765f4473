// These tests keep what real compilers make of the kernels for AMD's cards: registers suffice, and
// memory is accessed by vectors. They need no GPU, but Mesa's RADV and its DRM shim, and are skipped
// without.

import { beforeAll, describe, expect, test } from "vitest";
import type { AmdCode } from "../../bench/isa/amd_code";
import { casesWith } from "../../bench/isa/cases";
import { familiesOf } from "../../bench/isa/families";
import { compileFor, isProblem } from "../../bench/isa/family_code";
import { machinesOf } from "../../bench/isa/machines";
import { type CasePlan, planCases } from "../../bench/isa/plans";
import { sizeOf } from "../../src/base/shape";

/** The rows fit into registers, and all their arrays run along them. */
const HELD_ROWS = [
  "layerNorm f32 [4096, 768]",
  "rmsNorm f32 [4096, 768]",
  "layerNorm f32 [512, 4096]",
  "rmsNorm f32 [512, 4096]",
];
const ROWS = [...HELD_ROWS, "layerNorm + residual f32 [512, 4096]", "softmax f32 [4096, 1024]"];
/** Parameters and statistics of these are single elements. */
const OTHERS = [
  "instanceNorm f32 [2, 32, 128, 128]",
  "groupNorm NCHW f32 [2, 128, 64, 64]",
  "groupNorm NHWC f32 [2, 64, 64, 128]",
  "layerNormBackward f32 [4096, 768]",
  "layerNormBackward f32 [8192, 8192]",
  "groupNormBackward NCHW f32 [2, 128, 64, 64]",
  "instanceNormBackward f32 [2, 32, 128, 128]",
];
/** x and dy of these groups fit into registers: 16 vectors of each, which are read once. */
const HELD_GROUPS = OTHERS.slice(-2);
const HALVES = ["layerNorm f16 [4096, 768]"];
/** Loads of the parameters would wait for each other in a loop, where stores are conversions. */
const UNROLLED = [
  "layerNorm f16 packed [512, 4096]",
  "layerNorm bf16 [512, 4096]",
  "rmsNorm bf16 [512, 4096]",
  "groupNorm NCHW f16 [2, 128, 64, 64]",
  "groupNorm NHWC bf16 [4, 32, 32, 512]",
];

const [CARD] = machinesOf(["RX 7900 XTX"]);
const planOf = (title: string) =>
  planCases(casesWith(title), CARD).find(({ given }) => given.title === title) as CasePlan;
const plans = new Map(
  [...ROWS, ...OTHERS, ...HALVES, ...UNROLLED].map((title) => [title, planOf(title)]),
);
const passesOf = (title: string) => plans.get(title)?.passes ?? [];

/** Vectors of a row that an invocation holds, if all hold as many. */
function vectorsHeld(title: string): number {
  const { given, passes } = plans.get(title) as CasePlan;
  const invocations = passes[0].workgroup * passes[0].workgroups[0];
  return Math.ceil(sizeOf(given.shape) / 4 / invocations);
}

describe.each(familiesOf(["navi31", "navi21"]))("machine code for $name", (family) => {
  const codes = new Map<string, AmdCode>();

  beforeAll(async () => {
    const kernels = [...plans.values()].flatMap(({ passes }) => passes.map((pass) => pass.kernel));
    const compiled = await compileFor(family, kernels);
    if (compiled?.vendor !== "amd") return; // the tests are skipped
    for (const [id, code] of compiled.codes) {
      if (isProblem(code)) throw new Error(code?.problem);
      codes.set(id, code);
    }
  }, 120_000);

  const codesOf = (title: string) =>
    passesOf(title).map(({ kernel }) => codes.get(kernel.id) as AmdCode);
  const ofEach = <T>(titles: readonly string[], found: (title: string) => T) =>
    Object.fromEntries(titles.map((title) => [title, found(title)]));
  const here = test.skipIf(family.env() === undefined);

  here("no kernel spills registers or has scratch memory", () => {
    const found = ofEach([...plans.keys()], (title) =>
      codesOf(title).map(({ spills, scratch }) => spills + scratch),
    );
    expect(found).toEqual(ofEach([...plans.keys()], (title) => passesOf(title).map(() => 0)));
  });

  here("rows are loaded and stored by four elements", () => {
    const widthsOf = (title: string) => {
      const [{ loadWidths, storeWidths }] = codesOf(title);
      const loads = Object.entries(loadWidths).filter(([, count]) => count > 2); // the first of x and residual
      return [loads.map(([width]) => width), Object.keys(storeWidths)].map(String);
    };
    expect(ofEach(ROWS, widthsOf)).toEqual(ofEach(ROWS, () => ["16", "16"]));
    expect(ofEach(HALVES, widthsOf)).toEqual(ofEach(HALVES, () => ["8", "8"]));
  });

  here("x is loaded and y is stored by four elements, whatever the parameters are", () => {
    const found = ofEach(OTHERS, (title) => {
      const [{ loadWidths, storeWidths }] = codesOf(title);
      return [16 in loadWidths, Object.keys(storeWidths).join()];
    });
    expect(found).toEqual(ofEach(OTHERS, () => [true, "16"]));
  });

  here("all loads of a held group's x and dy are under way at once, and none comes again", () => {
    const found = ofEach(HELD_GROUPS, (title) => {
      const [{ loads, loadWidths }] = codesOf(title);
      return [loadWidths[16], loads >= 32];
    });
    expect(found).toEqual(ofEach(HELD_GROUPS, () => [32, true]));
  });

  here("no loop reads or writes 16-bit elements that are held", () => {
    const found = ofEach(UNROLLED, (title) =>
      codesOf(title).flatMap(({ loops }) => loops.filter(({ accesses }) => accesses > 0)),
    );
    expect(found).toEqual(ofEach(UNROLLED, () => []));
  });

  here("all loads of a held row are under way at once", () => {
    const expected = (title: string) => Math.min(8, vectorsHeld(title));
    const found = ofEach(HELD_ROWS, (title) => {
      const [{ loads, loops }] = codesOf(title);
      const held = loops.every(({ accesses }) => accesses === 0);
      return held ? Math.min(loads, expected(title)) : "read in a loop";
    });
    expect(found).toEqual(ofEach(HELD_ROWS, expected));
  });
});
