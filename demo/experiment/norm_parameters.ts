// The weights and biases of all norms lie in one buffer, so that one dispatch trains them; so do their
// gradients, their velocities and the running statistics, in the same order.

import type { Tensor } from "../../src/index";
import type { Memory } from "./memory";
import { normalizedLayers, type Spec } from "./spec";

/** Slices that a pass writes side by side begin at multiples of 256 bytes. */
const SLICE = 64;

/** Two values a channel: weight and bias, or mean and variance. */
export type Pair = readonly [Tensor, Tensor];

export interface NormParts {
  readonly parameters: Pair;
  readonly gradients: Pair;
  readonly running: Pair;
  /** This takes updates where the running statistics are to stay. */
  readonly thrown: Pair;
}

export interface NormParameters {
  readonly buffers: Readonly<Record<"gradients" | "parameters" | "velocities", GPUBuffer>>;
  readonly words: number;
  /** The parts of a normalized layer and a kind, by their numbers. */
  of(layer: number, kind: number): NormParts;
}

export function createNormParameters(memory: Memory, spec: Spec): NormParameters {
  const channels = normalizedLayers(spec).map(({ outChannels }) => spec.seeds * outChannels);
  const slices = channels.map((count) => Math.ceil(count / SLICE) * SLICE);
  const starts = slices.map((_, i) =>
    slices.slice(0, i).reduce((sum, slice) => sum + 2 * slice * spec.kinds.length, 0),
  );
  const words = slices.reduce((sum, slice) => sum + 2 * slice * spec.kinds.length, 0);

  /** First the one value, then the other, in the slices of each layer and kind. */
  const alternating = (first: number, second: number) => {
    const data = new Float32Array(words);
    slices.forEach((slice, i) => {
      for (let kind = 0; kind < spec.kinds.length; kind++) {
        const at = (starts[i] ?? 0) + 2 * kind * slice;
        data.fill(first, at, at + slice).fill(second, at + slice, at + 2 * slice);
      }
    });
    return data;
  };
  const buffers = {
    parameters: memory.storage("norm parameters", alternating(1, 0)),
    gradients: memory.zeros("norm gradients", words),
    velocities: memory.zeros("norm velocities", words),
  };
  const running = memory.storage("running statistics", alternating(0, 1));
  const thrown = memory.zeros("statistics to throw away", words);
  return {
    buffers,
    words,
    of(layer, kind) {
      const [slice = 0, count = 0] = [slices[layer], channels[layer]];
      const at = (starts[layer] ?? 0) + 2 * kind * slice;
      const pair = (buffer: GPUBuffer): Pair => [
        memory.view(buffer, at, [count]),
        memory.view(buffer, at + slice, [count]),
      ];
      const { parameters, gradients } = buffers;
      return {
        parameters: pair(parameters),
        gradients: pair(gradients),
        running: pair(running),
        thrown: pair(thrown),
      };
    },
  };
}
