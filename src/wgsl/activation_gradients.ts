// This file adds the derivatives of activations, for backwards.

import { type Activation, type ActivationName, NO_ACTIVATION } from "./activations";
import * as files from "./files";
import type { Fragment } from "./link";

const DERIVATIVES: Record<ActivationName, readonly Fragment[]> = {
  relu: [files.activationSlopeRelu],
  silu: [files.activationSlopeSilu],
  gelu: [files.activationSlopeGelu],
  geluTanh: [files.activationSlopeGeluTanh],
  hardswish: [files.activationSlopeHardswish],
  tanh: [files.stableTanhSlope, files.activationSlopeTanh],
  sigmoid: [files.activationSlopeSigmoid],
};

/** Adds the derivative's file. `none` contains both already. */
export function withDerivative(activation: Activation): Activation {
  const { name, files } = activation;
  if (activation === NO_ACTIVATION) return activation;
  return { name, files: [...files, ...DERIVATIVES[name as ActivationName]] };
}
