// Masks, lengths and weights under all plans, with NaN in masked places, and what the generic tests
// cannot draw. The generic random problems have masks as a class of their common options.

import { expect } from "vitest";
import type { PlanOverrides } from "../../src/plan/overrides";
import { validElements } from "../reference/masked";
import type { Values } from "../support/arrays";
import { maskedClasses } from "../support/common_options";
import { difference, inChunks } from "../support/comparison";
import { seeds, test } from "../support/fixture";
import { randomProblem } from "../support/make_problems";
import { rows } from "../support/operations";
import type { Problem } from "../support/problem";
import { Random } from "../support/random";
import { expected } from "../support/tolerance";

const MASKED = rows.filter(({ masks, common }) => masks !== false && common !== false);

/** NaN and infinity in masked places, where these give a number or nothing. */
function poisoned(problem: Problem, random: Random): Problem {
  const { options, inputs } = problem;
  const { mask, x, dy } = inputs;
  if (options.fill === "keep" || options.fill === "apply") return problem;
  const valid = validElements(x, mask);
  const spoil = (v: Values) => ({
    shape: v.shape,
    data: v.data.map((value, i) => {
      return valid[i] ? value : random.pick([Number.NaN, Infinity, -Infinity, 3e38]);
    }) as Float32Array,
  });
  return { ...problem, inputs: { ...inputs, x: spoil(x), ...(dy && { dy: spoil(dy) }) } };
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

/** Reductions have one class with a mask, norms and gradients two. */
function maskedProblem(seed: number, kind: Problem["operation"]["kind"]): Problem {
  const random = new Random(seed);
  const operation = random.pick(MASKED.filter((one) => one.kind === kind));
  const classes = maskedClasses(operation);
  for (;;) {
    const problem = randomProblem(operation, random, random.pick(classes));
    const { p, fill } = problem.options;
    if (!(p === Infinity && fill === "apply")) return problem;
  }
}

const KINDS = ["norm", "reduction", "gradient"] as const;

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
