// Every operation runs on arrays of f16 and bf16: mixed with each other and with f32, in place,
// with rows that start within a word, at the ends of the range, and with f16 both as a native type
// and as bits.

import { expect } from "vitest";
import {
  type Context,
  type DType,
  type FloatDType,
  layerNorm,
  rmsNorm,
  type Tensor,
} from "../../src/index";
import { typesOf } from "../support/common_options";
import { call, compare, difference, inChunks, reported } from "../support/comparison";
import { test } from "../support/fixture";
import { finished, gridProblems, randomProblem } from "../support/make_problems";
import { operations, rows } from "../support/operations";
import { type Operation, type Problem, title } from "../support/problem";
import { Random } from "../support/random";
import { narrow, rounded, smallest, step } from "../support/rounding";
import { share } from "../support/share";
import { expected } from "../support/tolerance";

const HALVES = ["f16", "bf16"] as const;
const named = (name: string) => operations.find((row) => row.name === name) as Operation;

/** The problem with its arrays stored so. */
function stored(problem: Problem, x: DType, others: DType, result?: DType): Problem {
  const { operation, options, inputs } = problem;
  for (const [name, values] of Object.entries(inputs)) {
    const dtype = typesOf(x, others)[name] ?? "f32";
    // within the range, as the fill of halves is
    if (dtype !== "f32" && name === "x") centre(values.data as Float32Array);
    narrow(values, dtype);
  }
  const dtype = operation.kind === "norm" && result ? { dtype: result } : {};
  const eps = operation.name.startsWith("rmsNorm") ? { eps: 1e-5 } : {}; // its default is x's dtype's
  return {
    operation,
    options: { ...options, ...dtype, ...eps },
    inputs,
    types: typesOf(x, others),
  };
}

/** Halves have few digits: values around 1, whatever they were around. */
function centre(data: Float32Array): void {
  const mean = data.reduce((sum, v) => sum + v / data.length, 0);
  const most = data.reduce((largest, v) => Math.max(largest, Math.abs(v - mean)), 1e-30);
  data.forEach((v, i) => {
    data[i] = 1 + (3 * (v - mean)) / most;
  });
}

/** On the grid, without statistics that would have to be those of the rounded x. */
function problemsOf(operation: Operation, count: number, length: number, at: number): Problem[] {
  const plain = { ...operation, completed: undefined };
  const problems = gridProblems(plain, count, length, new Random(length));
  const own = problems.filter(({ inputs }) => inputs.x.data.length > 0);
  return own.slice(at % own.length).slice(0, 1);
}

const check = (ctx: Context, problem: Problem) => {
  const complete = problem.operation.kind === "gradient" ? settled(problem) : problem;
  return difference(ctx, complete, expected(complete));
};

/** No dy where rounding decides. */
function settled(problem: Problem): Problem {
  const row = rows.find(({ name }) => name === problem.operation.name);
  // a seed in which neither statistics nor a choice of gradients are drawn
  return row?.completed
    ? row.completed(problem, { chance: () => false } as never as Random)
    : problem;
}

const MIXES: readonly (readonly [x: DType, others: DType, result: DType])[] = [
  ["f16", "f16", "f16"],
  ["bf16", "f32", "bf16"],
  ["f16", "f32", "f32"],
  ["f32", "f16", "bf16"],
];

for (const [k, operation] of rows.entries()) {
  if (operation.kind === "reduction") continue;
  test(`${operation.name}: halves of any kind, whole packs and odd rows`, async ({ ctx }) => {
    const problems = [
      [5, 3],
      [4, 64],
    ].flatMap(([count, length], n) => {
      const mix = MIXES[(k + 2 * n) % MIXES.length];
      return problemsOf(operation, count, length, k).map((problem) => stored(problem, ...mix));
    });
    const some = share(problems, 2, Math.floor(k / MIXES.length)); // of every mix both
    expect(await inChunks(some, (problem) => check(ctx, problem))).toEqual([]);
  });
}

const SOME = ["layerNorm", "batchNorm", "rmsNorm", "softmax", "weightNorm"].map(named);

/** Into a tensor of x's own place: neighbours that share a word are written by different invocations. */
async function inPlace(ctx: Context, problem: Problem): Promise<string | null> {
  return reported(title(problem), async () => {
    const tensors = Object.fromEntries(
      Object.entries(problem.inputs).map(([name, { data, shape }]) => {
        const dtype = problem.types?.[name];
        return [name, ctx.tensor(data as Float32Array, [...shape], { dtype })];
      }),
    ) as Record<string, Tensor>;
    const results = call(problem, tensors, tensors.x);
    const found = await compare(results, expected(problem));
    for (const tensor of [...Object.values(tensors), ...Object.values(results)]) tensor.destroy();
    return found;
  });
}

for (const half of HALVES) {
  test(`${half}: odd sizes, apart and in place`, async ({ ctx }) => {
    const problems = [1, 3, 5, 767].flatMap((length) =>
      SOME.flatMap((operation) =>
        problemsOf(operation, 3, length, length).map((problem) => stored(problem, half, half)),
      ),
    );
    const valid = problems.filter(({ inputs }) => inputs.x.data.length > 0);
    const apart = await inChunks(valid, (problem) => check(ctx, problem));
    const same = await inChunks(valid, (problem) => inPlace(ctx, problem));
    expect([...apart, ...same]).toEqual([]);
  });
}

/** Values at which rounding to f16 or bf16 is decided, and as many as fill whole packs. */
function edges(half: DType): number[] {
  const least = smallest(half);
  const unit = step(least, half); // the smallest subnormal
  const top = half === "f16" ? 65504 : rounded(3.38e38, "bf16");
  const gap = step(top, half);
  const positive = [
    0,
    ...[unit, unit / 2, unit * 0.5000001, unit * 0.4999999, unit * 1.5, unit * 2.5, unit * 3],
    ...[least, least - unit, least - unit / 2, least + unit / 2],
    ...[1, 1 + step(1, half) / 2, 1 + step(1, half) * 1.5, 1 + step(1, half) * 0.500001],
    ...[top, top - gap, top - gap / 2, top + gap * 0.49, top + gap / 2, top + gap],
    ...[Infinity, NaN],
  ];
  const all = [...positive, ...positive.map((v) => -v)].map(Math.fround);
  return all.filter((v) => half === "f16" || Math.abs(v) === 0 || Math.abs(v) >= 2 ** -126);
}

/** x + residual is exact where x is 0: `sum` is the residual, rounded to what x is stored as. */
async function summed(ctx: Context, half: DType, length: number): Promise<string[]> {
  const values = edges(half);
  const count = Math.ceil(values.length / length);
  const all = Float32Array.from({ length: count * length }, (_, i) => values[i] ?? 1);
  const shape = [count, length];
  const x = ctx.tensor(new Float32Array(all.length), shape, { dtype: half });
  const residual = ctx.tensor(all, shape);
  const { y, sum } = layerNorm(x, { normalizedShape: [length], residual, residualOut: true });
  const read = await sum.read();
  for (const tensor of [x, residual, y, sum]) tensor.destroy();
  return [...all].flatMap((v, i) => {
    const nearest = rounded(v, half);
    const same = Object.is(read[i], nearest) || read[i] === nearest;
    return same ? [] : [`${half} of ${v} is ${read[i]}, expected ${nearest}`];
  });
}

for (const half of HALVES) {
  test(`${half}: 65504, 65520, subnormals, infinity and NaN are rounded as in PyTorch`, async ({
    ctx,
  }) => {
    const native = await summed(ctx, half, 8);
    const single = await summed(ctx, half, 5);
    const bits = await ctx.forced({ nativeF16: false }, () => summed(ctx, half, 8));
    expect([...native, ...single, ...bits]).toEqual([]);
  });
}

test("f16: rows of 300s over 4096 elements, whose squares and sums are beyond 65504", async ({
  ctx,
}) => {
  const names = ["layerNorm", "rmsNorm", "batchNorm", "lpNormalize", "standardize", "instanceNorm"];
  const problems = names.flatMap((name) =>
    gridProblems(named(name), 2, 4096, new Random(1)).map((problem) => {
      const { inputs } = problem;
      inputs.x.data.forEach((_, i) => {
        inputs.x.data[i] = 300 + ((i * 7) % 13) - 6;
      });
      const constant = inputs.x.data.subarray(0, 1).length > 0;
      for (const values of Object.values(inputs)) narrow(values, "f16");
      const types = { x: "f16", weight: "f16", bias: "f16" } as const;
      return constant ? { ...problem, types } : problem;
    }),
  );
  expect(await inChunks(share(problems, 2, 0), (problem) => check(ctx, problem))).toEqual([]);
});

test("f16: results beyond 65504 are infinite, at the edge by what the sum is", async ({ ctx }) => {
  const x = ctx.tensor([1, -1, 1, -1], [1, 4], { dtype: "f16" });
  const factor = (value: number) => ctx.tensor([value, value, value, value], [4]);
  const of = async (value: number, dtype?: FloatDType) => {
    const weight = factor(value);
    const y = layerNorm(x, { normalizedShape: [4], eps: 0, weight, dtype });
    return [...(await y.read())];
  };
  expect(await of(65504)).toEqual([65504, -65504, 65504, -65504]);
  expect(await of(65519)).toEqual([65504, -65504, 65504, -65504]);
  expect(await of(65521)).toEqual([Infinity, -Infinity, Infinity, -Infinity]);
  expect(await of(1e6, "f32")).toEqual([1e6, -1e6, 1e6, -1e6].map((v) => expect.closeTo(v, -1)));
  expect((await of(1e6, "bf16"))[0]).toBe(rounded(1e6, "bf16"));
});

test("a residual of another type, every array of its own", async ({ ctx }) => {
  const types = {
    x: "f16",
    residual: "bf16",
    residualBias: "f32",
    weight: "f32",
    bias: "f16",
    scale: "bf16",
    shift: "f16",
  } as const;
  const everything = 3; // the class of extras
  const problems = ["layerNorm", "rmsNorm", "batchNorm"].flatMap((name) =>
    [1, 2, 3].map((seed): Problem => {
      const problem = randomProblem(named(name), new Random(seed), everything);
      const { inputs } = problem;
      centre(inputs.x.data as Float32Array);
      return finished({ ...problem, types }, new Random(seed));
    }),
  );
  const some = share(problems, 2, 0);
  expect(await inChunks(some, (problem) => check(ctx, problem))).toEqual([]);
});

test("f16 as the device knows it and as bits give the same", async ({ ctx, device }) => {
  if (!device.features.has("shader-f16")) return;
  const problems = rows.flatMap((operation, k) =>
    operation.kind === "reduction"
      ? []
      : [3, 64].flatMap((length) =>
          problemsOf(operation, 4, length, k).map((problem) => stored(problem, "f16", "f16")),
        ),
  );
  const bits = await inChunks(share(problems, 3, 0), (problem) =>
    ctx.forced({ nativeF16: false }, () => check(ctx, problem)),
  );
  expect(bits).toEqual([]);
});

test("rmsNorm: eps is by default the machine epsilon of f32 for every type", async ({ ctx }) => {
  for (const dtype of ["f32", "f16", "bf16"] as const) {
    const x = ctx.tensor([0.01, -0.02, 0.03, 0.01], [1, 4], { dtype });
    const [given, own] = [{ eps: 2 ** -23 }, {}].map((o) => rmsNorm(x, { axes: [1], ...o }).read());
    expect(await own, dtype).toEqual(await given);
  }
});

test("readBits: as they are stored, and a Uint16Array comes back as it was", async ({ ctx }) => {
  const bits = Uint16Array.of(0x3c00, 0x0001, 0xfbff, 0x7c00, 0x8000);
  const f16 = ctx.tensor(bits, [5], { dtype: "f16" });
  expect([...(await f16.readBits())]).toEqual([...bits]);
  expect([...(await f16.read())]).toEqual([1, 2 ** -24, -65504, Infinity, -0]);
  const bf16 = ctx.tensor([1, -2, 3.140625], [3], { dtype: "bf16" });
  expect([...(await bf16.readBits())]).toEqual([0x3f80, 0xc000, 0x4049]);
});
