// An activation may follow a norm in the same pass.

import * as files from "./files";
import type { Fragment } from "./link";

export interface Activation {
  readonly name: string;
  readonly files: readonly Fragment[];
  readonly numbers?: ActivationNumbers; // its files read these from the uniform block
}

type ActivationNumbers = Readonly<Record<string, number>>;

export const NO_ACTIVATION: Activation = { name: "none", files: [files.activationNone] };

export const ACTIVATIONS = {
  relu: [files.activationRelu],
  silu: [files.sigmoid, files.activationSwish],
  gelu: [files.erfc, files.activationGelu],
  geluTanh: [files.sigmoid, files.activationGeluTanh],
  hardswish: [files.activationHardswish],
  tanh: [files.stableTanh, files.activationTanh],
  sigmoid: [files.sigmoid, files.activationSigmoid],
  quickGelu: [files.sigmoid, files.activationSwish],
  swish: [files.sigmoid, files.activationSwish],
  leakyRelu: [files.activationLeakyRelu],
  prelu: [files.activationLeakyRelu],
  relu6: [files.activationRelu6],
  relu2: [files.activationRelu2],
  hardSigmoid: [files.activationHardSigmoid],
  softplus: [files.sigmoid, files.activationSoftplus],
  mish: [files.activationMish],
} satisfies Record<string, readonly Fragment[]>;

export type ActivationName = keyof typeof ACTIVATIONS;

/** These activations have numbers, by default these. */
export const ACTIVATION_NUMBERS: Readonly<Record<string, ActivationNumbers>> = {
  quickGelu: { alpha: 1.702 },
  silu: { alpha: 1 },
  swish: { alpha: 1 },
  leakyRelu: { alpha: 0.01 },
  hardSigmoid: { alpha: 1 / 6, beta: 0.5 },
} satisfies { readonly [K in ActivationName]?: ActivationNumbers };
