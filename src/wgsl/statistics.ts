// The statistics that a problem can be about, as the shader files that measure and apply them.

import * as files from "./files";
import type { Module } from "./link";

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
const MEAN = { streamed: files.pivotSample, held: files.pivotRegistersMean };
const LARGEST = { streamed: files.pivotLargest, held: files.pivotRegistersLargest };

export const MOMENTS: Kind = {
  name: "moments",
  statistic: [files.statisticMoments],
  known: files.factorRsqrt,
  form: [files.applyCentered],
  pivot: MEAN,
};

export const RENORM: Kind = {
  ...MOMENTS,
  name: "renormalized moments",
  form: [files.applyRenormed],
};

export const DEVIATION: Kind = {
  name: "deviation",
  statistic: [files.statisticMoments],
  known: files.factorDeviation,
  form: [files.applyDeviated],
  pivot: MEAN,
};

export const MEAN_SQUARE: Kind = {
  name: "mean square",
  statistic: [files.statisticSum, files.magnitudeSquare],
  known: files.factorRsqrt,
  form: [files.applyScaled],
  pivot: ZERO,
};

export const NORM_1: Kind = {
  name: "1-norm",
  statistic: [files.statisticSum, files.magnitudeAbs],
  known: files.factorQuotient,
  form: [files.applyScaled],
  pivot: ZERO,
};

export const NORM_2: Kind = {
  name: "2-norm",
  statistic: [files.statisticSum, files.magnitudeSquare],
  known: files.factorQuotient,
  form: [files.applyScaled],
  pivot: ZERO,
};

export const NORM_P: Kind = {
  name: "p-norm",
  statistic: [files.statisticSum, files.magnitudePower],
  known: files.factorQuotient,
  form: [files.applyScaled],
  pivot: ZERO,
};

export const NORM_INFINITY: Kind = {
  name: "infinity norm",
  statistic: [files.statisticLargest, files.magnitudeAbs],
  known: files.factorQuotient,
  form: [files.applyScaled],
  pivot: ZERO,
};

export const MEAN_MAGNITUDE: Kind = {
  ...NORM_1,
  name: "mean magnitude",
  known: files.factorMeanMagnitude,
};

/** x as it is. */
export const IDENTITY: Kind = { ...MEAN_SQUARE, name: "identity", form: [files.applyIdentity] };

/** x times a factor that is given. */
export const SCALED: Kind = { ...MEAN_SQUARE, name: "given factor" };

export const DYNAMIC_TANH: Kind = {
  ...MEAN_SQUARE,
  name: "dynamic tanh",
  form: [files.applyTanh, files.hyperbolic, files.hyperbolicSlope],
};

export const SOFTMAX: Kind = {
  name: "softmax",
  statistic: [files.statisticExpSum, files.exponential],
  known: files.factorReciprocal,
  form: [files.applyExponential, files.exponential],
  pivot: LARGEST,
};

export const LOG_SOFTMAX: Kind = {
  name: "log softmax",
  statistic: [files.statisticExpSum, files.exponential],
  known: files.factorLogarithm,
  form: [files.applyLogarithmic, files.exponential],
  pivot: LARGEST,
};
