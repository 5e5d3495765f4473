// Elements are stored as one of these types. This file also converts them on the CPU.

import { fail, show } from "./errors";

/** A float dtype is IEEE single or half precision, or bfloat16. Any array may have one. */
export type FloatDType = "f32" | "f16" | "bf16";

/** An integer dtype is for the x of a norm or of statistics. */
export type IntegerDType = "u8" | "i8" | "u16";

/** The elements of x have one of these types. */
export type ElementDType = FloatDType | IntegerDType;

/** A dtype is the storage type of elements. Arithmetic is f32; u32 is for masks and lengths alone. */
export type DType = ElementDType | "u32";

/** Elements as they are stored: values of f32 and integers, bits of f16 and bf16. */
export type StoredArray =
  | Float32Array<ArrayBuffer>
  | Uint32Array<ArrayBuffer>
  | Uint16Array<ArrayBuffer>
  | Uint8Array<ArrayBuffer>
  | Int8Array<ArrayBuffer>;

interface StorageType<A extends StoredArray> {
  readonly bytes: number;
  readonly code: number; // the type's number in the shaders
  readonly arrays: readonly string[]; // names of the arrays that hold its elements as stored
  readonly array: new (buffer: ArrayBufferLike | number, offset?: number, length?: number) => A;
  /**
   * Returns the nearest elements to the values as f32: ties to even, overflow to infinity. Integers
   * hold whole numbers of their range alone.
   */
  readonly encode: (values: ArrayLike<number>) => A;
  /** Returns the exact values. */
  readonly decode: (stored: A) => Float32Array<ArrayBuffer>;
}

interface ArrayClass<A> {
  readonly name: string;
  readonly BYTES_PER_ELEMENT: number;
  new (from: ArrayBufferLike | ArrayLike<number> | number, offset?: number, length?: number): A;
}

/** States a type by its code and the class of its arrays. Values are stored as they are by default. */
const storageType = <A extends StoredArray>(
  code: number,
  array: ArrayClass<A>,
  others: readonly string[] = [],
  encode: (values: ArrayLike<number>) => A = (values) => new array(values),
  decode: (stored: A) => Float32Array<ArrayBuffer> = floats,
): StorageType<A> => ({
  bytes: array.BYTES_PER_ELEMENT,
  code,
  arrays: [array.name, "DataView", ...others],
  array,
  encode,
  decode,
});

type Halves = Uint16Array<ArrayBuffer>;

/** The shaders derive the elements in a word from a code: one of 0, two below 4, else four. */
export const DTYPES: {
  readonly f32: StorageType<Float32Array<ArrayBuffer>>;
  readonly f16: StorageType<Halves>;
  readonly bf16: StorageType<Halves>;
  readonly u16: StorageType<Halves>;
  readonly u8: StorageType<Uint8Array<ArrayBuffer>>;
  readonly i8: StorageType<Int8Array<ArrayBuffer>>;
  readonly u32: StorageType<Uint32Array<ArrayBuffer>>;
} = {
  f32: storageType(0, Float32Array, [], undefined, (stored) => stored),
  f16: storageType(
    1,
    Uint16Array,
    ["Float16Array"],
    (values) => halves(values, toF16),
    (stored) => Float32Array.from(stored, fromF16),
  ),
  bf16: storageType(
    2,
    Uint16Array,
    [],
    (values) => halves(values, toBf16),
    (stored) => new Float32Array(Uint32Array.from(stored, (bits) => bits << 16).buffer),
  ),
  u16: storageType(3, Uint16Array),
  u8: storageType(4, Uint8Array, ["Uint8ClampedArray"]),
  i8: storageType(5, Int8Array),
  u32: storageType(6, Uint32Array), // no kernel converts these
};

/** The floats come first. */
const ALL = Object.keys(DTYPES) as DType[];
export const FLOATS = ALL.slice(0, 3) as FloatDType[];
export const ELEMENTS = ALL.slice(0, -1) as ElementDType[];

/** Returns whether elements are stored as the bits of fewer than an f32 has. */
export const isHalf = (dtype: DType): boolean => dtype.endsWith("f16");

export const isInteger = (dtype: DType): dtype is Exclude<DType, FloatDType> =>
  !isOneOf(FLOATS, dtype);

/** Returns the storage type of a result that is stored like x. That of an integer x is f32. */
export const resultType = (dtype: DType): FloatDType => (isInteger(dtype) ? "f32" : dtype);

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

const isOneOf = <T>(types: readonly T[], dtype: unknown): dtype is T => types.includes(dtype as T);

export const isDType = (dtype: unknown): dtype is DType => isOneOf(ALL, dtype);

/** Checks a storage type. Only x may hold integers. */
export function checkDType<T extends DType = DType>(
  op: string,
  dtype: unknown,
  name = "dtype",
  types: readonly T[] = ALL as T[],
): T {
  if (!isOneOf(types, dtype)) {
    fail(op, `${name} ${show(dtype)}, expected one of ${types.join(", ")}`);
  }
  return dtype;
}

/** Checks the storage type of a result or a parameter. */
export const checkFloat = (op: string, dtype: unknown, name?: string): FloatDType =>
  checkDType(op, dtype, name, FLOATS);
