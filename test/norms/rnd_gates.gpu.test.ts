import { expect } from "vitest";
import { commonOptionClasses } from "../support/common_options";
import { inChunks } from "../support/comparison";
import { test } from "../support/fixture";
import { rows } from "../support/operations";
import { runRandomProblem } from "../support/run_random_problem";

for (const operation of rows) {
  if (operation.common === false || operation.kind === "reduction") continue;
  test(`${operation.name}: gates`, async ({ ctx }) => {
    const all = commonOptionClasses(operation);
    const gated = [6, 7, 8, ...(operation.masks === false ? [] : [all.length - 1])];
    const cases = gated.flatMap((extras) =>
      [1, 2, 3, 4].map((seed) => ({ seed: seed + 10 * extras, extras })),
    );
    const failures = await inChunks(cases, ({ seed, extras }) =>
      runRandomProblem(ctx, operation, seed, extras),
    );
    expect(failures.slice(0, 5), `${failures.length} of ${cases.length}`).toEqual([]);
  });
}
