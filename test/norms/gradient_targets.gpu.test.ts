// Gradients go into the caller's tensors: into parts of bigger buffers, added to what is there, and
// in the place of what they are made from.

import { expect } from "vitest";
import type { DType } from "../../src/index";
import type { PlanOverrides } from "../../src/plan/overrides";
import { inChunks, reported } from "../support/comparison";
import { test } from "../support/fixture";
import { runIntoTargets, type TargetCase } from "../support/gradient_targets";
import { finished, randomProblem } from "../support/make_problems";
import { gradients } from "../support/operations";
import { type Operation, type Problem, title } from "../support/problem";
import { Random } from "../support/random";
import { randomInputs } from "../support/random_inputs";
import { share } from "../support/share";

const named = (name: string) => gradients.find((row) => row.name === name) as Operation;

const CASES: readonly TargetCase[] = [
  { placing: "offset" },
  { placing: "permuted", accumulate: true },
  { placing: "padded", accumulate: true, types: { dWeight: "f32", dBias: "bf16" } },
];

/** Windows overlap in one operation, whose dx has a place of its own. */
const ontoOperands = ({ operation, options, types = {} }: Problem): TargetCase[] => {
  if (operation.name === "localResponseNormBackward") return [];
  const { gradients: asked } = options;
  if (asked && !asked.includes("dx")) return [];
  const ofStatistic = operation.forward?.kind === "reduction"; // dy is smaller than dx
  const same = !ofStatistic && (types.dy ?? "f32") === (options.dtype ?? types.x ?? "f32");
  return [
    ...(same ? [{ onto: "dy" }, { onto: "dy", accumulate: true }] : []),
    ...(options.dtype ? [] : [{ onto: "x" }]),
  ] as TargetCase[];
};

const run = (ctx: Parameters<typeof runIntoTargets>[0], problem: Problem, one: TargetCase) =>
  reported(`${title(problem)} ${JSON.stringify(one)}`, () => runIntoTargets(ctx, problem, one));

for (const [turn, operation] of gradients.entries()) {
  test(`${operation.name}: into given tensors, added up, and in place`, async ({ ctx }) => {
    const cases = [1, 2].flatMap((seed) => {
      const problem = randomProblem(operation, new Random(seed));
      return [...CASES, ...ontoOperands(problem)].map((one) => ({ problem, one }));
    });
    const some = share(cases, 10, turn);
    const failures = await inChunks(some, ({ problem, one }) => run(ctx, problem, one));
    expect(failures).toEqual([]);
  });
}

/** A problem of these inputs' shapes, stored as `dtype`. */
function problemOf(
  name: string,
  options: object,
  { x, ...others }: Record<string, number[]>,
  dtype: DType = "f32",
): Problem {
  const random = new Random(x.length);
  const inputs = randomInputs(random, x, { dy: x, ...others }, dtype);
  const types = Object.fromEntries(Object.keys(inputs).map((input) => [input, dtype]));
  const operation = { ...named(name), completed: undefined };
  return finished({ operation, options, inputs, types }, random);
}

const FORCES: readonly PlanOverrides[] = [
  {},
  { split: true, slices: 3 },
  { fuseParameterGradients: true },
  { inRegisters: true, team: 8, split: false },
  { vectorWidth: 1 },
];

/** Problems with all gradients, and with dSum. */
const problemsOf = (dtype: DType) => {
  const all = { weight: [36], bias: [36], scale: [6, 1], shift: [6, 1], residualBias: [36] };
  const over = { weight: [5], bias: [5], residualBias: [5, 1] };
  const rows = { normalizedShape: [36] };
  const x = [6, 36];
  return [
    problemOf("layerNormBackward", rows, { x, ...all, dSum: x }, dtype),
    problemOf("rmsNormBackward", { ...rows, eps: 1e-5 }, { x, weight: [36] }, dtype),
    problemOf("batchNormBackward", { training: true }, { x: [40, 5, 8], ...over }, dtype),
  ];
};

const TARGETS: readonly TargetCase[] = [
  { accumulate: true },
  { onto: "dy" },
  { onto: "x", accumulate: true },
];

for (const [d, dtype] of (["f32", "f16", "bf16"] as const).entries()) {
  for (const [k, problem] of problemsOf(dtype).entries()) {
    const { name } = problem.operation;
    test(`${name}, ${dtype}: every plan leaves what later passes read`, async ({ ctx }) => {
      const onto = "dSum" in problem.inputs ? [{ onto: "dSum" } as const] : [];
      const cases = [...TARGETS, ...onto].flatMap((one, n) => [
        { one, force: FORCES[(d + k + n) % FORCES.length] },
        { one, force: FORCES[(d + k + n + 2) % FORCES.length] },
      ]);
      const some = share(cases, 5, d + k);
      const failures = await inChunks(some, async ({ one, force }) => {
        const found = await ctx.forced(force, () => run(ctx, problem, one));
        return found && `${JSON.stringify(force)} ${found}`;
      });
      expect(failures).toEqual([]);
    });
  }
}
