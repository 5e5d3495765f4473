// These functions check the content of a state, and make one of a record.

import { fail, show } from "../base/errors";
import { inUnits, UNIT_BITS } from "./exact";
import { type Content, type Extremes, OTHER_NAMES, type Others } from "./format";
import { type Range, type StateRange, showRange, wholeOf } from "./ranges";

/** One number a group. */
type Numbers = ArrayLike<number>;

/** One whole number a group, or one for all groups. */
type Counts = bigint | number | ArrayLike<bigint | number>;

interface Common {
  /** So many finite values each group has, or all have. */
  readonly count: Counts;
  /** The record is of this part of the data: [first, last), samples or blocks. */
  readonly range: StateRange;
  /** The least and the largest of the finite values; a group of none has Infinity, -Infinity. */
  readonly min?: Numbers | undefined;
  readonly max?: Numbers | undefined;
  /** So many values are NaN, beside those that `count` counts. Default 0. */
  readonly nan?: Counts | undefined;
  /** So many values are Infinity. Default 0. */
  readonly posInf?: Counts | undefined;
  /** So many values are -Infinity. Default 0. */
  readonly negInf?: Counts | undefined;
}

/** A record of f32: mean = pivot + delta, as `meanPair` has it, and the population variance. */
interface PairRecord extends Common {
  readonly pivot: Numbers;
  readonly delta: Numbers;
  readonly variance: Numbers;
  readonly sum?: undefined;
  readonly squares?: undefined;
}

/** A record of integers: their exact sum and the sum of their squares. */
interface IntegerRecord extends Common {
  readonly sum: ArrayLike<bigint>;
  readonly squares: ArrayLike<bigint>;
  readonly pivot?: undefined;
  readonly delta?: undefined;
  readonly variance?: undefined;
}

/** A record has the moments of one part of the data, one entry a group, the kept axes row-major. */
export type MomentsRecord = PairRecord | IntegerRecord;

const hasLength = (value: unknown): value is ArrayLike<unknown> =>
  typeof value === "object" && Number.isInteger((value as ArrayLike<unknown> | null)?.length);

function listOf(op: string, name: string, value: unknown, groups: number): ArrayLike<unknown> {
  if (!hasLength(value) || value.length !== groups) {
    const given = hasLength(value) ? `has ${value.length} values` : `is ${show(value)}`;
    fail(op, `${name} ${given}, expected ${groups}, one a group`);
  }
  return value;
}

function countsOf(op: string, name: string, value: unknown, groups: number): bigint[] {
  if (!hasLength(value)) return new Array<bigint>(groups).fill(wholeOf(op, name, value));
  const list = listOf(op, name, value, groups);
  return Array.from(list, (one, i) => wholeOf(op, `${name}[${i}]`, one));
}

/** Returns f32 values; `suits` chooses among those that are not finite. */
function floatsOf(
  op: string,
  name: string,
  value: unknown,
  groups: number,
  suits: (i: number, v: number) => boolean,
): Float32Array<ArrayBuffer> {
  const list = listOf(op, name, value, groups);
  return Float32Array.from({ length: groups }, (_, i) => {
    const one = list[i];
    const fits = typeof one === "number" && Math.fround(one) === one && Number.isFinite(one);
    if (!fits && !suits(i, one as number)) {
      fail(op, `${name}[${i}] is ${show(one)}, expected a finite value of f32`);
    }
    return one as number;
  });
}

/** Makes the content of a record; groups without values have sums of 0. */
export function recordContent(
  op: string,
  { shape, axes, dtype, counts: { length: groups } }: Content,
  record: MomentsRecord,
  range: Range | null,
): Content {
  const counts = countsOf(op, "count", record.count, groups);
  const isEmpty = (i: number) => counts[i] === 0n;
  const others = Object.fromEntries(
    OTHER_NAMES.map((name) => [name, countsOf(op, name, record[name] ?? 0n, groups)]),
  ) as unknown as Others;
  const given =
    record.sum === undefined && record.squares === undefined
      ? pairSums(op, record, counts)
      : integerSums(op, record as IntegerRecord, groups);
  const content: Content = {
    ...{ shape, axes, dtype, counts, others },
    sums: given.sums.map((sum, i) => (isEmpty(i) ? 0n : sum)),
    squares: given.squares.map((sum, i) => (isEmpty(i) ? 0n : sum)),
    extremes: extremesOf(op, record, groups, isEmpty),
    ranges: range ? [range] : [],
  };
  checkContent(op, content);
  return content;
}

function pairSums(op: string, { pivot, delta, variance }: MomentsRecord, counts: bigint[]) {
  const read = (name: string, value: unknown) =>
    floatsOf(op, name, value, counts.length, (i) => counts[i] === 0n);
  const lists = [read("pivot", pivot), read("delta", delta), read("variance", variance)] as const;
  const negative = lists[2].findIndex((value, i) => value < 0 && counts[i] !== 0n);
  if (negative >= 0) {
    fail(op, `variance[${negative}] is ${lists[2][negative]}, expected one that is not negative`);
  }
  const [sums, squares]: [bigint[], bigint[]] = [[], []];
  counts.forEach((count, i) => {
    const [p, d, v] = lists.map((list) => inUnits(list[i] as number)) as [bigint, bigint, bigint];
    const mean = p + d;
    sums.push(count * mean);
    squares.push(count * (mean * mean + (v << BigInt(UNIT_BITS))));
  });
  return { sums, squares };
}

function integerSums(op: string, { sum, squares }: IntegerRecord, groups: number) {
  const read = (name: string, value: unknown, bits: number): bigint[] =>
    Array.from(listOf(op, name, value, groups), (one, i) => {
      if (typeof one !== "bigint" || BigInt.asIntN(bits, one) !== one) {
        fail(op, `${name}[${i}] is ${show(one)}, expected a BigInt of at most ${bits} bits`);
      }
      return one;
    });
  return {
    sums: read("sum", sum, 192).map((one) => one << BigInt(UNIT_BITS)),
    squares: read("squares", squares, 320).map((one) => one << BigInt(2 * UNIT_BITS)),
  };
}

function extremesOf(
  op: string,
  { min, max }: MomentsRecord,
  groups: number,
  isEmpty: (i: number) => boolean,
): Extremes | null {
  if (min === undefined && max === undefined) return null;
  const lists = {
    min: floatsOf(op, "min", min, groups, isEmpty),
    max: floatsOf(op, "max", max, groups, isEmpty),
  };
  for (let i = 0; i < groups; i++) {
    if (isEmpty(i)) [lists.min[i], lists.max[i]] = [Infinity, -Infinity];
  }
  return lists;
}

/** Checks what holds for the moments of any data. */
export function checkContent(op: string, content: Content): void {
  const { counts, sums, squares, extremes, others, ranges } = content;
  const wrong = (i: number, what: string) => fail(op, `group ${i} has ${what}`);
  counts.forEach((count, i) => {
    const [sum, square] = [sums[i] as bigint, squares[i] as bigint];
    if ([count, ...OTHER_NAMES.map((name) => others[name][i] as bigint)].some((n) => n < 0n)) {
      wrong(i, "a count below 0, expected a part of what the state counts");
    }
    if (count === 0n ? sum !== 0n || square !== 0n : count * square < sum * sum) {
      wrong(i, "sums that no data have, expected a variance that is not negative");
    }
    if (extremes) {
      const [min, max] = [extremes.min[i] as number, extremes.max[i] as number];
      const empty = min === Infinity && max === -Infinity;
      if (count === 0n ? !empty : !(min <= max && Number.isFinite(min) && Number.isFinite(max))) {
        wrong(i, `min ${min} and max ${max}, expected min up to max`);
      }
    }
  });
  ranges.forEach((range, i) => {
    const before = ranges[i - 1];
    if (range[0] >= range[1] || (before && before[1] >= range[0])) {
      fail(op, `range ${showRange(range)}, expected ranges in order that do not touch`);
    }
  });
}
