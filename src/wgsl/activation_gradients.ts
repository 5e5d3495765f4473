// The derivatives of what may follow a norm, for the way back.

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

/** The same with its slope, which all have but that of none, whose file has both. */
export function withDerivative(activation: Activation): Activation {
  const { name, files } = activation;
  if (activation === NO_ACTIVATION) return activation;
  return { name, files: [...files, ...DERIVATIVES[name as ActivationName]] };
}
