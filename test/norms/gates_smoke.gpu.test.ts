import { expect } from "vitest";
import * as library from "../../src/index";
import { gateOf, skipOf, maskOf } from "../../src/index";
import { BACKWARD } from "../reference/backward";
import { maskedForward } from "../reference/masked";
import { product, type Values } from "../support/arrays";
import { test } from "../support/fixture";
import { Random } from "../support/random";

const calls = library as any;
const NORMS: any[] = [
  ["layerNorm", [6, 5, 8], { normalizedShape: [8] }, [2], { weight: [8], bias: [8] }],
  ["rmsNorm", [7, 24], { normalizedShape: [24], weightOffset: 1 }, [1], { weight: [24] }],
  ["batchNorm", [6, 5, 8], { training: true }, [0, 2], { weight: [5], bias: [5] }],
  ["groupNorm", [3, 12, 5], { groups: 3 }, null, { weight: [12], bias: [12] }],
  ["standardize", [5, 1030], { axes: [0] }, [0], {}],
];
const groupingOf = (n: string, shape: number[], axes: number[] | null) =>
  axes ? { shape, axes } : { shape: [3, 3, 4, 5], axes: [2, 3] };

for (const [name, shape, options, axes, params] of NORMS) {
  for (const variant of ["gate", "first", "firstSum", "skip", "skipGate", "residual", "all", "allFirst", "masked0", "maskedkeep", "maskedapply", "maskedFirst0", "maskedFirstkeep", "maskedFirstapply"]) {
    for (const force of [{}, { split: true, slices: 2 }, { inRegisters: false, split: false, vectorWidth: 1 }, { columns: true }])
    test(`${name} ${variant} ${JSON.stringify(force)}`, async ({ ctx }) => {
      const random = new Random(3);
      const has = (w: string) => variant.includes(w) || variant.startsWith("all") || variant.startsWith("masked");
      const make = (s: number[], off = 0): Values => ({ shape: s, data: random.normals(product(s), off, 1) });
      const last = shape.slice(-1);
      const inputs: Record<string, Values> = {};
      for (const [p, s] of Object.entries(params)) inputs[p] = make(s as number[], 1);
      const first = variant.toLowerCase().includes("first");
      const x = make(shape, 0.5), dy = make(shape), dSum = make(shape);
      const g: Record<string, Values> = {};
      if (has("gate") || has("first")) g.gate = make(shape);
      if (has("skip")) g.skip = make(random.chance(0.5) ? shape : last);
      if (has("skipGate")) g.skipGate = make(last);
      if (has("residual")) { g.residualGate = make(last); inputs.residualBias = make(last); inputs.residual = make(shape); }
      if (variant === "firstSum") { inputs.residual = make(shape); }
      const mask: Values | undefined = variant.startsWith("masked") ? { shape, data: Float32Array.from({ length: product(shape) }, () => Number(random.chance(0.7))) } : undefined;
      const fill: any = variant.endsWith("keep") ? "keep" : variant.endsWith("apply") ? "apply" : -1.5;
      const act: any = random.pick(["silu", "sigmoid", "none", "gelu", { name: "hardSigmoid", alpha: 0.3, beta: 0.4 }, "tanh"]);
      const activation: any = variant.startsWith("all") ? "gelu" : undefined;
      if (variant.startsWith("all")) { inputs.scale = make(last); inputs.shift = make(last); }
      const gates = { ...g, gateActivation: act, gateFirst: first };
      const so = inputs.scale ? { scaleOffset: 0.25 } : {};
      const refOptions: any = { ...options, ...so, ...inputs, activation, gates, mask, fill, residualOut: true };
      const grouping = groupingOf(name, shape, axes);
      const expectY = maskedForward(name, x, refOptions, grouping);
      const T = (v: Values) => ctx.tensor(v.data as Float32Array, [...v.shape]);
      const t: any = Object.fromEntries(Object.entries(inputs).map(([k, v]) => [k, T(v)]));
      const opt: any = { ...options, ...so, ...t, activation,
        ...(g.gate && { gate: gateOf(T(g.gate), { activation: act, first }) }),
        ...(g.skip && { skip: skipOf(T(g.skip), g.skipGate ? { gate: T(g.skipGate) } : {}) }),
        ...(g.residualGate && { residualGate: gateOf(T(g.residualGate)) }),
        ...(mask && { mask: maskOf(T(mask), { fill }) }),
      };
      await ctx.forced(force as any, async () => {});
      const check = async (label: string, a: any, e: Values) => {
        expect(a, label).toBeDefined();
        const r: Float32Array = await a.read();
        let worst = 0, at = -1;
        const most = Math.max(1, ...Array.from(e.data, Math.abs));
        e.data.forEach((v, i) => { const o = Math.abs(r[i] - v) / most; if (!(o <= worst)) { worst = o; at = i; } });
        expect(r.length).toBe(e.data.length);
        expect(worst, `${label}[${at}] ${r[at]} for ${e.data[at]}`).toBeLessThan(3e-5);
      };
      const { y, sum } = ctx.forced(force as any, () => calls[name](T(x), { ...opt, residualOut: true }));
      await check("sum", sum, expectY.sum!);
      await check("y", y, expectY.y);
      const { residual, ...rest } = opt;
      const input = g.residualGate ? { x: T(x), sum } : { x: sum };
      const made = ctx.forced(force as any, () => calls[`${name}Backward`](T(dy), { ...rest, ...input, dSum: T(dSum) }));
      const { residual: _, ...restRef } = refOptions;
      const judge = BACKWARD[`${name}Backward`](dy, { ...restRef, ...(g.residualGate ? { x, sum: expectY.sum } : { x: expectY.sum }), dSum } as any);
      expect(Object.keys(made).sort()).toEqual(Object.keys(judge).sort());
      for (const [k, v] of Object.entries(judge)) await check(k, (made as any)[k], v as Values);
    });
  }
}
