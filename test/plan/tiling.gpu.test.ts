// Arrays may be larger than a binding. Bindings are treated as tiny here, so that every operation
// needs tiles.

import { expect } from "vitest";
import { batchNorm, layerNorm } from "../../src/index";
import { difference, inChunks, reported } from "../support/comparison";
import { seeds, test } from "../support/fixture";
import { countCreated } from "../support/gpu_objects";
import { gridProblems } from "../support/make_problems";
import { rows } from "../support/operations";
import { type Operation, type Problem, title } from "../support/problem";
import { Random } from "../support/random";
import { randomInputs } from "../support/random_inputs";
import { runRandomProblem } from "../support/run_random_problem";
import { runAmongSentinels, targetsOf } from "../support/sentinels";
import { share, stepFor } from "../support/share";
import { expected } from "../support/tolerance";

const TINY = [4096, 16384]; // bytes

/** Returns a fourth of the seeds that each operation gets in random.gpu.test.ts. */
function seedsFor(operation: Operation): number[] {
  const all = seeds();
  const step = stepFor(operation, 16, 6) * 4;
  return all.length === 1
    ? all
    : all.filter((seed) => seed % step === rows.indexOf(operation) % step);
}

/** Bindings are too small here for the neighbours of an element among channels far apart. */
const isImpossible = ({ name }: Operation, failure: string) =>
  name.startsWith("localResponseNorm") && failure.includes("too far apart");

for (const operation of rows) {
  test(`${operation.name}: random problems through windows`, async ({ device, freshContext }) => {
    const failures: string[] = [];
    for (const [k, windowBytes] of TINY.entries()) {
      const ctx = await freshContext({ device, profile: { maxBindingBytes: windowBytes } });
      const some = seedsFor(operation).filter((_, i, { length }) => length === 1 || i % 2 === k);
      failures.push(...(await inChunks(some, (seed) => runRandomProblem(ctx, operation, seed))));
    }
    const wrong = failures.filter((text) => !isImpossible(operation, text));
    expect(wrong.slice(0, 5), `${wrong.length} failures; SEED=n runs one`).toEqual([]);
  });
}

test("a gradient's windows of even size reach beyond a binding on the side that they have", async ({
  device,
  freshContext,
}) => {
  const ctx = await freshContext({ device, profile: { maxBindingBytes: 4096 } });
  const operation = rows.find(({ name }) => name === "localResponseNormBackward") as Operation;
  const shape = [1, 8, 2, 8, 8];
  const { x, dy } = randomInputs(new Random(2), shape, { dy: shape }, "f32");
  const problems = (["torch", "onnx"] as const).flatMap((convention) =>
    [2, 4].map((size): Problem => {
      return { operation, options: { size, alpha: 1, convention }, inputs: { x, dy } };
    }),
  );
  const check = (problem: Problem) => difference(ctx, problem, expected(problem));
  expect(await inChunks(problems, check)).toEqual([]);
});

test("nothing outside of tensors is read or written through windows", async ({
  device,
  freshContext,
}) => {
  const ctx = await freshContext({ device, profile: { maxBindingBytes: 4096 } });
  const cases = share([...rows.entries()], 2, 0).flatMap(([turn, operation]) => {
    const problems = gridProblems(operation, 3, 600, new Random(turn));
    const problem = problems[turn % problems.length];
    const placing = turn % 4 === 0 ? ("offset" as const) : ("padded" as const);
    const targets = share(targetsOf(problem), 2, Math.floor(turn / 4));
    return targets.map((target) => ({ problem, placing, target }));
  });
  const failures = await inChunks(cases, (one) => {
    return reported(`${title(one.problem)} (${one.placing})`, () => runAmongSentinels(ctx, one));
  });
  expect(failures.slice(0, 5), `${failures.length} failures`).toEqual([]);
});

test("a repeated call through windows makes nothing, a new batch size compiles nothing", async ({
  freshContext,
}) => {
  // a GPU has other teams for other numbers of rows
  const ctx = await freshContext({ profile: { kind: "cpu", maxBindingBytes: 4096 } });
  const run = (rows: number) => {
    const x = ctx.empty([rows, 4, 160]);
    layerNorm(x, { normalizedShape: [160], out: x });
    batchNorm(x, { training: true, out: x });
    x.destroy();
  };
  for (const rows of [40, 64, 31]) {
    const first = countCreated(ctx, () => run(rows));
    expect(first.createBindGroup, `${rows} rows`).toBeGreaterThan(4); // tiles
    if (rows !== 40) expect(first.createComputePipeline, `${rows} rows`).toBeUndefined();
    if (rows !== 40) expect(first.createShaderModule, `${rows} rows`).toBeUndefined();
    expect(
      countCreated(ctx, () => run(rows)),
      `${rows} rows again`,
    ).toEqual({});
  }
});
