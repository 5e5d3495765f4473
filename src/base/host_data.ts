// This file converts the caller's numbers to their storage type.

import { DTYPES, type DType, isInteger } from "./dtype";
import { fail, show } from "./errors";
import { sizeOf } from "./shape";

/**
 * Host data are numbers: any typed array, a DataView of little-endian elements, or a list. An array
 * of a dtype's own bits is taken as it is: a Float32Array for f32, a Float16Array or Uint16Array
 * for f16, a Uint16Array for bf16 and u16, a Uint8Array or Uint8ClampedArray for u8, an Int8Array
 * for i8, a DataView for any. Other numbers are rounded to f32, and then to the nearest f16 or bf16;
 * for integers they must be whole and in range.
 */
export type HostData = ArrayBufferView | readonly number[];

/** Returns the name of the class of a typed array or DataView, of any realm, and "" for others. */
export const viewName = (data: unknown): string =>
  ArrayBuffer.isView(data) ? (data as Uint8Array)[Symbol.toStringTag] : "";

/** Returns whether the data hold the bits of this type. */
const isBits = (data: unknown, dtype: DType): data is ArrayBufferView =>
  DTYPES[dtype].arrays.includes(viewName(data));

export const bytesOf = ({ buffer, byteOffset, byteLength }: ArrayBufferView): Uint8Array =>
  new Uint8Array(buffer, byteOffset, byteLength);

/** Returns the elements of a shape as they are stored, in whole words. */
export function toStorage(
  data: unknown,
  dtype: DType,
  shape: readonly number[],
): Uint8Array<ArrayBuffer> {
  if (!viewName(data) && !Array.isArray(data)) {
    fail("tensor", `data ${show(data)}, expected an array of numbers`);
  }
  const { length, byteLength } = data as { length?: number; byteLength: number };
  const size = length ?? byteLength / DTYPES[dtype].bytes;
  if (size !== sizeOf(shape)) {
    fail("tensor", `${size} values for shape ${show(shape)}, expected ${sizeOf(shape)}`);
  }
  return wholeWords(storedBytes("tensor", "data", data, dtype));
}

/** Returns the bytes of a typed array, DataView or list as it is stored. */
export function storedBytes(op: string, name: string, data: unknown, dtype: DType): Uint8Array {
  if (isBits(data, dtype)) return bytesOf(data);
  const numbers = numbersOf(op, name, data as ArrayLike<unknown>, dtype);
  const stored = DTYPES[dtype].encode(numbers);
  if (isInteger(dtype)) {
    const wrong = stored.findIndex((value, i) => value !== numbers[i]);
    if (wrong >= 0)
      fail(op, `${name}[${wrong}] is ${numbers[wrong]}, expected a value of ${dtype}`);
  }
  return bytesOf(stored);
}

/** Checks that a typed array or list has numbers. */
export function numbersOf(
  op: string,
  name: string,
  data: ArrayLike<unknown>,
  dtype: DType = "f32",
): ArrayLike<number> {
  const view = viewName(data);
  if (view === "Uint16Array" && dtype === "f32") {
    fail(op, `${name} is a Uint16Array with dtype f32, expected dtype f16, bf16 or u16`);
  }
  if (view && !view.startsWith("Big")) return data as ArrayLike<number>;
  return Array.from(data, (value, i) =>
    typeof value === "number" || typeof value === "bigint"
      ? Number(value)
      : fail(op, `${name}[${i}] is ${show(value)}, expected a number`),
  );
}

/** Pads to whole words, since WebGPU writes nothing smaller, and copies what it cannot read. */
function wholeWords(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  const { buffer, length } = bytes;
  const fixed = buffer instanceof ArrayBuffer && !(buffer as { resizable?: boolean }).resizable;
  if (fixed && length % 4 === 0) return bytes as Uint8Array<ArrayBuffer>;
  const all = new Uint8Array(4 * Math.ceil(length / 4));
  all.set(bytes);
  return all;
}
