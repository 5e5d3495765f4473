// A state dictionary has the state of a module, under PyTorch's names. This file reads and writes
// it.

import { type DType, decodeHalf, isDType, isNarrow } from "../base/dtype";
import { fail, show } from "../base/errors";
import { FLAG, type OptionKind, type OptionTable } from "../base/options";
import { sameShape, sizeOf } from "../base/shape";
import type { Context } from "../context/context";
import { contextOf } from "../operation/operation";
import { Tensor } from "../runtime/tensor";
import { copy } from "./accumulate";

/** An entry is one array on the CPU: its values, and the dtype of the tensor in the module. */
export interface StateEntry {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
  readonly dtype: DType;
}

/** `stateDict()` returns plain data by PyTorch's names; `num_batches_tracked` has the shape []. */
export type StateDict = Record<string, StateEntry>;

type Numbers =
  | Float32Array
  | Float64Array
  | Uint16Array
  | BigInt64Array
  | Int32Array
  | readonly number[];

/**
 * `loadStateDict` takes a value for a name: a tensor or parameter (copied on the GPU), values, or
 * values with a shape that must match. A Uint16Array holds the bits of the dtype beside it, "f16"
 * or "bf16"; a number or bigint is for `num_batches_tracked`.
 */
export type StateValue =
  | Tensor
  | Numbers
  | number
  | bigint
  | {
      readonly data: Tensor | Numbers | number | bigint;
      readonly shape?: readonly number[] | undefined;
      readonly dtype?: string | undefined;
    };

const TEXT: OptionKind = (value) => typeof value !== "string" && "a string";

export interface StateOptions {
  /** The prefix stands before every name, with its dot: "layer1.0.bn1.". Default: no prefix. */
  prefix?: string | undefined;
}

export const STATE_OPTIONS: OptionTable<StateOptions> = { prefix: TEXT };

export interface LoadOptions extends StateOptions {
  /** With true missing and unexpected names are errors. Default true. */
  strict?: boolean | undefined;
}

export const LOAD_OPTIONS: OptionTable<LoadOptions> = { ...STATE_OPTIONS, strict: FLAG };

/** `loadStateDict` missed these names, and did not know those. */
export interface LoadResult {
  readonly missing: string[];
  readonly unexpected: string[];
}

/** A module with running statistics counts its batches under this name. */
export const COUNT = "num_batches_tracked";

/** A checked value is a function that writes it. */
export type Write = () => void;

/** Reads the arrays as plain data, as they are when this is called. */
export async function entriesOf(tensors: ReadonlyMap<string, Tensor>): Promise<StateDict> {
  const reading = [...tensors].map(async ([name, tensor]): Promise<[string, StateEntry]> => {
    const { shape, dtype } = tensor;
    return [name, { shape: [...shape], data: await tensor.read(), dtype }];
  });
  return Object.fromEntries(await Promise.all(reading));
}

/**
 * Compares the names of a state dictionary with those of a module. Throws if they differ and must
 * not.
 */
export function compareNames(
  op: string,
  state: Readonly<Record<string, unknown>>,
  own: readonly string[],
  { prefix = "", strict = true }: LoadOptions,
): LoadResult {
  if (typeof state !== "object" || state === null) {
    fail(op, `state is ${show(state)}, expected an object of names and values`);
  }
  const expected = own.map((name) => prefix + name);
  const given = Object.keys(state).filter((name) => name.startsWith(prefix));
  // Dictionaries from before PyTorch 0.4.1 have no count, and PyTorch loads them as well.
  const missing = expected.filter((name) => !given.includes(name) && name !== prefix + COUNT);
  const unexpected = given.filter((name) => !expected.includes(name));
  if (strict && missing.length + unexpected.length > 0) {
    const parts = [
      ...(missing.length > 0 ? [`${missing.join(", ")} missing`] : []),
      ...(unexpected.length > 0 ? [`${unexpected.join(", ")} unexpected`] : []),
    ];
    fail(op, `${parts.join("; ")}, expected ${expected.join(", ") || "no names"}`);
  }
  return { missing, unexpected };
}

/** Checks a value against its tensor, and returns a function that writes it. */
export function writeInto(op: string, name: string, value: unknown, into: Tensor): Write {
  const { data, shape, dtype } = entrySpec(value);
  if (data instanceof Tensor) return fromTensor(op, name, data, into);
  if (shape !== undefined) checkSameShape(op, name, shape, into);
  const values = valuesFrom(op, name, data, dtype);
  const expected = sizeOf(into.shape);
  if (values.length !== expected) {
    const given = `${name} has ${values.length} values`;
    fail(op, `${given}, expected ${expected} for shape ${show(into.shape)}`);
  }
  return () => {
    const source = contextOf(op, name, into).tensor(values, into.shape, { dtype: into.dtype });
    copy(source, into);
    source.destroy();
  };
}

/** Reads a count of batches in the form of PyTorch (an integer tensor of shape []) or of JSON. */
export function countFrom(op: string, name: string, value: unknown): number {
  const { data } = entrySpec(value);
  const list = ArrayBuffer.isView(data) || Array.isArray(data);
  const [only, ...more] = list ? Array.from(data as ArrayLike<unknown>) : [data];
  const count = typeof only === "bigint" ? Number(only) : only;
  if (!Number.isSafeInteger(count) || (count as number) < 0 || more.length > 0) {
    fail(op, `${name} is ${show(data)}, expected a whole number that is not negative`);
  }
  return count as number;
}

/** Makes a tensor of the module, filled with one value. */
export function filledTensor(
  context: Context,
  shape: readonly number[],
  value: number,
  dtype: DType,
): Tensor {
  return context.tensor(new Float32Array(sizeOf(shape)).fill(value), shape, { dtype });
}

function fromTensor(op: string, name: string, from: Tensor, into: Tensor): Write {
  if (from.destroyed) fail(op, `${name} is destroyed, expected a live tensor`);
  if (from.context.device !== into.context.device) {
    fail(op, `${name} is on another device than the module, expected all tensors on one device`);
  }
  checkSameShape(op, name, from.shape, into);
  return () => copy(from, into);
}

function checkSameShape(op: string, name: string, shape: unknown, { shape: expected }: Tensor) {
  if (!Array.isArray(shape) || !sameShape(shape, expected)) {
    fail(op, `${name} has shape ${show(shape)}, expected ${show(expected)}`);
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

function valuesFrom(op: string, name: string, data: unknown, dtype: unknown): Float32Array {
  if (data instanceof Float32Array) return data;
  if (data instanceof Uint16Array) {
    if (isDType(dtype) && isNarrow(dtype)) return decodeHalf(data, dtype);
    fail(op, `${name} is a Uint16Array with dtype ${show(dtype)}, expected dtype f16 or bf16`);
  }
  const numbers = Array.isArray(data) && data.every((value) => typeof value === "number");
  if (numbers || data instanceof Float64Array || data instanceof Int32Array) {
    return Float32Array.from(data as ArrayLike<number>);
  }
  fail(op, `${name} is ${show(data)}, expected a tensor, a Float32Array or an array of numbers`);
}
