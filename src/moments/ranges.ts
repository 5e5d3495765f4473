// A state covers ranges of its data. They are kept in order, apart from each other, so that equal
// sets are equal lists.

import { fail, show } from "../base/errors";

/** A range is [first, last): samples, or blocks, by numbers of the caller's. */
export type StateRange = readonly [first: bigint | number, last: bigint | number];

export type Range = readonly [first: bigint, last: bigint];

const LIMIT = 1n << 64n;

/** Returns a whole number below 2^64 as a BigInt; any other value is an error. */
export function wholeOf(op: string, name: string, value: unknown): bigint {
  const whole = typeof value === "number" && Number.isSafeInteger(value) ? BigInt(value) : value;
  if (typeof whole !== "bigint" || whole < 0n || whole >= LIMIT) {
    fail(op, `${name} ${show(value)}, expected a whole number from 0 to 2^64 - 1`);
  }
  return whole;
}

export const showRange = ([first, last]: Range) => `[${first}, ${last})`;

export function checkRange(op: string, range: unknown): Range {
  if (!Array.isArray(range) || range.length !== 2) {
    fail(op, `range ${show(range)}, expected [first, last], without last`);
  }
  const [first, last] = range.map((end, i) => wholeOf(op, `range[${i}]`, end)) as [bigint, bigint];
  if (first >= last) fail(op, `range ${showRange([first, last])}, expected first below last`);
  return [first, last];
}

/** Returns the index of the first range that ends behind a place. */
function indexBehind(ranges: readonly Range[], place: bigint): number {
  let [low, high] = [0, ranges.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((ranges[middle] as Range)[1] > place) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Returns whether all of a range is covered. */
export function covers(ranges: readonly Range[], [first, last]: Range): boolean {
  const found = ranges[indexBehind(ranges, first)];
  return found !== undefined && found[0] <= first && last <= found[1];
}

/** Checks that nothing of a range is covered. */
export function checkNew(op: string, ranges: readonly Range[], range: Range): void {
  const [first, last] = range;
  const found = ranges[indexBehind(ranges, first)];
  if (found === undefined || found[0] >= last) return;
  const both: Range = [found[0] > first ? found[0] : first, found[1] < last ? found[1] : last];
  fail(op, `${showRange(both)} of range ${showRange(range)} is counted already, expected new ones`);
}

/** Inserts a range of which nothing is covered. Neighbours become one range. */
export function insert(ranges: Range[], [first, last]: Range): void {
  const at = indexBehind(ranges, first);
  const [before, after] = [ranges[at - 1], ranges[at]];
  const joins = [before?.[1] === first, after?.[0] === last];
  const start = joins[0] ? (before as Range)[0] : first;
  const end = joins[1] ? (after as Range)[1] : last;
  ranges.splice(at - Number(joins[0]), Number(joins[0]) + Number(joins[1]), [start, end]);
}

/** Returns the ranges without one that is covered. */
export function without(ranges: readonly Range[], [first, last]: Range): Range[] {
  return ranges.flatMap(([a, b]): Range[] => {
    if (b <= first || last <= a) return [[a, b]];
    return [...(a < first ? [[a, first] as const] : []), ...(last < b ? [[last, b] as const] : [])];
  });
}
