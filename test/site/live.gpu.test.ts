// The programs on the pages of operations run as a reader's page runs them, and agree with float64.

import { expect } from "vitest";
import { run } from "../../site/live/live";
import * as library from "../../src/index";
import { test } from "../support/fixture";

const programs: Record<string, string> = import.meta.glob("../../site/examples/*.js", {
  query: "?raw",
  import: "default",
  eager: true,
});

/** Sums over n elements, where a value is far larger than the rest of its group, err by n times a last bit. */
const RELATIVE = 4e-6;

for (const [path, text] of Object.entries(programs)) {
  const name = path.replace(/^.*\/|\.js$/g, "");
  test(`the program of ${name} agrees with float64`, async ({ ctx }) => {
    const { lines, comparisons } = await run(text, ctx);
    expect(lines.length).toBeGreaterThan(0);
    expect(comparisons.length).toBeGreaterThan(0);
    for (const { name: result, error, largest, first } of comparisons) {
      expect(error, result).toBeLessThanOrEqual(RELATIVE * Math.max(1, largest));
      expect(first.length, result).toBeGreaterThan(0);
    }
  });
}

test("a comparison finds a wrong result", async ({ ctx }) => {
  const wrong = { ...library, softmax: (x: library.Tensor) => library.softmax(x, { axes: [0] }) };
  const { comparisons } = await run(programs["../../site/examples/softmax.js"], ctx, wrong);
  const [y, dx] = comparisons;
  expect([y.name, dx.name]).toEqual(["softmax", "softmaxBackward: dx"]);
  expect(y.error).toBeGreaterThan(1e-3);
  expect(dx.error).toBeLessThan(4e-6);
});

test("what a program throws comes to the page", async ({ ctx }) => {
  const text = 'import { groupNorm } from "webgpu-norm";\ngroupNorm(1, {});';
  await expect(run(text, ctx)).rejects.toThrow("groupNorm: x is 1, expected a tensor");
});
