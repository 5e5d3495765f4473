// These tests compare the library on the GPU with PyTorch in float64.

import { expect } from "vitest";
import type { Context } from "../../src/index";
import { difference, inChunks } from "../support/comparison";
import { test } from "../support/fixture";
import { rows } from "../support/operations";
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

for (const { name } of rows) {
  const own = [...vectors, ...familyVectors].filter(({ op }) => op === name);
  test(`${name} agrees with PyTorch (${own.length} vectors)`, async ({ ctx }) => {
    expect(own.length).toBeGreaterThan(0);
    expect(await inChunks(own, (vector) => check(ctx, vector))).toEqual([]);
  });
}
