// Arrays larger than a binding: here bindings are taken for tiny, so that every operation goes through windows.

import { expect } from "vitest";
import { batchNorm, layerNorm } from "../../src/index";
import { attempt } from "../support/attempt";
import { made } from "../support/counting";
import { seeds, test } from "../support/fixture";
import { guarded, targetsOf } from "../support/guarded";
import { inChunks, reported } from "../support/harness";
import { oneIn, rows } from "../support/operations";
import { gridProblems, type Operation, title } from "../support/problems";
import { Random } from "../support/random";

const TINY = [4096, 16384]; // bytes

/** A third of those that each operation gets in random.test.ts. */
function seedsFor(operation: Operation): number[] {
  const all = seeds();
  const step = oneIn(operation, 40, 12) * 3;
  return all.length === 1
    ? all
    : all.filter((seed) => seed % step === rows.indexOf(operation) % step);
}

/** The neighbours of an element among channels far apart, where bindings are so small. */
const isImpossible = ({ name }: Operation, failure: string) =>
  name.startsWith("localResponseNorm") && failure.includes("too far apart in memory");

for (const operation of rows) {
  test(`${operation.name}: random problems through windows`, async ({ device, freshContext }) => {
    const failures: string[] = [];
    for (const [k, windowBytes] of TINY.entries()) {
      const ctx = await freshContext({ device, profile: { maxBindingBytes: windowBytes } });
      const some = seedsFor(operation).filter((_, i, { length }) => length === 1 || i % 2 === k);
      failures.push(...(await inChunks(some, (seed) => attempt(ctx, operation, seed))));
    }
    const wrong = failures.filter((text) => !isImpossible(operation, text));
    expect(wrong.slice(0, 5), `${wrong.length} failures; SEED=n runs one`).toEqual([]);
  });
}

test("nothing outside of tensors is read or written through windows", async ({
  device,
  freshContext,
}) => {
  const ctx = await freshContext({ device, profile: { maxBindingBytes: 4096 } });
  const cases = rows.flatMap((operation, turn) => {
    const problems = gridProblems(operation, 3, 600, new Random(turn));
    const problem = problems[turn % problems.length];
    const placing = turn % 2 === 0 ? ("offset" as const) : ("padded" as const);
    return targetsOf(problem).map((target) => ({ problem, placing, target }));
  });
  const failures = await inChunks(cases, (one) => {
    return reported(`${title(one.problem)} (${one.placing})`, () => guarded(ctx, one));
  });
  expect(failures.slice(0, 5), `${failures.length} failures`).toEqual([]);
});

test("a repeated call through windows makes nothing, a new batch size compiles nothing", async ({
  freshContext,
}) => {
  const ctx = await freshContext({ profile: { maxBindingBytes: 4096 } });
  const run = (rows: number) => {
    const x = ctx.empty([rows, 4, 160]);
    layerNorm(x, { normalizedShape: [160], out: x });
    batchNorm(x, { training: true, out: x });
    x.destroy();
  };
  for (const rows of [40, 64, 31]) {
    const first = made(ctx, () => run(rows));
    expect(first.createBindGroup, `${rows} rows`).toBeGreaterThan(4); // windows
    if (rows !== 40) expect(first.createComputePipeline, `${rows} rows`).toBeUndefined();
    if (rows !== 40) expect(first.createShaderModule, `${rows} rows`).toBeUndefined();
    expect(
      made(ctx, () => run(rows)),
      `${rows} rows again`,
    ).toEqual({});
  }
});
