// The types that elements are stored as, and their conversion on the CPU.

import { fail, show } from "./errors";

/** IEEE single and half precision, and bfloat16. Arithmetic is f32 whatever the storage. */
export type DType = "f32" | "f16" | "bf16";

export const BYTES: Record<DType, number> = { f32: 4, f16: 2, bf16: 2 };

/** The shaders' numbers for them. */
export const WGSL_DTYPE: Record<DType, number> = { f32: 0, f16: 1, bf16: 2 };

/** The machine epsilon: the step from 1 to the next number. */
export const EPSILON: Record<DType, number> = { f32: 2 ** -23, f16: 2 ** -10, bf16: 2 ** -7 };

/** Bits of the nearest f16s or bf16s: ties to even, overflow to infinity. */
export function encodeHalf(
  values: Float32Array | readonly number[],
  dtype: "f16" | "bf16",
): Uint16Array<ArrayBuffer> {
  const all = new Uint32Array(Float32Array.from(values).buffer);
  return Uint16Array.from(all, dtype === "f16" ? toF16 : toBf16);
}

/** The values of f16 or bf16 bits, exactly. */
export function decodeHalf(bits: Uint16Array, dtype: "f16" | "bf16"): Float32Array<ArrayBuffer> {
  if (dtype === "f16") return Float32Array.from(bits, fromF16);
  return new Float32Array(Uint32Array.from(bits, (b) => b << 16).buffer);
}

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

export function checkDType(op: string, dtype: unknown, name = "dtype"): DType {
  if (typeof dtype !== "string" || !Object.hasOwn(BYTES, dtype)) {
    fail(op, `${name} ${show(dtype)}, expected "f32", "f16" or "bf16"`);
  }
  return dtype as DType;
}
