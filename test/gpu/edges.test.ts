// Sizes at both sides of every boundary, for every operation and layout.

import { expect } from "vitest";
import { test } from "../fixture";
import { call, difference, inChunks } from "../harness";
import { operations } from "../operations";
import { gridProblems, type Problem, title } from "../problems";
import { Random } from "../random";
import { LENGTHS, ROWS } from "../tables";
import { expected } from "../tolerance";

/** Few rows of every length, many rows of short ones. */
const SIZES: readonly (readonly [rows: number, length: number])[] = [
  ...LENGTHS.map((length, k) => [[1, 3, 4][k % 3], length] as const),
  ...ROWS.map((rows, k) => [rows, [3, 4, 2][k % 3]] as const),
];

for (const operation of operations) {
  test(`${operation.name}: sizes at both sides of every boundary`, async ({ ctx }) => {
    const problems = SIZES.flatMap(([rows, length]) => {
      return gridProblems(operation, rows, length, new Random(rows + length));
    });
    const run = (problem: Problem) => difference(ctx, problem, expected(problem));
    expect(await inChunks(problems, run)).toEqual([]);
  });
}

test("zero-size arrays: empty in, empty out", async ({ ctx }) => {
  for (const operation of operations) {
    for (const { shape, options } of operation.grid(0, 4)) {
      const x = ctx.tensor([], [...shape]);
      const problem = { operation, options, inputs: { x: { shape, data: new Float32Array(0) } } };
      const results = Object.values(call(problem, { x }));
      for (const result of results) expect(await result.read(), title(problem)).toHaveLength(0);
      const kept = operation.kind === "norm" ? shape : [0];
      expect([...results[0].shape], title(problem)).toEqual([...kept]);
    }
  }
});
