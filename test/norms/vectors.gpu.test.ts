// These tests compare the library on the GPU with PyTorch in float64. The reference of the other tests
// agrees with all vectors (test/reference/reference.test.ts).

import { expect } from "vitest";
import type { Context } from "../../src/index";
import { difference, inChunks } from "../support/comparison";
import { test } from "../support/fixture";
import { rows } from "../support/operations";
import { share } from "../support/share";
import { expected } from "../support/tolerance";
import { problemOf, type Vector, vectors } from "../support/vectors";
import { familyVectors } from "../support/vectors_family";

async function check(ctx: Context, vector: Vector): Promise<string | null> {
  const problem = problemOf(vector);
  const rules = expected(problem);
  const fromPyTorch = Object.entries(vector.outputs).map(([name, values]) => {
    return [name, { ...rules[name], ...values }] as const;
  });
  return difference(ctx, problem, Object.fromEntries(fromPyTorch));
}

for (const [turn, { name }] of rows.entries()) {
  const own = [...vectors, ...familyVectors].filter(({ op }) => op === name);
  test(`${name} agrees with PyTorch (${own.length} vectors)`, async ({ ctx }) => {
    expect(own.length).toBeGreaterThan(0);
    const some = share(own, 3, turn);
    expect(await inChunks(some, (vector) => check(ctx, vector))).toEqual([]);
  });
}
