// Results are exact to float32 whatever the offset, the size and the layout. Other libraries have
// errors of 1e-3 here at an offset of 1e4, of 1 for a constant row, or NaN.

import { afterAll, expect } from "vitest";
import { type Context, groupNorm, layerNorm, type Tensor } from "../../src/index";
import { product, type Values } from "../support/arrays";
import { difference, inChunks, run } from "../support/comparison";
import { test } from "../support/fixture";
import { gridProblems } from "../support/make_problems";
import { norms, operations, rows } from "../support/operations";
import { type Operation, type Options, type Problem, referenceOf, title } from "../support/problem";
import { Random } from "../support/random";
import { share, stepFor } from "../support/share";
import { expected } from "../support/tolerance";

const OFFSETS = [0, 1e2, 1e4, 1e6];
const LARGEST_ERROR = 2e-6;
const SHARE = Math.sqrt(2 / 3); // the drift from -1 to 1 has the variance 1 / 3
const LARGE = 2e6; // elements
const LARGEST = 64 * 3 * 224 * 224; // elements of the largest problem, with 3,211,264 a group

/** By operation: shape and options, groups of 4,096 up to 3,211,264 elements, both layouts. */
const LAYOUTS: Record<string, [number[], Options][]> = {
  batchNorm: [
    [[4, 8, 32, 32], {}],
    [[4, 32, 32, 8], { channelAxis: -1 }],
    [[16, 5, 64, 64], {}],
    [[16, 64, 64, 5], { channelAxis: -1 }],
    [[64, 3, 224, 224], {}],
    [[64, 224, 224, 3], { channelAxis: -1 }],
  ],
  layerNorm: [
    [[8, 4, 32, 32], { normalizedShape: [4, 32, 32] }],
    [[8, 32, 32, 4], { normalizedShape: [32, 32, 4] }],
    [[8, 16, 4096], { normalizedShape: [4096] }],
    [[3, 16, 64, 64], { normalizedShape: [16, 64, 64] }],
    [[1, 64, 224, 224], { normalizedShape: [64, 224, 224] }],
  ],
  instanceNorm: [
    [[3, 4, 64, 64], {}],
    [[3, 64, 64, 4], { channelAxis: -1 }],
    [[1, 3, 256, 256], {}],
    [[1, 256, 256, 3], { channelAxis: -1 }],
    [[1, 2, 1792, 1792], {}],
    [[1, 1792, 1792, 2], { channelAxis: -1 }],
  ],
  groupNorm: [
    [[2, 16, 32, 32], { groups: 4 }],
    [[2, 32, 32, 16], { groups: 4, channelAxis: -1 }],
    [[1, 32, 64, 64], { groups: 2 }],
    [[1, 64, 64, 32], { groups: 2, channelAxis: -1 }],
    [[1, 4, 1792, 896], { groups: 2 }],
    [[1, 1792, 896, 4], { groups: 2, channelAxis: -1 }],
  ],
};

let noise: Float32Array | undefined; // made once: normal, deviation 1

/** Deviation 1, a third of the variance from a drift: parts of a group have means of their own. */
function values(shape: number[], offset: number): Values {
  noise ??= new Random(1).normals(LARGEST);
  const length = product(shape);
  const data = noise.subarray(0, length);
  return { shape, data: data.map((v, i) => offset + SHARE * v + 2 * (i / length - 0.5)) };
}

async function largestError(ctx: Context, problem: Problem): Promise<number> {
  const { results, destroy } = run(ctx, problem);
  const given = await results.y.read();
  destroy();
  const { data } = referenceOf(problem).y;
  let largest = 0;
  for (let i = 0; i < data.length; i++) {
    const error = Math.abs(given[i] - data[i]);
    if (!(error <= largest)) largest = error; // NaN too
  }
  return largest;
}

let largest = 0; // of all offsets and layouts, for the README
afterAll(() => console.info(`largest error at unit weight: ${largest.toExponential(2)}`));

const isLarge = ([shape]: [number[], Options]) => product(shape) > LARGE;

for (const [turn, [name, layouts]] of Object.entries(LAYOUTS).entries()) {
  const operation = operations.find((one) => one.name === name) as Operation;
  const small = layouts.filter((one) => !isLarge(one));
  const large = share(layouts, 2, turn).filter(isLarge);
  for (const layout of [...small, ...large]) {
    const [shape, own] = layout;
    const options = name === "batchNorm" ? { ...own, training: true } : own;
    const order = own.channelAxis ? "NHWC" : "NCHW";
    // float64 takes seconds for a large one, which gets the largest offset
    const offsets = isLarge(layout) ? share(OFFSETS, 4, 3) : OFFSETS;
    test(`${name} [${shape}] ${order}: the error is at most 2e-6 at offsets ${offsets}`, async ({
      ctx,
    }) => {
      for (const offset of offsets) {
        const problem = { operation, options, inputs: { x: values(shape, offset) } };
        const error = await largestError(ctx, problem);
        largest = Math.max(largest, error);
        expect(error, `${title(problem)} at offset ${offset}`).toBeLessThanOrEqual(LARGEST_ERROR);
      }
    });
  }
}

const CONSTANTS = [0, 1, -1, 0.1, 1 / 3, 1e6, 16777217, -1e30, 3.4e38, 1e-30, 1e-40];

for (const operation of norms) {
  test(`${operation.name}: a constant row of any value is exactly the bias`, async ({ ctx }) => {
    const problems = [2, 3, 64, 1000, 4099].flatMap((length) => {
      return gridProblems(operation, 3, length, new Random(length));
    });
    const measured = problems.filter(({ options }) => options.training !== false);
    const cases = measured.flatMap((problem) => CONSTANTS.map((value) => ({ problem, value })));
    const failures = await inChunks(cases, async ({ problem, value }) => {
      const x = { shape: problem.inputs.x.shape, data: problem.inputs.x.data.map(() => value) };
      const constant = { ...problem, inputs: { ...problem.inputs, x } };
      const { results, destroy } = run(ctx, constant);
      const y = await results.y.read();
      destroy();
      const bias = referenceOf(constant).y.data;
      const at = y.findIndex((v, i) => v !== Math.fround(bias[i]));
      return at < 0 ? null : `${title(problem)} of ${value}: y[${at}] ${y[at]}, bias ${bias[at]}`;
    });
    expect(failures.slice(0, 5), `${failures.length} failures`).toEqual([]);
  });

  test(`${operation.name}: an outlier as first element does no harm`, async ({ ctx }) => {
    const cases = [33, 4096, 16385].flatMap((length) =>
      [1e6, -1e6, 1e18].flatMap((outlier) => {
        const problems = gridProblems(operation, 2, length, new Random(length));
        for (const { inputs } of problems) inputs.x.data[0] = outlier;
        return problems;
      }),
    );
    const check = (problem: Problem) => difference(ctx, problem, expected(problem));
    expect(await inChunks(cases, check)).toEqual([]);
  });
}

const LONG = 1_000_003;
const SHORTER = 100_003; // the float64 of the others takes longer

/** Where an operation does not get all: [rows, length], where there are parameters to sum over rows. */
function layouts(operation: Operation, count: number, length: number): Problem[] {
  const problems = gridProblems(operation, count, length, new Random(length));
  return getsAll(operation) ? problems : problems.slice(0, 1);
}

const getsAll = (operation: Operation) => stepFor(operation, 2, 2) === 1;

// one in eight of the later ones and of the gradients: the loops of all are the same files
for (const operation of rows.filter((row, k) => getsAll(row) || k % 8 === 0)) {
  const long = getsAll(operation) ? LONG : SHORTER;
  test(`${operation.name}: a row of ${long} and 70,000 rows of 3`, async ({ ctx }) => {
    const problems = [...layouts(operation, 1, long), ...layouts(operation, 70_000, 3)];
    const check = (problem: Problem) => difference(ctx, problem, expected(problem));
    expect(await inChunks(problems, check, 1)).toEqual([]);
  });

  test(`${operation.name}: the same call twice gives the same bits`, async ({ ctx }) => {
    for (const [count, length] of getsAll(operation) ? TWICE : TWICE.slice(0, 2)) {
      for (const problem of layouts(operation, count, length)) {
        const runs = [run(ctx, problem), run(ctx, problem)];
        const [first, second] = await Promise.all(runs.map(({ results }) => bits(results)));
        for (const { destroy } of runs) destroy();
        expect(second, title(problem)).toEqual(first);
      }
    }
  });
}

const TWICE = [
  [5, 66],
  [3, 4099],
  [700, 12],
  [2, 70_000],
] as const;

async function bits(results: Record<string, Tensor>): Promise<string[]> {
  const read = await Promise.all(Object.values(results).map((tensor) => tensor.read()));
  return read.map((data) => new Uint32Array(data.buffer).join());
}

test("a row of one element is the bias", async ({ ctx }) => {
  const x = ctx.tensor([1e30, -5, 0, 1e-40], [4, 1]);
  const weight = ctx.tensor([3], [1]);
  const bias = ctx.tensor([0.1], [1]);
  const expected = new Float32Array(4).fill(0.1);
  expect(await layerNorm(x, { normalizedShape: [1], weight, bias }).read()).toEqual(expected);
  expect(await groupNorm(x, { groups: 1, weight, bias }).read()).toEqual(expected);
});
