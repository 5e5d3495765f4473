// Version 1 of the bytes of a state, little-endian. One content has one form, so equal bytes are
// equal states. Files of this version stay readable for ever: test/moments/golden has some.
//
//   0  "WNMS", version u16, flags u16
//   8  dtype u8, rank u8, axes u8 (bit i: axis i is reduced), 0 u8, number of ranges u32
//  16  shape: u32 an axis, 2^32 - 1 for any length
//      ranges: first u64, last u64
//      counts: u64, with PER_GROUP one a group
//      S1: 48 bytes a group; S2: 80 bytes a group; two's complement
//      with EXTREMES: min f32 a group, max f32 a group
//      with OTHERS: NaN u64 a group, +inf u64 a group, -inf u64 a group
//      CRC-32 of all before it

import { entryAt } from "../base/entry";
import { fail, show } from "../base/errors";
import { crc32 } from "./crc32";
import type { Range } from "./ranges";

export const VERSION = 1;

const MAGIC = [0x57, 0x4e, 0x4d, 0x53];
const [PER_GROUP, EXTREMES, OTHERS] = [1, 2, 4];
const FLAGS = 7;
const [SUM_WORDS, SQUARE_WORDS] = [6, 10]; // of 64 bits: 2^64 values of f32 need 344 and 621 bits
const ANY_LENGTH = 2 ** 32 - 1;
const HEADER = 16;

/** A type's place in this list is its code. */
export const STATE_DTYPES = ["f32", "f16", "bf16", "u8", "i8", "u16"] as const;

/** A dtype says what the data were stored in. */
export type StateDType = (typeof STATE_DTYPES)[number];

/** The names of values that have no place in sums, each counted by itself. */
export const OTHER_NAMES = ["nan", "posInf", "negInf"] as const;

export type Others = Readonly<Record<(typeof OTHER_NAMES)[number], bigint[]>>;

export interface Extremes {
  readonly min: Float32Array<ArrayBuffer>;
  readonly max: Float32Array<ArrayBuffer>;
}

/** A content is all that a state knows, with one entry a group in each list. */
export interface Content {
  readonly shape: readonly number[];
  readonly axes: readonly number[];
  readonly dtype: StateDType;
  readonly counts: bigint[];
  /** The sums of values, in units of 2^-149. */
  readonly sums: bigint[];
  /** The sums of squares, in units of 2^-298. */
  readonly squares: bigint[];
  extremes: Extremes | null;
  readonly others: Others;
  ranges: Range[];
}

/** Returns the lengths of the kept axes. */
export const keptOf = ({ shape, axes }: Pick<Content, "shape" | "axes">) =>
  shape.filter((_, i) => !axes.includes(i));

export const isUniform = (counts: readonly bigint[]) => counts.every((one) => one === counts[0]);

class Writer {
  readonly #view: DataView;
  #at = 0;

  constructor(readonly bytes: Uint8Array<ArrayBuffer>) {
    this.#view = new DataView(bytes.buffer);
  }

  /** Writes an unsigned integer of 1, 2 or 4 bytes. */
  uint(value: number, size: number): void {
    for (let i = 0; i < size; i++) this.bytes[this.#at++] = value / 2 ** (8 * i);
  }

  /** Writes integers of some words each. */
  integers(values: readonly bigint[], length = 1): void {
    for (const value of values) {
      for (let rest = value, i = 0; i < length; i++, rest >>= 64n, this.#at += 8) {
        this.#view.setBigUint64(this.#at, BigInt.asUintN(64, rest), true);
      }
    }
  }

  floats(values: Float32Array): void {
    for (const value of values) {
      this.#view.setFloat32(this.#at, value, true);
      this.#at += 4;
    }
  }
}

class Reader {
  readonly #view: DataView;
  #at: number;

  constructor(bytes: Uint8Array, at = 0) {
    this.#at = at;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  uint(size: number): number {
    let value = 0;
    for (let i = 0; i < size; i++) value += this.#view.getUint8(this.#at++) * 2 ** (8 * i);
    return value;
  }

  /** Reads integers of some words each; all but counts are signed. */
  integers(groups: number, length = 1): bigint[] {
    return Array.from({ length: groups }, () => {
      let value = 0n;
      for (let i = length - 1; i >= 0; i--) {
        value = (value << 64n) | this.#view.getBigUint64(this.#at + 8 * i, true);
      }
      this.#at += 8 * length;
      return length > 1 ? BigInt.asIntN(64 * length, value) : value;
    });
  }

  floats(groups: number): Float32Array<ArrayBuffer> {
    const values = Float32Array.from({ length: groups }, (_, i) =>
      this.#view.getFloat32(this.#at + 4 * i, true),
    );
    this.#at += 4 * groups;
    return values;
  }
}

interface Layout {
  readonly rank: number;
  readonly ranges: number;
  readonly groups: number;
  readonly flags: number;
}

function sizeOf({ rank, ranges, groups, flags }: Layout): number {
  const each =
    8 * (SUM_WORDS + SQUARE_WORDS) + (flags & EXTREMES ? 8 : 0) + (flags & OTHERS ? 24 : 0);
  const counts = 8 * (flags & PER_GROUP ? groups : 1);
  return HEADER + 4 * rank + 16 * ranges + counts + each * groups + 4;
}

export function toBytes(content: Content): Uint8Array<ArrayBuffer> {
  const { shape, axes, counts, extremes, others, ranges } = content;
  const [rank, groups] = [shape.length, counts.length];
  const strange = OTHER_NAMES.some((name) => others[name].some((count) => count > 0n));
  const flags =
    (isUniform(counts) ? 0 : PER_GROUP) | (extremes ? EXTREMES : 0) | (strange ? OTHERS : 0);
  const size = sizeOf({ rank, ranges: ranges.length, groups, flags });
  const writer = new Writer(new Uint8Array(size));
  for (const byte of MAGIC) writer.uint(byte, 1);
  writer.uint(VERSION, 2);
  writer.uint(flags, 2);
  writer.uint(STATE_DTYPES.indexOf(content.dtype), 1);
  writer.uint(rank, 1);
  writer.uint(
    axes.reduce((bits, axis) => bits | (1 << axis), 0),
    1,
  );
  writer.uint(0, 1);
  writer.uint(ranges.length, 4);
  for (const length of shape) writer.uint(length < 0 ? ANY_LENGTH : length, 4);
  for (const range of ranges) writer.integers(range);
  writer.integers(flags & PER_GROUP ? counts : counts.slice(0, 1));
  writer.integers(content.sums, SUM_WORDS);
  writer.integers(content.squares, SQUARE_WORDS);
  if (extremes) for (const values of [extremes.min, extremes.max]) writer.floats(values);
  if (strange) for (const name of OTHER_NAMES) writer.integers(others[name]);
  writer.uint(crc32(writer.bytes.subarray(0, size - 4)), 4);
  return writer.bytes;
}

/** Reads what `toBytes` wrote. All else is an error: other files, newer ones, changed or cut ones. */
export function fromBytes(op: string, bytes: Uint8Array): Content {
  if (bytes.length < HEADER + 4 || MAGIC.some((byte, i) => byte !== bytes[i])) {
    fail(op, `${bytes.length} bytes begin with ${show([...bytes.slice(0, 4)])}, expected a state`);
  }
  const reader = new Reader(bytes, MAGIC.length);
  const version = reader.uint(2);
  if (version !== VERSION) fail(op, `version ${version}, expected ${VERSION}`);
  const end = bytes.length - 4;
  const [own, told] = [crc32(bytes.subarray(0, end)), new Reader(bytes, end).uint(4)];
  if (own !== told) fail(op, `the bytes have CRC-32 ${own}, expected ${told}: changed or cut`);
  const flags = reader.uint(2);
  if (flags & ~FLAGS) fail(op, `flags ${flags}, expected known ones, up to ${FLAGS}`);
  const content = readContent(op, reader, flags, bytes.length);
  const again = toBytes(content);
  if (again.length !== bytes.length || again.some((byte, i) => byte !== bytes[i])) {
    fail(op, "the bytes are another form of their content, expected the one that a state writes");
  }
  return content;
}

function readContent(op: string, reader: Reader, flags: number, size: number): Content {
  const dtype = STATE_DTYPES[reader.uint(1)] ?? fail(op, "dtype is unknown, expected a known one");
  const rank = reader.uint(1);
  const bits = reader.uint(1);
  reader.uint(1);
  const count = reader.uint(4);
  const expected = (groups: number) => {
    const wanted = sizeOf({ rank, ranges: count, groups, flags });
    if (size < wanted) fail(op, `${size} bytes, expected ${wanted}`);
  };
  expected(0);
  const shape = Array.from({ length: rank }, () => {
    const length = reader.uint(4);
    return length === ANY_LENGTH ? -1 : length;
  });
  const axes = shape.flatMap((_, i) => ((bits >> i) & 1 ? [i] : []));
  const kept = keptOf({ shape, axes });
  if (kept.some((length) => length < 1)) {
    fail(op, `shape ${show(shape)}, expected kept axes of known lengths`);
  }
  const groups = kept.reduce((product, length) => product * length, 1);
  expected(groups);
  const ranges = Array.from({ length: count }, () => reader.integers(2) as unknown as Range);
  const counts = reader.integers(flags & PER_GROUP ? groups : 1);
  const all = flags & PER_GROUP ? counts : new Array<bigint>(groups).fill(entryAt(counts, 0));
  const sums = reader.integers(groups, SUM_WORDS);
  const squares = reader.integers(groups, SQUARE_WORDS);
  const extremes =
    flags & EXTREMES ? { min: reader.floats(groups), max: reader.floats(groups) } : null;
  const [nan, posInf, negInf] = OTHER_NAMES.map(() =>
    flags & OTHERS ? reader.integers(groups) : new Array<bigint>(groups).fill(0n),
  ) as [bigint[], bigint[], bigint[]];
  const others = { nan, posInf, negInf };
  return { shape, axes, dtype, counts: all, sums, squares, extremes, others, ranges };
}
