/** Results are compared as bits, so that NaN and the sign of 0 count. */
import type { DType, Tensor } from "../../src/index";
import { HALVES, type Half, numberOf } from "../support/halves";

interface Result {
  readonly type: string;
  readonly bits: Uint32Array | Uint16Array;
  values(): ArrayLike<number>;
}

export type Results = ReadonlyMap<string, Result>;

/** The path says where in a build's results the value is. */
type Leaf = readonly [path: string, value: Tensor | Float32Array | number];

const isLeaf = (value: object) => "readBits" in value || ArrayBuffer.isView(value);

/** Results may be nested: those of modules are. */
export function leavesOf(value: unknown, path = ""): Leaf[] {
  if (typeof value === "number") return [[path, value]];
  if (typeof value !== "object" || value === null) return [];
  if (isLeaf(value)) return [[path, value as Tensor | Float32Array]];
  return Object.entries(value).flatMap(([key, own]) =>
    leavesOf(own, path ? `${path}.${key}` : key),
  );
}

export async function read(leaves: readonly Leaf[]): Promise<Results> {
  const results = leaves.map(async ([path, value]) => [path, await resultOf(value)] as const);
  const all = await Promise.all(results);
  for (const [, value] of leaves) if (isTensor(value)) value.destroy();
  return new Map(all);
}

const isTensor = (value: Leaf[1]): value is Tensor =>
  typeof value === "object" && "readBits" in value;

async function resultOf(value: Leaf[1]): Promise<Result> {
  if (typeof value === "number") return single(Float64Array.of(value), "number");
  if (!isTensor(value)) return single(value, `array of ${value.length}`);
  const { dtype, shape } = value;
  const type = `${dtype} [${shape}]`;
  return (HALVES as readonly DType[]).includes(dtype)
    ? half(await value.readBits(), dtype as Half, type)
    : single(await value.read(), type);
}

function single(data: Float32Array | Float64Array, type: string): Result {
  const words = data.byteLength / 4;
  const bits = new Uint32Array(data.buffer, data.byteOffset, words);
  return { type, bits, values: () => data };
}

function half(bits: Uint16Array, dtype: Half, type: string): Result {
  return { type, bits, values: () => Float32Array.from(bits, (b) => numberOf(b, dtype)) };
}

export interface Tally {
  compared: number;
  differing: number;
  /** Calls that both builds refuse with the same words compare nothing. */
  refused: number;
  largest: number;
}

export const tallyOf = (): Tally => ({ compared: 0, differing: 0, refused: 0, largest: 0 });

/** The text is about the first result that differs; the tally has them all. */
export function compare(old: Results, now: Results, tally: Tally): string | null {
  let first: string | null = null;
  for (const path of new Set([...old.keys(), ...now.keys()])) {
    tally.compared++;
    const found = differenceOf(old.get(path), now.get(path), tally);
    if (!found) continue;
    tally.differing++;
    first ??= `${path} ${found}`;
  }
  return first;
}

function differenceOf(old: Result | undefined, now: Result | undefined, tally: Tally) {
  if (!old || !now || old.type !== now.type) {
    tally.largest = Infinity;
    return `is ${now?.type ?? "missing"}, was ${old?.type ?? "missing"}`;
  }
  if (old.bits.every((bits, i) => bits === now.bits[i])) return null;
  const [before, after] = [old.values(), now.values()];
  const off = Array.from(before, (v, i) => distance(v, after[i]));
  const most = off.reduce((largest, v) => Math.max(largest, v), 0);
  tally.largest = Math.max(tally.largest, most);
  // numbers that are equal all the same are zeros of two signs, or NaN of other bits
  if (most === 0) return "has other bits of the same values";
  const at = off.indexOf(most);
  return `[${at}] is ${after[at]}, was ${before[at]}`;
}

function distance(a: number, b: number): number {
  if (Object.is(a, b) || a === b) return 0;
  const off = Math.abs(a - b);
  return Number.isNaN(off) ? Infinity : off;
}
