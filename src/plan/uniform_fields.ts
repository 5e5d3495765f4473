// The numbers of the uniform block beside dimensions, in the order of shaders/loop/uniforms.wgsl, as a test
// requires. A norm brings its own along (Problem.uniforms), a pass adds what it alone knows.

/** A statistics array that is not there. */
export const NONE = 0xffffffff;

/** Arrays in the statistics buffer that a pass may write. */
export const STATISTICS_ARRAYS = [
  "pivot",
  "delta",
  "factor",
  "variance", // of the population
  "mean",
  "corrected", // variance or deviation with a correction
  "first", // sums that dx needs
  "second",
  "gain", // of batch renormalization
  "offset",
] as const;

/** Where each array starts in the statistics buffer, in elements. */
export type StatisticsOffsets = { readonly [K in (typeof STATISTICS_ARRAYS)[number]]: number };

/** Arrays of statistics that a pass may read, from that buffer or from the caller's. */
export const STATISTICS_SOURCES = ["mean", "delta", "factor", "gain", "offset"] as const;

export type StatisticsSource = { readonly [K in (typeof STATISTICS_SOURCES)[number]]: number };

export const UINT_FIELDS = [
  "slices", // of a dispatch, as the next
  "firstSlice",
  "sliceVectors",
  "squareRoot",
  "renormFirst",
  "renormSecond",
  "windowBefore",
  "windowAfter",
] as const;

export const FLOAT_FIELDS = [
  "eps",
  "count",
  "correctionScale",
  "exponent",
  "weightOffset",
  "alpha",
  "maxGain",
  "maxOffset",
] as const;

export type PassUniforms = {
  readonly [K in (typeof UINT_FIELDS)[number] | (typeof FLOAT_FIELDS)[number]]: number;
};

/** Blocks of kernels that work on statistics alone, in their structs' order. */
export const KERNEL_FIELDS = {
  runningStatistics: {
    uints: ["channels", "instances", "mode", "means", "variances", "runningMean", "runningVar"],
    floats: ["momentum", "unbias"],
  },
  mergeMoments: {
    uints: ["groups", "meansA", "variancesA", "meansB", "variancesB", "mean", "variance"],
    floats: ["share"],
  },
  mergePairMoments: {
    uints: [
      "groups",
      "pivotsA",
      "deltasA",
      "variancesA",
      "pivotsB",
      "deltasB",
      "variancesB",
      "pivot",
      "delta",
      "mean",
      "variance",
    ],
    floats: ["share", "scale"],
  },
} as const satisfies Record<string, KernelFields>;

export interface KernelFields {
  readonly uints: readonly string[];
  readonly floats: readonly string[];
}

const all = <K extends string>(names: readonly K[], value: number) =>
  Object.fromEntries(names.map((name) => [name, value])) as { readonly [N in K]: number };

export const NO_OFFSETS = /* @__PURE__ */ all(STATISTICS_ARRAYS, NONE);
export const NO_SOURCE = /* @__PURE__ */ all(STATISTICS_SOURCES, NONE);
