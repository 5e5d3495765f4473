// Running statistics begin anew, with another momentum, and are those of ghost batches.

import { expect } from "vitest";
import { batchNorm, batchNormBackward } from "../../src/index";
import * as nn from "../../src/nn/index";
import { type ErrorCase, testErrors } from "../support/error_cases";
import { test } from "../support/fixture";
import { Random } from "../support/random";

const state = async (module: nn.NormModule) => {
  const entries = Object.entries(await module.stateDict());
  return Object.fromEntries(entries.map(([name, { data }]) => [name, [...data]]));
};

test("statistics are taken again over a loader, as for averaged weights", async ({ ctx }) => {
  using module = new nn.BatchNorm(ctx, 2);
  const batches = [1, 2, 3].map((seed) => ctx.tensor(new Random(seed).normals(8, seed, 2), [4, 2]));
  for (const x of batches) module.forward(x, { noGrad: true });
  const before = module.momentum;
  module.resetRunningStats();
  expect(await state(module)).toMatchObject({
    running_mean: [0, 0],
    running_var: [1, 1],
    num_batches_tracked: [0],
  });
  module.momentum = null;
  for (const x of batches) module.forward(x, { noGrad: true });
  module.momentum = before;
  expect(module.momentum).toBe(0.1);
  const all = await Promise.all(batches.map((x) => x.read()));
  const means = [0, 1].map((c) => {
    return (
      all
        .flatMap((data) => [...data])
        .filter((_, i) => i % 2 === c)
        .reduce((s, v) => s + v) / 12
    );
  });
  const { running_mean, num_batches_tracked } = await state(module);
  expect(num_batches_tracked).toEqual([3]);
  running_mean.forEach((v, c) => {
    expect(v).toBeCloseTo(means[c], 5);
  });
});

test("an InstanceNorm's momentum and statistics", async ({ ctx }) => {
  using module = new nn.InstanceNorm(ctx, 2, { trackRunningStats: true });
  module.momentum = 1;
  module.forward(ctx.tensor([1, 3, 5, 7], [1, 2, 2]));
  expect((await state(module)).running_mean).toEqual([2, 6]);
  module.resetRunningStats();
  expect((await state(module)).running_mean).toEqual([0, 0]);
  new nn.InstanceNorm(ctx, 2).resetRunningStats(); // it has none
});

test("ghost batches are those of batchNorm", async ({ ctx }) => {
  const virtualBatchSize = 2;
  using module = new nn.BatchNorm(ctx, 3, { virtualBatchSize });
  const random = new Random(1);
  const [x, dy] = [0, 1].map(() => ctx.tensor(random.normals(72, 1, 1), [6, 3, 4]));
  const [runningMean, runningVar] = [ctx.tensor([0, 0, 0], [3]), ctx.tensor([1, 1, 1], [3])];
  const weight = ctx.tensor([1, 1, 1], [3]);
  const ghosts = { training: true, virtualBatchSize, weight };
  const y = batchNorm(x, { ...ghosts, runningMean, runningVar });
  expect(await module.forward(x).read()).toEqual(await y.read());
  const { dx, dWeight } = batchNormBackward(dy, { ...ghosts, x });
  const found = await module.backward(dy).read();
  (await dx.read()).forEach((v, i) => {
    expect(found[i]).toBeCloseTo(v, 5);
  });
  const grad = await module.weight?.grad?.read();
  (await dWeight.read()).forEach((v, i) => {
    expect(grad?.[i]).toBeCloseTo(v, 5);
  });
  const { running_mean, num_batches_tracked } = await state(module);
  expect(running_mean).toEqual([...(await runningMean.read())]);
  expect(num_batches_tracked).toEqual([3]);
  module.eval().forward(ctx.tensor(random.normals(12, 0, 1), [1, 3, 4])); // any number of examples
});

const ERRORS: ErrorCase[] = [
  [
    "a momentum past 1",
    ({ ctx }) => {
      new nn.BatchNorm(ctx, 4).momentum = 1.5;
    },
    ["BatchNorm: momentum 1.5", "0 .. 1"],
  ],
  [
    "no momentum",
    ({ ctx }) => {
      new nn.InstanceNorm(ctx, 4).momentum = null as never;
    },
    ["InstanceNorm: momentum null", "0 .. 1"],
  ],
  [
    "ghost batches of none, at once",
    ({ ctx }) => new nn.BatchNorm(ctx, 4, { virtualBatchSize: 0 }),
    ["BatchNorm: virtualBatchSize 0", "positive integer"],
  ],
  [
    "ghost batches that do not divide the examples",
    ({ ctx, of }) => new nn.BatchNorm(ctx, 4, { virtualBatchSize: 2 }).forward(of(3, 4, 5)),
    ["batchNorm: virtualBatchSize 2", "divisor of the 3 examples"],
  ],
  [
    "a reset after destroy",
    ({ ctx }) => {
      const module = new nn.BatchNorm(ctx, 4);
      module.destroy();
      module.resetRunningStats();
    },
    ["BatchNorm.resetRunningStats: the module is destroyed"],
  ],
  [
    "a backward with statistics that were reset",
    ({ ctx, x }) => {
      const module = new nn.BatchNorm(ctx, 6).eval();
      module.forward(x);
      module.resetRunningStats();
      module.backward(x);
    },
    ["BatchNorm.backward: no input is kept: resetRunningStats came after the last forward"],
  ],
];

testErrors(ERRORS);
