// This file rounds numbers as they are stored: the nearest number of a type, and the steps between
// its numbers.

import type { DType, IntegerDType } from "../../src/index";
import type { Values } from "./arrays";
import { HALVES, type Half, nearest, numberOf } from "./halves";

/** Bits of the fraction, and the least exponent of a normal number. */
const FORMATS: Record<DType, readonly [bits: number, least: number]> = {
  f32: [23, -126],
  f16: [10, -14],
  bf16: [7, -126],
  u8: [7, 0],
  i8: [6, 0],
  u16: [15, 0],
  u32: [23, 0], // as it is read
};

/** The least and the largest value of an integer type. */
export const RANGES: Record<IntegerDType | "u32", readonly [least: number, most: number]> = {
  u8: [0, 255],
  i8: [-128, 127],
  u16: [0, 65535],
  u32: [0, 2 ** 32 - 1],
};

export const INTEGERS: readonly IntegerDType[] = ["u8", "i8", "u16"]; // of x

export const isWhole = (dtype: DType): dtype is IntegerDType | "u32" => dtype in RANGES;

const isHalf = (dtype: DType): dtype is Half => (HALVES as readonly DType[]).includes(dtype);

/** The nearest number of the type: ties to even, overflow to infinity. Integers have a largest one. */
export function rounded(value: number, dtype: DType): number {
  if (isWhole(dtype)) {
    const [least, most] = RANGES[dtype];
    return Math.min(most, Math.max(least, Math.round(value))) + 0; // no negative zero
  }
  if (!isHalf(dtype) || Number.isNaN(value)) return Math.fround(value);
  return numberOf(nearest(value, dtype), dtype);
}

/** Changes the data to what the type can hold, so that the reference sees what the library does. */
export function narrow({ data }: Values, dtype: DType): void {
  if (dtype === "f32") return;
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
