// The modules that PyTorch itself does not have are judged by the float64 references of their
// operations: three steps whose gradients add up, then evaluation.

import { describe, expect } from "vitest";
import { BACKWARD } from "../reference/backward";
import type { BackwardOptions } from "../reference/chain";
import { FORWARD } from "../reference/family";
import type { Values } from "../support/arrays";
import { product } from "../support/arrays";
import { test } from "../support/fixture";
import { moduleCases } from "../support/module_cases";
import { expectGradients, expectNear, expectState } from "../support/modules";
import { Random } from "../support/random";
import { tensorOf } from "../support/vectors_nn";

const gradientOf = (option: string) => `d${option.charAt(0).toUpperCase()}${option.slice(1)}`;

const randomValues = (random: Random, shape: readonly number[]): Values => ({
  shape,
  data: random.normals(product(shape), 0.3, 1),
});

for (const { title, make, operation, options, state: names, shape } of moduleCases) {
  describe(title, () => {
    test("is the float64 reference, step by step", async ({ ctx }) => {
      const random = new Random(title.length);
      using module = make(ctx);
      const begins = await module.stateDict();
      expect(Object.keys(begins)).toEqual(Object.keys(names));
      const state = Object.fromEntries(
        Object.entries(begins).map(([name, entry]) => [name, randomValues(random, entry.shape)]),
      );
      module.loadStateDict(state);
      const given = Object.entries(names).map(([name, option]) => [option, state[name]]);
      const all = { ...options, ...Object.fromEntries(given) };
      const sums = Object.fromEntries(
        Object.entries(state).map(([name, { shape: own }]) => [
          name,
          { shape: own, data: new Float64Array(product(own)) },
        ]),
      );
      for (let step = 1; step <= 4; step++) {
        if (step === 4) module.eval();
        const [x, dy] = [1, 2].map(() => randomValues(random, shape));
        const [input, gradient] = [tensorOf(ctx, x), tensorOf(ctx, dy)];
        const y = module.forward(input);
        const dx = module.backward(gradient, { of: y });
        const expected = BACKWARD[`${operation}Backward`](dy, { ...all, x } as BackwardOptions);
        const { y: result } = FORWARD[operation](x, all as never);
        expectNear(await y.read(), result, `y of step ${step}`);
        expectNear(await dx.read(), expected.dx, `dx of step ${step}`);
        for (const [name, option] of Object.entries(names)) {
          expected[gradientOf(option)].data.forEach((v, i) => {
            sums[name].data[i] += v;
          });
        }
      }
      await expectGradients(module, sums);
      await expectState(module, state);
    });

    test("several forwards come before their backwards", async ({ ctx }) => {
      const random = new Random(1);
      using module = make(ctx);
      using alone = make(ctx);
      const inputs = [1, 2].map(() => randomValues(random, shape));
      const dys = [1, 2].map(() => tensorOf(ctx, randomValues(random, shape)));
      const ys = inputs.map((x) => module.forward(tensorOf(ctx, x)));
      for (const k of [1, 0]) {
        const dx = module.backward(dys[k], { of: ys[k] });
        alone.forward(tensorOf(ctx, inputs[k]));
        expect(await dx.read()).toEqual(await alone.backward(dys[k]).read());
      }
      for (const [k, { grad }] of module.parameters().entries()) {
        expect(await grad?.read()).toEqual(await alone.parameters()[k].grad?.read());
      }
    });
  });
}
