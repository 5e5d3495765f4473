// The first weights of a network depend on its seed alone, so that all kinds begin alike.

import { Random } from "../base/random";
import { CLASSES } from "./digits";
import type { Layer } from "./spec";

/** Streams of random numbers. */
export const STREAM = { weights: 1, training: 2, test: 3, neighbours: 4, shown: 5 } as const;

export const weightCount = ({ kernel, inChannels, outChannels }: Layer) =>
  kernel ** 2 * inChannels * outChannels;

/** Weights of a layer, [tap][input channel][output channel]: He et al. 2015, less at the outputs. */
export function firstWeights(
  layers: readonly Layer[],
  layer: Layer,
  seed: number,
): Float32Array<ArrayBuffer> {
  const index = layers.indexOf(layer);
  const last = index === layers.length - 1;
  const random = new Random(STREAM.weights, seed, index);
  const deviation = (last ? 0.5 : 1) * Math.sqrt(2 / (layer.kernel ** 2 * layer.inChannels));
  return Float32Array.from({ length: weightCount(layer) }, (_, i) => {
    const padding = last && i % layer.outChannels >= CLASSES;
    return padding ? 0 : deviation * random.normal();
  });
}
