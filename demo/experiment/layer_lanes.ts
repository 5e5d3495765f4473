// One layer of all networks: its arrays, and the recordings of its kernels and norms.

import type { Context } from "../../src/index";
import { CLASSES } from "./digits";
import { type KernelName, type Kernels, type Recording, WORKGROUP } from "./kernels";
import type { Memory } from "./memory";
import { createNormLayer, type NormLayer } from "./norm_layer";
import type { NormParameters } from "./norm_parameters";
import { isNormalized, type Layer, type Spec } from "./spec";
import { firstWeights, weightCount } from "./weights";

/** An array of values and their gradients. */
export interface Activation {
  readonly values: GPUBuffer;
  /** The digits have none. */
  readonly gradients?: GPUBuffer;
}

export interface LayerLanes {
  readonly uniform: GPUBuffer;
  /** [kind][seed][tap][input channel][output channel] */
  readonly weights: GPUBuffer;
  /** The result of the convolution, and that of the norm. */
  readonly z: Required<Activation>;
  readonly y: Required<Activation>;
  readonly forward: Recording;
  readonly inputGradient: Recording | undefined;
  readonly weightGradient: Recording;
  /** A norm for each kind; none in the last layer. */
  readonly norms: readonly NormLayer[];
}

/** What the layers of an experiment share. */
export interface Shared {
  readonly context: Context;
  readonly spec: Spec;
  readonly kernels: Kernels;
  readonly memory: Memory;
  readonly steps: GPUBuffer;
  readonly parameters: NormParameters;
}

/** Makes the layer with this number; x is the digits, or the result of the layer before. */
export function createLayer(
  shared: Shared,
  index: number,
  layer: Layer,
  x: Activation,
): LayerLanes {
  const { spec, kernels, memory, steps } = shared;
  const uniform = memory.uniform(`layer ${index}`, wordsOfLayer(spec, index, layer));
  const first = allWeights(spec, layer);
  const weights = memory.storage(`weights of layer ${index}`, first);
  const velocities = memory.zeros(`velocities of layer ${index}`, first.length);
  const activation = (name: string) => {
    const words =
      spec.kinds.length * spec.batch * layer.outSide ** 2 * spec.seeds * layer.outChannels;
    return {
      values: memory.zeros(`${name} of layer ${index}`, words),
      gradients: memory.zeros(`d${name} of layer ${index}`, words),
    };
  };
  const [z, y] = [activation("z"), activation("y")];
  const bind = (name: KernelName, invocations: number, ...arrays: GPUBuffer[]) =>
    kernels[name].bind({ layer: uniform, steps, arrays }, [
      Math.ceil(invocations / WORKGROUP),
      spec.seeds,
      spec.kinds.length,
    ]);
  // an invocation has four examples and four channels
  const inputs = (spec.batch / 4) * layer.inSide ** 2 * (layer.inChannels / 4);
  const outputs = (spec.batch / 4) * layer.outSide ** 2 * (layer.outChannels / 4);
  const dz = z.gradients;
  return {
    ...{ uniform, weights, z, y },
    forward: bind("forward", outputs, x.values, weights, z.values),
    inputGradient: x.gradients && bind("inputGradient", inputs, dz, weights, x.gradients),
    weightGradient: bind(
      "weightGradient",
      weightCount(layer) / 16,
      ...[x.values, dz, weights, velocities],
    ),
    norms: isNormalized(spec, layer) ? createNorms(shared, index, layer, z, y) : [],
  };
}

/** The norm of each kind works on its part of the activations, an NHWC tensor. */
function createNorms(
  { context, spec, memory, parameters }: Shared,
  index: number,
  layer: Layer,
  z: Required<Activation>,
  y: Required<Activation>,
): NormLayer[] {
  const shape = [spec.batch, layer.outSide, layer.outSide, spec.seeds * layer.outChannels];
  const size = shape.reduce((a, b) => a * b);
  return spec.kinds.map((kind, k) => {
    const part = (buffer: GPUBuffer) => memory.view(buffer, k * size, shape);
    return createNormLayer(context, spec, kind, layer, {
      x: part(z.values),
      y: part(y.values),
      dy: part(y.gradients),
      dx: part(z.gradients),
      ...parameters.of(index, k),
    });
  });
}

/** The first weights of all lanes: kinds begin alike. */
function allWeights({ kinds, seeds, layers }: Spec, layer: Layer): Float32Array<ArrayBuffer> {
  const count = weightCount(layer);
  const weights = new Float32Array(kinds.length * seeds * count);
  for (let seed = 0; seed < seeds; seed++) {
    const first = firstWeights(layers, layer, seed);
    for (let kind = 0; kind < kinds.length; kind++) {
      weights.set(first, (kind * seeds + seed) * count);
    }
  }
  return weights;
}

/** The words of a layer, in the order of network.wgsl. */
export function wordsOfLayer({ batch, seeds }: Spec, index: number, layer: Layer) {
  const { inSide, inChannels, outSide, outChannels, kernel, stride, padding } = layer;
  const first = index === 0 ? 1 : 0;
  const [inVectors, outVectors] = [inChannels / 4, outChannels / 4];
  return Uint32Array.of(
    ...[batch, seeds, CLASSES, first],
    ...[inSide, inVectors, outSide, outVectors, kernel, stride, padding, 0],
  );
}
