// The least and the largest finite value of each group, and the numbers of NaN and infinities, are
// exact: a loop over the values on the host judges every bit.

import { expect } from "vitest";
import type { Context } from "../../src/index";
import { findRanges, mergeRanges, readRanges } from "../../src/stream/ranges";
import { groupStrides, product, visit } from "../support/arrays";
import { test } from "../support/fixture";
import { FORCES } from "../support/forces";
import { Random } from "../support/random";

interface Found {
  readonly min: Float32Array;
  readonly max: Float32Array;
  readonly nan: bigint[];
  readonly posInf: bigint[];
  readonly negInf: bigint[];
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
const bits = ({ min, max, ...counts }: Found) => ({
  ...counts,
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

test("merged ranges are those of all data, and counts go beyond 32 bits", async ({ ctx }) => {
  const [shape, axes] = [[8, 6], [0]];
  const data = values(new Random(9), 48, 0.4);
  const [a, b] = [0, 1].map((k) =>
    findRanges(ctx.tensor(data.subarray(24 * k, 24 * k + 24), [4, 6]), { axes }),
  );
  const whole = mergeRanges(a, { records: b });
  expect(bits(await readRanges(whole))).toEqual(bits(rangesOf(data, shape, axes)));

  let records = findRanges(ctx.tensor([Number.NaN, Infinity, Infinity], [3]), { axes: [0] });
  for (let k = 0; k < 33; k++) records = mergeRanges(records, { records });
  const { nan, posInf, negInf, min, max } = await readRanges(records);
  expect([nan, posInf, negInf]).toEqual([[2n ** 33n], [2n ** 34n], [0n]]);
  expect([...min, ...max]).toEqual([Infinity, -Infinity]);
});
