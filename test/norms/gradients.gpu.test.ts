// These tests cover the particulars of gradients: saved statistics of a forward on the GPU, sums
// over all kinds of shapes, single gradients, and an order of passes for every number of arrays.

import { expect } from "vitest";
import {
  type Context,
  explain,
  groupNormBackward,
  layerNormBackward,
  type Tensor,
} from "../../src/index";
import type { PlanOverrides } from "../../src/plan/overrides";
import { compare, difference, inChunks, reported, run } from "../support/comparison";
import { test } from "../support/fixture";
import { statistics } from "../support/gradient_operations";
import { finished, gridProblems } from "../support/make_problems";
import { gradients } from "../support/operations";
import {
  type Inputs,
  type Operation,
  type Problem,
  parameterOf,
  referenceOf,
  statisticsOf,
  title,
} from "../support/problem";
import { Random } from "../support/random";
import { randomInputs } from "../support/random_inputs";
import { share } from "../support/share";
import { expected } from "../support/tolerance";

const named = (name: string) => gradients.find((row) => row.name === name) as Operation;

/** Runs the forward with `stats`, and the gradient with what it gave. */
async function fromForward(ctx: Context, problem: Problem): Promise<string | null> {
  const { operation, options, inputs } = problem;
  const { forward } = operation;
  if (!forward) return "no forward";
  const { x, dy, ...own } = Object.fromEntries(
    Object.entries(inputs).map(([name, { data, shape }]) => {
      return [name, ctx.tensor(data as Float32Array, [...shape])] as const;
    }),
  );
  const { mean: _, rstd: __, r: ___, d: ____, ...parameters } = own;
  const { runningMean, runningVar, ...rest } = parameters;
  // the forward updates them, and the gradient wants them as they were
  const running = options.rMax === undefined && runningMean ? { runningMean, runningVar } : {};
  const { gradients: _____, ...others } = options;
  const arguments_ = { ...others, ...parameters, stats: true } as never;
  const { y, ...saved } = forward.library(x, arguments_) as Record<string, Tensor>;
  const all = { ...options, ...rest, ...running, ...saved, dy } as never;
  const results = operation.library(x, all) as Record<string, Tensor>;
  const found = await compare(results, expected(problem));
  for (const tensor of [y, x, dy, ...Object.values({ ...own, ...saved, ...results })]) {
    tensor.destroy();
  }
  return found;
}

test("statistics that the forward saved do as well", async ({ ctx }) => {
  const saving = gradients.filter(({ forward }) => forward && statisticsOf(forward).length > 0);
  const problems = saving.flatMap((operation) => {
    const all = [66, 1026].flatMap((length) =>
      gridProblems(operation, 5, length, new Random(length)).slice(0, 2),
    );
    const own = all.filter(({ inputs, options }) => !operation.given?.(options, inputs));
    return own.map((problem) => {
      return { ...problem, inputs: { ...problem.inputs, ...statistics(problem) } };
    });
  });
  expect(problems.length).toBeGreaterThan(20);
  const failures = await inChunks(share(problems, 5, 0), (problem) => {
    return reported(title(problem), () => fromForward(ctx, problem));
  });
  expect(failures).toEqual([]);
});

/** A problem of these inputs' shapes, without statistics. */
function problemOf(
  name: string,
  options: object,
  shapes: Record<string, number[]>,
  change: (inputs: Inputs) => void = () => {},
): Problem {
  const { x, ...others } = shapes;
  const random = new Random(x.length);
  const inputs = randomInputs(random, x, { dy: x, ...others });
  change(inputs);
  const operation = { ...named(name), completed: undefined };
  return finished({ operation, options, inputs }, random);
}

const SHAPES: readonly number[][] = [[], [1], [5], [7, 1], [6, 1, 1], [1, 5], [6, 7, 5], [6, 1, 5]];

test("a parameter of any shape gets its sums", async ({ ctx }) => {
  const problems = SHAPES.map((shape, k) => {
    const other = SHAPES[(k + 3) % SHAPES.length];
    const own = { weight: shape, bias: other, residualBias: SHAPES[(k + 5) % SHAPES.length] };
    return problemOf("standardizeBackward", { axes: [1] }, { x: [6, 7, 5], ...own });
  });
  const failures = await inChunks(problems, (one) => difference(ctx, one, expected(one)));
  expect(failures).toEqual([]);
});

test("each gradient alone is as good as among all, held in registers too", async ({ ctx }) => {
  const shapes = { x: [6, 33], weight: [33], bias: [33], scale: [6, 1], shift: [6, 1] };
  const all = problemOf(
    "layerNormBackward",
    { normalizedShape: [33] },
    { ...shapes, dSum: [6, 33] },
  );
  const problems = Object.keys(referenceOf(all)).map((name) => {
    return { ...all, options: { ...all.options, gradients: [name] } };
  });
  expect(problems).toHaveLength(5);
  const held = { inRegisters: true, team: 8, split: false };
  const plan = ctx.forced(held, () => {
    return explain(ctx, layerNormBackward, { shape: [6, 33], normalizedShape: [33], x: true });
  });
  expect(plan.passes[0].shaders).toContain("backward/sum/registers.wgsl");
  const forces: PlanOverrides[] = [{}, held];
  const cases = forces.flatMap((overrides) =>
    problems.map((problem) => ({ problem, force: overrides })),
  );
  const failures = await inChunks(cases, ({ problem, force: overrides }) => {
    return ctx.forced(overrides, () => difference(ctx, problem, expected(problem)));
  });
  expect(failures).toEqual([]);
});

/** Shapes in which dx and the gradients of weight and bias share what they read; each has its own way of doing so. */
const TOGETHER: readonly [
  name: string,
  options: object,
  shapes: { x: number[] } & Record<string, number[]>,
][] = [
  ["layerNormBackward", { normalizedShape: [68] }, { x: [40, 68], weight: [68], bias: [68] }],
  ["rmsNormBackward", { normalizedShape: [33] }, { x: [5, 9, 33], weight: [33] }],
  ["rmsNormBackward", { axes: [0, 2], weightOffset: 1 }, { x: [4, 5, 36], weight: [5, 1] }],
  ["standardizeBackward", { axes: [0] }, { x: [33, 64], weight: [33, 1], bias: [1, 64] }], // statistics change along a pack
  ["standardizeBackward", { axes: [0] }, { x: [33, 64], weight: [33, 64], bias: [33, 1] }],
  ["standardizeBackward", { axes: [0, 1] }, { x: [6, 40, 3], weight: [6, 1, 3], bias: [3] }],
  ["batchNormBackward", { training: true }, { x: [4, 5, 6, 8], weight: [5], bias: [5] }],
  ["instanceNormBackward", { channelAxis: -1 }, { x: [3, 7, 6, 12], weight: [12], bias: [12] }],
  ["groupNormBackward", { groups: 4 }, { x: [3, 12, 6, 7], weight: [12], bias: [12] }],
  ["groupNormBackward", { groups: 2, channelAxis: -1 }, { x: [3, 6, 7, 8], weight: [8] }],
  ["filterResponseNormBackward", {}, { x: [3, 5, 6, 8], weight: [5], bias: [5], threshold: [5] }],
];
const TOGETHER_FORCES: readonly PlanOverrides[] = [
  {},
  { fuseParameterGradients: false },
  { slices: 3, split: true },
  { vectorWidth: 1 },
];

test("gradients of weight and bias that come with dx are as good as by themselves", async ({
  freshContext,
}) => {
  const ctx = await freshContext({ profile: { kind: "cpu", workgroup: 16, workgroups: 8 } });
  const wanted = [undefined, ["dWeight"], ["dx", "dWeight"], ["dWeight", "dBias"], ["dx", "dBias"]];
  const cases = TOGETHER.flatMap(([name, options, { x, ...own }], k) =>
    share([...TOGETHER_FORCES.entries()], 4, k).map(([f, overrides]) => {
      const some = wanted[(k + f) % wanted.length];
      const gradients = some?.filter((name) => name === "dx" || own[parameterOf(name)]);
      const all = { x, ...own, scale: x };
      const shapes = f % 2 === 0 ? { x, ...own } : all;
      return { force: overrides, problem: problemOf(name, { ...options, gradients }, shapes) };
    }),
  );
  const failures = await inChunks(cases, async ({ problem, force: overrides }) => {
    const found = await ctx.forced(overrides, () => difference(ctx, problem, expected(problem)));
    return found && `${JSON.stringify(overrides)} ${found}`;
  });
  expect(failures).toEqual([]);
});

/** Groups of several segments, of one, whose sums are gradients at once, and of columns. */
const SEGMENTS: readonly (readonly [name: string, options: object, x: number[], own?: object])[] = [
  ["groupNormBackward", { groups: 4 }, [3, 12, 6, 8]],
  ["groupNormBackward", { groups: 2, activation: "silu" }, [1, 6, 7, 9]],
  ["groupNormBackward", { groups: 2 }, [2, 8, 6, 8], { scale: [2, 8, 1, 1], shift: [2, 8, 1, 1] }],
  ["instanceNormBackward", {}, [3, 5, 6, 8]],
  ["batchNormBackward", { training: true }, [4, 5, 6, 8]],
  ["batchNormBackward", { training: true }, [35, 24]],
  ["batchNormBackward", { training: true, gradients: ["dx", "dBias"] }, [37, 6]],
  // the weight changes where the bias does not, and the other way round
  ["standardizeBackward", { axes: [0] }, [64, 4], { weight: [1, 4], bias: [1, 1] }],
  ["standardizeBackward", { axes: [0] }, [64, 4], { weight: [1], bias: [4] }],
];
const SEGMENT_FORCES: readonly PlanOverrides[] = [
  { inRegisters: true, team: 16 },
  { inRegisters: true, team: 64, vectorWidth: 1 },
  { inRegisters: false, team: 8 },
  { inRegisters: false, team: 1 },
];

test("sums of segments give dx and the gradients of weight and bias, with equal bits each time", async ({
  freshContext,
}) => {
  const ctx = await freshContext({ profile: { kind: "gpu", workgroup: 64, workgroups: 4 } });
  const cases = SEGMENTS.flatMap(([name, options, x, own], k) =>
    share([...SEGMENT_FORCES.entries()], 2, Math.floor(k / 2)).map(([f, force]) => {
      const affine = { weight: [x[1]], bias: [x[1]] };
      const problem = problemOf(name, options, { x, ...affine, ...own }, ({ x: { data } }) => {
        if ((k + f) % 2 === 0) return;
        const example = data.length / x[0];
        for (let i = 0; i < data.length; i++) data[i] += 1e5;
        if (x.length === 4) data.fill(3, 0, example / 2); // a constant group
      });
      return { problem, force: { split: false, ...force } };
    }),
  );
  const failures = await inChunks(cases, ({ problem, force }) =>
    reported(`${JSON.stringify(force)} ${title(problem)}`, () =>
      ctx.forced(force, async () => {
        const [first, again] = [run(ctx, problem), run(ctx, problem)];
        const found = await compare(first.results, expected(problem));
        for (const [name, tensor] of Object.entries(first.results)) {
          expect(await again.results[name].read()).toEqual(await tensor.read());
        }
        first.destroy();
        again.destroy();
        return found;
      }),
    ),
  );
  expect(failures).toEqual([]);
  const { passes } = ctx.forced({ inRegisters: true, team: 16, split: false }, () =>
    explain(ctx, groupNormBackward, { shape: [3, 12, 6, 8], groups: 4, x: true, weight: true }),
  );
  expect(passes[0].shaders).toContain("backward/sum/segments_registers.wgsl");
});

test("sums that dx and dWeight share are times the weight with its offset", async ({
  freshContext,
}) => {
  const ctx = await freshContext({ profile: { kind: "cpu", workgroup: 16, workgroups: 8 } });
  const options = { axes: [0, 2], weightOffset: 1 };
  const problem = problemOf("rmsNormBackward", options, { x: [4, 5, 36], weight: [5, 1] });
  const shared = { fuseParameterGradients: true, split: true, slices: 3 };
  expect(await ctx.forced(shared, () => difference(ctx, problem, expected(problem)))).toBe(null);
});

test("70,000 rows: their column sums are exact to the last digits", async ({ ctx }) => {
  const x = [70_000, 12];
  const affine = { weight: [12], bias: [12] };
  const problems = [
    problemOf("layerNormBackward", { normalizedShape: [12] }, { x, ...affine }),
    problemOf("rmsNormBackward", { normalizedShape: [12] }, { x, ...affine, residualBias: [12] }),
    problemOf("batchNormBackward", { training: true }, { x, ...affine, shift: [12], scale: [12] }),
    problemOf("groupNormBackward", { groups: 3 }, { x, ...affine }),
  ];
  const some = share(problems, 4, 0);
  const failures = await inChunks(some, (one) => difference(ctx, one, expected(one)), 1);
  expect(failures).toEqual([]);
});

test("meanVarianceNormBackward: a deviation far below eps", async ({ ctx }) => {
  const problems = [1e-3, 1e-5, 1e-7, 1e-12].map((deviation) => {
    return problemOf(
      "meanVarianceNormBackward",
      { axes: [1], eps: 1e-3 },
      { x: [4, 33] },
      ({ x }) => {
        x.data.set(new Random(1).normals(x.data.length, 0, deviation));
      },
    );
  });
  const failures = await inChunks(problems, (one) => difference(ctx, one, expected(one)));
  expect(failures).toEqual([]);
});

test("all of one group's x equal: dx is finite, and without its means", async ({ ctx }) => {
  const problems = ["layerNormBackward", "rmsNormBackward"].flatMap((name) =>
    [0, 3].map((value) =>
      problemOf(name, { normalizedShape: [9] }, { x: [5, 9], weight: [9] }, ({ x }) => {
        x.data.fill(value, 9, 18);
      }),
    ),
  );
  const failures = await inChunks(problems, (one) => difference(ctx, one, expected(one)));
  expect(failures).toEqual([]);
});
