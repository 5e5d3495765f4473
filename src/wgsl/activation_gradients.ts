// This file adds the derivatives of activations, for backwards.

import { type Activation, type ActivationName, NO_ACTIVATION } from "./activations";
import * as files from "./files";
import type { Fragment } from "./link";

const DERIVATIVES: Record<ActivationName, readonly Fragment[]> = {
  relu: [files.activationSlopeRelu],
  silu: [files.activationSlopeSwish],
  gelu: [files.activationSlopeGelu],
  geluTanh: [files.activationSlopeGeluTanh],
  hardswish: [files.activationSlopeHardswish],
  tanh: [files.stableTanhSlope, files.activationSlopeTanh],
  sigmoid: [files.activationSlopeSigmoid],
  quickGelu: [files.activationSlopeSwish],
  swish: [files.activationSlopeSwish],
  leakyRelu: [files.activationSlopeLeakyRelu],
  prelu: [files.activationSlopeLeakyRelu],
  relu6: [files.activationSlopeRelu6],
  relu2: [files.activationSlopeRelu2],
  hardSigmoid: [files.activationSlopeHardSigmoid],
  softplus: [files.activationSlopeSoftplus],
  mish: [files.activationSlopeMish],
};

/** Adds the derivative's file. `none` contains both already. */
export function withDerivative(activation: Activation): Activation {
  const { name, files } = activation;
  if (activation === NO_ACTIVATION) return activation;
  return { ...activation, files: [...files, ...DERIVATIVES[name as ActivationName]] };
}
