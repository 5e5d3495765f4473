// New operations and gradients on the GPU against PyTorch in float64.

import { expect } from "vitest";
import * as library from "../../src/index";
import type { Context, Tensor } from "../../src/index";
import { test } from "../fixture";
import { inChunks, reported } from "../harness";
import { familyVectors } from "../vectors_family";

async function check(ctx: Context, vector: (typeof familyVectors)[number]): Promise<string | null> {
  return reported(vector.id, async () => {
    const op = (library as Record<string, any>)[vector.op];
    if (!op) return "missing";
    const inputs = Object.fromEntries(Object.entries(vector.inputs).map(([name, v]) => [name, ctx.tensor(v.data as Float32Array, [...v.shape])]));
    const { x, dy, ...others } = inputs;
    const backward = dy !== undefined;
    const options: any = { ...vector.options, ...others };
    if (backward) options.x = x;
    else if ("mean" in vector.outputs || "rstd" in vector.outputs) options.stats = true;
    const result = op(backward ? dy : x, options);
    const results = { ...("buffer" in result ? { y: result } : result), runningMean: others.runningMean, runningVar: others.runningVar } as Record<string, Tensor>;
    for (const [name, expected] of Object.entries(vector.outputs)) {
      if (!results[name]) return `${name} is missing (${Object.keys(results)})`;
      const given = await results[name].read();
      if (`${results[name].shape}` !== `${expected.shape}`) return `${name} has shape ${results[name].shape}, expected ${expected.shape}`;
      const most = Math.max(...Array.from(expected.data, Math.abs).filter(Number.isFinite), 0);
      let worst = 0; let at = -1;
      given.forEach((v, i) => { const e = Math.abs(v - expected.data[i]); if (!(e <= worst) && !(Object.is(v, expected.data[i]))&& !(Number.isNaN(v)&&Number.isNaN(expected.data[i]))) { worst = e; at = i; } });
      if (!(worst <= 3e-6 * most + 1e-7)) return `${name}[${at}] ${given[at]} expected ${expected.data[at]} (most ${most})`;
    }
    return null;
  });
}

const ops = [...new Set(familyVectors.map(({ op }) => op))];
for (const op of ops) {
  const own = familyVectors.filter((v) => v.op === op);
  test(`${op} agrees with PyTorch (${own.length} vectors)`, async ({ ctx }) => {
    const failures = await inChunks(own, (v) => check(ctx, v));
    expect(failures.slice(0, 6), `${failures.length} failures`).toEqual([]);
  });
}
