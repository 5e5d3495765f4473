// Composed operations are tested with every option of their types, one at a time, against the
// float64 references.

import { describe, expect } from "vitest";
import type { Context } from "../../src/index";
import { largest } from "../support/arrays";
import { compare, inChunks, reported } from "../support/comparison";
import { type ComposedOperation, composedOperations } from "../support/composed_operations";
import { test } from "../support/fixture";
import { settle } from "../support/gradient_operations";
import { runIntoTargets } from "../support/gradient_targets";
import { finished } from "../support/make_problems";
import { type Inputs, type Problem, title } from "../support/problem";
import { Random } from "../support/random";
import { randomInputs } from "../support/random_inputs";
import { runComposed } from "../support/run_composed";
import { share } from "../support/share";
import { expected } from "../support/tolerance";
import { SHAPE, type Variation } from "../support/variations";

const combined = (plain: Variation, change: Variation): Variation => ({
  ...plain,
  ...change,
  options: { ...plain.options, ...change.options },
  inputs: { ...plain.inputs, ...change.inputs },
  types: { ...plain.types, ...change.types },
});

/** Values around 0: means that workers exchange are single f32s. */
function inputsOf({ inputs = {}, types = {} }: Variation): Inputs {
  for (let seed = 1; ; seed++) {
    const drawn = randomInputs(new Random(seed), SHAPE, inputs, types.x);
    const most = largest(drawn.x.data);
    if (most > 1 && most < 5) return drawn;
  }
}

function problemOf({ operation }: ComposedOperation, variation: Variation): Problem {
  const { options = {}, types = {} } = variation;
  const plain = { ...operation, completed: undefined };
  const inputs = inputsOf(variation);
  const problem = finished({ operation: plain, options, inputs, types }, new Random(1));
  if (operation.kind === "gradient") settle(problem);
  return problem;
}

async function difference(ctx: Context, composed: ComposedOperation, change: Variation) {
  const variation = combined(composed.plain, change);
  const { out, workers, itself, group } = variation;
  const problem = problemOf(composed, variation);
  const name = `${title(problem)} ${JSON.stringify({ out, workers, itself, group })}`;
  return reported(name, async () => {
    if (composed.operation.kind === "gradient" && out) {
      const placing = out === "permuted" || out === "padded" ? out : "own";
      return runIntoTargets(ctx, problem, { placing, accumulate: problem.options.accumulate });
    }
    const wanted = expected(problem);
    for (const results of await runComposed(ctx, composed, problem, variation)) {
      const found = await compare(results, wanted);
      if (found) return found;
    }
    return null;
  });
}

for (const composed of composedOperations) {
  describe(composed.name, () => {
    for (const [turn, [option, variations]] of Object.entries(composed.variations).entries()) {
      test(`${option} is as in the reference`, async ({ ctx }) => {
        const changes = share([{}, ...variations], 3, turn);
        const failures = await inChunks(changes, (change) => difference(ctx, composed, change));
        expect(failures).toEqual([]);
      });
    }
  });
}
