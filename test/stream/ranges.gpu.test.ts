// The least and the largest finite value of each group, and the numbers of NaN and infinities, are
// exact: a loop over the values on the host judges every bit.

import { expect } from "vitest";
import { type Context, lengthsOf, maskOf } from "../../src/index";
import { MomentsState } from "../../src/moments/index";
import { MomentsAccumulator } from "../../src/stream/index";
import { countRanges } from "../../src/stream/ranges";
import { groupStrides, product, visit } from "../support/arrays";
import { caught, expectMessage, rejection } from "../support/error_cases";
import { test } from "../support/fixture";
import { FORCES } from "../support/forces";
import { Random } from "../support/random";
import { UNIT } from "../support/units";

const { find: findRanges, read: readRanges } = countRanges;

interface Found {
  readonly min: Float32Array;
  readonly max: Float32Array;
  readonly nan: readonly bigint[];
  readonly posInf: readonly bigint[];
  readonly negInf: readonly bigint[];
}

const isLess = (a: number, b: number) =>
  a < b || (a === b && Object.is(a, -0) && !Object.is(b, -0));

function rangesOf(data: ArrayLike<number>, shape: readonly number[], axes: readonly number[]) {
  const groups = product(shape.filter((_, i) => !axes.includes(i)));
  const zeros = () => new Array<bigint>(groups).fill(0n);
  const found = {
    min: new Float32Array(groups).fill(Infinity),
    max: new Float32Array(groups).fill(-Infinity),
    ...{ nan: zeros(), posInf: zeros(), negInf: zeros() },
  };
  visit(shape, groupStrides(shape, axes), (i, g) => {
    const value = data[i];
    if (Number.isNaN(value)) found.nan[g]++;
    else if (value === Infinity) found.posInf[g]++;
    else if (value === -Infinity) found.negInf[g]++;
    else {
      if (isLess(value, found.min[g])) found.min[g] = value;
      if (isLess(found.max[g], value)) found.max[g] = value;
    }
  });
  return found;
}

/** With the bits of floats, which tell 0 from -0. */
const bits = ({ min, max, nan, posInf, negInf }: Found) => ({
  ...{ nan, posInf, negInf },
  min: [...new Uint32Array(Float32Array.from(min).buffer)],
  max: [...new Uint32Array(Float32Array.from(max).buffer)],
});

const STRANGE = [
  Number.NaN,
  Infinity,
  -Infinity,
  0,
  -0,
  1e-45,
  -1e-45,
  3.4028234e38,
  -3.4028234e38,
];

function values(random: Random, length: number, share: number): Float32Array {
  return Float32Array.from({ length }, () =>
    random.chance(share) ? random.pick(STRANGE) : random.normal(),
  );
}

const SHAPES: readonly (readonly [shape: number[], axes: number[]])[] = [
  [[1], [0]],
  [[7, 3], [0]],
  [
    [5, 64],
    [0, 1],
  ],
  [
    [4, 3, 6, 6],
    [0, 2, 3],
  ],
  [
    [9, 4, 3, 8],
    [0, 2],
  ],
  [[300, 17], [0]],
  [[70_001], [0]],
  [
    [33, 5, 40],
    [0, 2],
  ],
];

async function difference(ctx: Context, shape: number[], axes: number[], share: number) {
  const data = values(new Random(product(shape)), product(shape), share);
  const x = ctx.tensor(data, shape);
  const found = await readRanges(findRanges(x, { axes }));
  expect(bits(found), `${shape} over ${axes}, ${share}`).toEqual(bits(rangesOf(data, shape, axes)));
  x.destroy();
}

test("every bit is that of a loop on the host", async ({ ctx }) => {
  for (const [shape, axes] of SHAPES) {
    for (const share of [0, 0.05, 1]) await difference(ctx, shape, axes, share);
  }
});

test("in every plan, and where an array takes several bindings", async ({ ctx, freshContext }) => {
  const small = await freshContext({ profile: { maxBindingBytes: 4096 } });
  for (const [shape, axes] of [
    [
      [6, 12, 49],
      [0, 2],
    ],
    [[90, 20], [0]],
  ]) {
    const data = values(new Random(5), product(shape), 0.01);
    const expected = bits(rangesOf(data, shape, axes));
    for (const context of [ctx, small]) {
      const x = context.tensor(data, shape);
      for (const overrides of FORCES) {
        const records = context.forced(overrides, () => findRanges(x, { axes }));
        expect(bits(await readRanges(records)), JSON.stringify(overrides)).toEqual(expected);
      }
    }
  }
});

test("of halves and integers, each in its own type", async ({ ctx }) => {
  const shape = [6, 5, 7];
  for (const dtype of ["f16", "bf16"] as const) {
    const x = ctx.tensor(values(new Random(3), 210, 0.1), shape, { dtype });
    const found = await readRanges(findRanges(x, { axes: [0, 2] }));
    expect(bits(found), dtype).toEqual(bits(rangesOf(await x.read(), shape, [0, 2])));
  }
  for (const [dtype, data] of [
    ["u8", Uint8Array.of(3, 255, 0, 7)],
    ["i8", Int8Array.of(-128, 127, -1, 0)],
    ["u16", Uint16Array.of(65535, 1, 2, 3)],
  ] as const) {
    const found = await readRanges(
      findRanges(ctx.tensor(data, [2, 2], { dtype }), { axes: [0, 1] }),
    );
    expect(bits(found), dtype).toEqual(bits(rangesOf(data, [2, 2], [0, 1])));
  }
});

test("parts together have the ranges of all their data", async ({ ctx }) => {
  const data = values(new Random(9), 48, 0.4);
  const [a, b] = await Promise.all(
    [0, 1].map((k) => {
      const x = ctx.tensor(data.subarray(24 * k, 24 * k + 24), [4, 6]);
      return readRanges(findRanges(x, { axes: [0] }));
    }),
  );
  expect(bits(a.with(b))).toEqual(bits(rangesOf(data, [8, 6], [0])));
});

const [CHANNELS, POSITIONS] = [5, 6];
const OPTIONS = { shape: [-1, CHANNELS, POSITIONS], axes: [0, 2] };

/** Mean and variance of the finite values of each channel, in float64 around the mean. */
function finiteMoments(data: ArrayLike<number>, isValid: (i: number) => boolean = () => true) {
  const own = Array.from({ length: CHANNELS }, (): number[] => []);
  Array.from(data).forEach((value, i) => {
    const channel = Math.floor(i / POSITIONS) % CHANNELS;
    if (Number.isFinite(value) && isValid(i)) own[channel].push(value);
  });
  return own.map((list) => {
    const mean = list.reduce((sum, v) => sum + v, 0) / list.length;
    const variance = list.reduce((sum, v) => sum + (v - mean) ** 2, 0) / list.length;
    return { count: BigInt(list.length), mean, variance };
  });
}

/** Channel 0 has NaN alone, 1 infinities among values, 2 zeros of both signs, 3 an offset. */
function stream(samples: number): Float32Array {
  const random = new Random(11);
  return Float32Array.from({ length: samples * CHANNELS * POSITIONS }, (_, i) => {
    const channel = Math.floor(i / POSITIONS) % CHANNELS;
    if (channel === 0) return Number.NaN;
    if (channel === 1 && random.chance(0.2)) return random.pick([Infinity, -Infinity]);
    if (channel === 2) return random.pick([0, -0]);
    if (random.chance(0.05)) return Number.NaN;
    return random.normal() + (channel === 3 ? 1e4 : 0);
  });
}

const CHUNK = 4 * CHANNELS * POSITIONS;

function expectFinite(
  state: MomentsState,
  data: ArrayLike<number>,
  isValid: (i: number) => boolean = () => true,
): void {
  const found = state.moments({ finite: true });
  const counted = Array.from(data, (value, i) => (isValid(i) ? value : 0.5));
  const all = rangesOf(counted, [data.length / 30, CHANNELS, POSITIONS], [0, 2]);
  for (const name of ["nan", "posInf", "negInf"] as const) {
    expect([...found[name]], name).toEqual(all[name]);
  }
  finiteMoments(data, isValid).forEach(({ count, mean, variance }, c) => {
    expect(found.count[c]).toBe(count);
    if (count === 0n) return;
    const spread = Math.sqrt(variance) + 1e-4 * Math.abs(mean); // sums in f32 within a chunk
    expect(Math.abs(found.mean[c] - mean)).toBeLessThan(16 * UNIT * (spread || 1));
    expect(Math.abs(found.variance[c] - variance)).toBeLessThan(2e-6 * (variance || 1e-30));
  });
}

test("a stream's state is that of the finite values, and counts the others", async ({ ctx }) => {
  const data = stream(37);
  using acc = new MomentsAccumulator(ctx, { ...OPTIONS, ranges: countRanges });
  for (let at = 0; at < data.length; at += CHUNK) acc.add(data.subarray(at, at + CHUNK));
  const state = await acc.state();
  expectFinite(state, data);
  const { min, max } = state.moments();
  const all = rangesOf(data, [37, CHANNELS, POSITIONS], [0, 2]);
  expect([...(min ?? [])]).toEqual([...all.min]);
  expect([...(max ?? [])]).toEqual([...all.max]);
  expect([min?.[0], max?.[0]]).toEqual([Infinity, -Infinity]);
  expect([...state.moments().mean.subarray(0, 2)].every(Number.isNaN)).toBe(true); // spread
  const { mean, variance, count } = acc.moments();
  expect((await mean.read()).every(Number.isFinite)).toBe(true);
  expect((await variance.read()).every(Number.isFinite)).toBe(true);
  const counts = typeof count === "number" ? [] : [...(await count.read())];
  expect(counts.map(BigInt)).toEqual(finiteMoments(data).map((own) => own.count));
});

test("the same bits in any division that is by blocks, and from a file on", async ({ ctx }) => {
  const data = stream(24);
  const options = { ...OPTIONS, ranges: countRanges };
  using whole = new MomentsAccumulator(ctx, options);
  await whole.addAll([data], { chunk: 4 });
  const state = await whole.state();
  using pieces = new MomentsAccumulator(ctx, options);
  await pieces.addAll([new Uint8Array(data.buffer, 0, 1234), new Uint8Array(data.buffer, 1234)], {
    chunk: 4,
  });
  expect((await pieces.state()).toBytes()).toEqual(state.toBytes());

  using first = new MomentsAccumulator(ctx, options);
  await first.addAll([data.subarray(0, 3 * CHUNK)], { chunk: 4 });
  const file = JSON.stringify(await first.state());
  using second = new MomentsAccumulator(ctx, options);
  second.load(MomentsState.fromJSON(file));
  await second.addAll([data.subarray(3 * CHUNK)], { chunk: 4 });
  expectFinite(await second.state(), data);
  const { mean } = second.moments();
  const expected = finiteMoments(data);
  (await mean.read()).forEach((value, c) => {
    if (c > 0) expect(value).toBeCloseTo(expected[c].mean, 2);
  });
});

test("masks and ranges: values that are valid and finite", async ({ ctx }) => {
  const data = stream(8);
  const weights = Uint8Array.from({ length: data.length }, (_, i) => Number(i % 7 !== 3));
  const isValid = (i: number) => weights[i] !== 0;
  for (const mask of [
    maskOf(weights, { shape: [8, CHANNELS, POSITIONS] }),
    maskOf(ctx.tensor(weights, [8, CHANNELS, POSITIONS], { dtype: "u8" })),
    maskOf(Float32Array.from(weights), { shape: [8, CHANNELS, POSITIONS] }),
  ]) {
    using acc = new MomentsAccumulator(ctx, { ...OPTIONS, ranges: countRanges });
    await acc.add(data, { mask });
    expectFinite(await acc.state(), data, isValid);
  }
  const lengths = [1, 2, 3, 4, 5, 6, 0, 3];
  using acc = new MomentsAccumulator(ctx, { ...OPTIONS, ranges: countRanges });
  await acc.add(data, { mask: lengthsOf(lengths, { axis: 2 }) });
  expectFinite(await acc.state(), data, (i) => i % POSITIONS < lengths[Math.floor(i / 30)]);
});

test("integers, halves, and a wrong option", async ({ ctx }) => {
  const bytes = Uint8Array.from({ length: 120 }, (_, i) => (i * 37) % 256);
  using acc = new MomentsAccumulator(ctx, { ...OPTIONS, dtype: "u8", ranges: countRanges });
  await acc.add(bytes);
  expectFinite(await acc.state(), bytes);
  using halves = new MomentsAccumulator(ctx, { ...OPTIONS, dtype: "bf16", ranges: countRanges });
  const x = ctx.tensor(stream(5), [5, CHANNELS, POSITIONS], { dtype: "bf16" });
  const stored = await x.read();
  await halves.add(x);
  expectFinite(await halves.state(), stored);
  expectMessage(
    caught(() => new MomentsAccumulator(ctx, { ...OPTIONS, ranges: true as never })),
    ["MomentsAccumulator: ranges true", "countRanges"],
  );
  using plain = new MomentsAccumulator(ctx, OPTIONS);
  plain.add(stream(4));
  expectMessage(await rejection(plain.state()), [
    "MomentsAccumulator.state: group 0 has values that are not finite",
    "ranges: countRanges",
  ]);
});
