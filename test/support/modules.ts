// This file compares the results and the state of modules with those of PyTorch's.

import { describe, expect } from "vitest";
import type * as nn from "../../src/nn/index";
import type { Values } from "./arrays";
import { test } from "./fixture";
import { UNIT } from "./units";
import {
  type ModuleVector,
  moduleOf,
  moduleVectors,
  type State,
  type Step,
  tensorOf,
} from "./vectors_nn";

/**
 * y may be off by 34 units of the data's deviation (2e-6, see tolerance.ts), which no array here
 * exceeds by less than half; gradients are sums of products of two such values.
 */
const UNITS = 64;

/** Five steps of descent each carry their rounding on to the next. */
export const TRAINED_UNITS = 10 * UNITS;

export function expectNear(
  given: Float32Array,
  { data }: Values,
  name: string,
  units = UNITS,
): void {
  expect(given.length, name).toBe(data.length);
  const most = Math.max(1, ...Array.from(data, Math.abs));
  given.forEach((value, i) => {
    const off = Math.abs(value - data[i]);
    expect(off, `${name}[${i}]: ${value} for ${data[i]}`).toBeLessThan(units * UNIT * most);
  });
}

export async function expectState(
  module: Pick<nn.NormModule, "stateDict">,
  expected: State,
  units = UNITS,
) {
  const state = await module.stateDict();
  expect(Object.keys(state)).toEqual(Object.keys(expected));
  for (const [name, value] of Object.entries(expected)) {
    const { shape, data } = state[name];
    const values = typeof value === "number" ? { shape: [], data: Float32Array.of(value) } : value;
    expect(shape, name).toEqual(values.shape);
    expectNear(data, values, name, units);
  }
}

export async function expectGradients(
  module: Pick<nn.NormModule, "namedParameters">,
  expected: Record<string, Values>,
) {
  const named = module.namedParameters();
  expect(named.map(([name]) => name)).toEqual(Object.keys(expected));
  for (const [name, { grad, shape }] of named) {
    expect(grad?.shape, name).toEqual(shape);
    expectNear((await grad?.read()) ?? new Float32Array(), expected[name], `gradient of ${name}`);
  }
}

/** A forward and a backward. */
async function expectStep(module: nn.NormModule, { x, dy, y, dx }: Step, name: string) {
  const [input, gradient] = [x, dy].map((values) => tensorOf(module.context, values));
  const results = [module.forward(input), module.backward(gradient)];
  expectNear(await results[0].read(), y, `y of ${name}`);
  expectNear(await results[1].read(), dx, `dx of ${name}`);
  for (const tensor of [input, gradient, ...results]) tensor.destroy();
}

/** A module of PyTorch's over some steps, then in evaluation. */
export function testVectors(module: ModuleVector["module"]): void {
  describe(`${module} as PyTorch's`, () => {
    for (const vector of moduleVectors.filter((one) => one.module === module)) {
      test(vector.id, async ({ ctx }) => {
        using module = moduleOf(ctx, vector);
        expect(module.training).toBe(true);
        module.loadStateDict(vector.initial);
        for (const [i, step] of vector.steps.entries()) {
          await expectStep(module, step, `step ${i + 1}`);
        }
        await expectGradients(module, vector.gradients);
        await expectState(module, vector.trained);
        module.eval().zeroGrad();
        await expectStep(module, vector.evaluation, "evaluation");
        await expectGradients(module, vector.evaluation.gradients);
        await expectState(module, vector.trained);
      });
    }
  });
}
