// Random problems, by seed, cover every operation with any shape, options, and layout of the inputs
// and the result, among sentinels.

import { expect } from "vitest";
import { inChunks } from "../support/comparison";
import { seeds, test } from "../support/fixture";
import { rows } from "../support/operations";
import type { Operation } from "../support/problem";
import { runRandomProblem } from "../support/run_random_problem";
import { stepFor } from "../support/share";

/** Seeds of an operation's own, where it does not get all; and the one that SEED names. */
function seedsFor(operation: Operation): number[] {
  const all = seeds();
  const step = stepFor(operation, 16, 4);
  const own = rows.indexOf(operation);
  return all.length === 1 ? all : all.filter((seed) => seed % step === own % step);
}

for (const operation of rows) {
  test(`${operation.name}: random problems`, async ({ ctx }) => {
    const failures = await inChunks(seedsFor(operation), (seed) =>
      runRandomProblem(ctx, operation, seed),
    );
    expect(failures.slice(0, 5), `${failures.length} failures; SEED=n runs one`).toEqual([]);
  });
}
