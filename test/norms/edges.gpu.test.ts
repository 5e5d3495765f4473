// These tests use sizes at both sides of every boundary, for every operation and layout.

import { expect } from "vitest";
import { difference, inChunks, run } from "../support/comparison";
import { LENGTHS, ROWS } from "../support/edge_cases";
import { test } from "../support/fixture";
import { gridProblems } from "../support/make_problems";
import { gradients, oneIn, rows as table } from "../support/operations";
import { type Operation, type Problem, title } from "../support/problem";
import { Random } from "../support/random";
import { randomInputs } from "../support/random_inputs";
import { expected } from "../support/tolerance";

/** Few rows of every length, many rows of short ones. */
const SIZES: readonly (readonly [rows: number, length: number])[] = [
  ...LENGTHS.map((length, k) => [[1, 3, 4][k % 3], length] as const),
  ...ROWS.map((rows, k) => [rows, [3, 4, 2][k % 3]] as const),
];

const LARGE = 5000; // groups or elements of one

/** Where an operation does not get all: one layout a size, every third size, others for each. */
function problemsOf(operation: Operation): Problem[] {
  const all = oneIn(operation, 2, 2) === 1;
  const turn = table.indexOf(operation);
  return SIZES.flatMap(([rows, length], k) => {
    const step = Math.max(rows, length) > LARGE ? 9 : 3;
    if (!all && k % step !== turn % step) return [];
    const problems = gridProblems(operation, rows, length, new Random(rows + length));
    return all ? problems : problems.slice(Math.floor(k / 2) % problems.length).slice(0, 1);
  });
}

for (const operation of table) {
  test(`${operation.name}: sizes at both sides of every boundary`, async ({ ctx }) => {
    const check = (problem: Problem) => difference(ctx, problem, expected(problem));
    expect(await inChunks(problemsOf(operation), check)).toEqual([]);
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
