// Every input and result lies inside a bigger buffer, with sentinels before, after and between. No
// operation reads them (they are NaN) or writes them, and every element of a result is written.

import { expect } from "vitest";
import { commonOptionClasses } from "../support/common_options";
import { inChunks, reported } from "../support/comparison";
import { test } from "../support/fixture";
import { gridProblems, randomProblem } from "../support/make_problems";
import { oneIn, rows } from "../support/operations";
import type { Placing } from "../support/placement";
import { type Operation, type Problem, title } from "../support/problem";
import { Random } from "../support/random";
import { runAmongSentinels, targetsOf } from "../support/sentinels";

const SIZES: readonly (readonly [rows: number, length: number])[] = [
  [1, 1],
  [3, 5],
  [5, 8],
  [2, 63],
  [67, 4],
  [130, 3],
  [4, 257],
  [1, 4099],
  [2, 16387],
];
const FEW: typeof SIZES = [
  [3, 5],
  [4, 64],
];
const RANDOM = 12; // further problems, each in a layout of its own
const PLACED = ["offset", "permuted", "padded"] as const;

/** On the grid, and by seed: without extras, and of every class of them. */
function problemsOf(operation: Operation): (readonly [Problem, Placing])[] {
  const all = oneIn(operation, 2, 2) === 1;
  const grid = (all ? SIZES : FEW).flatMap(([rows, length]) =>
    gridProblems(operation, rows, length, new Random(rows + length)),
  );
  const plain = Array.from({ length: RANDOM / oneIn(operation, RANDOM, 4) }, () => -1);
  const step = oneIn(operation, 3, 3);
  const turn = rows.indexOf(operation);
  const own = commonOptionClasses(operation).filter((k) => k % step === turn % step);
  const classes = [...plain, ...own];
  const others = classes.map((extras, seed) => {
    const problem = randomProblem(operation, new Random(seed), extras);
    return [problem, PLACED[seed % PLACED.length]] as const;
  });
  return [...grid.map((problem) => [problem, "offset"] as const), ...others];
}

for (const operation of rows) {
  test(`${operation.name}: nothing outside its tensors is read or written`, async ({ ctx }) => {
    const cases = problemsOf(operation).flatMap(([problem, placing]) => {
      return targetsOf(problem).map((target) => ({ problem, placing, target }));
    });
    const failures = await inChunks(cases, (one) => {
      const name = `${title(one.problem)} (${one.placing}, result ${one.target})`;
      return reported(name, () => runAmongSentinels(ctx, one));
    });
    expect(failures.slice(0, 5), `${failures.length} failures`).toEqual([]);
  });
}
