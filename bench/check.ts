// This file compares results with float64 before anything is timed.

import type { FloatDType } from "../src/base/dtype";
import type { Expected } from "./inputs";

/**
 * What counts as right, relative to the largest expected value. It is meant to find results that are wrong, not
 * libraries that are less exact: that is what the tests measure (and the largest error is in the report). f16 and
 * bf16: what rounding y to 11 or 8 bits costs.
 */
export const ALLOWED: Readonly<Record<FloatDType, number>> = {
  f32: 1e-4,
  f16: 2 ** -10,
  bf16: 2 ** -7,
};

export type Results = Readonly<Record<string, Float32Array>>;

/** Of all results; NaN where a number is expected, or a result of another length, is infinitely wrong. */
export function largestError(actual: Results, expected: Expected): number {
  const errors = Object.entries(expected).map(([name, { data }]) => {
    if (!actual[name]) throw new Error(`no result ${name}`);
    return relativeError(actual[name], data);
  });
  return Math.max(...errors);
}

function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Number.POSITIVE_INFINITY;
  let largest = 0;
  let size = 0;
  for (let i = 0; i < actual.length; i++) {
    const difference = Math.abs(actual[i] - expected[i]);
    if (Number.isNaN(difference)) return Number.POSITIVE_INFINITY;
    largest = Math.max(largest, difference);
    size = Math.max(size, Math.abs(expected[i]));
  }
  return largest / Math.max(size, 1);
}
