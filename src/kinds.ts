// The statistics that a problem can be about, as the shader files that measure and apply them.

import type { Module } from "./link";
import * as files from "./modules";

export interface Kind {
  readonly name: string;
  /** What is measured. */
  readonly statistic: readonly Module[];
  /** What is made of it. */
  readonly known: Module;
  /** What that makes of x. */
  readonly form: readonly Module[];
  /** What is subtracted while measuring: read again, or held in registers. */
  readonly pivot: { readonly streamed: Module; readonly held: Module };
}

const ZERO = { streamed: files.pivotZero, held: files.pivotZero };
const MEAN = { streamed: files.pivotSample, held: files.pivotHeldMean };
const LARGEST = { streamed: files.pivotLargest, held: files.pivotHeldLargest };

export const MOMENTS: Kind = {
  name: "moments",
  statistic: [files.statisticMoments],
  known: files.knownRsqrt,
  form: [files.formCentered],
  pivot: MEAN,
};

export const RENORM: Kind = {
  ...MOMENTS,
  name: "renormalized moments",
  form: [files.formRenormed],
};

export const DEVIATION: Kind = {
  name: "deviation",
  statistic: [files.statisticMoments],
  known: files.knownDeviation,
  form: [files.formDeviated],
  pivot: MEAN,
};

export const MEAN_SQUARE: Kind = {
  name: "mean square",
  statistic: [files.statisticSum, files.magnitudeSquare],
  known: files.knownRsqrt,
  form: [files.formScaled],
  pivot: ZERO,
};

export const NORM_1: Kind = {
  name: "1-norm",
  statistic: [files.statisticSum, files.magnitudeAbs],
  known: files.knownQuotient,
  form: [files.formScaled],
  pivot: ZERO,
};

export const NORM_2: Kind = {
  name: "2-norm",
  statistic: [files.statisticSum, files.magnitudeSquare],
  known: files.knownQuotient,
  form: [files.formScaled],
  pivot: ZERO,
};

export const NORM_P: Kind = {
  name: "p-norm",
  statistic: [files.statisticSum, files.magnitudePower],
  known: files.knownQuotient,
  form: [files.formScaled],
  pivot: ZERO,
};

export const NORM_INFINITY: Kind = {
  name: "infinity norm",
  statistic: [files.statisticLargest, files.magnitudeAbs],
  known: files.knownQuotient,
  form: [files.formScaled],
  pivot: ZERO,
};

export const MEAN_MAGNITUDE: Kind = {
  ...NORM_1,
  name: "mean magnitude",
  known: files.knownMeanMagnitude,
};

/** x as it is. */
export const IDENTITY: Kind = { ...MEAN_SQUARE, name: "identity", form: [files.formIdentity] };

/** x times a factor that is given. */
export const SCALED: Kind = { ...MEAN_SQUARE, name: "given factor" };

export const DYNAMIC_TANH: Kind = {
  ...MEAN_SQUARE,
  name: "dynamic tanh",
  form: [files.formTanh, files.hyperbolic, files.hyperbolicSlope],
};

export const SOFTMAX: Kind = {
  name: "softmax",
  statistic: [files.statisticExpSum, files.exponential],
  known: files.knownReciprocal,
  form: [files.formExponential, files.exponential],
  pivot: LARGEST,
};

export const LOG_SOFTMAX: Kind = {
  name: "log softmax",
  statistic: [files.statisticExpSum, files.exponential],
  known: files.knownLogarithm,
  form: [files.formLogarithmic, files.exponential],
  pivot: LARGEST,
};
