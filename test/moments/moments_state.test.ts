// A state is the same whatever the order and grouping of what it counts, and counts nothing twice.

import { describe, expect, inject, test } from "vitest";
import { NormError } from "../../src/base/errors";
import { MomentsState, type MomentsStateOptions } from "../../src/moments/index";
import { expectedMoments, recordsOf } from "../support/moments";
import { Random } from "../support/random";

const OPTIONS: MomentsStateOptions = { shape: [-1, 3, 4], axes: [0, 2] };
const GROUPS = 3;

const emptied = (options: MomentsStateOptions = OPTIONS) => new MomentsState(options);
const counting = (records: ReturnType<typeof recordsOf>, options?: MomentsStateOptions) =>
  records.reduce((state, record) => state.add(record), emptied(options));

const SCALAR: MomentsStateOptions = { shape: [-1] };
const OFFSET = 1e6;

/** Merges states by a random tree. */
function treeOf(random: Random, records: ReturnType<typeof recordsOf>): MomentsState {
  const leaf = 1 + random.below(400);
  let states: MomentsState[] = [];
  for (let at = 0; at < records.length; at += leaf) {
    states.push(counting(records.slice(at, at + leaf), SCALAR));
  }
  while (states.length > 1) {
    states = random.shuffle(states);
    const some = states.splice(0, 2 + random.below(7));
    states.push(some.reduce((all, one) => all.merge(one)));
  }
  return states[0];
}

const ORDERS = inject("thorough") ? 50 : 8;

test(`60,000 records give one result in ${ORDERS} orders and trees`, () => {
  const records = recordsOf(60_000, 1, OFFSET);
  const random = new Random(3);
  const all = Array.from({ length: ORDERS }, (_, turn) => {
    const order = turn === 0 ? records : random.shuffle(records);
    return turn % 5 === 0 ? counting(order, SCALAR) : treeOf(random, order);
  });
  const [first, ...others] = all.map((state) => Buffer.from(state.toBytes()));
  for (const bytes of others) expect(bytes.equals(first)).toBe(true);
  const { mean, variance, total } = expectedMoments(records, 0);
  const found = all[0].moments();
  expect(found.count).toEqual(BigUint64Array.of(BigInt(total)));
  expect(Math.abs(found.mean[0] - mean)).toBeLessThan(2 ** -53 * OFFSET + 1e-10);
  expect(Math.abs(found.variance[0] - variance)).toBeLessThan(1e-10);
  expect(all[0].ranges).toEqual([[0n, 60_000n]]);
}, 300_000);

test("the results are exact, and rounded once", () => {
  // 2^24 + 1 and 2^-149 are beyond f32 and f64 together
  const state = emptied({ shape: [-1, 2], axes: [0] });
  state.add({ count: 1, pivot: [2 ** 24, 1], delta: [1, 0], variance: [0, 0], range: [0, 1] });
  state.add({ count: 2, pivot: [0, 1], delta: [2 ** -149, 0], variance: [0, 0], range: [1, 2] });
  const { mean, variance } = state.moments();
  expect([...mean]).toEqual([(2 ** 24 + 1) / 3, 1]);
  expect([...variance]).toEqual([(2 * (2 ** 24 + 1) ** 2) / 9, 0]);
});

test("the largest values of f32, as many as a count can be, neither overflow nor lose bits", () => {
  const MAX = 3.4028234663852886e38;
  const state = emptied(SCALAR);
  const count = 2n ** 63n;
  for (const sign of [1, -1]) {
    const range: [number, number] = sign > 0 ? [0, 1] : [1, 2];
    const last = sign > 0 ? count : count - 1n;
    state.add({ count: last, pivot: [sign * MAX], delta: [sign * MAX], variance: [MAX], range });
  }
  const { mean, variance } = MomentsState.fromBytes(state.toBytes()).moments();
  expect(mean[0]).toBeCloseTo((2 * MAX) / 2 ** 64, 5);
  expect(variance[0]).toBe(4 * MAX * MAX + MAX);
  expect(() =>
    state.add({ count: 1, pivot: [0], delta: [0], variance: [0], range: [2, 3] }),
  ).toThrow(
    /^MomentsState.add: group 0 has 18446744073709551616 values, expected at most 2\^64 - 1/,
  );
});

test("integers are exact throughout", () => {
  const pixels = Uint8Array.from({ length: 3000 }, (_, i) => (i * i) % 251);
  const options: MomentsStateOptions = { shape: [-1], dtype: "u8" };
  const part = (from: number, to: number) => {
    const some = pixels.subarray(from, to);
    const sum = [BigInt(some.reduce((a, b) => a + b, 0))];
    const squares = [BigInt(some.reduce((a, b) => a + b * b, 0))];
    const [min, max] = [[Math.min(...some)], [Math.max(...some)]];
    return { count: to - from, sum, squares, min, max, range: [from, to] as const };
  };
  const whole = emptied(options).add(part(0, 3000));
  const parts = emptied(options).add(part(1000, 3000)).add(part(0, 1000));
  expect(parts.toBytes()).toEqual(whole.toBytes());
  const { mean, min, max } = whole.moments();
  expect(mean[0]).toBe(pixels.reduce((a, b) => a + b, 0) / 3000);
  expect([min, max]).toEqual([Float32Array.of(0), Float32Array.of(Math.max(...pixels))]);
});

describe("ranges", () => {
  const record = (first: number, last: number) => {
    const numbers = { pivot: [1], delta: [0], variance: [1] };
    return { count: 1n, ...numbers, range: [first, last] as const };
  };

  test("what is counted once is not counted again, and the state stays", () => {
    const state = emptied(SCALAR).add(record(0, 4)).add(record(12, 16)).add(record(8, 10));
    const before = state.toBytes();
    const cases: [[number, number], string][] = [
      [[12, 16], "[12, 16)"],
      [[10, 13], "[12, 13)"],
      [[0, 100], "[0, 4)"],
      [[3, 5], "[3, 4)"],
      [[9, 10], "[9, 10)"],
    ];
    for (const [[first, last], both] of cases) {
      const message = `${both} of range [${first}, ${last}) is counted already`;
      expect(() => state.add(record(first, last))).toThrow(`MomentsState.add: ${message}`);
      const other = emptied(SCALAR).add(record(first, last));
      expect(() => state.merge(other)).toThrow(`MomentsState.merge: ${message}`);
    }
    expect(() => state.merge(state)).toThrow("MomentsState.merge: [0, 4) of range [0, 4)");
    expect(state.toBytes()).toEqual(before);
  });

  test("neighbours become one, in any order", () => {
    const ends = [0, 1, 5, 6, 7, 20, 21];
    const parts = ends.slice(1).map((last, i) => record(ends[i], last));
    const random = new Random(5);
    for (let i = 0; i < 20; i++) {
      const state = emptied(SCALAR);
      for (const [k, part] of random.shuffle(parts).entries()) {
        state.add(part);
        expect(state.ranges.length).toBeLessThanOrEqual(k + 1);
      }
      expect(state.ranges).toEqual([[0n, 21n]]);
    }
  });

  test("covers", () => {
    const state = emptied(SCALAR).add(record(2, 5)).add(record(7, 8));
    const ranges: [number, number][] = [
      [2, 5],
      [3, 4],
      [7, 8],
      [1, 3],
      [4, 8],
      [5, 7],
      [9, 10],
    ];
    expect(ranges.map((range) => state.covers(range))).toEqual([
      ...[true, true, true],
      ...[false, false, false, false],
    ]);
  });
});

test("what is subtracted was never there", () => {
  const records = recordsOf(40, GROUPS, 10);
  const random = new Random(1);
  for (let i = 0; i < 20; i++) {
    const order = random.shuffle(records);
    const [a, b] = [counting(order.slice(0, 17)), counting(order.slice(17))];
    const before = a.toBytes();
    const other = b.toBytes();
    a.merge(b).subtract(b);
    expect(a.toBytes()).toEqual(before);
    expect(b.toBytes()).toEqual(other);
  }
  const all = counting(records);
  expect(all.subtract(all).toBytes()).toEqual(
    counting(records).subtract(counting(records)).toBytes(),
  );
  expect(all.ranges).toEqual([]);
});

test("least and largest values are of all records or of none, and dropped by subtract", () => {
  const extremes = (min: number, max: number) => ({ min: [min], max: [max] });
  const numbers = { count: 2, pivot: [1], delta: [0], variance: [1] };
  const state = emptied(SCALAR)
    .add({ ...numbers, ...extremes(-3, 2), range: [0, 1] })
    .add({ ...numbers, ...extremes(-1, 7), range: [1, 2] });
  expect(state.moments()).toMatchObject({ min: Float32Array.of(-3), max: Float32Array.of(7) });
  const other = emptied(SCALAR).add({ ...numbers, ...extremes(-9, 0), range: [2, 3] });
  state.merge(other);
  expect(state.moments().min).toEqual(Float32Array.of(-9));
  expect(state.subtract(other).moments()).not.toHaveProperty("min");
  const without = emptied(SCALAR).add({ ...numbers, range: [5, 6] });
  expect(without.merge(other).moments()).not.toHaveProperty("max");
});

test("values that are not finite are counted apart, and spread unless they are left out", () => {
  const state = emptied({ shape: [-1, 5], axes: [0] });
  const five = <T>(value: T): T[] => new Array<T>(5).fill(value);
  const numbers = { pivot: five(2), delta: five(0), variance: five(1) };
  state.add({ ...numbers, count: [4, 4, 4, 4, 0], range: [0, 4] });
  state.add({
    ...{ ...numbers, pivot: [...numbers.pivot.slice(1), Number.NaN], count: [2, 2, 2, 2, 0] },
    ...{ nan: [1, 0, 0, 0, 0], posInf: [0, 3, 0, 1, 0], negInf: [0, 0, 2, 1, 0], range: [4, 9] },
  });
  const { mean, variance, count, nan, posInf, negInf } = state.moments();
  expect([...mean]).toEqual([Number.NaN, Infinity, -Infinity, Number.NaN, Number.NaN]);
  expect([...variance]).toEqual(five(Number.NaN));
  expect([...count]).toEqual([6n, 6n, 6n, 6n, 0n]);
  expect([[...nan], [...posInf], [...negInf]]).toEqual([
    [1n, 0n, 0n, 0n, 0n],
    [0n, 3n, 0n, 1n, 0n],
    [0n, 0n, 2n, 1n, 0n],
  ]);
  const finite = state.moments({ finite: true });
  expect([...finite.mean]).toEqual([2, 2, 2, 2, Number.NaN]);
  expect([...finite.variance]).toEqual([1, 1, 1, 1, Number.NaN]);
});

describe("misuse is told, and the state stays", () => {
  const record = { count: 5n, pivot: [1, 2, 3], delta: [0, 0, 0], variance: [1, 1, 1] };
  const right = { ...record, range: [0, 5] as const };
  const add = (change: object) => (state: MomentsState) =>
    state.add({ ...right, range: [5, 10], ...change } as never);
  const other = (options: object) => (state: MomentsState) =>
    state.merge(emptied({ ...OPTIONS, ...options }));
  const CASES: [string, (state: MomentsState) => unknown, string][] = [
    [
      "an option that none has",
      () => emptied({ size: 3 } as never),
      "MomentsState: unknown option size",
    ],
    [
      "no shape",
      () => emptied({} as never),
      "MomentsState: shape undefined, expected up to 8 lengths",
    ],
    [
      "a length below -1",
      () => emptied({ shape: [-2] }),
      "MomentsState: shape [-2], expected up to 8",
    ],
    ["a hole", () => emptied({ shape: new Array(1) }), "MomentsState: shape [undefined], expected"],
    [
      "a kept axis of any length",
      () => emptied({ shape: [-1, -1], axes: [0] }),
      "MomentsState: shape [-1, -1], expected axes that are not reduced of known lengths",
    ],
    [
      "an axis twice",
      () => emptied({ shape: [-1, 3], axes: [0, -2] }),
      "MomentsState: axes [0, -2] name axis 0 twice",
    ],
    [
      "an unknown dtype",
      () => emptied({ ...OPTIONS, dtype: "f64" as never }),
      'MomentsState: dtype "f64", expected one of f32, f16, bf16, u8, i8, u16',
    ],
    ["no record", (s) => s.add(undefined as never), "MomentsState.add: options is undefined"],
    ["an unknown entry", add({ mean: [1] }), "MomentsState.add: unknown option mean"],
    ["no count", add({ count: undefined }), "MomentsState.add: count undefined, expected a whole"],
    ["a count below 0", add({ count: -1n }), "MomentsState.add: count -1, expected a whole number"],
    ["half a count", add({ count: 1.5 }), "MomentsState.add: count 1.5, expected a whole number"],
    [
      "a count too large",
      add({ count: 2n ** 64n }),
      "MomentsState.add: count 18446744073709551616",
    ],
    ["two counts", add({ count: [1, 2] }), "MomentsState.add: count has 2 values, expected 3"],
    ["a count of the three", add({ nan: [0, 0, -1] }), "MomentsState.add: nan[2] -1, expected"],
    ["no pivot", add({ pivot: undefined }), "MomentsState.add: pivot is undefined, expected 3"],
    ["two deltas", add({ delta: [1, 2] }), "MomentsState.add: delta has 2 values, expected 3"],
    ["NaN", add({ pivot: [1, NaN, 2] }), "MomentsState.add: pivot[1] is NaN, expected a finite"],
    ["an f64", add({ delta: [0.1, 0, 0] }), "MomentsState.add: delta[0] is 0.1, expected a finite"],
    ["a text", add({ delta: [0, 0, "1"] }), 'MomentsState.add: delta[2] is "1", expected a finite'],
    [
      "a negative variance",
      add({ variance: [0, -1, 0] }),
      "MomentsState.add: variance[1] is -1, expected one that is not negative",
    ],
    ["min alone", add({ min: [1, 2, 3] }), "MomentsState.add: max is undefined, expected 3"],
    [
      "min above max",
      add({ min: [1, 2, 3], max: [1, 1, 3] }),
      "MomentsState.add: group 1 has min 2 and max 1, expected min up to max",
    ],
    [
      "no range",
      add({ range: undefined }),
      "MomentsState.add: range undefined, expected [first, last]",
    ],
    [
      "an empty range",
      add({ range: [5, 5] }),
      "MomentsState.add: range [5, 5), expected first below last",
    ],
    [
      "a negative range",
      add({ range: [-1, 5] }),
      "MomentsState.add: range[0] -1, expected a whole",
    ],
    [
      "sums that are no BigInts",
      add({ pivot: undefined, delta: undefined, variance: undefined, sum: [1, 2, 3], squares: [] }),
      "MomentsState.add: sum[0] is 1, expected a BigInt",
    ],
    [
      "sums that no data have",
      add({
        ...{ pivot: undefined, delta: undefined, variance: undefined },
        ...{ sum: [5n, 5n, 5n], squares: [5n, 4n, 5n] },
      }),
      "MomentsState.add: group 1 has sums that no data have",
    ],
    [
      "no state",
      (s) => s.merge({} as never),
      "MomentsState.merge: other is an object, expected a state",
    ],
    [
      "another shape",
      other({ shape: [-1, 4, 4] }),
      "MomentsState.merge: other has shape [-1, 4, 4] and axes [0, 2], expected [-1, 3, 4]",
    ],
    [
      "other axes",
      other({ axes: [0] }),
      "MomentsState.merge: other has shape [-1, 3, 4] and axes [0]",
    ],
    [
      "another dtype",
      other({ dtype: "f16" }),
      "MomentsState.merge: other has dtype f16, expected f32",
    ],
    [
      "what is not a part",
      (s) => s.subtract(emptied().add({ ...right, range: [4, 6] })),
      "MomentsState.subtract: range [4, 6) is not counted, expected one that is",
    ],
    [
      "another count",
      (s) => s.subtract(emptied().add({ ...right, count: 6n })),
      "MomentsState.subtract: group 0 has a count below 0",
    ],
    [
      "other data",
      (s) => s.subtract(emptied().add({ ...right, count: 4n, variance: [9, 9, 9] })),
      "MomentsState.subtract: group 0 has sums that no data have",
    ],
    [
      "an option of moments",
      (s) => s.moments({ finite: 1 as never }),
      "MomentsState.moments: finite 1",
    ],
    [
      "no pair",
      (s) => s.covers(3 as never),
      "MomentsState.covers: range 3, expected [first, last]",
    ],
  ];
  test.each(CASES)("%s", (_, call, message) => {
    const state = emptied().add(right);
    const before = state.toBytes();
    let error: unknown;
    try {
      call(state);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(NormError);
    expect((error as Error).message.slice(0, message.length)).toBe(message);
    expect(state.toBytes()).toEqual(before);
    state.add({ ...right, range: [5, 10] });
  });
});
