// These tests state single facts that the tables and random problems do not reach.
// test/runners/mutations.mjs has the faults that they must find.

import { expect } from "vitest";
import { layerNorm, standardizeBackward, type Tensor, variance } from "../../src/index";
import { SHUFFLES } from "../../src/runtime/subgroup_check";
import { teamWorkgroup } from "../../src/wgsl/files";
import { difference, inChunks } from "../support/comparison";
import { test } from "../support/fixture";
import { gridProblems } from "../support/make_problems";
import { operations } from "../support/operations";
import { Random } from "../support/random";
import { expected } from "../support/tolerance";

test("every group has its job where more than 65535 workgroups fold into a grid", async ({
  freshContext,
}) => {
  const ctx = await freshContext({
    profile: { kind: "gpu", workgroup: 1, wideWorkgroup: 1, workgroups: 1 },
  });
  const named = operations.filter(({ name }) => ["mean", "batchNorm", "layerNorm"].includes(name));
  const problems = named.flatMap((one) => gridProblems(one, 65_539, 2, new Random(1)));
  const check = (problem: (typeof problems)[number]) => difference(ctx, problem, expected(problem));
  expect(await inChunks(problems, check, 1)).toEqual([]);
});

test("calls that differ in one number do not share a plan", async ({ ctx }) => {
  const x = ctx.tensor([1, 2, 3, 6], [1, 4]);
  const first = async (tensor: { read(): Promise<Float32Array> }) => (await tensor.read())[0];
  for (const eps of [0, 0.5, 4]) {
    const y = await first(layerNorm(x, { normalizedShape: [4], eps }));
    expect(y, `eps ${eps}`).toBeCloseTo(-2 / Math.sqrt(3.5 + eps), 6);
  }
  for (const correction of [0, 1, 2]) {
    const v = await first(variance(x, { correction }));
    expect(v, `correction ${correction}`).toBeCloseTo(14 / (4 - correction), 6);
  }
});

test("tensors at several places of one buffer are told apart", async ({ ctx }) => {
  const rows = 5;
  const data = new Random(1).normals(rows * 64);
  const whole = ctx.tensor(data, [rows, 64]);
  const expectedRows = await layerNorm(whole, { normalizedShape: [64] }).read();
  const out = ctx.empty([64]);
  for (let row = 0; row < rows; row++) {
    const x = ctx.fromBuffer(whole.buffer, { shape: [64], offset: 256 * row });
    const y = layerNorm(x, { normalizedShape: [64], out });
    expect(await y.read(), `row ${row}`).toEqual(expectedRows.slice(64 * row, 64 * (row + 1)));
  }
});

test("within a batch a buffer lives until the submit, though the pool has no room for it", async ({
  freshContext,
}) => {
  const ctx = await freshContext({ poolBytes: 0 });
  const row = Float32Array.of(1, 2, 3, 6);
  const alone = await layerNorm(ctx.tensor(row, [4]), { normalizedShape: [4] }).read();
  const y = ctx.batch(() => {
    const x = ctx.tensor(row, [4]);
    const once = layerNorm(x, { normalizedShape: [4] });
    const twice = layerNorm(once, { normalizedShape: [4], eps: 0 });
    for (const tensor of [x, once]) tensor.destroy();
    return twice;
  });
  const [again] = await y.read();
  expect(again).toBeCloseTo(alone[0], 4);
});

test("a row with an infinity is NaN throughout, the rows beside it are as ever", async ({
  ctx,
}) => {
  const rows = [
    [1, 2, 3, 4, 5],
    [1, Infinity, 3, 4, 5],
    [1, 2, NaN, 4, 5],
    [5, 4, 3, 2, 1],
  ];
  const y = await layerNorm(ctx.tensor(rows.flat(), [4, 5]), { normalizedShape: [5] }).read();
  expect(y.subarray(5, 15)).toEqual(new Float32Array(10).fill(NaN));
  expect(y[0]).toBeCloseTo(-Math.SQRT2, 4);
  expect(y[15]).toBeCloseTo(Math.SQRT2, 4);
});

// Software adapters do not show this race: they run a team's members in order, and the first of each
// block, whose sums are the ones read later, before those that would overwrite its input.
test("a weight that repeats along loops which do not merge has the sum over all of them", async ({
  ctx,
}) => {
  const [outer, rows, columns] = [2, 8, 217];
  const shape = [outer, rows, columns];
  const random = new Random(7);
  const size = outer * rows * columns;
  const [values, dy] = [random.normals(size), random.normals(size)];
  const weight = random.normals(outer);
  const padded = new Float32Array(outer * rows * 220);
  for (let row = 0; row < outer * rows; row++) {
    padded.set(values.subarray(row * columns, (row + 1) * columns), row * 220);
  }
  const { buffer } = ctx.tensor(padded, [padded.length]);
  const apart = ctx.fromBuffer(buffer, { shape, strides: [rows * 220, 220, 1] });
  const gradient = async (x: Tensor) => {
    const own = { axes: [0, 1, 2], x, weight: ctx.tensor(weight, [2, 1, 1]) };
    return standardizeBackward(ctx.tensor(dy, shape), own).dWeight.read();
  };
  const dense = await gradient(ctx.tensor(values, shape));
  (await gradient(apart)).forEach((sum, i) => {
    expect(sum).toBeCloseTo(dense[i], 3);
  });
});

test("a barrier parts writing and reading of workgroup memory, in the next call, too", () => {
  for (const { name, text } of [teamWorkgroup, SHUFFLES]) {
    const arrays = [...text.matchAll(/var<workgroup> (\w+): array/g)].map(([, array]) => array);
    expect(arrays.length, name).toBeGreaterThan(1);
    for (const array of arrays) {
      const accesses = text.matchAll(
        new RegExp(`workgroupBarrier\\(|${array}\\[[^\\]]+\\]( =)?`, "g"),
      );
      const steps = [...accesses].map(([step, written]) => {
        if (step.startsWith("workgroup")) return "barrier";
        return written ? "write" : "read";
      });
      const twice = [...steps, ...steps].join();
      expect(twice, array).toContain("write,barrier");
      expect(twice, array).toContain("barrier,read");
      expect(twice, array).not.toMatch(/write,read|read,write/);
    }
  }
});
