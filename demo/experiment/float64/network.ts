// One network in float64 does what a lane does on the GPU: for visitors without one, and for tests.

import { entryAt } from "../../../src/base/entry";
import { memoize } from "../../../src/base/memoize";
import { CLASSES } from "../digits";
import { type Statistics, softmax } from "../experiment";
import type { Kind } from "../kinds";
import { isNormalized, type Layer, OUTPUTS, SGD_MOMENTUM, type Spec } from "../spec";
import { firstWeights } from "../weights";
import { convolve, inputGradient, weightGradient } from "./convolution";
import { firstNorm, type NormState, normalize, normGradients, updateRunning } from "./norm";

/** The value at an index that is there. Engines make fast code of it, as it meets one type of array. */
const at = (values: Float64Array, index: number) => values[index] as number;

interface LayerOfNetwork {
  readonly layer: Layer;
  readonly weights: Float64Array;
  readonly norm?: NormState;
}

export interface Network {
  readonly layers: readonly LayerOfNetwork[];
  /** Trains on a batch; returns the mean loss. */
  train(x: Float64Array, labels: Uint32Array, learningRate: number): number;
  /** The answers before the softmax, [example][output]. */
  logits(x: Float64Array, statistics: Statistics): Float64Array;
}

export function createNetwork(spec: Spec, kind: Kind, seed: number): Network {
  const { batch } = spec;
  const layers = spec.layers.map((layer): LayerOfNetwork => {
    const weights = new Float64Array(firstWeights(spec.layers, layer, seed));
    return { layer, weights, ...(isNormalized(spec, layer) && { norm: firstNorm(layer) }) };
  });
  const velocities = new Map<Float64Array, Float64Array>();

  /** Gradient descent with momentum. */
  function descend(values: Float64Array, gradient: Float64Array, learningRate: number): void {
    const velocity = memoize(velocities, values, () => new Float64Array(values.length));
    for (let i = 0; i < values.length; i++) {
      velocity[i] = SGD_MOMENTUM * at(velocity, i) + at(gradient, i);
      values[i] = at(values, i) - learningRate * at(velocity, i);
    }
  }

  /** The input of each layer and of the loss, with what each norm found. */
  function forward(x: Float64Array, statistics: Statistics) {
    let input = x;
    const inputs = [x];
    const found = layers.map(({ layer, weights, norm }) => {
      input = convolve(layer, batch, input, weights);
      const normalized = norm && normalize(kind, layer, batch, input, norm, statistics);
      if (normalized) input = normalized.y;
      inputs.push(input);
      return normalized;
    });
    return { inputs, found, logits: input };
  }

  return {
    layers,
    logits: (x, statistics) => forward(x, statistics).logits,
    train(x, labels, learningRate) {
      const { inputs, found, logits } = forward(x, "batch");
      const { loss, gradient } = crossEntropy(logits, labels);
      let dy = gradient;
      for (const [index, { layer, weights, norm }] of [...layers.entries()].reverse()) {
        const normalized = found[index];
        let dz = dy;
        if (norm && normalized) {
          const gradients = normGradients(layer, dy, normalized, norm);
          dz = gradients.dx;
          if (kind.norm === "batch") updateRunning(norm, normalized);
          descend(norm.weight, gradients.dWeight, learningRate);
          descend(norm.bias, gradients.dBias, learningRate);
        }
        dy = index > 0 ? inputGradient(layer, batch, dz, weights) : dz;
        descend(weights, weightGradient(layer, batch, entryAt(inputs, index), dz), learningRate);
      }
      return loss;
    },
  };
}

/** The mean loss of a batch, and its gradient by the logits. */
function crossEntropy(logits: Float64Array, labels: Uint32Array) {
  const gradient = new Float64Array(logits.length);
  let loss = 0;
  for (const [example, label] of labels.entries()) {
    const start = example * OUTPUTS;
    const probabilities = softmax(logits.subarray(start), CLASSES);
    loss -= Math.log(entryAt(probabilities, label)) / labels.length;
    for (const [c, p] of probabilities.entries()) {
      gradient[start + c] = (p - (c === label ? 1 : 0)) / labels.length;
    }
  }
  return { loss, gradient };
}
