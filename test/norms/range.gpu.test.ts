// Results are right over the whole range of f32 and bf16, where squares of the elements are not.
// A power of two that multiplies x changes no bit of y, and divides dx, as long as eps is 0 and no
// number on the way is subnormal: the scale of the elements is a power of two.

import { expect } from "vitest";
import type { Context, DType, Tensor } from "../../src/index";
import * as library from "../../src/index";
import type { PlanOverrides } from "../../src/plan/overrides";
import { BACKWARD } from "../reference/backward";
import { FORWARD } from "../reference/family";
import * as reference from "../reference/norms";
import * as scales from "../reference/scales";
import { test } from "../support/fixture";
import { Random } from "../support/random";
import { share } from "../support/share";

/** A row is streamed, in registers or in slices; columns are in slices. */
const FORCES: readonly PlanOverrides[] = [
  { team: 1, inRegisters: false, split: false },
  { team: 8, inRegisters: true, split: false },
  { split: true, slices: 3, team: 4 },
  { columns: true, split: true, slices: 2 },
];

/** Exponents k of 2^k. Beyond these, deviations or elements of dx are subnormal. */
const EXPONENTS = [-100, -90, -64, -43, 43, 64, 90, 110];

const ROWS = [[5, 96], 1] as const;
const COLUMNS = [[40, 8], 0] as const;

type Placed = readonly [shape: readonly number[], axis: number];

const shapeFor = ({ columns }: PlanOverrides): Placed => (columns ? COLUMNS : ROWS);

type Options = Record<string, unknown>;
interface Subject {
  readonly name: string;
  readonly forward: (x: Tensor, o: Options) => Tensor;
  readonly backward: (dy: Tensor, o: Options) => { readonly dx: Tensor };
  readonly options?: Options;
}

const {
  lpNormalize,
  lpNormalizeBackward,
  meanVarianceNorm,
  meanVarianceNormBackward,
  rmsNorm,
  rmsNormBackward,
  standardize,
  standardizeBackward,
} = library as unknown as Record<string, never>;

const subjects: readonly Subject[] = [
  { name: "standardize", forward: standardize, backward: standardizeBackward },
  { name: "meanVarianceNorm", forward: meanVarianceNorm, backward: meanVarianceNormBackward },
  { name: "rmsNorm", forward: rmsNorm, backward: rmsNormBackward },
  { name: "lpNormalize", forward: lpNormalize, backward: lpNormalizeBackward },
  {
    name: "lpNormalize, p 1",
    forward: lpNormalize,
    backward: lpNormalizeBackward,
    options: { p: 1 },
  },
  {
    name: "lpNormalize, p Infinity",
    forward: lpNormalize,
    backward: lpNormalizeBackward,
    options: { p: Number.POSITIVE_INFINITY },
  },
];

/** Returns y and dx of these data. */
async function resultsOf(
  ctx: Context,
  { forward, backward, options }: Subject,
  [shape, axis]: Placed,
  force: PlanOverrides,
  data: Float32Array,
  dtype: DType = "f32",
) {
  const x = ctx.tensor(data, [...shape], { dtype });
  const dy = ctx.tensor(new Random(7).normals(data.length), [...shape]);
  const own = { ...options, axes: [axis], eps: 0 };
  const { y, dx } = ctx.forced(force, () => ({
    y: forward(x, { ...own, dtype: "f32" }),
    dx: backward(dy, { ...own, x, dtype: "f32" }).dx,
  }));
  const read = { y: await y.read(), dx: await dx.read() };
  for (const tensor of [x, dy, y, dx]) tensor.destroy();
  return read;
}

/**
 * A kernel measures scaled elements by a second copy of its code, which compilers of GPUs may round
 * differently (NVIDIA's does), in the last bit.
 */
const lastBit = ({ profile }: Context) => (profile.software ? 0 : 2 ** -23);

/** bf16 has 8 bits. */
const coarse = (data: Float32Array) => {
  const bits = new Uint32Array(data.slice().buffer);
  return new Float32Array(bits.map((word) => word & 0xffff0000).buffer);
};

for (const [s, subject] of subjects.entries()) {
  test(`${subject.name}: a power of two that multiplies x changes no bit`, async ({ ctx }) => {
    const failures: string[] = [];
    for (const [turn, force] of share([...FORCES.entries()], 2, s)) {
      const at = shapeFor(force);
      // an offset shows that the mean keeps both its parts
      const offset = turn < 2 ? 0 : 3;
      const length = at[0].reduce((a, b) => a * b, 1);
      const data = coarse(new Random(length).normals(length, offset, 1));
      const usual = await resultsOf(ctx, subject, at, force, data);
      for (const k of EXPONENTS) {
        const dtype = turn < 2 && k % 3 === 0 ? "bf16" : "f32";
        const scaled = data.map((v) => v * 2 ** k);
        const { y, dx } = await resultsOf(ctx, subject, at, force, scaled, dtype);
        const where = `${JSON.stringify(force)} [${at[0]}] 2^${k}`;
        // partials of scaled elements are roots, which are rounded
        const off = force.split ? 2 ** -21 : lastBit(ctx);
        const differs = (usual: number, v: number, flushed: number) =>
          Math.abs(v - usual) > off * Math.max(1, Math.abs(usual)) + flushed;
        const i = y.findIndex((v, i) => differs(usual.y[i], v, 0));
        const j = dx.findIndex((v, j) => differs(usual.dx[j], v * 2 ** k, 2 ** (k - 126)));
        if (i >= 0) failures.push(`${where}: y[${i}] is ${y[i]}, expected ${usual.y[i]}`);
        if (j >= 0) failures.push(`${where}: dx[${j}] is ${dx[j]}, not ${usual.dx[j]} / 2^${k}`);
      }
    }
    expect(failures.slice(0, 6), `${failures.length} failures`).toEqual([]);
  });
}

test("an outlier beside squares out of range: the pivot and the scale are both found", async ({
  ctx,
}) => {
  const data = coarse(new Random(6).normals(4096));
  data[0] = 2 ** 20;
  for (const force of FORCES.slice(0, 3)) {
    const options = { axes: [1], eps: 0 };
    const [usual, ...others] = await Promise.all(
      [0, -90, 90].map((k) => {
        const x = ctx.tensor(
          data.map((v) => v * 2 ** k),
          [1, 4096],
        );
        return ctx.forced(force, () => library.standardize(x, options)).read();
      }),
    );
    const off = force.split ? 2 ** -21 : lastBit(ctx); // partials of scaled elements are roots
    for (const y of others) {
      const worst = Math.max(...y.map((v, i) => Math.abs(v - usual[i]) / Math.abs(usual[i])));
      expect(worst, JSON.stringify(force)).toBeLessThanOrEqual(off);
    }
  }
});

/** A relative error of 4e-6 is 64 units of rounding: powers are good to 16 units and more. */
const POWERS = 4e-6;

test("p-norms: any p, any magnitude", async ({ ctx }) => {
  const failures: string[] = [];
  for (const force of FORCES.slice(0, 3)) {
    for (const p of [0.5, 1.5, 2.5, 3, 7, 50]) {
      const [shape, axis] = shapeFor(force);
      for (const k of [-100, -90, -43, 0, 43, 90, p < 1 ? 100 : 110]) {
        const length = shape[0] * shape[1];
        const data = new Random(length).normals(length).map((v) => v * 2 ** k);
        const x = ctx.tensor(data, [...shape]);
        const y = await ctx.forced(force, () =>
          library.lpNormalize(x, { p, axes: [axis], eps: 0 }).read(),
        );
        x.destroy();
        const right = scales.lpNormalize(
          { shape, data: Float64Array.from(data, (v) => v / 2 ** k) },
          { p, axes: [axis], eps: 0 },
        );
        const i = y.findIndex(
          (v, i) => !(Math.abs(v - right.data[i]) <= POWERS * Math.abs(right.data[i]) + 2 ** -126),
        );
        if (i >= 0)
          failures.push(
            `p ${p} ${JSON.stringify(force)} [${shape}] 2^${k}: y[${i}] is ${y[i]}, expected ${right.data[i]}`,
          );
      }
    }
  }
  expect(failures.slice(0, 6), `${failures.length} failures`).toEqual([]);
});

const row = (ctx: Context, values: readonly number[], dtype?: DType) =>
  ctx.tensor(Float32Array.from(values), [1, values.length], { dtype });

const CASES: readonly (readonly [values: number[], options: Options, right: number[]])[] = [
  [[3e-25, 4e-25], { eps: 1e-30 }, [0.6, 0.8]],
  [[3e25, 4e25], {}, [0.6, 0.8]],
  [[3e37, 4e37], {}, [0.6, 0.8]],
  [[3e-37, 4e-37], { eps: 0 }, [0.6, 0.8]],
  [[0, 3e25, 0, 4e25], {}, [0, 0.6, 0, 0.8]],
  [[1e-13, 2e-13, 3e-13], { p: 3, eps: 0 }, [0.3028534, 0.6057069, 0.9085603]],
  [[1e13, 2e13], { p: 3 }, [0.4807499, 0.9614997]],
  [[3e30, 1], { p: 2 }, [1, 1 / 3e30]],
  [[1, 0, 1e30], { p: 3 }, [1e-30, 0, 1]],
  [[3e-25, 4e-25], { eps: 5e-24 }, [0.06, 0.08]], // eps is larger
];

test("lpNormalize: sums that overflowed or underflowed", async ({ ctx }) => {
  for (const [values, options, right] of CASES) {
    const y = await (
      library.lpNormalize(row(ctx, values), options as { eps?: number }) as Tensor
    ).read();
    const off = y.map(
      (v, i) => Math.abs(v / right[i] - 1) || Number(v !== right[i] && right[i] === 0),
    );
    expect(Math.max(...off), `${values} ${JSON.stringify(options)}: ${y}`).toBeLessThan(POWERS);
  }
});

test("lpNormalize: NaN stays NaN in its group, infinity is divided by infinity", async ({
  ctx,
}) => {
  for (const p of [0.5, 1, 2, 2.5, 3, 50, Number.POSITIVE_INFINITY]) {
    const x = ctx.tensor([1, NaN, 2, 3, 1, 2, 3, 4, Infinity, 1, 0, -Infinity], [3, 4]);
    const y = [...(await library.lpNormalize(x, { p }).read())];
    expect(y.slice(0, 4).every(Number.isNaN), `p ${p}: ${y}`).toBe(true);
    expect(y.slice(4, 8).every(Number.isFinite), `p ${p}: ${y}`).toBe(true);
    expect(y.slice(8), `p ${p}`).toEqual([NaN, 0, 0, NaN]);
    const dy = ctx.tensor(new Float32Array(12).fill(1), [3, 4]);
    const dx = [...(await library.lpNormalizeBackward(dy, { x, p }).dx.read())];
    expect(dx.slice(0, 4).every(Number.isNaN), `p ${p}: dx ${dx}`).toBe(true);
    expect(dx.slice(4, 8).every(Number.isFinite), `p ${p}: dx ${dx}`).toBe(true);
  }
});

test("eps counts where the variance is small, and not where it is large", async ({ ctx }) => {
  for (const eps of [0, 2e-38, 1e-30, 3e-23, 1e-20, 1e-12, 1e-5]) {
    for (const k of [-110, -64, -50, -43, -38, -20, 0, 64, 120]) {
      const data = new Random(3).normals(64).map((v) => v * 2 ** k);
      const values = { shape: [1, 64], data };
      const x = ctx.tensor(data, [1, 64]);
      const given = [
        library.layerNorm(x, { normalizedShape: [64], eps }),
        library.rmsNorm(x, { normalizedShape: [64], eps }),
        library.meanVarianceNorm(x, { axes: [1], eps }),
        library.lpNormalize(x, { eps }),
      ];
      const right = [
        reference.layerNorm(values, { normalizedShape: [64], eps }).y,
        scales.rmsNorm(values, { normalizedShape: [64], eps }),
        scales.meanVarianceNorm(values, { axes: [1], eps }),
        scales.lpNormalize(values, { axes: [1], eps }),
      ];
      for (const [n, y] of given.entries()) {
        const { data } = right[n];
        const most = Math.max(...data.map(Math.abs));
        const off = (await y.read()).map((v, i) => Math.abs(v - data[i]) / most);
        expect(Math.max(...off), `${n}, eps ${eps}, 2^${k}`).toBeLessThan(2e-6);
      }
    }
  }
});

const VARIANCE = 0.6630859375; // of these numbers, with the mean 0.53125

test("mean and deviation of any magnitude; the variance ends where f32 does", async ({ ctx }) => {
  for (const [k, infinite, zero] of [
    [-115, false, true],
    [-60, false, false],
    [60, false, false],
    [66, true, false],
    [125, true, false],
  ] as const) {
    const data = Float32Array.of(1, -1, 0.5, 0.25, 2, 1, 0, 0.5).map((v) => v * 2 ** k);
    const x = ctx.tensor(data, [8]);
    const [m] = await library.mean(x).read();
    const [s] = await library.std(x, { correction: 0 }).read();
    const [v] = await library.variance(x, { correction: 0 }).read();
    expect(m).toBe(0.53125 * 2 ** k);
    expect(Math.abs(s / (Math.sqrt(VARIANCE) * 2 ** k) - 1)).toBeLessThan(1e-6);
    const right = infinite ? Infinity : zero ? 0 : VARIANCE * 2 ** (2 * k);
    if (Number.isFinite(right) && right > 0) expect(Math.abs(v / right - 1)).toBeLessThan(1e-6);
    else expect(v).toBe(right);
  }
});

test("beyond 8.5e37 and its reciprocal, 1 / deviation is no normal number", async ({ ctx }) => {
  const of = (scale: number) => {
    const x = ctx.tensor(
      [1, -1, 1, -1].map((v) => v * scale),
      [1, 4],
    );
    const y = library.layerNorm(x, { normalizedShape: [4], eps: 0 }) as Tensor;
    return y.read();
  };
  expect([...(await of(2 ** 126))]).toEqual([1, -1, 1, -1]);
  expect([...(await of(2 ** -126))]).toEqual([1, -1, 1, -1]);
  for (const y of await of(2 ** 127)) expect(Number.isFinite(y)).toBe(true);
});

/**
 * Exponents, magnitudes of x where d^-beta is below f32, and what is allowed. Powers of quarters are
 * products; others are exponentials, which are off by as much as their arguments, about 70, twice.
 */
const RESPONSES = [
  [2, 3e9, POWERS],
  [2, 1e10, POWERS],
  [3, 1e7, POWERS],
  [2.1, 1e10, 10 * POWERS],
  [5, 1e4, 10 * POWERS],
] as const;

test("localResponseNorm: a power of d below f32, in results that are not", async ({ ctx }) => {
  const shape = [2, 9, 3];
  for (const [beta, scale, allowed] of RESPONSES) {
    const own = { size: 3, alpha: 1, beta, k: 1 };
    const normals = (seed: number, size: number) =>
      new Random(seed).normals(54).map((v) => v * size);
    const x = { shape, data: normals(4, scale) };
    const dy = { shape, data: normals(5, 1e-31 * scale ** (2 * beta + 1)) }; // the terms are f32
    const right = {
      y: FORWARD.localResponseNorm(x, own as never).y.data,
      dx: BACKWARD.localResponseNormBackward(dy, { x, ...own } as never).dx.data,
    };
    const placed = ctx.tensor(x.data, shape);
    const upstream = ctx.tensor(dy.data, shape);
    const { dx } = library.localResponseNormBackward(upstream, { x: placed, ...own });
    const y = library.localResponseNorm(placed, own);
    for (const [name, tensor] of Object.entries({ y, dx })) {
      const wanted = right[name as "y" | "dx"];
      const largest = Math.max(...wanted.map(Math.abs));
      const off = (await tensor.read()).map((v, i) => Math.abs(v - wanted[i]) / largest);
      expect(Math.max(...off), `${name}, beta ${beta}, x of ${scale}`).toBeLessThan(allowed);
    }
  }
});
