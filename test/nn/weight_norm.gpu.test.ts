// These tests cover WeightNorm as a module: a weight of two parameters, its gradients, its state,
// its misuse.

import { expect } from "vitest";
import { weightNorm } from "../../src/index";
import * as nn from "../../src/nn/index";
import { BACKWARD } from "../reference/backward";
import type { BackwardOptions } from "../reference/chain";
import { FORWARD } from "../reference/family";
import { product, type Values } from "../support/arrays";
import { type ErrorCase, testErrors } from "../support/error_cases";
import { test } from "../support/fixture";
import { expectNear } from "../support/modules";
import { Random } from "../support/random";
import { UNIT } from "../support/units";
import { tensorOf } from "../support/vectors_nn";

const SHAPE = [4, 3, 2, 5];

const randomValues = (random: Random, shape: readonly number[]): Values => ({
  shape,
  data: random.normals(product(shape), 0, 1),
});

const KEPT: readonly (readonly [dim: number | null, shape: readonly number[]])[] = [
  [0, [4, 1, 1, 1]],
  [1, [1, 3, 1, 1]],
  [-1, [1, 1, 1, 5]],
  [null, []],
];

for (const [dim, shape] of KEPT) {
  test(`dim ${dim}: begins as the weight, and follows g and v`, async ({ ctx }) => {
    const random = new Random(7);
    const weight = randomValues(random, SHAPE);
    using given = tensorOf(ctx, weight);
    using module = new nn.WeightNorm(ctx, given, { dim });
    expect(module.namedParameters().map(([name, own]) => [name, own.shape])).toEqual([
      ["weight_g", shape],
      ["weight_v", SHAPE],
    ]);
    expectNear(await module.forward().read(), weight, "w at first", 4);

    const state = { weight_g: randomValues(random, shape), weight_v: randomValues(random, SHAPE) };
    module.loadStateDict(state);
    const all = { dim, weight: flat(state.weight_g) };
    const { y } = FORWARD.weightNorm(state.weight_v, all as never);
    const sums = [shape, SHAPE].map((own) => new Float64Array(product(own)));
    for (let step = 1; step <= 3; step++) {
      const dw = randomValues(random, SHAPE);
      expectNear(await module.forward().read(), y, `w of step ${step}`);
      module.backward(tensorOf(ctx, dw));
      const options = { ...all, x: state.weight_v } as BackwardOptions;
      const { dx, dWeight } = BACKWARD.weightNormBackward(dw, options);
      [dWeight, dx].forEach(({ data }, k) => {
        data.forEach((v, i) => {
          sums[k][i] += v;
        });
      });
    }
    for (const [k, { grad, shape: own }] of module.parameters().entries()) {
      const expected = { shape: own, data: sums[k] };
      expect(grad?.shape).toEqual(own);
      expectNear((await grad?.read()) ?? new Float32Array(), expected, `gradient ${k}`);
    }
  });
}

/** The reference takes a magnitude for each filter as a vector. */
const flat = ({ data }: Values): Values => ({ shape: [data.length], data });

test("the norms of a weight are exact to f32, however large or small it is", async ({ ctx }) => {
  for (const size of [1e-30, 1, 1e30]) {
    const values = Float32Array.from([3, 4, 0, 0, 5, 12]).map((v) => v * size);
    using module = new nn.WeightNorm(ctx, ctx.tensor(values, [3, 2]));
    const g = await module.g.data.read();
    [5, 0, 13].forEach((v, i) => {
      expect(Math.abs(g[i] / size - v)).toBeLessThanOrEqual(4 * UNIT * v);
    });
  }
});

test("it is the operation, and a layer takes it where it took the weight", async ({ ctx }) => {
  using module = new nn.WeightNorm(ctx, ctx.tensor([1, 2, 3, 4], [2, 2]), { eps: 3 });
  const expected = weightNorm(module.v.data, { weight: module.g.data, eps: 3 });
  expect(await module.forward().read()).toEqual(await expected.read());
});

test("the weight is copied, in its own type or another", async ({ ctx }) => {
  const weight = ctx.tensor([1, 2, 3, 4], [2, 2], { dtype: "bf16" });
  using module = new nn.WeightNorm(ctx, weight);
  using other = new nn.WeightNorm(ctx, weight, { dtype: "f32" });
  weight.destroy();
  expect([module.v.dtype, module.g.dtype, other.v.dtype]).toEqual(["bf16", "bf16", "f32"]);
  expect([...(await other.v.data.read())]).toEqual([1, 2, 3, 4]);
});

test("files with the names of torch's parametrizations", async ({ ctx }) => {
  using module = new nn.WeightNorm(ctx, ctx.tensor([1, 1], [1, 2]));
  const state = {
    "conv.parametrizations.weight.original0": { data: [10], shape: [1, 1] },
    "conv.parametrizations.weight.original1": { data: [3, 4], shape: [1, 2] },
  };
  const names = { original0: "weight_g", original1: "weight_v" };
  module.loadStateDict(state, { prefix: "conv.parametrizations.weight.", names });
  expect([...(await module.forward().read())]).toEqual([6, 8]);
});

test("gradients go with zeroGrad, and everything with destroy", ({ ctx }) => {
  const module = new nn.WeightNorm(ctx, ctx.tensor([1, 2], [1, 2]));
  module.backward(ctx.tensor([1, 1], [1, 2]));
  const { grad } = module.g;
  module.zeroGrad();
  expect([grad?.destroyed, module.g.grad, module.v.grad]).toEqual([true, null, null]);
  const data = [module.g.data, module.v.data];
  module.destroy();
  expect([module.destroyed, ...data.map(({ destroyed }) => destroyed)]).toEqual([true, true, true]);
});

const ERRORS: ErrorCase[] = [
  [
    "no tensor",
    ({ ctx }) => new nn.WeightNorm(ctx, [1] as never),
    ["WeightNorm: weight is [1]", "tensor"],
  ],
  [
    "an unknown dim",
    ({ ctx, x }) => new nn.WeightNorm(ctx, x, { dim: 3 }),
    ["weightNorm: dim 3", "-3 .. 2"],
  ],
  [
    "a gradient of another shape",
    ({ ctx, x, of }) => new nn.WeightNorm(ctx, x).backward(of(6, 4)),
    ["WeightNorm.backward: dWeight has shape [6, 4]", "expected [2, 6, 4] as the weight"],
  ],
  [
    "an unknown option",
    ({ ctx, x }) => new nn.WeightNorm(ctx, x, { dims: 0 } as never),
    ["WeightNorm: unknown option dims", "did you mean dim"],
  ],
  [
    "a forward after destroy",
    ({ ctx, x }) => {
      const module = new nn.WeightNorm(ctx, x);
      module.destroy();
      module.forward();
    },
    ["WeightNorm.forward: the module is destroyed"],
  ],
];

testErrors(ERRORS);
