// Statistics of integers are exact sums, rounded once: the bits of BigInt, in every plan, for every
// layout.

import { expect } from "vitest";
import { explain, mean, moments, std, variance } from "../../src/index";
import { exactMoments } from "../reference/exact";
import { inChunks } from "../support/comparison";
import { type ErrorCase, testErrors } from "../support/error_cases";
import { seeds, test } from "../support/fixture";
import { FORCES, PROBLEMS } from "../support/forces";
import { type Placing, place, trespass } from "../support/placement";
import { Random } from "../support/random";
import { INTEGERS, RANGES } from "../support/rounding";
import { share } from "../support/share";

/** The values of each group, in the order of the statistics. */
function groupsOf(shape: readonly number[], data: Float32Array, axes: readonly number[]) {
  const groups = new Map<string, number[]>();
  data.forEach((value, i) => {
    let rest = i;
    const at = shape.toReversed().map((size) => {
      const index = rest % size;
      rest = (rest - index) / size;
      return index;
    });
    const key = at
      .reverse()
      .filter((_, axis) => !axes.includes(axis))
      .join();
    const group = groups.get(key) ?? [];
    groups.set(key, group);
    group.push(value);
  });
  return [...groups.values()].map(exactMoments);
}

type Fill = (random: Random, least: number, most: number) => (i: number) => number;

const FILLS: Record<string, Fill> = {
  anything: (random, least, most) => () => least + random.below(most - least + 1),
  "the ends": (random, least, most) => () => random.pick([least, most]),
  "the largest": (_, __, most) => () => most,
  "nearly one": (random, least, most) => (i) => (i === 0 ? least : most - random.below(2)),
};

for (const dtype of INTEGERS) {
  test(`${dtype}: mean, variance and the pair have the bits of BigInt`, async ({ ctx }) => {
    const all = PROBLEMS.flatMap((problem, i) =>
      Object.entries(FILLS).map(([name, fill], k) => ({
        problem,
        name,
        fill,
        seed: 11 * i + k + 1,
      })),
    );
    const some = seeds().length > 16 ? all : share(all, 6, INTEGERS.indexOf(dtype));
    const failures = await inChunks(some, async ({ problem: [shape, axes], name, fill, seed }) => {
      const random = new Random(seed);
      const length = shape.reduce((a, b) => a * b, 1);
      const value = fill(random, ...RANGES[dtype]);
      const data = Float32Array.from({ length }, (_, i) => value(i));
      const placing = random.pick<Placing>(["aligned", "offset", "padded", "permuted"]);
      const x = place(ctx, { shape, data }, placing, random, dtype);
      const expected = groupsOf(shape, data, axes);
      const forces = seeds().length > 16 ? FORCES : share([...FORCES], 8, seed);
      for (const overrides of forces) {
        const [m, v, pair] = await Promise.all(
          ctx.forced(overrides, () => {
            const { mean, variance: population, meanPair } = moments(x.tensor, { axes });
            return [mean, population, meanPair].map((one) => one?.read() ?? new Float32Array(0));
          }),
        );
        const plan = `[${shape}] over ${axes}, ${name}, ${placing}, ${JSON.stringify(overrides)}`;
        for (const [g, e] of expected.entries()) {
          const found = [m[g], v[g], pair[g], pair[expected.length + g]];
          const wanted = [e.mean, e.variance(0), ...e.pair];
          if (String(found) !== String(wanted))
            return `${plan}: group ${g}: ${found}, not ${wanted}`;
        }
      }
      return trespass(ctx, x, false);
    });
    expect(failures).toEqual([]);
  });
}

test("with a correction, and its root", async ({ ctx }) => {
  const values = [3, 250, 7, 7, 91, 255, 0];
  const x = ctx.tensor(values, [7], { dtype: "u8" });
  const exact = exactMoments(values);
  const read = async (y: { read(): Promise<Float32Array> }) => (await y.read())[0];
  expect(await read(mean(x))).toBe(exact.mean);
  for (const correction of [0, 1, 3]) {
    expect(await read(variance(x, { correction }))).toBe(exact.variance(correction));
    const root = Math.sqrt(exact.variance(correction));
    expect(Math.abs((await read(std(x, { correction }))) - root)).toBeLessThan(4e-7 * root);
  }
  expect(await read(variance(x, { correction: 7 }))).toBe(Number.POSITIVE_INFINITY);
  const half = await read(variance(x, { correction: 0.5 }));
  expect(half).toBeCloseTo((exact.variance(0) * 7) / 6.5, 2);
});

test("beyond 2^32: sums of many large squares", async ({ ctx }) => {
  const length = 300_000;
  const data = Uint16Array.from({ length }, (_, i) => (i % 7 === 0 ? 1 : 65535));
  const x = ctx.tensor(data, [length], { dtype: "u16" });
  const exact = exactMoments([...data]);
  for (const overrides of [{}, { split: true, slices: 5 }, { split: false, team: 64 }]) {
    const [m, v] = ctx.forced(overrides, () => {
      const made = moments(x);
      return [made.mean, made.variance];
    });
    expect([(await m.read())[0], (await v.read())[0]]).toEqual([exact.mean, exact.variance(0)]);
  }
});

test("a binding's windows of a large array, in tiles", async ({ freshContext }) => {
  const small = await freshContext({ profile: { maxBindingBytes: 4096 } });
  const data = Uint8Array.from({ length: 3 * 20_000 }, (_, i) => (i * 37) % 256);
  const x = small.tensor(data, [20_000, 3], { dtype: "u8" });
  const made = moments(x, { axes: [0] });
  const expected = [0, 1, 2].map((c) => exactMoments([...data].filter((_, i) => i % 3 === c)));
  expect([...(await made.mean.read())]).toEqual(expected.map((e) => e.mean));
  expect([...(await made.variance.read())]).toEqual(expected.map((e) => e.variance(0)));
});

test("floats keep their plans", ({ ctx }) => {
  const shaders = (inputType: "f32" | "u8") =>
    explain(ctx, moments, { shape: [4, 8], axes: [1], inputType }).passes.flatMap((p) => p.shaders);
  expect(shaders("f32").filter((name) => name.startsWith("exact/"))).toEqual([]);
  expect(shaders("u8")).toContain("exact/sums.wgsl");
});

const ERRORS: ErrorCase[] = [
  [
    "no elements to take integers from",
    ({ ctx }) => moments(ctx.empty([0, 3], { dtype: "u8" }), { axes: [0] }),
    ["moments: shape [0, 3]", "at least one"],
  ],
];
testErrors(ERRORS);
