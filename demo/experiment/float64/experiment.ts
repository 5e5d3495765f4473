// The experiment without a GPU: the same networks on the same digits, in float64, one after the other.

import { entryAt } from "../../../src/base/entry";
import { patchesOf, testSet, trainingBatch } from "../data";
import { CLASSES } from "../digits";
import { batchAround, type Experiment, type PerNetwork, perNetwork, softmax } from "../experiment";
import { PIXELS } from "../pen";
import { learningRateAt, OUTPUTS, type Spec } from "../spec";
import { createNetwork } from "./network";

export function createFloat64Experiment(spec: Spec): Experiment {
  const networks = perNetwork(spec, (kind, seed) =>
    createNetwork(spec, entryAt(spec.kinds, kind), seed),
  );
  const networkOf = (kind: number, seed: number) => entryAt(entryAt(networks, kind), seed);
  const losses: PerNetwork<number>[] = [];
  const test = testSet(spec);

  function step(): void {
    const learningRate = learningRateAt(spec, losses.length);
    const batches = Array.from({ length: spec.seeds }, (_, seed) => {
      const { pictures, labels } = trainingBatch(spec, seed, losses.length);
      return { x: inputOf(spec, pictures), labels };
    });
    losses.push(
      perNetwork(spec, (kind, seed) => {
        const { x, labels } = entryAt(batches, seed);
        return networkOf(kind, seed).train(x, labels, learningRate);
      }),
    );
  }

  return {
    spec,
    losses,
    async train(steps) {
      const last = Math.min(spec.steps, losses.length + steps);
      while (losses.length < last) step();
    },
    async evaluate(statistics) {
      const size = spec.batch * PIXELS;
      return perNetwork(spec, (kind, seed) => {
        let wrong = 0;
        for (let first = 0; first < spec.testDigits; first += spec.batch) {
          const pictures = test.pictures.subarray(first * PIXELS, first * PIXELS + size);
          const logits = networkOf(kind, seed).logits(inputOf(spec, pictures), statistics);
          for (let i = 0; i < spec.batch; i++) {
            const scores = [...logits.subarray(i * OUTPUTS, i * OUTPUTS + CLASSES)];
            const best = scores.indexOf(Math.max(...scores));
            if (best !== entryAt(test.labels, first + i)) wrong++;
          }
        }
        return wrong / spec.testDigits;
      });
    },
    async answers(picture, { statistics, neighbours }) {
      const x = inputOf(spec, batchAround(spec, picture, neighbours));
      return perNetwork(spec, (kind, seed) =>
        softmax(networkOf(kind, seed).logits(x, statistics), CLASSES),
      );
    },
    networks: async () => perNetwork(spec, (kind, seed) => networkOf(kind, seed).layers),
    destroy() {},
  };
}

const inputOf = (spec: Spec, pictures: Float32Array) => new Float64Array(patchesOf(spec, pictures));
