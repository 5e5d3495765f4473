// Masks, lengths and weights under all plans, with NaN in masked places, and what the generic tests
// cannot draw. The generic random problems have masks as a class of their common options.

import { expect } from "vitest";
import * as library from "../../src/index";
import { type Context, lengthsOf, type Mask, maskOf, type Tensor } from "../../src/index";
import type { PlanOverrides } from "../../src/plan/overrides";
import { maskedMoments, validElements } from "../reference/masked";
import { product, type Values } from "../support/arrays";
import { maskedClasses, takesMasks } from "../support/common_options";
import { difference, inChunks } from "../support/comparison";
import { seeds, test } from "../support/fixture";
import { randomProblem } from "../support/make_problems";
import { rows } from "../support/operations";
import type { Operation, Problem } from "../support/problem";
import { Random } from "../support/random";
import { share } from "../support/share";
import { expected } from "../support/tolerance";

const MASKED = rows.filter(takesMasks);

/** NaN and infinity in masked places, where no result shows them: the sum with a residual would. */
function poisoned(problem: Problem, random: Random): Problem {
  const { options, inputs } = problem;
  const { mask, x, dy } = inputs;
  if (options.fill === "keep" || options.fill === "apply" || options.residualOut) return problem;
  if (inputs.gate ?? inputs.skip ?? inputs.residualGate) return problem; // gates.gpu has these
  const valid = validElements(x, mask);
  const likeX = dy && String(dy.shape) === String(x.shape); // not what arrives at a statistic
  const spoil = (v: Values) => ({
    shape: v.shape,
    data: v.data.map((value, i) => {
      return valid[i] ? value : random.pick([Number.NaN, Infinity, -Infinity, 3e38]);
    }) as Float32Array,
  });
  return { ...problem, inputs: { ...inputs, x: spoil(x), ...(likeX && { dy: spoil(dy) }) } };
}

const randomForces = (random: Random): PlanOverrides => ({
  split: random.pick([true, false, undefined]),
  columns: random.pick([true, false, undefined]),
  vectorWidth: random.pick([1, 4, undefined]),
  team: random.pick([1, 4, 64, undefined]),
  inRegisters: random.pick([true, false, undefined]),
  slices: random.pick([1, 2, 5, 1000, undefined]),
  deferInner: random.pick([true, false, undefined]),
  fuseParameterGradients: random.pick([true, false, undefined]),
});

const KINDS = ["norm", "reduction", "gradient", "gradient of a statistic"] as const;

const kindOf = ({ kind, forward }: Operation) =>
  forward?.kind === "reduction" ? "gradient of a statistic" : kind;

/** Reductions have one class with a mask, norms and gradients two. */
function maskedProblem(seed: number, kind: (typeof KINDS)[number]): Problem {
  const random = new Random(seed);
  const operation = random.pick(MASKED.filter((one) => kindOf(one) === kind));
  const classes = maskedClasses(operation);
  for (;;) {
    const problem = randomProblem(operation, random, random.pick(classes));
    const { p, fill } = problem.options;
    if (!(p === Infinity && fill === "apply")) return problem;
  }
}

test.for(KINDS)(
  "random masked %ss under random forces agree with float64",
  async (kind, { ctx }) => {
    const failures = await inChunks(seeds(), async (seed) => {
      const random = new Random(seed);
      const problem = maskedProblem(seed, kind);
      const force = randomForces(random);
      const judged = expected(problem);
      const found = await ctx.forced(force, () =>
        difference(ctx, poisoned(problem, random), judged),
      );
      return found && `seed ${seed}, ${JSON.stringify(force)}: ${found}`;
    });
    expect(failures).toEqual([]);
  },
);

const calls = library as unknown as Record<
  string,
  (x: Tensor, o: object) => Tensor & { dx: Tensor }
>;

/** Lengths of sequences as the mask that they stand for. */
function maskOfLengths(shape: readonly number[], axis: number, lengths: readonly number[]) {
  const inner = product(shape.slice(axis + 1));
  const outer = product(shape.slice(1, axis));
  const data = Array.from({ length: product(shape) }, (_, i) => {
    const place = Math.floor(i / inner) % shape[axis];
    const example = Math.floor(i / (inner * shape[axis] * outer));
    return Number(place < lengths[example]);
  });
  return maskOf(data, { shape });
}

const SEQUENCES: readonly (readonly [
  shape: number[],
  axis: number,
  norm: string,
  options: object,
])[] = [
  [[3, 20, 8], 1, "layerNorm", { normalizedShape: [8] }],
  [[3, 20, 8], 1, "batchNorm", { channelAxis: -1 }],
  [[3, 8, 20], 2, "batchNorm", {}],
  [[4, 37], 1, "standardize", { axes: [1] }],
  [[4, 36], 1, "standardize", { axes: [0] }],
  [[2, 12, 6, 4], 2, "groupNorm", { groups: 3 }],
  [[2, 12, 5], 1, "groupNorm", { groups: 4, channelAxis: -2 }],
  [[3, 16, 4], 1, "rmsNorm", { axes: [1] }],
];

const LENGTHS_FORCES = [{}, { split: true, slices: 2 }, { inRegisters: false, split: false }];

/** The most that two arrays differ by; the loops, and so the order of sums, may differ. */
async function apart(a: Tensor, b: Tensor): Promise<number> {
  const [ours, theirs] = await Promise.all([a.read(), b.read()]);
  return Math.max(...ours.map((v, i) => Math.abs(v - theirs[i])));
}

test("lengths are the mask that they stand for", async ({ ctx }) => {
  const random = new Random(11);
  const failures: string[] = [];
  for (const [turn, [shape, axis, name, options]] of SEQUENCES.entries()) {
    const x = ctx.tensor(random.normals(product(shape), 2, 1), shape);
    const dy = ctx.tensor(random.normals(product(shape), 0, 1), shape);
    const lengths = Array.from({ length: shape[0] }, () => random.below(shape[axis] + 1));
    const both = [lengthsOf(lengths, { axis }), maskOfLengths(shape, axis, lengths)];
    for (const force of share(LENGTHS_FORCES, 3, turn)) {
      const [ours, theirs] = both.map((mask) =>
        ctx.forced(force, () => [
          calls[name](x, { ...options, mask }),
          calls[`${name}Backward`](dy, { x, ...options, mask }).dx,
        ]),
      );
      const off = await Promise.all(ours.map((one, k) => apart(one, theirs[k])));
      if (!(Math.max(...off) < 1e-5)) failures.push(`${name} [${shape}] ${lengths}: ${off}`);
    }
  }
  expect(failures).toEqual([]);
});

/** The same flags in all that may hold them; where they are not 0, integers have any value. */
const HOLDERS: Readonly<Record<string, (ctx: Context, flags: Float32Array, s: number[]) => Mask>> =
  {
    "a u8 tensor": (ctx, flags, shape) =>
      maskOf(
        ctx.tensor(
          flags.map((v, i) => v * (1 + (i % 255))),
          shape,
          { dtype: "u8" },
        ),
      ),
    "a u32 tensor": (ctx, flags, shape) => {
      const words = Uint32Array.from(flags, (v, i) => (v ? 0xffffffff >>> (i % 32) : 0));
      return maskOf(ctx.tensor(words, shape, { dtype: "u32" }));
    },
    "an f16 tensor": (ctx, flags, shape) => maskOf(ctx.tensor(flags, shape, { dtype: "f16" })),
    "a Uint8Array": (_, flags, shape) =>
      maskOf(
        Uint8Array.from(flags, (v) => 7 * v),
        { shape },
      ),
    "a Uint32Array": (_, flags, shape) =>
      maskOf(
        Uint32Array.from(flags, (v) => 256 * v),
        { shape },
      ),
    booleans: (_, flags, shape) => maskOf([...flags].map(Boolean), { shape }),
    numbers: (_, flags, shape) => maskOf([...flags], { shape }),
  };

const FLAGGED: readonly (readonly [mask: number[], norm: string, options: object])[] = [
  [[6, 20, 8], "layerNorm", { normalizedShape: [8] }],
  [[6, 20, 8], "batchNorm", { channelAxis: -1 }],
  [[6, 1, 8], "standardize", { axes: [1] }],
  [[20, 1], "instanceNorm", {}],
  [[6, 20, 1], "lpNormalize", { axes: [1], p: Infinity }],
];

test("flags are the same mask in whatever holds them", async ({ ctx }) => {
  const random = new Random(21);
  const failures: string[] = [];
  const shape = [6, 20, 8];
  const [x, dy] = [0, 1].map(() => ctx.tensor(random.normals(product(shape), 2, 1), shape));
  for (const [turn, [own, name, options]] of FLAGGED.entries()) {
    const flags = Float32Array.from({ length: product(own) }, () => Number(random.chance(0.7)));
    const of = (mask: Mask) => [
      calls[name](x, { ...options, mask }),
      calls[`${name}Backward`](dy, { x, ...options, mask }).dx,
    ];
    const judge = of(maskOf(ctx.tensor(flags, own)));
    for (const [holder, make] of share(Object.entries(HOLDERS), 7, turn)) {
      const off = await Promise.all(
        of(make(ctx, flags, own)).map((one, k) => apart(one, judge[k])),
      );
      if (!(Math.max(...off) < 1e-5)) failures.push(`${name} [${own}], ${holder}: ${off}`);
    }
  }
  expect(failures).toEqual([]);
});

test("a u8 mask takes a byte an element, and an odd place in a buffer", async ({ ctx }) => {
  const [rows, length] = [64, 256];
  const shape = [rows, length];
  const options = { shape, normalizedShape: [length] };
  const plan = (mask?: Mask) =>
    library.explain(ctx, library.layerNorm, { ...options, ...(mask && { mask }) }).bytes;
  const more = plan(maskOf({ shape, dtype: "u8" })) - plan();
  expect(more).toBe(rows * length);
  const random = new Random(22);
  const bytes = Uint8Array.from({ length: rows * length + 3 }, () => Number(random.chance(0.5)));
  const { buffer } = ctx.tensor(bytes, [bytes.length], { dtype: "u8" });
  const x = ctx.tensor(random.normals(rows * length, 2, 1), shape);
  for (const offset of [1, 3]) {
    const flags = ctx.fromBuffer(buffer, { shape, offset, dtype: "u8" });
    const judge = maskOf(Uint8Array.from(bytes.subarray(offset, offset + rows * length)), {
      shape,
    });
    const [ours, theirs] = [maskOf(flags), judge].map((mask) =>
      library.layerNorm(x, { normalizedShape: [length], mask }),
    );
    expect(await apart(ours, theirs)).toBeLessThan(1e-5);
  }
});

test("lengths in a u32 tensor end with the axis", async ({ ctx }) => {
  const random = new Random(23);
  const shape = [4, 12, 8];
  const [x, dy] = [0, 1].map(() => ctx.tensor(random.normals(product(shape), 2, 1), shape));
  const onGpu = ctx.tensor(Uint32Array.of(3, 0, 12, 4_000_000_000), [4], { dtype: "u32" });
  const both = [lengthsOf(onGpu), lengthsOf([3, 0, 12, 12])];
  for (const force of LENGTHS_FORCES) {
    const [ours, theirs] = both.map((mask) =>
      ctx.forced(force, () => [
        library.standardize(x, { axes: [1], mask }),
        library.standardizeBackward(dy, { x, axes: [1], mask }).dx,
        library.moments(x, { axes: [1, 2], mask }).count,
      ]),
    );
    for (const [k, one] of ours.entries()) expect(await apart(one, theirs[k])).toBe(0);
    expect([...(await ours[2].read())]).toEqual([24, 0, 96, 96]);
  }
});

test("lengths lie across a vector of examples", async ({ ctx }) => {
  const random = new Random(12);
  const [examples, places] = [36, 5];
  const { buffer } = ctx.tensor(random.normals(examples * places, 2, 1), [places, examples]);
  const x = ctx.fromBuffer(buffer, { shape: [examples, places], strides: [1, examples] });
  const lengths = Array.from({ length: examples }, () => random.below(places + 1));
  const both = [lengthsOf(lengths), maskOfLengths([examples, places], 1, lengths)];
  const [ours, theirs] = both.map((mask) => library.standardize(x, { axes: [1], mask }));
  expect(await apart(ours, theirs)).toBeLessThan(1e-5);
});

test("weights below 0 and NaN on the GPU count as 0, and lengths end with the axis", async ({
  ctx,
}) => {
  const x = ctx.tensor(Float32Array.of(1, 2, 3, 100), [4]);
  const weights = ctx.tensor(Float32Array.of(1, 1, 2, Number.NaN), [4]);
  const negative = ctx.tensor(Float32Array.of(1, 1, 2, -1), [4]);
  for (const mask of [maskOf(weights), maskOf(negative)]) {
    const { mean, count } = library.moments(x, { mask });
    expect([...(await mean.read()), ...(await count.read())]).toEqual([2.25, 4]);
  }
});

test("the valid part is normalized as a dense array is", async ({ ctx }) => {
  const random = new Random(12);
  const [rows, length, valid] = [5, 96, 60];
  const dense = random.normals(rows * valid, 50, 2);
  const padded = new Float32Array(rows * length).fill(Number.NaN);
  for (let r = 0; r < rows; r++) padded.set(dense.subarray(r * valid, (r + 1) * valid), r * length);
  const mask = lengthsOf(new Array(rows).fill(valid), { axis: 1 });
  for (const force of [{}, { inRegisters: false, split: false }, { split: true, slices: 3 }]) {
    const [y, expectedY] = ctx.forced(force, () => [
      library.standardize(ctx.tensor(padded, [rows, length]), { axes: [1], mask }),
      library.standardize(ctx.tensor(dense, [rows, valid]), { axes: [1] }),
    ]);
    const [ours, theirs] = await Promise.all([y.read(), expectedY.read()]);
    for (let r = 0; r < rows; r++) {
      for (let i = 0; i < length; i++) {
        const given = ours[r * length + i];
        if (i < valid) expect(Math.abs(given - theirs[r * valid + i])).toBeLessThan(4e-6);
        else expect(given).toBe(0);
      }
    }
  }
});

test("a group without valid elements gives fill, the bias, or x", async ({ ctx }) => {
  const x = ctx.tensor(Float32Array.of(1, 2, Number.NaN, 4, 5, 7), [2, 3]);
  const options = {
    normalizedShape: [3],
    weight: ctx.tensor(Float32Array.of(2, 2, 2), [3]),
    bias: ctx.tensor(Float32Array.of(7, 8, 9), [3]),
  };
  const rows = Float32Array.of(0, 1);
  const of = async (fill: "keep" | "apply" | number) => {
    const mask = maskOf(rows, { shape: [2, 1], fill });
    const { y, mean, rstd } = library.layerNorm(x, { ...options, mask, stats: true });
    expect((await mean.read())[0]).toBe(0);
    expect((await rstd.read())[0]).toBe(0);
    return (await y.read()).subarray(0, 3);
  };
  expect([...(await of("apply"))]).toEqual([7, 8, 9]);
  expect([...(await of(-1))]).toEqual([-1, -1, -1]);
  expect([...(await of("keep"))]).toEqual([1, 2, Number.NaN]);
});

test("equal valid elements have a variance of 0 beside 0, whatever their number", async ({
  ctx,
}) => {
  const [rows, length] = [6, 40];
  const data = Float32Array.from({ length: rows * length }, (_, i) => {
    if (i % length > 30) return 1e10;
    return [-0.0009848017, 0.0009, 3e-5, 1e-7, 7e-4, 1e-30][Math.floor(i / length)];
  });
  const x = ctx.tensor(data, [rows, length]);
  const mask = maskOf(Uint8Array.from({ length }, (_, i) => Number(i <= 30)));
  for (const force of [
    ...LENGTHS_FORCES,
    { split: true, slices: 40 },
    { split: true, slices: 7 },
  ]) {
    const { variance, mean } = ctx.forced(force, () => library.moments(x, { axes: [1], mask }));
    expect([...(await variance.read())], JSON.stringify(force)).toEqual(new Array(rows).fill(0));
    expect([...(await mean.read())]).toEqual([...data].filter((_, i) => i % length === 0));
  }
});

test("merged moments of unequal weights are those of all data, in the same bits each time", async ({
  ctx,
}) => {
  const random = new Random(13);
  const [rows, groups] = [300, 5];
  const data = random.normals(rows * groups, 1e4, 1);
  const weights = Float32Array.from(data, (_, i) => {
    return i % groups === 4 || (i % groups === 3 && i < 700) || random.chance(0.4)
      ? 0
      : 1 + (i % 3);
  });
  const cut = [0, 1, 40, 170, 171, 300];
  const parts = cut.slice(1).map((end, k) => {
    const shape = [end - cut[k], groups];
    const own = (all: Float32Array) => all.slice(cut[k] * groups, end * groups);
    return library.moments(ctx.tensor(own(data), shape), {
      axes: [0],
      mask: maskOf(own(weights), { shape }),
    });
  });
  const merge = () => library.mergeMoments(parts as [(typeof parts)[0], ...typeof parts]);
  const judge = maskedMoments(
    { shape: [rows, groups], data },
    { axes: [0], mask: { shape: [rows, groups], data: weights } },
  );
  const bits = new Set<string>();
  for (let k = 0; k < 3; k++) {
    const { mean, variance, count } = merge();
    const [m, v, n] = await Promise.all([mean.read(), variance.read(), count.read()]);
    bits.add(String([...m, ...v, ...n]));
    for (let g = 0; g < groups; g++) {
      expect(n[g]).toBe(judge.count.data[g]);
      expect(Math.abs(m[g] - judge.mean.data[g])).toBeLessThan(6e-8 * 1e4 + 2e-6);
      expect(Math.abs(v[g] - judge.variance.data[g])).toBeLessThan(2e-6 * (1 + v[g]));
    }
  }
  expect(bits.size).toBe(1);
});

test("feature norms of audio models", async ({ ctx }) => {
  const random = new Random(14);
  const [frames, mels, valid] = [50, 16, 33];
  const data = random.normals(frames * mels, -4, 3);
  const x = ctx.tensor(data, [1, frames, mels]);
  const mask = lengthsOf([valid], { axis: 1 });
  const bins = Array.from({ length: mels }, (_, m) =>
    Array.from({ length: valid }, (_, t) => data[t * mels + m]),
  );
  const of = (values: number[], ddof: number) => {
    const mean = values.reduce((a, b) => a + b) / values.length;
    const variance = values.reduce((s, v) => s + (v - mean) ** 2, 0) / (values.length - ddof);
    return { mean, variance };
  };
  const formulas: Record<string, [Tensor, (v: number, bin: number[]) => number]> = {
    parakeet: [
      library.standardize(x, { axes: [1], correction: 1, epsOn: "deviation", eps: 1e-5, mask }),
      (v, bin) => (v - of(bin, 1).mean) / (Math.sqrt(of(bin, 1).variance) + 1e-5),
    ],
    seamless: [
      library.standardize(x, { axes: [1], correction: 1, eps: 1e-7, mask }),
      (v, bin) => (v - of(bin, 1).mean) / Math.sqrt(of(bin, 1).variance + 1e-7),
    ],
    wav2vec2: [
      library.standardize(x, { axes: [1], eps: 1e-7, mask }),
      (v, bin) => (v - of(bin, 0).mean) / Math.sqrt(of(bin, 0).variance + 1e-7),
    ],
  };
  for (const [name, [y, formula]] of Object.entries(formulas)) {
    const read = await y.read();
    read.forEach((given, i) => {
      const frame = Math.floor(i / mels);
      const wanted = frame < valid ? formula(data[i], bins[i % mels]) : 0;
      expect(Math.abs(given - wanted), name).toBeLessThan(4e-6);
    });
  }
});

test("a masked mean of embeddings, then of length 1", async ({ ctx }) => {
  const x = ctx.tensor(Float32Array.of(3, 0, 1, 8, Number.NaN, 1), [1, 3, 2]);
  const mask = maskOf([true, true, false], { shape: [1, 3, 1] });
  const pooled = library.mean(x, { axes: [1], mask });
  const y = await library.lpNormalize(pooled, { axes: [-1] }).read();
  expect(y[0]).toBeCloseTo(2 / Math.hypot(2, 4), 6);
  expect(y[1]).toBeCloseTo(4 / Math.hypot(2, 4), 6);
});

test("batchRenorm takes r and d of the valid elements", async ({ ctx }) => {
  const data = Float32Array.of(1, 2, 3, 90, 5, 1, 7, 80);
  const dense = Float32Array.of(1, 2, 3, 5, 1, 7);
  const options = { training: true, rMax: 3, dMax: 5, momentum: 0.1 };
  const running = () => ({
    runningMean: ctx.tensor(Float32Array.of(2), [1]),
    runningVar: ctx.tensor(Float32Array.of(3), [1]),
  });
  const mask = maskOf([1, 1, 1, 0], { shape: [4] });
  const [a, b] = [running(), running()];
  const y = library.batchRenorm(ctx.tensor(data, [2, 1, 4]), { ...options, ...a, mask });
  const judge = library.batchRenorm(ctx.tensor(dense, [2, 1, 3]), { ...options, ...b });
  const [ours, theirs] = await Promise.all([y.read(), judge.read()]);
  const at = [0, 1, 2, 4, 5, 6];
  for (const [k, i] of at.entries()) expect(ours[i]).toBeCloseTo(theirs[k], 5);
  expect((await a.runningVar.read())[0]).toBeCloseTo((await b.runningVar.read())[0], 5);
});

const context = (f: (ctx: Context, x: Tensor) => unknown) => (ctx: Context) =>
  f(ctx, ctx.tensor(new Float32Array(24), [2, 3, 4]));

const norm = (mask: object) =>
  context((_, x) => library.layerNorm(x, { normalizedShape: [4], mask: mask as never }));

const ERRORS: readonly (readonly [(ctx: Context) => unknown, message: string])[] = [
  [
    () => maskOf([1, -1]),
    "maskOf: weights[1] is -1, expected a finite number that is not negative",
  ],
  [
    () => maskOf([1, Number.NaN]),
    "maskOf: weights[1] is NaN, expected a finite number that is not negative",
  ],
  [() => maskOf([1, 0], { shape: [3] }), "maskOf: 2 weights for shape [3], expected 3"],
  [
    () => maskOf([1], { fill: "zero" as never }),
    'maskOf: fill "zero", expected a number, "keep" or "apply"',
  ],
  [
    (ctx) => maskOf(ctx.tensor(new Float32Array(2), [2]), { shape: [2] }),
    "maskOf: shape [2], expected none: a tensor has its own",
  ],
  [
    norm(maskOf([1, 0])),
    "layerNorm: mask has shape [2], expected one that broadcasts to [2, 3, 4]",
  ],
  [
    context((ctx, x) => {
      const mask = maskOf(ctx.tensor(new Int8Array(4), [4], { dtype: "i8" }));
      return library.layerNorm(x, { normalizedShape: [4], mask });
    }),
    'layerNorm: mask has dtype "i8", expected one of f32, f16, bf16, u8, u32',
  ],
  [
    context((ctx, x) => {
      const mask = lengthsOf(ctx.tensor(new Float32Array(2), [2]));
      return library.layerNorm(x, { normalizedShape: [4], mask });
    }),
    'layerNorm: lengths has dtype "f32", expected one of u32',
  ],
  [
    (ctx) => {
      const x = ctx.tensor(new Uint32Array(4), [4], { dtype: "u32" });
      return library.layerNorm(x, { normalizedShape: [4] });
    },
    'layerNorm: x has dtype "u32", expected one of f32, f16, bf16, u16, u8, i8',
  ],
  [
    context((_, x) =>
      library.layerNorm(x, {
        normalizedShape: [4],
        mask: [maskOf([1]), lengthsOf([1])] as never,
      }),
    ),
    "layerNorm: mask [an object, an object], expected a mask of maskOf or lengthsOf",
  ],
  [norm([1, 0, 0]), "layerNorm: mask [1, 0, 0], expected a mask of maskOf or lengthsOf"],
  [
    () => lengthsOf([1, -2]),
    "lengthsOf: lengths[1] is -2, expected a whole number that is not negative",
  ],
  [
    () => lengthsOf([1.5]),
    "lengthsOf: lengths[0] is 1.5, expected a whole number that is not negative",
  ],
  [
    () => lengthsOf(3 as never),
    "lengthsOf: lengths is 3, expected an array of numbers or a tensor",
  ],
  [norm(lengthsOf([1, 4])), "layerNorm: lengths[1] is 4, expected at most 3, that of axis 1"],
  [norm(lengthsOf([1, 2, 3])), "layerNorm: lengths has shape [3], expected [2]"],
  [
    norm(lengthsOf([1, 2], { axis: 0 })),
    "layerNorm: lengths along axis 0, expected another: it has the examples",
  ],
  [
    norm(lengthsOf([1, 2], { axis: 3 })),
    "layerNorm: the lengths' axis 3, expected an integer in -3 .. 2",
  ],
  [
    context((_, x) =>
      library.lpNormalizeBackward(x, { x, p: Infinity, mask: maskOf([1], { fill: "apply" }) }),
    ),
    'lpNormalizeBackward: fill "apply" with the largest value as norm, expected a number or "keep"',
  ],
  [
    context((ctx, x) => {
      const { mean, variance } = library.moments(x, { axes: [0] });
      return library.mergeMoments([
        { mean, variance, count: ctx.tensor(new Float32Array(2), [2]) },
        library.moments(x, { axes: [0] }),
      ]);
    }),
    "mergeMoments: count has shape [2], expected [3, 4]",
  ],
];

test("wrong masks are errors at the call", ({ ctx }) => {
  for (const [call, message] of ERRORS) expect(() => call(ctx), message).toThrow(message);
});

test("a mask on another device is an error", async ({ ctx, freshContext }) => {
  const other = await freshContext();
  const x = ctx.tensor(new Float32Array(24), [2, 3, 4]);
  const flags = other.tensor(new Uint8Array(4), [4], { dtype: "u8" });
  const lengths = other.tensor(Uint32Array.of(1, 2), [2], { dtype: "u32" });
  for (const mask of [maskOf(flags), lengthsOf(lengths)]) {
    expect(() => library.layerNorm(x, { normalizedShape: [4], mask })).toThrow(
      "layerNorm: mask is on another device than x, expected all tensors on one device",
    );
  }
});

test("a mask's array is made once for a context, and freed", async ({ ctx }) => {
  const mask = maskOf([1, 0, 1]);
  const x = ctx.tensor(Float32Array.of(1, 5, 3), [3]);
  const first = await library.mean(x, { mask }).read();
  mask.destroy();
  const again = await library.mean(x, { mask }).read(); // made anew
  expect([first[0], again[0]]).toEqual([2, 2]);
});

test("explain and prepare know masks by their shapes", async ({ ctx }) => {
  const shape = [2, 8];
  const plan = library.explain(ctx, library.layerNorm, {
    shape,
    normalizedShape: [8],
    mask: maskOf({ shape: [8] }),
  });
  expect(plan.toString()).toContain("mask");
  const prepared = await library.prepare(ctx, library.layerNorm, {
    shape,
    normalizedShape: [8],
    mask: maskOf(true),
  });
  const data = new Random(3).normals(16, 1, 1);
  const x = ctx.tensor(data, shape);
  const weights = Float32Array.from(data, (_, i) => Number(i % 3 !== 0));
  const encoder = ctx.device.createCommandEncoder();
  const y = prepared.encode(encoder, { x, mask: ctx.tensor(weights, shape) });
  ctx.device.queue.submit([encoder.finish()]);
  const direct = library.layerNorm(x, { normalizedShape: [8], mask: maskOf(weights, { shape }) });
  expect(await y.read()).toEqual(await direct.read());
});
