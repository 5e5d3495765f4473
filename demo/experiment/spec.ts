// A spec states an experiment as data: the layers, the kinds of norms, and how they are trained.

import { batchNormOver, groupNormOf, type Kind, valuesPerStatistic } from "./kinds";
import { PIXELS } from "./pen";

/**
 * A layer is a convolution without bias, and except for the last one a norm and a ReLU. Pictures are
 * square. A dense layer is a convolution from one pixel to one pixel.
 */
export interface Layer {
  readonly inSide: number;
  readonly inChannels: number;
  readonly outSide: number;
  readonly outChannels: number;
  readonly kernel: number;
  readonly stride: number;
  readonly padding: number;
}

export interface Spec {
  readonly name: string;
  readonly layers: readonly Layer[];
  readonly kinds: readonly Kind[];
  /** Each kind is trained this often, from other weights and on other digits. */
  readonly seeds: number;
  /** The number of steps of stochastic gradient descent. */
  readonly steps: number;
  /** Examples of a step: a multiple of 4. */
  readonly batch: number;
  /** The learning rate of the first step. It falls to 0 along a cosine. */
  readonly learningRate: number;
  /** Of 0, neat, to 1, hardly readable. */
  readonly hard: number;
  /** Digits that no network is trained on: a multiple of `batch`. */
  readonly testDigits: number;
}

/** Velocity of gradient descent that stays from step to step, and PyTorch's default for statistics. */
export const SGD_MOMENTUM = 0.9;
export const RUNNING_MOMENTUM = 0.1;

/** The ten classes, padded to whole vectors of four; the weights of the padding stay 0. */
export const OUTPUTS = 12;

const dense = (inChannels: number, outChannels: number): Layer => ({
  ...{ inSide: 1, inChannels, outSide: 1, outChannels },
  ...{ kernel: 1, stride: 1, padding: 0 },
});

const mlp = (...widths: readonly number[]): Layer[] =>
  widths.map((width, i) => dense(widths[i - 1] ?? PIXELS, width));

const common = { steps: 512, batch: 32, testDigits: 512 };

/** The batch size against two norms: what the page trains. */
export const MLP: Spec = {
  ...common,
  name: "256-64-64-10",
  layers: mlp(64, 64, OUTPUTS),
  kinds: [...[32, 16, 8, 4, 2].map(batchNormOver), groupNormOf(4)],
  seeds: 1,
  learningRate: 0.05,
  hard: 0.5,
};

/** Three points of the curve, for a slow device. */
export const SMALL: Spec = {
  ...MLP,
  name: "256-32-32-10",
  layers: mlp(32, 32, OUTPUTS),
  kinds: [batchNormOver(32), batchNormOver(2), groupNormOf(4)],
  testDigits: 256,
};

const conv = (inSide: number, inChannels: number, outChannels: number, stride: number): Layer => ({
  ...{ inSide, inChannels, outSide: inSide / stride, outChannels },
  ...{ kernel: 3, stride, padding: 1 },
});

/** Maps of 8 x 8 to 2 x 2 pixels: statistics have more values, and a batch of one can train. */
export const CONV: Spec = {
  ...common,
  name: "conv 4-8-16-32-10",
  layers: [
    conv(8, 4, 8, 1), // of patches of 2 x 2 pixels
    conv(8, 8, 16, 2),
    conv(4, 16, 32, 2),
    {
      inSide: 2,
      inChannels: 32,
      outSide: 1,
      outChannels: OUTPUTS,
      kernel: 2,
      stride: 2,
      padding: 0,
    },
  ],
  kinds: [...[32, 8, 2, 1].map(batchNormOver), groupNormOf(2)],
  seeds: 1,
  learningRate: 0.1,
  hard: 0.7,
};

/** All layers but the last one have a norm. */
export const normalizedLayers = ({ layers }: Spec) => layers.slice(0, -1);
export const isNormalized = ({ layers }: Spec, layer: Layer) => layer !== layers.at(-1);

/** The fewest values that a statistic of this kind has anywhere in the network. */
export function fewestValues(spec: Spec, kind: Kind): number {
  const counts = normalizedLayers(spec).map((layer) =>
    valuesPerStatistic(kind, layer.outChannels, layer.outSide),
  );
  return Math.min(...counts);
}

export function learningRateAt({ learningRate, steps }: Spec, step: number): number {
  return (learningRate / 2) * (1 + Math.cos((Math.PI * step) / steps));
}
