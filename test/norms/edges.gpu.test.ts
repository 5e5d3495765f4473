// These tests use sizes at both sides of every boundary, for every operation and layout. Every array
// lies among sentinels, which are NaN: nobody reads or writes them.

import { expect } from "vitest";
import { inChunks, reported, run } from "../support/comparison";
import { LENGTHS, ROWS } from "../support/edge_cases";
import { test } from "../support/fixture";
import { gridProblems } from "../support/make_problems";
import { gradients, rows as table } from "../support/operations";
import { type Operation, type Problem, title } from "../support/problem";
import { Random } from "../support/random";
import { randomInputs } from "../support/random_inputs";
import { runAmongSentinels, targetsOf } from "../support/sentinels";
import { share, stepFor } from "../support/share";

/** Few rows of every length, many rows of short ones. */
const SIZES: readonly (readonly [rows: number, length: number])[] = [
  ...LENGTHS.map((length, k) => [[1, 3, 4][k % 3], length] as const),
  ...ROWS.map((rows, k) => [rows, [3, 4, 2][k % 3]] as const),
];

const LARGE = 5000; // groups or elements of one

/** A layout of each size that an operation gets, others for each. */
function problemsOf(operation: Operation): Problem[] {
  const turn = table.indexOf(operation);
  const step = stepFor(operation, 24, 10);
  return SIZES.flatMap(([rows, length], k) => {
    const each = Math.max(rows, length) > LARGE ? 3 * step : step;
    if (step > 1 && k % each !== turn % each) return [];
    const problems = gridProblems(operation, rows, length, new Random(rows + length));
    return share(problems, problems.length, k + turn);
  });
}

for (const operation of table) {
  test(`${operation.name}: sizes at both sides of every boundary`, async ({ ctx }) => {
    const failures = await inChunks([...problemsOf(operation).entries()], ([k, problem]) => {
      const targets = targetsOf(problem);
      const one = { problem, placing: "aligned", target: targets[k % targets.length] } as const;
      return reported(`${title(problem)}, result ${one.target}`, () => runAmongSentinels(ctx, one));
    });
    expect(failures).toEqual([]);
  });
}

test("zero-size arrays: empty in, empty out", async ({ ctx }) => {
  for (const operation of table) {
    for (const { shape, options } of operation.grid(0, 4)) {
      const parameters = operation.parameters(new Random(1), shape, options);
      const needed = Object.entries(parameters).filter(([name]) => operation.needs?.includes(name));
      const inputs = { ...randomInputs(new Random(1), shape, Object.fromEntries(needed)) };
      const problem = { operation, options, inputs };
      const { results, destroy } = run(ctx, problem);
      const { y = Object.values(results)[0], dx = y } = results;
      expect(await dx.read(), title(problem)).toHaveLength(0);
      const kept = operation.kind === "reduction" ? [0] : shape;
      expect([...dx.shape], title(problem)).toEqual([...kept]);
      destroy();
    }
  }
});

test("zero-size arrays: sums over nothing are 0", async ({ ctx }) => {
  for (const operation of gradients) {
    for (const { shape, options } of operation.grid(0, 4)) {
      const parameters = operation.parameters(new Random(1), shape, options);
      const problem = {
        operation,
        options,
        inputs: randomInputs(new Random(1), shape, parameters),
      };
      const { results, destroy } = run(ctx, problem);
      for (const [name, tensor] of Object.entries(results)) {
        const zeros = new Float32Array(tensor.size);
        expect(await tensor.read(), `${title(problem)}: ${name}`).toEqual(zeros);
      }
      destroy();
    }
  }
});
