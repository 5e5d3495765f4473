// This file rounds numbers as they are stored: the nearest number of a type, and the steps between
// its numbers.

import type { DType } from "../../src/index";
import type { Values } from "./arrays";
import { type Half, nearest, numberOf } from "./halves";

/** Bits of the fraction, and the least exponent of a normal number. */
const FORMATS: Record<DType, readonly [bits: number, least: number]> = {
  f32: [23, -126],
  f16: [10, -14],
  bf16: [7, -126],
};

const isHalf = (dtype: DType): dtype is Half => dtype !== "f32";

/** The nearest number of the type: ties to even, overflow to infinity. */
export function rounded(value: number, dtype: DType): number {
  if (!isHalf(dtype) || Number.isNaN(value)) return Math.fround(value);
  return numberOf(nearest(value, dtype), dtype);
}

/** Changes the data to what the type can hold, so that the reference sees what the library does. */
export function narrow({ data }: Values, dtype: DType): void {
  if (!isHalf(dtype)) return;
  data.forEach((v, i) => {
    data[i] = rounded(v, dtype);
  });
}

/** From a number of this size to the next. */
export function step(value: number, dtype: DType): number {
  const [bits, least] = FORMATS[dtype];
  const exponent = Math.floor(Math.log2(Math.abs(value)));
  return 2 ** ((Number.isFinite(exponent) ? Math.max(least, exponent) : least) - bits);
}

/** The smallest normal number. */
export const smallest = (dtype: DType): number => 2 ** FORMATS[dtype][1];

/** What storing may add: half a step, that of the next power of two where the f32 may have got there. */
export const ofStorage = (value: number, tolerance: number, dtype: DType): number =>
  dtype === "f32" ? 0 : step(Math.abs(value) + tolerance, dtype) / 2;
