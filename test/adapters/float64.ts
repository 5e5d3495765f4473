// What the tests of adapters compare with: the float64 references of all other tests.

import { expect } from "vitest";
import * as reference from "../reference/norms";

/** Returns the largest difference between as many numbers. */
export function far(got: ArrayLike<number>, right: ArrayLike<number>): number {
  expect(got.length).toBe(right.length);
  return Math.max(...Array.from(right, (v, i) => Math.abs((got[i] as number) - v)));
}

/** Returns rows of `length` elements, each normalized. */
export const rows = (x: ArrayLike<number>, length: number, eps = 1e-5): Float64Array =>
  reference.layerNorm(
    { shape: [x.length / length, length], data: Float64Array.from(x) },
    { normalizedShape: [length], eps },
  ).y.data as Float64Array;

/** Returns examples of this shape, each channel normalized over all of them. */
export const channels = (x: Float64Array, shape: readonly number[]): Float64Array =>
  reference.batchNorm({ shape, data: x }, { training: true }).y.data as Float64Array;
