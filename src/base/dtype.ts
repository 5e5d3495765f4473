// Elements are stored as one of these types. This file also converts them on the CPU.

import { fail, show } from "./errors";

/**
 * A dtype is IEEE single or half precision, or bfloat16. Arithmetic is f32 whatever the storage.
 */
export type DType = "f32" | "f16" | "bf16";

/** Narrow types have fewer bits than the arithmetic and are stored as bits. */
export type NarrowDType = Exclude<DType, "f32">;

interface StorageType {
  readonly bytes: number;
  readonly code: number; // the type's number in the shaders
  readonly epsilon: number; // the step from 1 to the next number
}

/** Arrays of the bits of narrow types. */
export type BitArray = Uint16Array<ArrayBuffer>;

interface NarrowType extends StorageType {
  readonly array: Uint16ArrayConstructor; // of its bits
  /**
   * Returns the bits of the nearest number to the bits of an f32: ties to even, overflow to
   * infinity.
   */
  readonly encode: (word: number) => number;
  readonly decode: (bits: ArrayLike<number>) => Float32Array<ArrayBuffer>;
}

export const DTYPES: { readonly f32: StorageType } & Readonly<Record<NarrowDType, NarrowType>> = {
  f32: { bytes: 4, code: 0, epsilon: 2 ** -23 },
  f16: {
    bytes: 2,
    code: 1,
    epsilon: 2 ** -10,
    array: Uint16Array,
    encode: toF16,
    decode: (bits) => Float32Array.from(bits, fromF16),
  },
  bf16: {
    bytes: 2,
    code: 2,
    epsilon: 2 ** -7,
    array: Uint16Array,
    encode: toBf16,
    decode: fromBf16,
  },
};

export const isNarrow = (dtype: DType): dtype is NarrowDType => dtype !== "f32";

/** Says whether the data are bits of this type. */
export const isBits = (data: unknown, dtype: DType): data is BitArray =>
  isNarrow(dtype) && data instanceof DTYPES[dtype].array;

/** Returns the bits of the nearest numbers of a narrow type. */
export function encodeHalf(values: Float32Array | readonly number[], dtype: NarrowDType): BitArray {
  const all = new Uint32Array(Float32Array.from(values).buffer);
  const { array, encode } = DTYPES[dtype];
  return array.from(all, encode);
}

/** Returns the exact values of these bits. */
export const decodeHalf = (
  bits: ArrayLike<number>,
  dtype: NarrowDType,
): Float32Array<ArrayBuffer> => DTYPES[dtype].decode(bits);

function toBf16(word: number): number {
  if ((word & 0x7fffffff) > 0x7f800000) return ((word >>> 16) & 0x8000) | 0x7fc0;
  return (word + 0x7fff + ((word >>> 16) & 1)) >>> 16;
}

function toF16(word: number): number {
  const sign = (word >>> 16) & 0x8000;
  const a = word & 0x7fffffff;
  if (a > 0x7f800000) return sign | 0x7e00;
  if (a >= 0x47800000) return sign | 0x7c00;
  if (a >= 0x38800000) return sign | ((a - 0x38000000 + 0xfff + ((a >>> 13) & 1)) >>> 13);
  const by = Math.min(126 - Math.min(a >>> 23, 126), 25); // below 2^-14: units of 2^-24
  const mantissa = (a & 0x7fffff) | 0x800000;
  const tie = 2 ** Math.max(0, by - 1) - 1;
  return sign | ((mantissa + tie + ((mantissa >>> by) & 1)) >>> by);
}

function fromF16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction ? Number.NaN : sign * Number.POSITIVE_INFINITY;
  if (exponent === 0) return sign * fraction * 2 ** -24;
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15);
}

function fromBf16(bits: ArrayLike<number>): Float32Array<ArrayBuffer> {
  return new Float32Array(Uint32Array.from(bits, (b) => b << 16).buffer);
}

export const isDType = (dtype: unknown): dtype is DType =>
  typeof dtype === "string" && Object.hasOwn(DTYPES, dtype);

export function checkDType(op: string, dtype: unknown, name = "dtype"): DType {
  if (!isDType(dtype)) {
    fail(op, `${name} ${show(dtype)}, expected "f32", "f16" or "bf16"`);
  }
  return dtype;
}
