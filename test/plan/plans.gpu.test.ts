// Every schedule that overrides can choose for a problem gives the results of the reference, and
// equal bits each time, wherever a group lies. A plan changes rounding alone.

import { expect } from "vitest";
import { type Context, explain, standardize, type Tensor } from "../../src/index";
import type { PlanOverrides } from "../../src/plan/overrides";
import * as reference from "../reference/norms";
import { product, resolveAxis, type Values } from "../support/arrays";
import { difference, inChunks, offBy } from "../support/comparison";
import { seeds, test } from "../support/fixture";
import { FORCES, PROBLEMS } from "../support/forces";
import { finished, gridProblems, randomProblem } from "../support/make_problems";
import { gradients, norms } from "../support/operations";
import { logSoftmax, lpNormalize, rmsNorm, softmax } from "../support/operations_scales";
import type { Operation, Options, Problem } from "../support/problem";
import { Random } from "../support/random";
import { share } from "../support/share";
import { expected } from "../support/tolerance";

/** Arrays are bound as a whole, or a few rows at a time. */
/** Kernels that load four vectors at a time take long to compile here, so one of them has these. */
const WINDOWS: { maxBindingBytes?: number; software?: boolean }[] = [
  {},
  { maxBindingBytes: 4096, software: false },
];

const ALLOWED = 2e-6; // what the library promises at unit weight, any offset
const allowedAt = (y: number) => ALLOWED * Math.max(1, Math.abs(y)); // an outlier's y has coarser steps

function input(shape: readonly number[], seed: number): Values {
  const random = new Random(seed);
  const offset = random.pick([0, 1e2, 1e4, 1e6]);
  return {
    shape,
    data: random.normals(
      shape.reduce((a, b) => a * b, 1),
      offset,
      1,
    ),
  };
}

/** Returns the worst result of these plans, in units of the tolerance, or null if all are good. */
async function disagreement(
  ctx: Context,
  [shape, axes]: (typeof PROBLEMS)[number],
  forces: readonly PlanOverrides[],
): Promise<string | null> {
  const x = input(shape, shape[0]);
  const expected = reference.standardize(x, { axes: [...axes] }).y.data;
  const tensor = ctx.tensor(x.data as Float32Array, [...shape]);
  const results = forces.map((overrides) =>
    ctx.forced(overrides, () => standardize(tensor, { axes })),
  );
  const read = await Promise.all(results.map((y) => y.read()));
  const bad = read.flatMap((y, i) => {
    const worst = Math.max(...y.map((v, k) => offBy(v, expected[k], ALLOWED)));
    return worst <= 1 ? [] : [`[${shape}] over ${axes} ${JSON.stringify(forces[i])}: ${worst}`];
  });
  return bad[0] ?? null;
}

// The other schedules are compiled for few sizes of teams, since compiling takes most of the time
// here.
test.for(WINDOWS)(
  "every schedule agrees with float64: %o",
  async (ranges, { device, freshContext }) => {
    const profile = { kind: "gpu", workgroup: 64, workgroups: 4, ...ranges } as const;
    const ctx = await freshContext({ device, profile });
    const from = ranges.maxBindingBytes ? 8 : 0;
    const failures = await inChunks([...PROBLEMS.entries()], ([turn, problem]) =>
      disagreement(ctx, problem, share(FORCES, 16, from + turn)),
    );
    expect(failures).toEqual([]);
  },
);

/** Rows and columns with full registers and others, in one inner loop and over several, in slices. */
const HELD: readonly (readonly [shape: number[], axes: number[], PlanOverrides])[] = [
  [[6, 768], [1], { team: 16 }],
  [[5, 1023], [1], { team: 64, vectorWidth: 1 }],
  [[96, 64], [0], { team: 8, columns: true }],
  [[4, 6, 49], [0, 2], { team: 16 }],
  [[2, 30, 4, 8], [1, 3], { team: 4 }],
  [[2, 3, 4, 5, 6], [0, 2, 4], { team: 8 }],
  [[2, 2000], [1], { team: 8, split: true, slices: 7 }],
];

test("x in registers keeps its digits at an offset", async ({ freshContext }) => {
  const ctx = await freshContext({ profile: { kind: "gpu", workgroup: 64 } });
  for (const [shape, axes, own] of HELD) {
    const force = { split: false, inRegisters: true, deferInner: false, ...own };
    for (const offset of [1e4, 1e6]) {
      const size = shape.reduce((a, b) => a * b, 1);
      const data = new Random(size).normals(size, offset, 1);
      const { y } = reference.standardize({ shape, data }, { axes });
      const x = ctx.tensor(data, shape);
      const { given, files } = ctx.forced(force, () => ({
        given: standardize(x, { axes }),
        files: explain(ctx, standardize, { shape, axes }).toString(),
      }));
      const where = `[${shape}] over ${axes} at ${offset}`;
      expect(files, where).toContain("reduce/accumulate/registers.wgsl");
      const off = (await given.read()).map((v, i) => Math.abs(v - y.data[i]));
      expect(Math.max(...off), where).toBeLessThanOrEqual(ALLOWED);
    }
  }
});

/** Parameters stay along a share in registers, or change within its inner loop, or around that. */
const HELD_PARAMETERS: readonly (readonly [name: string, shape: number[], options: Options])[] = [
  ["groupNorm", [2, 30, 8], { groups: 2, channelAxis: -1 }],
  ["groupNorm", [2, 30, 16], { groups: 2, channelAxis: -1 }],
  ["groupNorm", [2, 8, 36], { groups: 2 }],
  ["instanceNorm", [2, 3, 40], {}],
  ["layerNorm", [6, 40], { normalizedShape: [40] }],
];

test("x in registers meets the right parameters", async ({ freshContext }) => {
  const ctx = await freshContext({ profile: { kind: "gpu", workgroup: 64 } });
  const force = { split: false, inRegisters: true, deferInner: false, team: 8 };
  const failures = await inChunks([...HELD_PARAMETERS], async ([name, shape, options]) => {
    const operation = norms.find((norm) => norm.name === name) as Operation;
    const random = new Random(7);
    const channels = options.normalizedShape ?? [
      shape[resolveAxis(shape, options.channelAxis ?? 1)],
    ];
    const normals = (of: number[]) => ({ shape: of, data: random.normals(product(of), 1, 1) });
    const inputs = { x: normals(shape), weight: normals(channels), bias: normals(channels) };
    const problem = finished({ operation, options, inputs }, random);
    return ctx.forced(force, () => difference(ctx, problem, expected(problem)));
  });
  expect(failures).toEqual([]);
});

test("the schedules of CPU adapters agree with float64", async ({ freshContext }) => {
  const ctx = await freshContext({ profile: { kind: "cpu", workgroup: 16, workgroups: 8 } });
  const forces = FORCES.filter(({ team }) => team === undefined).slice(0, 4);
  const failures = await inChunks([...PROBLEMS.entries()], ([turn, problem]) =>
    disagreement(ctx, problem, share(forces, 4, turn)),
  );
  expect(failures).toEqual([]);
});

/**
 * Rows of one block of a sum, of one vector more, and in slices with a short last one. Rows of
 * single elements do not count, nor do merges.
 */
const SHORT_ROWS: readonly (readonly [shape: number[], short: number[], PlanOverrides])[] = [
  [[70, 24], [1], {}],
  [[70, 7], [0], {}],
  [[37, 128], [1], {}],
  [[37, 132], [0], {}],
  [[5, 2052], [1, 0, 0], { split: true, slices: 17 }],
];

test("short rows and slices of CPU adapters agree, wherever their pivot lies", async ({
  freshContext,
}) => {
  const ctx = await freshContext({ profile: { kind: "cpu", workgroup: 16, workgroups: 2 } });
  for (const [shape, short, force] of SHORT_ROWS) {
    const [rows, length] = shape;
    const data = new Random(length).normals(rows * length, 3, 1);
    for (let row = 0; row < rows; row += 3) data[row * length] = 1e4; // far from the mean
    const expected = reference.standardize({ shape, data }, { axes: [1] }).y.data;
    const x = ctx.tensor(data, shape);
    const { y, passes } = ctx.forced(force, () => ({
      y: standardize(x, { axes: [1] }),
      passes: explain(ctx, standardize, { shape, axes: [1] }).passes,
    }));
    expect(
      passes.map(({ constants }) => constants.SHORT),
      `[${shape}]`,
    ).toEqual(short);
    const off = (await y.read()).map((v, k) => offBy(v, expected[k], allowedAt(expected[k])));
    expect(Math.max(...off), `[${shape}]`).toBeLessThanOrEqual(1);
  }
});

const SCALES = [rmsNorm, lpNormalize, softmax, logSoftmax];
const SCALE_OPTIONS: Record<string, object[]> = {
  lpNormalize: [{ p: 1 }, { p: 2 }, { p: 3 }, { p: Infinity }],
};
const SCALE_FORCES: readonly PlanOverrides[] = [
  { split: true, slices: 3 }, // with teams that read statistics together
  { split: true, slices: 3, team: 1 },
  { split: false, team: 8, inRegisters: true },
  { split: false, team: 64, inRegisters: false },
  { split: false, columns: true, team: 4 },
];

test("so do the schedules of the other statistics", async ({ freshContext }) => {
  const ctx = await freshContext({ profile: { kind: "gpu", workgroup: 64, workgroups: 4 } });
  const shape = [3, 516];
  const cases = SCALES.flatMap((operation, k) =>
    (SCALE_OPTIONS[operation.name] ?? [{}]).flatMap((own, n) =>
      share(SCALE_FORCES, 5, k + n).map((overrides) => ({
        operation,
        force: overrides,
        options: { ...own, axes: [1] },
      })),
    ),
  );
  const data = new Random(3).normals(3 * 516, 0, 3);
  const failures = await inChunks(cases, ({ operation, force: overrides, options }) => {
    const problem = { operation, options, inputs: { x: { shape, data } } };
    return ctx.forced(overrides, () => difference(ctx, problem, expected(problem)));
  });
  expect(failures).toEqual([]);
});

const WEIGHTED = /^(batch|layer|instance|group|rms|filterResponse)Norm|standardize/;
const GRADIENT_FORCES: readonly PlanOverrides[] = [
  { fuseParameterGradients: true, slices: 3 },
  { fuseParameterGradients: true, team: 8, inRegisters: true },
  { split: true, slices: 3 },
  { split: false, team: 8, inRegisters: true },
  { split: false, team: 8, inRegisters: false, vectorWidth: 1 },
  { columns: true, split: true, team: 4 },
];

/** These sets of arrays have as many as one pass can bind, and more. */
function gradientProblems(operation: Operation): Problem[] {
  const [problem] = gridProblems(operation, 3, 516, new Random(5));
  const { gradients: _, ...options } = problem.options; // without a choice all are computed
  const one = { ...problem, options };
  if (operation.name !== "lpNormalizeBackward") return [one];
  return [1, 2, 3, Infinity].map((p) => ({ ...one, options: { ...one.options, p } }));
}

test.for(WINDOWS)(
  "so do the schedules of gradients: %o",
  async (ranges, { device, freshContext }) => {
    const problems = [...gradients.flatMap(gradientProblems).entries()];
    const cases = share(problems, 2, WINDOWS.indexOf(ranges)).flatMap(([turn, problem]) =>
      share(GRADIENT_FORCES, 6, Math.floor(turn / 2)).map((force) => ({ problem, force })),
    );
    const profile = { kind: "gpu", workgroup: 64, workgroups: 4, ...ranges } as const;
    const ctx = await freshContext({ device, profile });
    const failures = await inChunks(cases, async ({ problem, force: overrides }) => {
      const found = await ctx.forced(overrides, () => difference(ctx, problem, expected(problem)));
      return found && `${JSON.stringify(overrides)} ${found}`;
    });
    expect(failures).toEqual([]);
  },
);

test("random gradients under random forces agree with float64", async ({ ctx }) => {
  const third = seeds().filter((seed, _, all) => all.length === 1 || seed % 3 === 0);
  const weighted = gradients.filter(({ name }) => WEIGHTED.test(name));
  const failures = await inChunks(third, async (seed) => {
    const random = new Random(seed);
    const overrides: PlanOverrides = {
      fuseParameterGradients: random.pick([true, true, false]),
      split: random.pick([true, false, undefined]),
      columns: random.pick([true, false, undefined]),
      vectorWidth: random.pick([1, undefined]),
      team: random.pick([1, 8, undefined]),
      inRegisters: random.pick([true, false]),
      slices: random.pick([1, 3, undefined]),
    };
    const problem = randomProblem(random.pick(weighted), random);
    const found = await ctx.forced(overrides, () => difference(ctx, problem, expected(problem)));
    return found && `seed ${seed}, ${JSON.stringify(overrides)}: ${found}`;
  });
  expect(failures).toEqual([]);
});

test("the same plan gives the same bits, ten times and at any place in the batch", async ({
  ctx,
}) => {
  const { data } = input([1, 771], 5);
  const rows = 33;
  const repeated = new Float32Array(rows * 771);
  for (let r = 0; r < rows; r++) repeated.set(data as Float32Array, r * 771);
  const x = ctx.tensor(repeated, [rows, 771]);
  const results: Tensor[] = Array.from({ length: 10 }, () => standardize(x, { axes: [1] }));
  const read = await Promise.all(results.map((y) => y.read()));
  const first = read[0].subarray(0, 771);
  for (const y of read) {
    for (let r = 0; r < rows; r++) expect(y.subarray(r * 771, (r + 1) * 771)).toEqual(first);
  }
});

test("random problems under random forces agree with float64", async ({ ctx }) => {
  const third = seeds().filter((seed, _, all) => all.length === 1 || seed % 3 === 0);
  const failures = await inChunks(third, async (seed) => {
    const random = new Random(seed);
    const rank = 1 + random.below(4);
    const shape = Array.from({ length: rank }, () => random.pick([1, 2, 3, 4, 7, 8, 12, 33]));
    const axes = shape.flatMap((_, axis) => (random.chance(0.5) ? [axis] : []));
    const overrides: PlanOverrides = {
      split: random.pick([true, false, undefined]),
      columns: random.pick([true, false, undefined]),
      vectorWidth: random.pick([1, 4, undefined]),
      team: random.pick([1, 4, 64, undefined]),
      inRegisters: random.pick([true, false, undefined]),
      slices: random.pick([1, 2, 5, 1000, undefined]),
      deferInner: random.pick([true, false, undefined]),
    };
    const x = input(shape, seed);
    const expected = reference.standardize(x, { axes }).y.data;
    const tensor = ctx.tensor(x.data as Float32Array, shape);
    const y = ctx.forced(overrides, () => standardize(tensor, { axes }));
    const read = await y.read();
    tensor.destroy();
    y.destroy();
    const worst = Math.max(...read.map((v, k) => offBy(v, expected[k], ALLOWED)));
    return worst <= 1
      ? null
      : `seed ${seed}: [${shape}] over ${axes} ${JSON.stringify(overrides)}: ${worst}`;
  });
  expect(failures).toEqual([]);
});
