// All networks of an experiment are lanes of one tensor. This file joins their layers, and records
// into a compute pass what the networks do.

import { entryAt } from "../../src/base/entry";
import type { Context } from "../../src/index";
import type { Statistics } from "./experiment";
import { type Kernels, STEP_BYTES, WORKGROUP } from "./kernels";
import { type Activation, createLayer, type LayerLanes, type Shared } from "./layer_lanes";
import { createMemory, type Memory } from "./memory";
import { createNormParameters, type NormParameters } from "./norm_parameters";
import { PIXELS } from "./pen";
import type { Spec } from "./spec";

type Pass = GPUComputePassEncoder;

export interface Lanes {
  readonly memory: Memory;
  /** Digits of all steps, and their classes. */
  readonly pictures: GPUBuffer;
  readonly labels: GPUBuffer;
  /** The steps, each at a multiple of STEP_BYTES. */
  readonly steps: GPUBuffer;
  /** Mean loss and number of errors, [step][kind][seed][2]. */
  readonly results: GPUBuffer;
  readonly layers: readonly LayerLanes[];
  readonly parameters: NormParameters;
  /** Records a step of training. */
  train(pass: Pass, step: number): void;
  /** Records answers and losses, which change no network. */
  evaluate(pass: Pass, step: number, statistics: Statistics): void;
  destroy(): void;
}

/** Makes the arrays of all lanes, with room for these rows of digits and these steps. */
export function createLanes(
  context: Context,
  spec: Spec,
  kernels: Kernels,
  room: { readonly rows: number; readonly steps: number },
): Lanes {
  const [kinds, { seeds }] = [spec.kinds.length, spec];
  const memory = createMemory(context);
  const pictures = memory.zeros("pictures", room.rows * PIXELS);
  const labels = memory.zeros("labels", room.rows);
  const steps = memory.uniform("steps", new Uint32Array((room.steps * STEP_BYTES) / 4));
  const results = memory.zeros("results", room.steps * kinds * seeds * 2);
  const parameters = createNormParameters(memory, spec);

  const shared: Shared = { context, spec, kernels, memory, steps, parameters };
  const layers: LayerLanes[] = [];
  let input: Activation = { values: pictures };
  for (const [index, layer] of spec.layers.entries()) {
    const made = createLayer(shared, index, layer, input);
    layers.push(made);
    input = made.y;
  }
  const { uniform: layer, z } = entryAt(layers, layers.length - 1);
  const { gradients, parameters: trained, velocities } = parameters.buffers;
  const loss = kernels.loss.bind(
    { layer, steps, arrays: [z.values, labels, z.gradients, results] },
    [1, seeds, kinds],
  );
  const momentum = kernels.momentum.bind(
    { layer, steps, arrays: [gradients, trained, velocities] },
    [parameters.words / WORKGROUP, 1, 1],
  );
  return {
    ...{ memory, pictures, labels, steps, results, layers, parameters },
    train(pass, step) {
      for (const { forward, norms } of layers) {
        forward(pass, step);
        for (const norm of norms) norm.train(pass);
      }
      loss(pass, step);
      for (const { norms, inputGradient, weightGradient } of layers.toReversed()) {
        for (const norm of norms) norm.backward(pass);
        inputGradient?.(pass, step); // by the weights as they were
        weightGradient(pass, step);
      }
      momentum(pass, step);
    },
    evaluate(pass, step, statistics) {
      for (const { forward, norms } of layers) {
        forward(pass, step);
        for (const norm of norms) norm.evaluate[statistics](pass);
      }
      loss(pass, step);
    },
    destroy() {
      for (const { norms } of layers) for (const norm of norms) norm.destroy();
      memory.destroy();
    },
  };
}
