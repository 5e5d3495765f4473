// Results take the places of operands: y that of x or of another operand, the sum that of the
// residual, as inference engines add and normalize; both in one call.

import { expect } from "vitest";
import {
  type Context,
  type DType,
  layerNorm,
  layerNormBackward,
  prepare,
  rmsNorm,
  type Tensor,
} from "../../src/index";
import type { PlanOverrides } from "../../src/plan/overrides";
import { call, compare, inChunks, reported } from "../support/comparison";
import { test } from "../support/fixture";
import { finished, gridProblems } from "../support/make_problems";
import { rows } from "../support/operations";
import { type Operation, type Problem, title } from "../support/problem";
import { Random } from "../support/random";
import { randomInputs } from "../support/random_inputs";
import { share } from "../support/share";
import { expected } from "../support/tolerance";

/** The operands whose places the results take. */
interface Places {
  readonly y?: string | undefined;
  readonly sum?: string | undefined;
}

const PLACES: readonly Places[] = [
  { sum: "residual" },
  { y: "x", sum: "residual" }, // fused_add_rms_norm of vLLM
  { y: "residual", sum: "x" },
  { y: "residual" },
  { y: "shift", sum: "residualBias" },
];

const FORCES: readonly PlanOverrides[] = [{}, { split: true, slices: 3 }, { vectorWidth: 1 }];

async function runInPlace(ctx: Context, problem: Problem, { y, sum }: Places) {
  const wanted = expected(problem);
  const tensors: Record<string, Tensor> = Object.fromEntries(
    Object.entries(problem.inputs).map(([name, { data, shape }]) => {
      const dtype = problem.types?.[name];
      return [name, ctx.tensor(data as Float32Array, [...shape], { dtype })];
    }),
  );
  const residualOut = sum ? tensors[sum] : true;
  const own = { ...problem, options: { ...problem.options, residualOut } } as never as Problem;
  const results = call(own, tensors, y ? tensors[y] : undefined);
  const placed = (!y || results.y === tensors[y]) && (!sum || results.sum === tensors[sum]);
  const dtype = sum ? tensors[sum].dtype : wanted.sum.dtype;
  const found = await compare(results, { ...wanted, sum: { ...wanted.sum, dtype } });
  for (const tensor of new Set([...Object.values(tensors), ...Object.values(results)])) {
    tensor.destroy();
  }
  return placed ? found : "a result is elsewhere";
}

/** A problem with operands of x's shape, stored as these types. */
function withOperands({ operation, options, inputs }: Problem, dtype: DType): Problem {
  const { shape } = inputs.x;
  const more = { residual: shape, residualBias: shape, scale: shape, shift: shape };
  const others = randomInputs(new Random(3), shape, more, dtype);
  const all = { ...others, ...inputs };
  const types = { x: dtype, residual: dtype, residualBias: dtype, shift: dtype };
  const { stats: _, ...asked } = options;
  const own = { ...asked, residualOut: true };
  return finished({ operation, options: own, inputs: all, types }, new Random(1));
}

const run = (ctx: Context, problem: Problem, places: Places) =>
  reported(`${title(problem)} ${JSON.stringify(places)}`, () => runInPlace(ctx, problem, places));

const DTYPES = ["f32", "f16", "bf16"] as const;

const norms = rows.filter(({ kind, common, inPlace }) => {
  return kind === "norm" && common !== false && inPlace !== false;
});

for (const [k, operation] of norms.entries()) {
  test(`${operation.name}: results in the places of operands`, async ({ ctx }) => {
    const problems = gridProblems(operation, 3, 20, new Random(7)).slice(0, 2);
    const cases = problems.flatMap((problem, n) =>
      PLACES.map((places) => ({
        problem: withOperands(problem, DTYPES[(k + n) % DTYPES.length]),
        places,
      })),
    );
    const some = share(cases, 3, k);
    const failures = await inChunks(some, ({ problem, places }) => run(ctx, problem, places));
    expect(failures).toEqual([]);
  });
}

test("places beyond the last group do not write the first one again", async ({ freshContext }) => {
  const ctx = await freshContext({ profile: { kind: "gpu", workgroup: 64 } });
  const count = 1025; // four of them fill a workgroup
  const x = new Random(8).normals(count * 64);
  const weight = ctx.tensor(new Float32Array(64).fill(3), [64]);
  const bias = ctx.tensor(new Float32Array(64).fill(7), [64]);
  for (const inRegisters of [true, false]) {
    const [apart, inPlace] = [false, true].map((isInPlace) => {
      const rows = ctx.tensor(x, [count, 64]);
      const own = { normalizedShape: [64], weight, bias, ...(isInPlace && { out: rows }) };
      return ctx.forced({ team: 16, inRegisters }, () => layerNorm(rows, own));
    });
    expect((await inPlace.read()).slice(0, 64)).toEqual((await apart.read()).slice(0, 64));
  }
});

const named = (name: string) => rows.find((row) => row.name === name) as Operation;

for (const [d, dtype] of DTYPES.entries()) {
  test(`${dtype}: plans of every kind, and of few bindings`, async ({ ctx, freshContext }) => {
    const few = await freshContext({ profile: { storageBuffers: 7 } });
    const cases = ["layerNorm", "groupNorm"].flatMap((name, k) => {
      const [grid] = gridProblems(named(name), 3, 36, new Random(5));
      const problem = withOperands(grid, dtype);
      return PLACES.flatMap((places, n) => [
        { problem, places, context: ctx, force: FORCES[(k + n) % FORCES.length] },
        { problem, places, context: few, force: {} },
      ]);
    });
    const some = share(cases, 3, d);
    const failures = await inChunks(some, async ({ problem, places, context, force }) => {
      const found = await context.forced(force, () => run(context, problem, places));
      return found && `${JSON.stringify(force)} ${found}`;
    });
    expect(failures).toEqual([]);
  });
}

test("a residual stream of f32 beside activations of bf16", async ({ ctx }) => {
  const x = ctx.tensor([1, 2, 3, 4], [1, 4], { dtype: "bf16" });
  const residual = ctx.tensor([1.00390625, 2, 3, 4], [1, 4]); // not a bf16
  const { y, sum } = rmsNorm(x, { normalizedShape: [4], residual, residualOut: residual, out: x });
  expect([y, sum]).toEqual([x, residual]);
  expect(await residual.read()).toEqual(Float32Array.of(2.00390625, 4, 6, 8));
});

/** Records, with names for the tensors, and reads what is there afterwards. */
async function recorded(
  ctx: Context,
  op: { encode(pass: GPUCommandEncoder, tensors: Record<string, Tensor>): unknown },
  tensors: Record<string, Tensor>,
) {
  const encoder = ctx.device.createCommandEncoder();
  op.encode(encoder, tensors);
  ctx.device.queue.submit([encoder.finish()]);
  const read = Object.entries(tensors).map(async ([name, tensor]) => [name, await tensor.read()]);
  return Object.fromEntries(await Promise.all(read)) as Record<string, Float32Array>;
}

const VALUES = [3, 1, 4, 1, 5, 9, 2, 6];

test("prepared: y into x, and the sum into the residual", async ({ ctx }) => {
  const make = () => {
    const residual = ctx.tensor([2, 7, 1, 8, 2, 8, 1, 8], [2, 4]);
    return { x: ctx.tensor(VALUES, [2, 4]), residual };
  };
  const { x, residual } = make();
  const plain = layerNorm(x, { normalizedShape: [4], residual, residualOut: true });
  const wanted = [await plain.y.read(), await plain.sum.read()];
  const args = { shape: [2, 4], normalizedShape: [4], residual: true, residualOut: true } as const;
  const op = prepare(ctx, layerNorm, { ...args, inPlace: { y: "x", sum: "residual" } });
  const found = await recorded(ctx, op, make());
  expect([found.x, found.residual]).toEqual(wanted);
});

test("prepared: dx into dy, and gradients that add up in what each recording passes", async ({
  ctx,
}) => {
  const make = () => {
    const dy = ctx.tensor([2, 7, 1, 8, 2, 8, 1, 8], [2, 4]);
    const weight = ctx.tensor([1, 2, 3, 4], [4]);
    return { x: ctx.tensor(VALUES, [2, 4]), dy, weight };
  };
  const { dy, ...others } = make();
  const plain = layerNormBackward(dy, { normalizedShape: [4], ...others });
  const [dx, dWeight] = [await plain.dx.read(), await plain.dWeight.read()];
  const args = { shape: [2, 4], normalizedShape: [4], x: true, weight: true } as const;
  const into = prepare(ctx, layerNormBackward, { ...args, inPlace: true });
  const replaced = await recorded(ctx, into, { ...make(), dWeight: ctx.empty([4]) });
  expect([replaced.dy, replaced.dWeight]).toEqual([dx, dWeight]);
  const adding = prepare(ctx, layerNormBackward, {
    ...args,
    out: { dx: true, dWeight: true },
    accumulate: true,
  });
  const ones = { dx: ctx.tensor(Array(8).fill(1), [2, 4]), dWeight: ctx.tensor([1, 1, 1, 1], [4]) };
  const added = await recorded(ctx, adding, { ...make(), ...ones });
  // compilers may round a product and the sum after it once
  for (const [found, alone] of [
    [added.dx, dx],
    [added.dWeight, dWeight],
  ]) {
    const off = found.map((v, i) => Math.abs(v - (alone[i] + 1)) / Math.max(1, Math.abs(alone[i])));
    expect(Math.max(...off)).toBeLessThan(2 ** -22);
  }
});
