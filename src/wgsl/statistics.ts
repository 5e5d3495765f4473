// A statistic of a problem is a set of shader files that measure and apply it.

import * as files from "./files";
import type { Fragment, ShaderFile } from "./link";

export interface StatisticKind {
  readonly name: string;
  /** These files measure the statistic. */
  readonly statistic: readonly Fragment[];
  /** This file derives the factor from the statistic. */
  readonly factor: Fragment;
  /** These files apply the normalizer to x. */
  readonly apply: readonly Fragment[];
  /** This file reads the parameters of the epilogue in another way than as they are. */
  readonly parameters?: Fragment;
  /** This file rounds the normalized x before the weight. */
  readonly cast?: Fragment;
  /** The normalizer may need more arrays. */
  readonly extra?: NormalizerExtra;
  /** This file writes y where the normalizer alone does not determine it. */
  readonly write?: Fragment;
  /** These templates write results of u8, as vectors and as single elements. */
  readonly bytes?: { readonly store4: ShaderFile; readonly store1: ShaderFile };
  /**
   * These files choose the pivot, which is subtracted while measuring: one for streamed elements,
   * one for elements in registers.
   */
  readonly pivot: { readonly streamed: Fragment; readonly registers: Fragment };
  /** The statistic is a sum and no mean, or the largest value, to which weights do not matter. */
  readonly over?: "sum" | "largest";
  /** This file gives the result under a mask, where it is that of a gradient. */
  readonly weighed?: Fragment;
  /** The factor where nothing is valid, if it is not 0. */
  readonly factorOfNothing?: number;
}

/** Gain and offset of the normalized x come from the caller's arrays of statistics. */
interface NormalizerExtra {
  readonly file: Fragment;
  readonly arrays: readonly ("runningMean" | "runningVar" | "d" | "r" | "dMean" | "dVariance")[];
  readonly stored: Fragment; // reads them from the statistics arrays of an earlier pass
}

const ZERO = { streamed: files.pivotZero, registers: files.pivotZero };
const MEAN = { streamed: files.pivotSample, registers: files.pivotRegistersMean };
const LARGEST = { streamed: files.pivotLargest, registers: files.pivotRegistersLargest };

export const MOMENTS: StatisticKind = {
  name: "moments",
  statistic: [files.statisticMoments, files.rangeRoots, files.magnitudeSquare],
  factor: files.factorRsqrt,
  apply: [files.applyCentered],
  pivot: MEAN,
};

/** Batch renormalization derives gain and offset from running statistics. */
export const RENORMALIZED_BY_RUNNING: StatisticKind = {
  name: "renormalized by running statistics",
  statistic: [files.statisticMoments, files.rangeRoots, files.magnitudeSquare],
  factor: files.factorRsqrt,
  apply: [files.applyRenormed],
  pivot: MEAN,
  extra: {
    file: files.renormRunning,
    arrays: ["runningMean", "runningVar"],
    stored: files.renormArrays,
  },
};

/** The backward of batch renormalization reads r and d, which its forward saved. */
export const RENORMALIZED_BY_SAVED: StatisticKind = {
  name: "renormalized by saved statistics",
  statistic: [files.statisticMoments, files.rangeRoots, files.magnitudeSquare],
  factor: files.factorRsqrt,
  apply: [files.applyRenormed],
  pivot: MEAN,
  extra: { file: files.renormSaved, arrays: ["d", "r"], stored: files.renormArrays },
};

/** The gradient that arrives at statistics goes to x. */
const statisticsGradient = (
  name: string,
  factor: Fragment,
  file: Fragment,
  arrays: NormalizerExtra["arrays"],
): StatisticKind => ({
  name,
  statistic: [files.statisticMoments, files.rangeRoots, files.magnitudeSquare],
  factor,
  apply: [files.applyRenormed],
  pivot: MEAN,
  extra: { file, arrays, stored: files.renormArrays },
  weighed: files.resultWeighed,
});

/** The gradient that arrives at a mean goes to x in proportion to weights. */
export const MEAN_GRADIENT: StatisticKind = {
  name: "gradient of the mean",
  statistic: [files.statisticSum, files.rangeRoots, files.magnitudeAbs],
  factor: files.factorShare,
  apply: [files.applyScaled],
  pivot: ZERO,
  weighed: files.resultWeighed,
};

export const VARIANCE_GRADIENT = /* @__PURE__ */ statisticsGradient(
  "gradient of the variance",
  files.factorVarianceGradient,
  files.renormVarianceGradient,
  ["dVariance"],
);

export const DEVIATION_GRADIENT = /* @__PURE__ */ statisticsGradient(
  "gradient of the standard deviation",
  files.factorDeviationGradient,
  files.renormVarianceGradient,
  ["dVariance"],
);

export const MOMENTS_GRADIENT = /* @__PURE__ */ statisticsGradient(
  "gradient of the moments",
  files.factorVarianceGradient,
  files.renormMomentsGradient,
  ["dMean", "dVariance"],
);

export const DEVIATION: StatisticKind = {
  name: "deviation",
  statistic: [files.statisticMoments, files.rangeRoots, files.magnitudeSquare],
  factor: files.factorDeviation,
  apply: [files.applyDeviated],
  pivot: MEAN,
  factorOfNothing: 3e38, // x is divided by it
};

/** A correction is subtracted from the number of elements. */
export const CORRECTED_MOMENTS: StatisticKind = {
  name: "corrected moments",
  statistic: [files.statisticMoments, files.rangeRoots, files.magnitudeSquare],
  factor: files.factorRsqrtCorrected,
  apply: [files.applyCentered],
  pivot: MEAN,
};

/** The eps is added to the corrected deviation. */
export const CORRECTED_DEVIATION: StatisticKind = {
  name: "corrected deviation",
  statistic: [files.statisticMoments, files.rangeRoots, files.magnitudeSquare],
  factor: files.factorDeviationCorrected,
  apply: [files.applyCentered],
  pivot: MEAN,
};

export const MEAN_SQUARE: StatisticKind = {
  name: "mean square",
  statistic: [files.statisticSum, files.rangeRoots, files.magnitudeSquare],
  factor: files.factorRsqrt,
  apply: [files.applyScaled],
  pivot: ZERO,
};

export const NORM_1: StatisticKind = {
  name: "1-norm",
  statistic: [files.statisticSum, files.rangeRoots, files.magnitudeAbs],
  factor: files.factorQuotient,
  apply: [files.applyScaled],
  pivot: ZERO,
  over: "sum",
};

export const NORM_2: StatisticKind = {
  name: "2-norm",
  statistic: [files.statisticSum, files.rangeRoots, files.magnitudeSquare],
  factor: files.factorQuotient,
  apply: [files.applyScaled],
  pivot: ZERO,
  over: "sum",
};

export const NORM_P: StatisticKind = {
  name: "p-norm",
  statistic: [files.statisticPowers, files.rangeRoots, files.magnitudePower, files.stablePower],
  factor: files.factorQuotient,
  apply: [files.applyScaled, files.stablePower],
  pivot: ZERO,
  over: "sum",
};

export const NORM_INFINITY: StatisticKind = {
  name: "infinity norm",
  statistic: [files.statisticLargest, files.rangeRoots, files.magnitudeAbs],
  factor: files.factorQuotient,
  apply: [files.applyScaled],
  pivot: ZERO,
  over: "largest",
};

export const MEAN_MAGNITUDE: StatisticKind = {
  name: "mean magnitude",
  statistic: [files.statisticSum, files.rangeRoots, files.magnitudeAbs],
  factor: files.factorMeanMagnitude,
  apply: [files.applyScaled],
  pivot: ZERO,
};

/** The identity leaves x as it is. */
export const IDENTITY: StatisticKind = {
  name: "identity",
  statistic: [],
  factor: files.storedNothing,
  pivot: ZERO,
  apply: [files.applyIdentity],
};

/** The way back from a norm's result is a matter of the epilogue alone. */
export const DENORMALIZED: StatisticKind = {
  name: "denormalized",
  statistic: [],
  factor: files.storedNothing,
  pivot: ZERO,
  apply: [files.applyIdentity, files.byteOf],
  parameters: files.parametersInverse,
  bytes: { store4: files.storeBytes4, store1: files.storeByte },
};

/** LocalResponseNorm divides x by a power of the squares around it. */
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

/** An image in a buffer has no statistic. */
export const IMAGE: StatisticKind = {
  name: "image",
  statistic: [],
  factor: files.storedNothing,
  pivot: ZERO,
  apply: [],
};

/** An image in a texture is read by a file of its own. */
export const IMAGE_TEXTURE: StatisticKind = {
  name: "image in a texture",
  statistic: [],
  factor: files.storedNothing,
  pivot: ZERO,
  apply: [files.imageTexture],
};

export const IMAGE_FLOAT_TEXTURE: StatisticKind = {
  name: "image in a texture of floats",
  statistic: [],
  factor: files.storedNothing,
  pivot: ZERO,
  apply: [files.imageTextureFloats],
};

export const IMAGE_EXTERNAL: StatisticKind = {
  name: "image in an external texture",
  statistic: [],
  factor: files.storedNothing,
  pivot: ZERO,
  apply: [files.imageExternal],
};

/** A given factor multiplies x. */
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
  apply: [files.applyBent, files.bendTanh, files.stableTanh, files.stableTanhSlope],
};

export const DYNAMIC_ERF: StatisticKind = {
  name: "dynamic erf",
  statistic: [],
  factor: files.storedNothing,
  pivot: ZERO,
  apply: [files.applyBent, files.bendErf, files.erfc],
};

export const SOFTMAX: StatisticKind = {
  name: "softmax",
  statistic: [files.statisticExpSum, files.rangeNone, files.stableExp],
  factor: files.factorReciprocal,
  apply: [files.applyExponential, files.stableExp],
  pivot: LARGEST,
};

export const LOG_SOFTMAX: StatisticKind = {
  name: "log softmax",
  statistic: [files.statisticExpSum, files.rangeNone, files.stableExp],
  factor: files.factorLogarithm,
  apply: [files.applyLogarithmic, files.stableExp],
  pivot: LARGEST,
};
