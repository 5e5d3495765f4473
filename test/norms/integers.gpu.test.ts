// Integers are x of every norm: each value, at any byte of a buffer, in every plan. They have no
// gradient, and nothing else but x may be one.

import { expect } from "vitest";
import * as library from "../../src/index";
import {
  type Context,
  layerNorm,
  layerNormBackward,
  mean,
  standardize,
  type Tensor,
} from "../../src/index";
import { standardize as reference } from "../reference/norms";
import { inChunks, offBy } from "../support/comparison";
import { type ErrorCase, testErrors } from "../support/error_cases";
import { seeds, test } from "../support/fixture";
import { FORCES, PROBLEMS } from "../support/forces";
import { type Placing, place, trespass } from "../support/placement";
import { Random } from "../support/random";
import { INTEGERS, RANGES } from "../support/rounding";
import { share } from "../support/share";

const { applyMoments } = library;

for (const dtype of INTEGERS) {
  test(`${dtype}: every value, by vectors and one by one`, async ({ ctx }) => {
    const [least, most] = RANGES[dtype];
    const data = Float32Array.from({ length: most - least + 1 }, (_, i) => least + i);
    const x = ctx.tensor(data, [data.length], { dtype });
    expect(await x.read()).toEqual(data);
    const zero = ctx.tensor([0], [1]);
    const one = ctx.tensor([1], [1]);
    for (const vectorWidth of [1, 4] as const) {
      const y = ctx.forced({ vectorWidth }, () =>
        applyMoments(x.reshape([1, -1]), { axes: [1], mean: zero, variance: one, eps: 0 }),
      );
      expect(y.dtype).toBe("f32");
      expect(await y.read()).toEqual(data);
    }
  });

  test(`${dtype}: every plan, on windows among sentinels`, async ({ ctx }) => {
    const problems = PROBLEMS.map((problem, i) => ({ problem, seed: 7 * i + 1 }));
    const few = seeds().length > 16 ? problems : share(problems, 4, INTEGERS.indexOf(dtype));
    const failures = await inChunks(few, async ({ problem: [shape, axes], seed }) => {
      const random = new Random(seed);
      const [least, most] = RANGES[dtype];
      const length = shape.reduce((a, b) => a * b, 1);
      const data = Float32Array.from({ length }, () => least + random.below(most - least + 1));
      const placing = random.pick<Placing>(["aligned", "offset", "padded", "permuted"]);
      const x = place(ctx, { shape, data }, placing, random, dtype);
      const expected = reference({ shape, data }, { axes: [...axes] }).y.data;
      const forces = seeds().length > 16 ? FORCES : share([...FORCES], 3, seed);
      const results = forces.map((overrides) =>
        ctx.forced(overrides, () => standardize(x.tensor, { axes })),
      );
      for (const [k, y] of (await Promise.all(results.map((one) => one.read()))).entries()) {
        const worst = Math.max(...y.map((v, i) => offBy(v, expected[i], 2e-6)));
        if (!(worst <= 1)) return `[${shape}] over ${axes} ${JSON.stringify(forces[k])}: ${worst}`;
      }
      return trespass(ctx, x, false);
    });
    expect(failures).toEqual([]);
  });
}

test("a stream of bytes has the moments of its integers", async ({ ctx }) => {
  const { MomentsAccumulator } = await import("../../src/stream/index");
  const data = Uint8Array.from({ length: 3000 }, (_, i) => (i * i) % 251);
  const all = new MomentsAccumulator(ctx, { shape: [-1, 3], axes: [0], dtype: "u8" });
  for (let at = 0; at < data.length; at += 300) await all.add(data.subarray(at, at + 300));
  const found = all.moments();
  const whole = library.moments(ctx.tensor(data, [1000, 3], { dtype: "u8" }), { axes: [0] });
  const [a, b] = [await found.mean.read(), await whole.mean.read()];
  a.forEach((v, i) => {
    expect(Math.abs(v - b[i])).toBeLessThan(1e-4);
  });
});

const u8 = (ctx: Context, ...shape: number[]): Tensor =>
  ctx.tensor(new Uint8Array(shape.reduce((a, b) => a * b, 1)), shape, { dtype: "u8" });

const REFUSED: ErrorCase[] = [
  [
    "a weight of integers",
    ({ ctx, x }) => layerNorm(x, { normalizedShape: [4], weight: u8(ctx, 4) }),
    ['layerNorm: weight has dtype "u8"', "bf16"],
  ],
  [
    "a residual of integers",
    ({ ctx, x }) => layerNorm(x, { normalizedShape: [4], residual: u8(ctx, 2, 6, 4) }),
    ['layerNorm: residual has dtype "u8"', "bf16"],
  ],
  [
    "a result of integers",
    ({ ctx }) => layerNorm(u8(ctx, 2, 4), { normalizedShape: [4], dtype: "u8" as never }),
    ['layerNorm: dtype "u8"', "f32, f16, bf16"],
  ],
  [
    "a result in place of integers",
    ({ ctx }) => {
      const x = u8(ctx, 2, 4);
      return layerNorm(x, { normalizedShape: [4], out: x });
    },
    ['layerNorm: dtype "u8"', "f32, f16, bf16"],
  ],
  [
    "a sum of integers",
    ({ ctx, x }) => {
      const residualOut = u8(ctx, 2, 6, 4);
      return layerNorm(x, { normalizedShape: [4], residual: x, residualOut });
    },
    ['layerNorm: residualOut has dtype "u8"', "bf16"],
  ],
  [
    "a mean into integers",
    ({ ctx, x }) => mean(x, { axes: [0, 1], out: u8(ctx, 4) }),
    ["mean: out has dtype u8", "f32"],
  ],
  [
    "a gradient into integers",
    ({ ctx }) => {
      const [dy, weight] = [ctx.empty([2, 3, 4]), ctx.empty([4])];
      const out = { dWeight: u8(ctx, 4) };
      return layerNormBackward(dy, { normalizedShape: [4], x: dy, weight, out });
    },
    ['layerNormBackward: out.dWeight has dtype "u8"', "bf16"],
  ],
  [
    "a value beyond the type",
    ({ ctx }) => ctx.tensor([1, 256], [2], { dtype: "u8" }),
    ["tensor: data[1] is 256", "a value of u8"],
  ],
  [
    "a value below the type",
    ({ ctx }) => ctx.tensor(Int16Array.of(-129), [1], { dtype: "i8" }),
    ["tensor: data[0] is -129", "a value of i8"],
  ],
  [
    "a fraction",
    ({ ctx }) => ctx.tensor([0.5], [1], { dtype: "u16" }),
    ["tensor: data[0] is 0.5", "a value of u16"],
  ],
  ...Object.entries(library).flatMap(([name, backward]): ErrorCase[] => {
    if (!/Backward$/.test(name) || name === "syncBatchNormBackward") return [];
    const call = backward as unknown as (dy: Tensor, options: object) => unknown;
    const options = (of: (...shape: number[]) => Tensor) => ({
      normalizedShape: [4],
      axes: [1],
      groups: 2,
      size: 3,
      alpha: of(1),
      training: true,
      moments: undefined,
      mean: of(2, 4),
      variance: of(2, 4),
    });
    const known = (all: object) => {
      const { definition } = backward as { definition?: { options?: object } };
      const names = definition?.options ?? (name.startsWith("local") ? { size: 0 } : {});
      return Object.fromEntries(Object.entries(all).filter(([key]) => key in names));
    };
    return [
      [
        "the gradient of integers",
        ({ ctx, of }) => call(of(2, 6, 4), { ...known(options(of)), x: u8(ctx, 2, 6, 4) }),
        [`${name}: x has dtype "u8"`, "bf16"],
      ],
      [
        "a gradient of integers above",
        ({ ctx, of, x }) => call(u8(ctx, 2, 6, 4), { ...known(options(of)), x }),
        [`${name}: ${name === "momentsBackward" ? "dMean" : "dy"} has dtype`, "u8", "bf16"],
      ],
    ];
  }),
];

testErrors(REFUSED);

test("integers have no bits to read", async ({ ctx }) => {
  await expect(u8(ctx, 4).readBits()).rejects.toThrow("readBits: dtype u8, expected f16 or bf16");
});

test("quantized values are what applyMoments makes of them", async ({ ctx }) => {
  const q = Int8Array.from({ length: 2 * 3 * 5 }, (_, i) => ((i * 77) % 256) - 128);
  const [zeros, scales] = [
    [0, -100, 20],
    [0.5, 0.003, 12],
  ];
  const x = applyMoments(ctx.tensor(q, [2, 3, 5], { dtype: "i8" }), {
    axes: [0, 2],
    mean: ctx.tensor(zeros, [3]),
    variance: ctx.tensor([1, 1, 1], [3]),
    eps: 0,
    weight: ctx.tensor(scales, [3, 1]),
  });
  for (const [i, value] of (await x.read()).entries()) {
    const c = Math.floor(i / 5) % 3;
    expect(offBy(value, (q[i] - zeros[c]) * scales[c], 1e-6)).toBeLessThanOrEqual(1);
  }
});

test("a norm of quantized values is that of q with another eps", async ({ ctx }) => {
  const [zero, scale, eps] = [-31, 0.02, 0.05];
  const q = Int8Array.from({ length: 6 * 40 }, (_, i) => ((i * 77) % 200) - 100);
  const data = Float64Array.from(q, (v) => (v - zero) * scale);
  const x = { shape: [6, 40], data };
  const { y } = reference(x, { axes: [1], eps });
  const given = ctx.tensor(q, [6, 40], { dtype: "i8" });
  const found = layerNorm(given, { normalizedShape: [40], eps: eps / scale ** 2 });
  for (const [i, value] of (await found.read()).entries()) {
    expect(offBy(value, y.data[i], 2e-6)).toBeLessThanOrEqual(1);
  }
});

test("a gradient of a statistic cannot be stored as integers", ({ ctx }) => {
  const [x, dy] = [ctx.empty([2, 3]), ctx.empty([2])];
  for (const run of [library.meanBackward, library.stdBackward, library.momentsBackward]) {
    const call = run as unknown as (dy: Tensor, options: object) => object;
    const options = { x, axes: [1], dVariance: dy, dtype: "u8" };
    if (run !== library.momentsBackward) Reflect.deleteProperty(options, "dVariance");
    expect(() => call(dy, options)).toThrow(/dtype "u8", expected one of f32, f16, bf16$/);
  }
});
