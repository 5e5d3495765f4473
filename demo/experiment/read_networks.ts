// Parameters of all networks come back from the GPU.

import { entryAt } from "../../src/base/entry";
import type { Tensor } from "../../src/index";
import { type LayerState, type PerNetwork, perNetwork } from "./experiment";
import type { Lanes } from "./lanes";
import type { Spec } from "./spec";
import { weightCount } from "./weights";

export async function readNetworks(
  { layers, memory, parameters }: Lanes,
  spec: Spec,
): Promise<PerNetwork<readonly LayerState[]>> {
  const { kinds, seeds } = spec;
  const read = await Promise.all(
    spec.layers.map(async (layer, index) => {
      const lanes = entryAt(layers, index);
      const count = weightCount(layer);
      const norms = lanes.norms.map(async (_, kind) => {
        const parts = parameters.of(index, kind);
        const [weight, bias] = await both(parts.parameters);
        const [runningMean, runningVar] = await both(parts.running);
        return { weight, bias, runningMean, runningVar };
      });
      return {
        count,
        channels: layer.outChannels,
        weights: await memory.view(lanes.weights, 0, [kinds.length * seeds, count]).read(),
        norms: await Promise.all(norms),
      };
    }),
  );
  return perNetwork(spec, (kind, seed) =>
    read.map(({ count, channels, weights, norms }): LayerState => {
      const lane = kind * seeds + seed;
      const norm = norms[kind];
      const own = (values: Float32Array) => values.subarray(seed * channels, (seed + 1) * channels);
      return {
        weights: weights.subarray(lane * count, (lane + 1) * count),
        ...(norm && {
          norm: {
            weight: own(norm.weight),
            bias: own(norm.bias),
            runningMean: own(norm.runningMean),
            runningVar: own(norm.runningVar),
          },
        }),
      };
    }),
  );
}

const both = ([a, b]: readonly [Tensor, Tensor]) => Promise.all([a.read(), b.read()]);
