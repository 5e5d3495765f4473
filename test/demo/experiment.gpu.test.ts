// The experiment on the GPU: each lane takes the steps of the network in float64, whichever other
// lanes are beside it, and no question changes it.

import { expect } from "vitest";
import { testSet, trainingBatch } from "../../demo/experiment/data";
import type { Experiment, LayerState, Statistics } from "../../demo/experiment/experiment";
import { createFloat64Experiment } from "../../demo/experiment/float64/experiment";
import { createExperiment } from "../../demo/experiment/gpu";
import { batchNormOver, groupNormOf, type Kind, labelOf } from "../../demo/experiment/kinds";
import { PIXELS } from "../../demo/experiment/pen";
import { CONV, MLP, SMALL, type Spec } from "../../demo/experiment/spec";
import { createSuitableExperiment } from "../../demo/experiment/suitable";
import { test } from "../support/fixture";
import { UNIT } from "../support/units";

const mlp: Spec = { ...MLP, seeds: 2, testDigits: 64 };
const conv: Spec = {
  ...CONV,
  kinds: [batchNormOver(2), batchNormOver(1), groupNormOf(2)],
  testDigits: 64,
};

/** Copies of all parameters of a network, by name. */
function parametersOf(layers: readonly LayerState[]): Record<string, Float64Array> {
  const named = layers.flatMap(({ weights, norm }, i) =>
    Object.entries({ weights, ...norm }).map(([name, values]) => [`${name} ${i}`, values] as const),
  );
  return Object.fromEntries(named.map(([name, values]) => [name, Float64Array.from(values)]));
}

const largest = (values: Float64Array) => values.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
const less = (a: Float64Array, b: Float64Array) => a.map((value, i) => value - b[i]);

/**
 * The share of the largest change of an array by which the changes may be off. Of few values some are
 * nearly equal: they are divided by as little as sqrt(eps), 1 / 316, and so are their roundings.
 */
const allowed = ({ layers: [{ inSide }] }: Spec, kind: Kind) =>
  inSide === 1 && kind.norm === "batch" && kind.examples === 2 ? 3e-3 : 3e-4;

for (const spec of [mlp, conv]) {
  test(`${spec.name}: one step of each lane against float64`, async ({ ctx }) => {
    const [gpu, exact] = [await createExperiment(ctx, spec), createFloat64Experiment(spec)];
    const networks = async () =>
      (await exact.networks()).map((seeds) => seeds.map((layers) => parametersOf(layers)));
    const before = await networks();
    await Promise.all([gpu.train(1), exact.train(1)]);
    const [found, expected] = [await gpu.networks(), await networks()];
    for (const [k, kind] of spec.kinds.entries()) {
      for (let seed = 0; seed < spec.seeds; seed++) {
        const parameters = parametersOf(found[k][seed]);
        expect(Object.keys(parameters)).toEqual(Object.keys(expected[k][seed]));
        for (const [name, values] of Object.entries(parameters)) {
          const exactly = expected[k][seed][name];
          const change = largest(less(exactly, before[k][seed][name]));
          const error = largest(less(values, exactly));
          const stored = UNIT * largest(exactly); // a parameter itself is an f32
          const title = `${labelOf(kind)}, seed ${seed}, ${name}: ${error} of ${change}`;
          expect(error, title).toBeLessThanOrEqual(allowed(spec, kind) * change + stored);
          const fixed = kind.norm === "group" && name.startsWith("running");
          expect(change > 0, title).toBe(!fixed);
        }
        const [loss, other] = [gpu, exact].map(({ losses }) => losses[0][k][seed]);
        expect(Math.abs(loss - other)).toBeLessThan(1e-5);
      }
    }
    gpu.destroy();
  });
}

/** What two steps make of some lanes of the MLP. */
async function trained(create: (spec: Spec) => Promise<Experiment>, kinds: Kind[], seeds: number) {
  const experiment = await create({ ...mlp, kinds, seeds, steps: 2 });
  await experiment.train(1);
  await experiment.train(5); // only one is left
  expect(experiment.losses).toHaveLength(2);
  const networks = await experiment.networks();
  const losses = experiment.losses;
  experiment.destroy();
  return (kind: number, seed: number) => ({
    parameters: parametersOf(networks[kind][seed]),
    losses: losses.map((step) => step[kind][seed]),
  });
}

test("a lane alone and among others gives the same bits", async ({ ctx }) => {
  const create = (spec: Spec) => createExperiment(ctx, spec);
  const all = await trained(create, [...mlp.kinds], 2);
  for (const [k, kind] of mlp.kinds.entries()) {
    const alone = await trained(create, [kind], 1);
    expect(alone(0, 0), labelOf(kind)).toEqual(all(k, 0));
    expect(alone(0, 0), labelOf(kind)).not.toEqual(all(k, 1));
  }
});

test("questions change no network, and only BatchNorm's answers depend on the neighbours", async ({
  ctx,
}) => {
  const experiment = await createExperiment(ctx, mlp);
  await experiment.train(3);
  const before = await experiment.networks();
  const { pictures } = testSet(mlp);
  const picture = pictures.subarray(0, PIXELS);
  const ask = (statistics: Statistics, step: number) => {
    const neighbours = trainingBatch(mlp, 0, step).pictures;
    return experiment.answers(picture, { statistics, neighbours });
  };
  const answers = [await ask("batch", 5), await ask("batch", 6), await ask("batch", 5)];
  const still = [await ask("running", 5), await ask("running", 6)];
  for (const [k, kind] of mlp.kinds.entries()) {
    for (let seed = 0; seed < mlp.seeds; seed++) {
      const [first, other, again] = answers.map((networks) => networks[k][seed]);
      expect(again).toEqual(first);
      expect(first.reduce((a, b) => a + b)).toBeCloseTo(1, 6);
      if (kind.norm === "group") expect(other).toEqual(first);
      else expect(other).not.toEqual(first);
    }
  }
  expect(still[0]).toEqual(still[1]);
  expect(still[0].at(-1)).toEqual(answers[0].at(-1)); // GroupNorm has no other statistics
  const errors = await experiment.evaluate("running");
  expect(await experiment.evaluate("running")).toEqual(errors);
  const ofBatches = await experiment.evaluate("batch");
  expect(ofBatches.at(-1)).toEqual(errors.at(-1));
  expect(ofBatches).not.toEqual(errors);
  expect(await experiment.networks()).toEqual(before);
  experiment.destroy();
});

test("the GPU and float64 answer alike, by both statistics", async ({ ctx }) => {
  const spec: Spec = { ...mlp, seeds: 1 };
  const [gpu, exact] = [await createExperiment(ctx, spec), createFloat64Experiment(spec)];
  await Promise.all([gpu.train(1), exact.train(1)]);
  const picture = testSet(spec).pictures.subarray(0, PIXELS);
  const neighbours = trainingBatch(spec, 0, 9).pictures;
  for (const statistics of ["batch", "running"] as const) {
    const question = { statistics, neighbours };
    const [found, expected] = [
      await gpu.answers(picture, question),
      await exact.answers(picture, question),
    ];
    for (const [k, [probabilities]] of found.entries()) {
      const off = probabilities.map((p, c) => Math.abs(p - expected[k][0][c]));
      expect(Math.max(...off)).toBeLessThan(1e-3);
    }
    // an answer that is nearly a tie may be another one
    const errors = [await gpu.evaluate(statistics), await exact.evaluate(statistics)];
    for (const [k, [share]] of errors[0].entries()) {
      expect(Math.abs(share - errors[1][k][0]) * spec.testDigits).toBeLessThan(3);
    }
  }
  gpu.destroy();
});

test("a slow device gets three points by a smaller network", async ({ ctx }) => {
  const spec: Spec = { ...mlp, kinds: [groupNormOf(4)], seeds: 1 };
  const shares: number[] = [];
  const tell = (share: number) => shares.push(share);
  const fast = await createSuitableExperiment(ctx, spec, tell, Infinity);
  expect(fast.slow).toBe(false);
  expect(fast.experiment.spec).toEqual({ ...spec, seeds: ctx.profile.software ? 1 : 3 });
  expect(fast.experiment.losses.length).toBeGreaterThan(0); // no step is lost
  expect(shares).toEqual([...shares].sort((a, b) => a - b));
  expect(shares.at(-1)).toBe(1);
  const slow = await createSuitableExperiment(ctx, spec, tell, 0);
  expect(slow.slow).toBe(true);
  expect(slow.experiment.spec).toBe(SMALL);
  await slow.experiment.train(1);
  expect(slow.experiment.losses).toHaveLength(1);
  for (const { experiment } of [fast, slow]) experiment.destroy();
});
