// Elements are stored as one of these types. This file also converts them on the CPU.

import { fail, show } from "./errors";

/**
 * A dtype is IEEE single or half precision, or bfloat16. Arithmetic is f32 whatever the storage.
 */
export type DType = "f32" | "f16" | "bf16";

/** Narrow types have fewer bits than the arithmetic and are stored as bits. */
export type NarrowDType = Exclude<DType, "f32">;

/** Elements as they are stored: values of f32, bits of narrow types. */
export type StoredArray = Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

interface StorageType<A extends StoredArray> {
  readonly bytes: number;
  readonly code: number; // the type's number in the shaders
  readonly arrays: readonly string[]; // names of the arrays that hold its elements as stored
  readonly array: new (buffer: ArrayBufferLike | number, offset?: number, length?: number) => A;
  /** Returns the nearest elements to the values as f32: ties to even, overflow to infinity. */
  readonly encode: (values: ArrayLike<number>) => A;
  /** Returns the exact values. */
  readonly decode: (stored: A) => Float32Array<ArrayBuffer>;
}

type Floats = StorageType<Float32Array<ArrayBuffer>>;
type Halves = StorageType<Uint16Array<ArrayBuffer>>;

export const DTYPES: { readonly f32: Floats } & Readonly<Record<NarrowDType, Halves>> = {
  f32: {
    bytes: 4,
    code: 0,
    arrays: ["Float32Array", "DataView"],
    array: Float32Array,
    encode: floats,
    decode: (stored) => stored,
  },
  f16: {
    bytes: 2,
    code: 1,
    arrays: ["Float16Array", "Uint16Array", "DataView"],
    array: Uint16Array,
    encode: (values) => halves(values, toF16),
    decode: (stored) => Float32Array.from(stored, fromF16),
  },
  bf16: {
    bytes: 2,
    code: 2,
    arrays: ["Uint16Array", "DataView"],
    array: Uint16Array,
    encode: (values) => halves(values, toBf16),
    decode: (stored) => new Float32Array(Uint32Array.from(stored, (bits) => bits << 16).buffer),
  },
};

export const isNarrow = (dtype: DType): dtype is NarrowDType => dtype !== "f32";

function floats(values: ArrayLike<number>): Float32Array<ArrayBuffer> {
  return new Float32Array(values);
}

/** Returns halves by the bits of f32 values. */
const halves = (values: ArrayLike<number>, encode: (word: number) => number) =>
  Uint16Array.from(new Uint32Array(floats(values).buffer), encode);

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
  const value = ((a & 0x7fffff) | 0x800000) * 2 ** ((a >>> 23) - 150); // below 2^-14
  return sign | ((Math.fround(value + 0.5) - 0.5) * 2 ** 24); // f32 has steps of 2^-24 above 0.5
}

function fromF16(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >>> 10) & 31;
  const fraction = bits & 0x3ff;
  if (exponent === 31) return fraction ? Number.NaN : sign / 0;
  return sign * (fraction + (exponent && 1024)) * 2 ** ((exponent || 1) - 25);
}

export const isDType = (dtype: unknown): dtype is DType =>
  typeof dtype === "string" && Object.hasOwn(DTYPES, dtype);

export function checkDType(op: string, dtype: unknown, name = "dtype"): DType {
  if (!isDType(dtype)) {
    fail(op, `${name} ${show(dtype)}, expected "f32", "f16" or "bf16"`);
  }
  return dtype;
}
