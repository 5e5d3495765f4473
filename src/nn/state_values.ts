// This file reads the values of a state, in the forms that loaders of checkpoints give.

import { DTYPES, isDType, type StoredArray } from "../base/dtype";
import { fail, show } from "../base/errors";
import { bytesOf, type HostData, numbersOf, viewName } from "../base/host_data";
import { sameShape, sizeOf } from "../base/shape";
import { copy } from "../norms/shared/elementwise";
import { contextOf } from "../operation/operation";
import { Tensor } from "../runtime/tensor";

/**
 * `loadStateDict` takes a value for a name: a tensor or parameter (copied on the GPU), numbers, or
 * either with a shape that must match. A Uint8Array, Uint16Array or DataView holds little-endian
 * bytes of the dtype beside it; a number or bigint is for `num_batches_tracked`.
 */
export type StateValue =
  | Tensor
  | HostData
  | number
  | bigint
  | {
      readonly data: Tensor | HostData | number | bigint;
      readonly shape?: readonly number[] | undefined;
      /**
       * The dtype of bytes has safetensors' or PyTorch's name: "F32", "bfloat16", "torch.int64".
       */
      readonly dtype?: string | undefined;
    };

/** A checked value is a function that writes it. */
export type Write = () => void;

/** An entry has its name in the file, its name in the module, and its value. */
export interface NamedValue {
  readonly key: string;
  readonly name: string;
  readonly value: unknown;
}

/** Checks a value against its tensor, and returns a function that writes it. */
export function writeInto(op: string, { key, name, value }: NamedValue, into: Tensor): Write {
  const { data, shape, dtype } = entrySpec(value);
  if (data instanceof Tensor) return fromTensor(op, key, data, into);
  if (shape !== undefined) checkSameShape(op, key, shape, into);
  const list = listOf(op, key, data, dtype);
  const expected = sizeOf(into.shape);
  if (list.length !== expected) {
    const given = `${key} has ${list.length} values`;
    fail(op, `${given}, expected ${expected} for shape ${show(into.shape)}`);
  }
  const values = DTYPES.f32.encode(numbersOf(op, key, list));
  const negative = name === "running_var" ? values.findIndex((v) => v < 0) : -1;
  if (negative >= 0) {
    fail(op, `${key}[${negative}] is ${values[negative]}, expected a variance, not negative`);
  }
  return () => {
    const source = contextOf(op, key, into).tensor(values, into.shape, { dtype: into.dtype });
    copy(source, into);
    source.destroy();
  };
}

/** Reads a count of batches in the form of PyTorch (an integer tensor of shape []) or of JSON. */
export function countFrom(op: string, { key, value }: NamedValue): number {
  const { data, dtype } = entrySpec(value);
  const isList = ArrayBuffer.isView(data) || Array.isArray(data);
  const list = isList ? listOf(op, key, data, dtype) : { 0: data, length: 1 };
  const only = list[0];
  const count = typeof only === "bigint" ? Number(only) : only;
  const whole =
    Number.isInteger(count) && (count as number) >= 0 && (count as number) <= MOST_BATCHES;
  if (!whole || list.length !== 1) {
    const given = isList ? show(Array.from(list)) : show(data);
    fail(op, `${key} is ${given}, expected a whole number from 0 to 2^52`);
  }
  return count as number;
}

const MOST_BATCHES = 2 ** 52; // counting on stays exact

function fromTensor(op: string, key: string, from: Tensor, into: Tensor): Write {
  if (from.destroyed) fail(op, `${key} is destroyed, expected a live tensor`);
  if (from.context.device !== into.context.device) {
    fail(op, `${key} is on another device than the module, expected all tensors on one device`);
  }
  checkSameShape(op, key, from.shape, into);
  return () => copy(from.reshape(into.shape), into);
}

const withoutOnes = (shape: readonly number[]) => shape.filter((length) => length !== 1);

/** Checks a shape, whose axes of length 1 do not count: others keep [C] as [1, C, 1, 1]. */
function checkSameShape(op: string, key: string, shape: unknown, { shape: expected }: Tensor) {
  if (!Array.isArray(shape) || !sameShape(withoutOnes(shape), withoutOnes(expected))) {
    fail(op, `${key} has shape ${show(shape)}, expected ${show(expected)}`);
  }
}

interface EntrySpec {
  readonly data: unknown;
  readonly shape?: unknown | undefined;
  readonly dtype?: unknown | undefined;
}

/** Returns a value in one form, whether it came with a description or without. */
function entrySpec(value: unknown): EntrySpec {
  const plain = typeof value !== "object" || value === null || !("data" in value);
  return plain ? { data: value } : (value as EntrySpec);
}

/** Integers and f64 occur in files, too: each is an array over the bytes. */
const OTHER_TYPES = { f64: Float64Array, i64: BigInt64Array, i32: Int32Array } as const;

const isOther = (type: string): type is keyof typeof OTHER_TYPES =>
  Object.hasOwn(OTHER_TYPES, type);

/** Returns the list that a value is, bytes by their dtype. */
function listOf(op: string, key: string, data: unknown, dtype: unknown): ArrayLike<unknown> {
  const view = viewName(data);
  if (!view && !Array.isArray(data)) {
    fail(op, `${key} is ${show(data)}, expected a tensor, a typed array or an array of numbers`);
  }
  const raw = ["Uint8Array", "Uint16Array", "DataView"].includes(view);
  if (!raw) return data as ArrayLike<unknown>;
  const bytes = new Uint8Array(bytesOf(data as ArrayBufferView)).buffer; // aligned, not shared
  return decoded(op, `${key} is a ${view} with dtype ${show(dtype)}`, bytes, dtype);
}

/** Reads bytes by the dtype's name: "F16", "float16", "torch.float16" are all f16. */
function decoded(op: string, given: string, bytes: ArrayBuffer, dtype: unknown) {
  const name = String(dtype)
    .toLowerCase()
    .replace(/^torch\./, "");
  const type = name.replace("float", "f").replace("int", "i");
  if (!isDType(type) && !isOther(type)) {
    fail(op, `${given}, expected dtype F32, F16, BF16, F64, I64 or I32 for bytes`);
  }
  const array = isDType(type) ? DTYPES[type].array : OTHER_TYPES[type];
  const each = isDType(type) ? DTYPES[type].bytes : OTHER_TYPES[type].BYTES_PER_ELEMENT;
  if (bytes.byteLength % each !== 0) {
    fail(op, `${given} and ${bytes.byteLength} bytes, expected a multiple of ${each}`);
  }
  const list = new array(bytes);
  return isDType(type) ? DTYPES[type].decode(list as StoredArray as never) : list;
}
