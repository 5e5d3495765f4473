// A state dictionary has the state of a module, under PyTorch's names. This file reads it from a
// module, and finds the names of one that is loaded.

import type { DType } from "../base/dtype";
import { fail, show } from "../base/errors";
import { ANY, FLAG, type OptionKind, type OptionTable } from "../base/options";
import { sizeOf } from "../base/shape";
import type { Context } from "../runtime/context";
import type { Tensor } from "../runtime/tensor";
import type { NamedValue } from "./state_values";

/** An entry is one array on the CPU: its values, and the dtype of the tensor in the module. */
export interface StateEntry {
  readonly shape: readonly number[];
  readonly data: Float32Array<ArrayBuffer>;
  readonly dtype: DType;
}

/**
 * `stateDict()` returns plain data by PyTorch's names; `num_batches_tracked` has the shape [], and
 * is exact up to 2^24.
 */
export type StateDict = Record<string, StateEntry>;

const TEXT: OptionKind = (value) => typeof value !== "string" && "a string";

export interface StateOptions {
  /** The prefix stands before every name, with its dot: "layer1.0.bn1.". Default: no prefix. */
  prefix?: string | undefined;
}

export const STATE_OPTIONS: OptionTable<StateOptions> = { prefix: TEXT };

export interface LoadOptions extends StateOptions {
  /**
   * These names of the state, without the prefix, stand for the module's: { gamma: "weight", beta:
   * "bias" }. Default: PyTorch's names alone.
   */
  names?: Readonly<Record<string, string>> | undefined;
  /** With true missing and unexpected names are errors. Default true. */
  strict?: boolean | undefined;
}

export const LOAD_OPTIONS: OptionTable<LoadOptions> = {
  ...STATE_OPTIONS,
  names: ANY,
  strict: FLAG,
};

/** `loadStateDict` missed these names, and did not know those. */
export interface LoadResult {
  readonly missing: string[];
  readonly unexpected: string[];
}

/** A module with running statistics counts its batches under this name. */
export const COUNT = "num_batches_tracked";

/** Reads the arrays as plain data, as they are when this is called. */
export async function entriesOf(tensors: ReadonlyMap<string, Tensor>): Promise<StateDict> {
  const reading = [...tensors].map(async ([name, tensor]): Promise<[string, StateEntry]> => {
    const { shape, dtype } = tensor;
    return [name, { shape: [...shape], data: await tensor.read(), dtype }];
  });
  return Object.fromEntries(await Promise.all(reading));
}

const NAMES = ["weight", "bias", "running_mean", "running_var", COUNT];

/**
 * Finds what a state has for the names of a module. Throws if the names differ and must not, and
 * where two stand for the same.
 */
export function matchNames(
  op: string,
  state: unknown,
  own: readonly string[],
  { prefix = "", names = {}, strict = true }: LoadOptions,
): LoadResult & { readonly found: ReadonlyMap<string, NamedValue> } {
  checkNames(op, names, own);
  const found = new Map<string, NamedValue>();
  const unexpected: string[] = [];
  for (const [key, value] of entriesIn(op, state)) {
    if (!key.startsWith(prefix)) continue;
    const short = key.slice(prefix.length);
    const name = (Object.hasOwn(names, short) ? names[short] : undefined) ?? short;
    const other = found.get(name);
    if (other) fail(op, `${other.key} and ${key} are both ${name}, expected one of them`);
    if (own.includes(name)) found.set(name, { key, name, value });
    else unexpected.push(key);
  }
  // Dictionaries from before PyTorch 0.4.1 have no count, and PyTorch loads them as well.
  const missing = own.filter((name) => !found.has(name) && name !== COUNT);
  const result = { missing: missing.map((name) => prefix + name), unexpected, found };
  if (strict && missing.length + unexpected.length > 0) {
    const parts = [
      ...(missing.length > 0 ? [`${result.missing.join(", ")} missing`] : []),
      ...(unexpected.length > 0 ? [`${unexpected.join(", ")} unexpected`] : []),
    ];
    const expected = own.map((name) => prefix + name).join(", ") || "no names";
    fail(op, `${parts.join("; ")}, expected ${expected}`);
  }
  return result;
}

function entriesIn(op: string, state: unknown): Iterable<readonly [string, unknown]> {
  if (typeof state !== "object" || state === null) {
    fail(op, `state is ${show(state)}, expected an object or Map of names and values`);
  }
  if (!(state instanceof Map)) return Object.entries(state);
  return [...state].map(([name, value]) => [String(name), value]);
}

/** Checks a map of names: it may also have names that other modules have. */
function checkNames(op: string, names: unknown, own: readonly string[]): void {
  if (typeof names !== "object" || names === null) {
    fail(op, `names is ${show(names)}, expected an object such as { gamma: "weight" }`);
  }
  const known = [...new Set([...NAMES, ...own])];
  const wrong = Object.entries(names).find(([, name]) => !known.includes(name));
  if (wrong)
    fail(op, `names.${wrong[0]} is ${show(wrong[1])}, expected one of ${known.join(", ")}`);
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
