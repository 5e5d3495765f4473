// A module with gates and skips does what its norm does with them, forward and backward.

import { expect } from "vitest";
import * as library from "../../src/index";
import { type Context, gateOf, skipOf, type Tensor } from "../../src/index";
import * as nn from "../../src/nn/index";
import { test } from "../support/fixture";
import { watchBuffers } from "../support/gpu_objects";
import { Random } from "../support/random";
import { groupsOf } from "../support/workers";

const SHAPE = [4, 6, 8];

type Norm = (x: Tensor, options: object) => Record<string, Tensor>;
const calls = library as unknown as Record<string, Norm>;

const MODULES: readonly (readonly [
  name: string,
  make: (ctx: Context) => nn.NormModule,
  options: object,
])[] = [
  ["batchNorm", (ctx) => new nn.BatchNorm(ctx, 6), { training: true }],
  ["groupNorm", (ctx) => new nn.GroupNorm(ctx, 2, 6), { groups: 2 }],
  ["instanceNorm", (ctx) => new nn.InstanceNorm(ctx, 6, { affine: true }), {}],
  ["layerNorm", (ctx) => new nn.LayerNorm(ctx, 8), { normalizedShape: 8 }],
  ["rmsNorm", (ctx) => new nn.RMSNorm(ctx, 8), { normalizedShape: 8 }],
];

function arrays(ctx: Context) {
  const random = new Random(1);
  return (shape = SHAPE) =>
    ctx.tensor(
      random.normals(
        shape.reduce((a, b) => a * b),
        0,
        1,
      ),
      shape,
    );
}

const read = async (tensor: Tensor | undefined) => [...((await tensor?.read()) ?? [])];

/** Two plans round each sum twice, and NVIDIA's compiler contracts each in its own way. */
function within(values: readonly number[], judge: readonly number[]): void {
  const most = Math.max(1, ...judge.map(Math.abs));
  expect(values.length).toBe(judge.length);
  for (const [i, v] of values.entries()) expect(Math.abs(v - judge[i])).toBeLessThan(4e-6 * most);
}

for (const [name, make, options] of MODULES) {
  test(`${name}: gates`, async ({ ctx }) => {
    using module = make(ctx);
    const array = arrays(ctx);
    const [x, dy, z, h, residual] = [array(), array(), array(), array(), array()];
    const [r, s] = [array([8]), array([8])];
    const { weight, bias } = module;
    const own = { ...options, weight: weight?.data, ...(bias && { bias: bias.data }) };
    for (const first of [false, true]) {
      const gates = { gate: gateOf(z, { first }), skip: skipOf(h, { gate: s }) };
      for (const before of [{}, { residual }, { residual, residualGate: gateOf(r) }]) {
        const given = { ...gates, ...before };
        const { y, sum, ...saved } = calls[name](x, {
          ...own,
          ...given,
          stats: true,
          residualOut: true,
        });
        const { residual: _, ...others } = given;
        const input = "residualGate" in given ? { x, sum } : { x: sum };
        const judge = calls[`${name}Backward`](dy, { ...own, ...others, ...saved, ...input });
        module.zeroGrad();
        expect(await read(module.forward(x, given))).toEqual(await read(y));
        const { dWeight, dBias, ...ofInputs } = judge;
        const made: Record<string, Tensor> = { ...module.inputGradients(dy) };
        expect(Object.keys(made).sort()).toEqual(Object.keys(ofInputs).sort());
        for (const key of Object.keys(ofInputs)) {
          expect(await read(made[key]), key).toEqual(await read(ofInputs[key]));
        }
        expect(await read(weight?.grad ?? undefined)).toEqual(await read(dWeight));
        module.forward(x, given);
        within(await read(module.backward(dy)), await read(judge.dx)); // alone, by a plan of its own
      }
    }
  });
}

test("SyncBatchNorm alone is BatchNorm with gates", async ({ ctx }) => {
  const [group] = groupsOf(1);
  using whole = new nn.BatchNorm(ctx, 6);
  using module = new nn.SyncBatchNorm(ctx, 6, { group });
  const array = arrays(ctx);
  const [x, dy, z, h, residual] = [array(), array(), array(), array(), array()];
  const given = { gate: gateOf(z), skip: skipOf(h, { gate: array([8]) }), residual };
  const [y, expected] = [await module.forward(x, given), whole.forward(x, given)];
  within(await read(y), await read(expected));
  const [made, judge] = [await module.inputGradients(dy), whole.inputGradients(dy)];
  expect(Object.keys(made).sort()).toEqual(Object.keys(judge).sort());
  for (const name of Object.keys(judge) as (keyof typeof judge)[]) {
    within(await read(made[name]), await read(judge[name]));
  }
  within(await read(module.weight?.grad ?? undefined), await read(whole.weight?.grad ?? undefined));
  await module.forward(x, given);
  within(await read(await module.backward(dy)), await read(judge.dx));
  const first = module.forward(x, { gate: gateOf(z, { first: true }) });
  await expect(first).rejects.toThrow("gate has first true, expected a gate after the norm");
  const gated = module.forward(x, { residualGate: gateOf(z) });
  await expect(gated).rejects.toThrow("residualGate is given, expected none");
});

test("the sum is the module's, and ends with the backward", async ({
  freshDevice,
  freshContext,
}) => {
  const device = await freshDevice();
  const { live } = watchBuffers(device);
  const ctx = await freshContext({ device, poolBytes: 0 });
  using module = new nn.LayerNorm(ctx, 8, { elementwiseAffine: false });
  const array = arrays(ctx);
  const [x, dy, residual] = [array(), array(), array()];
  const step = (options: object) => {
    const y = module.forward(x, options);
    const within = live.size;
    for (const tensor of [module.backward(dy), y]) tensor.destroy();
    return within - live.size;
  };
  for (let k = 0; k < 2; k++) step({ residual }); // uniforms and scratch stay with the context
  expect([step({}), step({ residual })]).toEqual([2, 3]); // y, its statistics, and the sum
});
