// The networks in float64 are the reference of those on the GPU. Differences of the loss judge their
// gradients: in the first step with a learning rate of 1 a parameter moves by its gradient.

import { expect, test } from "vitest";
import { patchesOf, trainingBatch } from "../../demo/experiment/data";
import type { PerNetwork, Statistics } from "../../demo/experiment/experiment";
import { createFloat64Experiment } from "../../demo/experiment/float64/experiment";
import { createNetwork, type Network } from "../../demo/experiment/float64/network";
import { batchNormOver, groupNormOf, type Kind, labelOf } from "../../demo/experiment/kinds";
import { PIXELS } from "../../demo/experiment/pen";
import { CONV, MLP, SMALL, type Spec } from "../../demo/experiment/spec";

const [dense, outputs] = [MLP.layers[0], MLP.layers[2]];
const tiny: Spec = {
  ...MLP,
  batch: 8,
  layers: [
    { ...dense, outChannels: 8 },
    { ...dense, inChannels: 8, outChannels: 8 },
    { ...outputs, inChannels: 8 },
  ],
};
const conv: Spec = { ...CONV, batch: 4 };

const CASES: [Spec, Kind][] = [
  ...[batchNormOver(8), batchNormOver(2), groupNormOf(2)].map((kind): [Spec, Kind] => [tiny, kind]),
  ...[batchNormOver(2), batchNormOver(1), groupNormOf(2)].map((kind): [Spec, Kind] => [conv, kind]),
];

/** All parameters of a network. */
const parametersOf = ({ layers }: Network) =>
  layers.flatMap(({ weights, norm }) => [weights, ...(norm ? [norm.weight, norm.bias] : [])]);

for (const [spec, kind] of CASES) {
  test(`${spec.name}, ${labelOf(kind)}: gradients are slopes of the loss`, () => {
    const { pictures, labels } = trainingBatch(spec, 0, 0);
    const x = Float64Array.from(patchesOf(spec, pictures));
    const fresh = () => createNetwork(spec, kind, 0);
    const trained = fresh();
    trained.train(x, labels, 1);
    const after = parametersOf(trained);
    const before = parametersOf(fresh());
    const lossWith = (which: number, index: number, change: number) => {
      const network = fresh();
      parametersOf(network)[which][index] += change;
      return network.train(x, labels, 0);
    };
    const step = 1e-6;
    for (const [which, values] of before.entries()) {
      for (let sample = 0; sample < 2; sample++) {
        const index = (sample * 37 + 11) % values.length;
        const rise = lossWith(which, index, step) - lossWith(which, index, -step);
        const gradient = values[index] - after[which][index];
        expect(Math.abs(rise / (2 * step) - gradient)).toBeLessThan(
          1e-6 + 1e-5 * Math.abs(gradient),
        );
      }
    }
  });
}

test("running statistics are those of the ghost batches, in order", () => {
  const kind = batchNormOver(4);
  const network = createNetwork(tiny, kind, 0);
  const { weights } = network.layers[0];
  const { pictures, labels } = trainingBatch(tiny, 0, 0);
  const column = 3;
  const z = Array.from({ length: tiny.batch }, (_, example) => {
    const picture = pictures.subarray(example * PIXELS, (example + 1) * PIXELS);
    return picture.reduce((sum, v, i) => sum + v * weights[8 * i + column], 0);
  });
  network.train(Float64Array.from(pictures), labels, 0);
  let [mean, variance] = [0, 1];
  for (const ghost of [z.slice(0, 4), z.slice(4)]) {
    const average = ghost.reduce((a, b) => a + b) / 4;
    mean += 0.1 * (average - mean);
    variance += 0.1 * (ghost.reduce((a, b) => a + (b - average) ** 2, 0) / 3 - variance);
  }
  expect(network.layers[0].norm?.runningMean[column]).toBeCloseTo(mean, 10);
  expect(network.layers[0].norm?.runningVar[column]).toBeCloseTo(variance, 10);
});

test("without a GPU the same experiment learns, and stops at its last step", async () => {
  const kinds = [batchNormOver(32), groupNormOf(4), batchNormOver(2)];
  const spec: Spec = { ...SMALL, kinds, steps: 64, testDigits: 64 };
  const experiment = createFloat64Experiment(spec);
  await experiment.train(4);
  expect(experiment.losses).toHaveLength(4);
  await experiment.train(1000);
  expect(experiment.losses).toHaveLength(64);
  const meanOf = (steps: PerNetwork<number>[], kind: number) =>
    steps.reduce((sum, losses) => sum + losses[kind][0], 0) / steps.length;
  const [all, group, two] = kinds.map((_, kind) => meanOf(experiment.losses.slice(-8), kind));
  expect(Math.max(all, group)).toBeLessThan(two - 0.2);
  const [[errorOfAll], , [errorOfTwo]] = await experiment.evaluate("running");
  expect(errorOfAll).toBeLessThan(errorOfTwo);
});

test("without a GPU, too, BatchNorm's answers depend on the neighbours, and GroupNorm's do not", async () => {
  const experiment = createFloat64Experiment(SMALL);
  const picture = trainingBatch(SMALL, 0, 1).pictures.subarray(0, PIXELS);
  const ask = (statistics: Statistics, step: number) => {
    const neighbours = trainingBatch(SMALL, 0, step).pictures;
    return experiment.answers(picture, { statistics, neighbours });
  };
  const [[all], [two], [group]] = await ask("batch", 2);
  const [[otherAll], [otherTwo], [otherGroup]] = await ask("batch", 3);
  expect(otherAll).not.toEqual(all);
  expect(otherTwo).not.toEqual(two);
  expect(otherGroup).toEqual(group);
  expect(await ask("running", 2)).toEqual(await ask("running", 3));
  for (const probabilities of [all, two, group]) {
    expect(probabilities).toHaveLength(10);
    expect(probabilities.reduce((a, b) => a + b)).toBeCloseTo(1, 10);
  }
});
