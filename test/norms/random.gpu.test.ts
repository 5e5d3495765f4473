// Random problems, by seed, cover every operation with any shape, options, and layout of the inputs
// and the result, among sentinels.

import { expect } from "vitest";
import { commonOptionClasses } from "../support/common_options";
import { inChunks } from "../support/comparison";
import { seeds, test } from "../support/fixture";
import { rows } from "../support/operations";
import type { Operation } from "../support/problem";
import { runRandomProblem } from "../support/run_random_problem";
import { share, stepFor } from "../support/share";

/** Seeds with the options that each draws, and one for each class of common options. */
function casesOf(operation: Operation): { seed: number; extras?: number }[] {
  const all = seeds();
  if (all.length === 1) return all.map((seed) => ({ seed }));
  const turn = rows.indexOf(operation);
  const step = stepFor(operation, 16, 6);
  const own = all.filter((seed) => seed % step === turn % step);
  const classes = share(commonOptionClasses(operation), stepFor(operation, 4, 5), turn);
  const drawn = classes.map((extras) => ({ seed: 1 + extras, extras }));
  return [...own.map((seed) => ({ seed })), ...drawn];
}

for (const operation of rows) {
  test(`${operation.name}: random problems`, async ({ ctx }) => {
    const failures = await inChunks(casesOf(operation), ({ seed, extras }) =>
      runRandomProblem(ctx, operation, seed, extras),
    );
    expect(failures.slice(0, 5), `${failures.length} failures; SEED=n runs one`).toEqual([]);
  });
}
