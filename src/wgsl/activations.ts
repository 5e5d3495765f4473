// An activation may follow a norm in the same pass.

import * as files from "./files";
import type { Fragment } from "./link";

export interface Activation {
  readonly name: string;
  readonly files: readonly Fragment[];
}

export const NO_ACTIVATION: Activation = { name: "none", files: [files.activationNone] };

export const ACTIVATIONS = {
  relu: [files.activationRelu],
  silu: [files.sigmoid, files.activationSilu],
  gelu: [files.activationGelu],
  geluTanh: [files.sigmoid, files.activationGeluTanh],
  hardswish: [files.activationHardswish],
  tanh: [files.stableTanh, files.activationTanh],
  sigmoid: [files.sigmoid, files.activationSigmoid],
} satisfies Record<string, readonly Fragment[]>;

export type ActivationName = keyof typeof ACTIVATIONS;
