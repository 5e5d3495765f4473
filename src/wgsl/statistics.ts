// The statistics that a problem can be about, as the shader files that measure and apply them.

import * as files from "./files";
import type { Fragment } from "./link";

export interface StatisticKind {
  readonly name: string;
  /** What is measured. */
  readonly statistic: readonly Fragment[];
  /** What is made of it; without a statistic nothing. */
  readonly factor: Fragment;
  /** What that makes of x. */
  readonly apply: readonly Fragment[];
  /** What else the normalizer is made of. */
  readonly extra?: NormalizerExtra;
  /** How y is written, where it is not made of the normalizer. */
  readonly write?: Fragment;
  /** What is subtracted while measuring: read again, or held in registers. */
  readonly pivot: { readonly streamed: Fragment; readonly registers: Fragment };
}

/** Gain and offset of the normalized x, from arrays of the caller's. */
interface NormalizerExtra {
  readonly file: Fragment;
  readonly arrays: readonly ["runningMean" | "d", "runningVar" | "r"];
  readonly stored: Fragment; // reads them where an earlier pass stored them
}

const ZERO = { streamed: files.pivotZero, registers: files.pivotZero };
const MEAN = { streamed: files.pivotSample, registers: files.pivotRegistersMean };
const LARGEST = { streamed: files.pivotLargest, registers: files.pivotRegistersLargest };

export const MOMENTS: StatisticKind = {
  name: "moments",
  statistic: [files.statisticMoments],
  factor: files.factorRsqrt,
  apply: [files.applyCentered],
  pivot: MEAN,
};

/** Batch renormalization by running statistics. */
export const RENORMALIZED_BY_RUNNING: StatisticKind = {
  name: "renormalized by running statistics",
  statistic: [files.statisticMoments],
  factor: files.factorRsqrt,
  apply: [files.applyRenormed],
  pivot: MEAN,
  extra: {
    file: files.renormRunning,
    arrays: ["runningMean", "runningVar"],
    stored: files.renormArrays,
  },
};

/** Batch renormalization by what its forward saved. */
export const RENORMALIZED_BY_SAVED: StatisticKind = {
  name: "renormalized by saved statistics",
  statistic: [files.statisticMoments],
  factor: files.factorRsqrt,
  apply: [files.applyRenormed],
  pivot: MEAN,
  extra: { file: files.renormSaved, arrays: ["d", "r"], stored: files.renormArrays },
};

export const DEVIATION: StatisticKind = {
  name: "deviation",
  statistic: [files.statisticMoments],
  factor: files.factorDeviation,
  apply: [files.applyDeviated],
  pivot: MEAN,
};

export const MEAN_SQUARE: StatisticKind = {
  name: "mean square",
  statistic: [files.statisticSum, files.magnitudeSquare],
  factor: files.factorRsqrt,
  apply: [files.applyScaled],
  pivot: ZERO,
};

export const NORM_1: StatisticKind = {
  name: "1-norm",
  statistic: [files.statisticSum, files.magnitudeAbs],
  factor: files.factorQuotient,
  apply: [files.applyScaled],
  pivot: ZERO,
};

export const NORM_2: StatisticKind = {
  name: "2-norm",
  statistic: [files.statisticSum, files.magnitudeSquare],
  factor: files.factorQuotient,
  apply: [files.applyScaled],
  pivot: ZERO,
};

export const NORM_P: StatisticKind = {
  name: "p-norm",
  statistic: [files.statisticSum, files.magnitudePower],
  factor: files.factorQuotient,
  apply: [files.applyScaled],
  pivot: ZERO,
};

export const NORM_INFINITY: StatisticKind = {
  name: "infinity norm",
  statistic: [files.statisticLargest, files.magnitudeAbs],
  factor: files.factorQuotient,
  apply: [files.applyScaled],
  pivot: ZERO,
};

export const MEAN_MAGNITUDE: StatisticKind = {
  name: "mean magnitude",
  statistic: [files.statisticSum, files.magnitudeAbs],
  factor: files.factorMeanMagnitude,
  apply: [files.applyScaled],
  pivot: ZERO,
};

/** x as it is. */
export const IDENTITY: StatisticKind = {
  name: "identity",
  statistic: [],
  factor: files.storedNothing,
  pivot: ZERO,
  apply: [files.applyIdentity],
};

/** LocalResponseNorm: x over a power of the squares around it. */
export const NEIGHBOURS: StatisticKind = {
  name: "neighbours",
  statistic: [],
  factor: files.storedNothing,
  pivot: ZERO,
  apply: [files.applyIdentity],
  write: files.writeLrn,
};

export const NEIGHBOURS_GRADIENT_TERMS: StatisticKind = {
  name: "neighbours' gradient terms",
  statistic: [],
  factor: files.storedNothing,
  pivot: ZERO,
  apply: [files.applyIdentity],
  write: files.writeLrnGradientTerms,
};

export const NEIGHBOURS_GRADIENT: StatisticKind = {
  name: "neighbours' gradient",
  statistic: [],
  factor: files.storedNothing,
  pivot: ZERO,
  apply: [files.applyIdentity],
  write: files.writeLrnGradient,
};

/** x times a factor that is given. */
export const GIVEN_FACTOR: StatisticKind = {
  name: "given factor",
  statistic: [],
  factor: files.storedNothing,
  pivot: ZERO,
  apply: [files.applyScaled],
};

export const DYNAMIC_TANH: StatisticKind = {
  name: "dynamic tanh",
  statistic: [],
  factor: files.storedNothing,
  pivot: ZERO,
  apply: [files.applyTanh, files.stableTanh, files.stableTanhSlope],
};

export const SOFTMAX: StatisticKind = {
  name: "softmax",
  statistic: [files.statisticExpSum, files.stableExp],
  factor: files.factorReciprocal,
  apply: [files.applyExponential, files.stableExp],
  pivot: LARGEST,
};

export const LOG_SOFTMAX: StatisticKind = {
  name: "log softmax",
  statistic: [files.statisticExpSum, files.stableExp],
  factor: files.factorLogarithm,
  apply: [files.applyLogarithmic, files.stableExp],
  pivot: LARGEST,
};
