// The derivatives of what may follow a norm, for the way back.

import { type Activation, type ActivationName, NO_ACTIVATION } from "./activations";
import type { Module } from "./link";
import * as files from "./modules";

const SLOPES: Record<ActivationName, readonly Module[]> = {
  relu: [files.slopeRelu],
  silu: [files.slopeSilu],
  gelu: [files.slopeGelu],
  geluTanh: [files.slopeGeluTanh],
  hardswish: [files.slopeHardswish],
  tanh: [files.hyperbolicSlope, files.slopeTanh],
  sigmoid: [files.slopeSigmoid],
};

/** The same with its slope, which all have but that of none, whose file has both. */
export function withSlope(activation: Activation): Activation {
  const { name, files } = activation;
  if (activation === NO_ACTIVATION) return activation;
  return { name, files: [...files, ...SLOPES[name as ActivationName]] };
}
