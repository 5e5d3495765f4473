// This file has the activations and their slopes, as float64 functions that keep their digits in
// both tails.

import type { ActivationName } from "../../src/index";

export interface ActivationFunction {
  value(z: number): number;
  slope(z: number): number;
}

export type Activation = Exclude<ActivationName, "prelu">;

/** An activation by its name alone, or with numbers. */
export type AnyActivation = Activation | { name: Activation; alpha?: number; beta?: number };

/** 1 / (1 + e^-z) */
const sigmoid = (z: number) => 1 / (1 + Math.exp(-z));

/** The normal distribution: its integral to z, and its density. */
const below = (z: number) => erfc(-z * Math.SQRT1_2) / 2;
const density = (z: number) => Math.exp((-z * z) / 2) / Math.sqrt(2 * Math.PI);

/** tanh's approximation of `below` is (1 + tanh(q / 2)) / 2 = sigmoid(q) with this q. */
const STEEP = 2 * Math.sqrt(2 / Math.PI);
const bent = (z: number) => STEEP * (z + 0.044715 * z ** 3);
const bentSlope = (z: number) => STEEP * (1 + 3 * 0.044715 * z ** 2);

/** z * sigmoid(q(z)), and what z * sigmoid(q)'s slope is where q's is `steep`. */
const gated = (z: number, q: number) => z * sigmoid(q);
const gatedSlope = (z: number, q: number, steep: number) =>
  sigmoid(q) + z * sigmoid(q) * sigmoid(-q) * steep;

export const activations: Readonly<Record<Activation, ActivationFunction>> = {
  /** max(z, 0) */
  relu: { value: (z) => Math.max(z, 0), slope: (z) => (z > 0 ? 1 : 0) },
  /** z * sigmoid(z) */
  silu: { value: (z) => gated(z, z), slope: (z) => gatedSlope(z, z, 1) },
  /** z * (1 + erf(z / sqrt(2))) / 2 */
  gelu: { value: (z) => z * below(z), slope: (z) => below(z) + z * density(z) },
  /** z * (1 + tanh(sqrt(2 / pi) * (z + 0.044715 * z^3))) / 2 */
  geluTanh: {
    value: (z) => gated(z, bent(z)),
    slope: (z) => gatedSlope(z, bent(z), bentSlope(z)),
  },
  /** z * min(max(z + 3, 0), 6) / 6 */
  hardswish: {
    value: (z) => (z * Math.min(Math.max(z + 3, 0), 6)) / 6,
    slope: (z) => (z < -3 ? 0 : z > 3 ? 1 : z / 3 + 1 / 2),
  },
  /** tanh(z), 1 / cosh(z)^2 */
  tanh: { value: Math.tanh, slope: (z) => 1 / Math.cosh(z) ** 2 },
  sigmoid: { value: sigmoid, slope: (z) => sigmoid(z) * sigmoid(-z) },
  quickGelu: swish(1.702),
  swish: swish(1),
  leakyRelu: leaky(0.01),
  /** min(max(z, 0), 6) */
  relu6: {
    value: (z) => Math.min(Math.max(z, 0), 6),
    slope: (z) => (z > 0 && z < 6 ? 1 : 0),
  },
  /** max(z, 0)^2 */
  relu2: { value: (z) => Math.max(z, 0) ** 2, slope: (z) => 2 * Math.max(z, 0) },
  hardSigmoid: hardSigmoid(1 / 6, 1 / 2),
  /** log(1 + e^z) */
  softplus: { value: softplus, slope: sigmoid },
  /** z * tanh(log(1 + e^z)) */
  mish: {
    value: (z) => z * Math.tanh(softplus(z)),
    slope: (z) => Math.tanh(softplus(z)) + (z * sigmoid(z)) / Math.cosh(softplus(z)) ** 2,
  },
};

/** z * sigmoid(alpha * z) */
function swish(alpha: number): ActivationFunction {
  return {
    value: (z) => gated(z, alpha * z),
    slope: (z) => gatedSlope(z, alpha * z, alpha),
  };
}

/** z above 0, alpha * z below */
function leaky(alpha: number): ActivationFunction {
  return { value: (z) => (z > 0 ? z : alpha * z), slope: (z) => (z > 0 ? 1 : alpha) };
}

/** min(max(alpha * z + beta, 0), 1) */
function hardSigmoid(alpha: number, beta: number): ActivationFunction {
  const inner = (z: number) => alpha * z + beta;
  return {
    value: (z) => Math.min(Math.max(inner(z), 0), 1),
    slope: (z) => (inner(z) > 0 && inner(z) < 1 ? alpha : 0),
  };
}

function softplus(z: number): number {
  return Math.max(z, 0) + Math.log1p(Math.exp(-Math.abs(z)));
}

/** The function of an activation with its numbers; prelu is leakyRelu with the slope of an element. */
export function activationOf(activation: AnyActivation, slope?: number): ActivationFunction {
  if (slope !== undefined) return leaky(slope);
  if (typeof activation === "string") return activations[activation];
  const { name, alpha = 1, beta = 0 } = activation;
  if (name === "leakyRelu") return leaky(alpha);
  if (name === "hardSigmoid") return hardSigmoid(alpha, beta);
  if (name === "swish" || name === "quickGelu" || name === "silu") return swish(alpha);
  return activations[name];
}

export const nameOf = (activation: AnyActivation): Activation =>
  typeof activation === "string" ? activation : activation.name;

/** 2 / sqrt(pi) * the integral of e^(-t^2) from 0 to x */
export function erf(x: number): number {
  if (x < 0) return -erf(-x);
  return x < 1 ? erfSeries(x) : 1 - erfcFraction(x);
}

/** 1 - erf(x), to a few units of its own last digit: it does not vanish as 1 - erf(6) does. */
export function erfc(x: number): number {
  if (x < 0) return 2 - erfc(-x);
  return x < 0.5 ? 1 - erfSeries(x) : erfcFraction(x);
}

/** 2 / sqrt(pi) * e^(-x^2) * sum(2^n * x^(2n + 1) / (1 * 3 * ... * (2n + 1))), which adds only. */
function erfSeries(x: number): number {
  let term = x;
  let sum = x;
  for (let n = 1; term > 1e-18 * sum; n++) {
    term *= (2 * x * x) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-x * x) * sum;
}

/** e^(-x^2) / sqrt(pi) / (x + (1/2) / (x + (2/2) / (x + (3/2) / (x + ...)))) */
function erfcFraction(x: number): number {
  let rest = 0;
  for (let n = Math.ceil(30 + 180 / (x * x)); n > 0; n--) rest = n / 2 / (x + rest);
  return Math.exp(-x * x) / Math.sqrt(Math.PI) / (x + rest);
}
