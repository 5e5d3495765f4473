// These tests compare the reference with PyTorch in float64. Both round, so they agree to a few
// parts in 10^13.

import { describe, expect, test } from "vitest";
import type { Values } from "../support/arrays";
import { operations } from "../support/operations";
import { referenceOf } from "../support/problem";
import { problemOf, type Vector, vectors } from "../support/vectors";
import { familyVectors } from "../support/vectors_family";

const RELATIVE = 1e-12;

/** Rounding is relative to what is handled: x near 1e6 is known to 1e-10 only. */
function tolerance(inputs: Record<string, Values>, expected: Values): number {
  return RELATIVE * Math.max(1e-3 * largest(inputs.x), largest(expected), 1);
}

function largest({ data }: Values): number {
  let most = 0;
  for (const v of data) most = Math.max(most, Math.abs(v) || 0);
  return most;
}

function check(vector: Vector): void {
  const { id, inputs, outputs } = vector;
  const results = referenceOf(problemOf(vector));
  for (const [name, expected] of Object.entries(outputs)) {
    expect(results[name].shape, `${id}: shape of ${name}`).toEqual(expected.shape);
    const bound = tolerance(inputs, expected);
    expected.data.forEach((e, i) => {
      const given = results[name].data[i];
      const close = Object.is(given, e) || Math.abs(given - e) <= bound;
      expect(close, `${id}: ${name}[${i}] is ${given}, expected ${e} within ${bound}`).toBe(true);
    });
  }
}

describe("the reference agrees with PyTorch", () => {
  for (const name of new Set(vectors.map(({ op }) => op))) {
    const own = vectors.filter(({ op }) => op === name);
    test(`${name} (${own.length} vectors)`, () => own.forEach(check));
  }

  test("every operation has vectors, here or among those of gradients.test.ts", () => {
    const compared = new Set([...vectors, ...familyVectors].map(({ op }) => op));
    expect(operations.filter(({ name }) => !compared.has(name))).toEqual([]);
  });
});
