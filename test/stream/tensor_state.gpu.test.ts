// A tensor's moments become a state: of integers the sums of BigInt, in every plan and layout.

import { expect } from "vitest";
import { MomentsState } from "../../src/moments/index";
import { momentsStateOf } from "../../src/stream/index";
import * as reference from "../reference/norms";
import { inChunks } from "../support/comparison";
import { expectMessage, rejection } from "../support/error_cases";
import { seeds, test } from "../support/fixture";
import { FORCES, PROBLEMS } from "../support/forces";
import { type Placing, place, trespass } from "../support/placement";
import { Random } from "../support/random";
import { INTEGERS, RANGES } from "../support/rounding";
import { share } from "../support/share";
import { UNIT } from "../support/units";

/** The state of all elements, added one group after the other in BigInt. */
function stateOfIntegers(
  shape: readonly number[],
  axes: readonly number[],
  data: Float32Array,
  dtype: (typeof INTEGERS)[number],
): MomentsState {
  const reduced = shape.map((_, i) => axes.includes(i) || axes.includes(i - shape.length));
  const kept = shape.filter((_, i) => !reduced[i]);
  const groups = kept.reduce((a, b) => a * b, 1);
  const [sum, squares] = [0, 1].map(() => new Array<bigint>(groups).fill(0n));
  data.forEach((value, i) => {
    let rest = i;
    const at = shape.toReversed().map((size) => {
      const index = rest % size;
      rest = (rest - index) / size;
      return index;
    });
    const group = at
      .reverse()
      .filter((_, axis) => !reduced[axis])
      .reduce((place, index, k) => place * kept[k] + index, 0);
    sum[group] += BigInt(value);
    squares[group] += BigInt(value) ** 2n;
  });
  const whole = shape.map((length, i) => (reduced[i] ? -1 : length));
  const state = new MomentsState({ shape: whole, axes, dtype });
  return state.add({ count: data.length / groups, sum, squares, range: [3, 4] });
}

for (const dtype of INTEGERS) {
  test(`${dtype}: the sums are those of BigInt`, async ({ ctx }) => {
    const some =
      seeds().length > 16 ? [...PROBLEMS] : share([...PROBLEMS], 2, INTEGERS.indexOf(dtype));
    const failures = await inChunks(some, async ([shape, axes]) => {
      const random = new Random(shape.length + 7 * shape[0]);
      const length = shape.reduce((a, b) => a * b, 1);
      const [least, most] = RANGES[dtype];
      const data = Float32Array.from(
        { length },
        () => least + random.below(random.chance(0.5) ? most - least + 1 : 1),
      );
      const placing = random.pick<Placing>(["aligned", "offset", "padded", "permuted"]);
      const x = place(ctx, { shape, data }, placing, random, dtype);
      const expected = stateOfIntegers(shape, axes, data, dtype).toBytes();
      const forces = seeds().length > 16 ? FORCES : share([...FORCES], 4, length);
      for (const overrides of forces) {
        const range = [3, 4] as const;
        const state = await ctx.forced(overrides, () => momentsStateOf(x.tensor, { axes, range }));
        if (String(state.toBytes()) !== String(expected)) {
          return `[${shape}] over ${axes}, ${placing}, ${JSON.stringify(overrides)}: other bytes`;
        }
      }
      return trespass(ctx, x, false);
    });
    expect(failures).toEqual([]);
  });
}

test("words of every bit: sums whose low words are NaN as floats", async ({ ctx }) => {
  const length = 300_000;
  const data = Uint16Array.from({ length }, (_, i) => (i % 7 === 0 ? 1 : 65535));
  const x = ctx.tensor(data, [length / 2, 2], { dtype: "u16" });
  const state = await momentsStateOf(x, { axes: [0], range: [3, 4] });
  const expected = stateOfIntegers([length / 2, 2], [0], Float32Array.from(data), "u16");
  expect(state.toBytes()).toEqual(expected.toBytes());
  // a sum of 0x7fc0dead, a NaN with a payload
  const [sixteen, rest] = [Math.floor(0x7fc0dead / 65535), 0x7fc0dead % 65535];
  const values = new Uint16Array(2 * (sixteen + 1));
  for (let i = 0; i < sixteen; i++) values[2 * i] = 65535;
  values[2 * sixteen] = rest;
  const nan = ctx.tensor(values, [sixteen + 1, 2], { dtype: "u16" });
  const found = await momentsStateOf(nan, { axes: [0], range: [0, 1] });
  expect(found.moments().mean[0]).toBe(0x7fc0dead / (sixteen + 1));
});

test("floats: mean and variance of float64 to a few roundings, any length of the reduced axes", async ({
  ctx,
}) => {
  const shape = [6, 3, 50];
  const data = new Random(4).normals(900, 1e5);
  const expected = reference.moments({ shape, data }, { axes: [0, 2] });
  const whole = { axes: [0, -1], shape: [-1, 3, 50] };
  const states = [0, 1].map((k) => {
    const half = ctx.tensor(data.subarray(450 * k, 450 * k + 450), [3, 3, 50]);
    const state = momentsStateOf(half, { ...whole, range: [3 * k, 3 * k + 3] });
    half.destroy(); // it is the state of the call
    return state;
  });
  const [a, b] = await Promise.all(states);
  expect([a.shape, a.axes, a.dtype, a.ranges]).toEqual([[-1, 3, 50], [0, 2], "f32", [[0n, 3n]]]);
  const { mean, variance, count } = a.merge(b).moments();
  for (let c = 0; c < 3; c++) {
    expect(count[c]).toBe(300n);
    expect(Math.abs(mean[c] - expected.mean.data[c])).toBeLessThan(16 * UNIT);
    expect(Math.abs(variance[c] / expected.variance.data[c] - 1)).toBeLessThan(16 * UNIT);
  }
});

test("misuse is told", async ({ ctx }) => {
  const x = ctx.tensor([1, 2, 3, 4, 5, 6], [2, 3]);
  const range = [0, 1] as const;
  const CASES: readonly [unknown, object, string[]][] = [
    ["x", { range }, ["momentsStateOf: x is", "expected a tensor"]],
    [x, {}, ["momentsStateOf: range undefined"]],
    [x, { range: [2, 2] }, ["momentsStateOf: range [2, 2)", "first below last"]],
    [x, { range, axes: [2] }, ["momentsStateOf: axis 2"]],
    [
      x,
      { range, shape: [1, 3] },
      ["momentsStateOf: shape [1, 3]", "one that x, [2, 3], is a part of"],
    ],
    [x, { range, shape: [-1] }, ["momentsStateOf: shape [-1]", "a part of"]],
    [
      x,
      { range, axes: [0], shape: [-1, -1] },
      ["MomentsState: shape", "axes that are not reduced of known lengths"],
    ],
    [x, { range, correction: 1 }, ["momentsStateOf: unknown option correction"]],
    [ctx.empty([0, 3]), { range }, ["momentsStateOf: "]],
    [
      ctx.tensor([1, Number.NaN], [2]),
      { range },
      ["momentsStateOf: group 0 has values that are not finite, expected finite ones"],
    ],
  ];
  for (const [given, options, message] of CASES) {
    expectMessage(await rejection(momentsStateOf(given as never, options as never)), message);
  }
});
