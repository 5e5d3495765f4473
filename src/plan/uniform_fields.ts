// The uniform block has these numbers beside its dimensions, in the order of
// shaders/loop/uniforms.wgsl, as a test requires. A norm brings its own values along
// (Problem.uniforms), and a pass adds those that it alone knows.

/** This offset marks a statistics array that a pass does not have. */
export const NONE = 0xffffffff;

/** A pass may write these arrays in the statistics buffer. */
export const STATISTICS_ARRAYS = [
  "pivot",
  "delta",
  "factor",
  "variance", // without a correction
  "mean",
  "corrected", // variance or standard deviation with a correction
  "first", // the two dx sums
  "second",
  "gain", // gain and offset of batch renormalization
  "offset",
  "count", // sum of weights
] as const;

/** Each array starts at this element of the statistics buffer. */
export type StatisticsOffsets = { readonly [K in (typeof STATISTICS_ARRAYS)[number]]: number };

/** A pass may read these statistics, from that buffer or from the caller's arrays. */
export const STATISTICS_SOURCES = ["mean", "delta", "factor", "gain", "offset", "count"] as const;

export type StatisticsSource = { readonly [K in (typeof STATISTICS_SOURCES)[number]]: number };

export const UINT_FIELDS = [
  "slices", // slices of a dispatch
  "firstSlice",
  "sliceVectors",
  "rounds",
  "firstTeam",
  "squareRoot",
  "renormFirst",
  "renormSecond",
  "windowBefore",
  "windowAfter",
  "runningMean",
  "runningVar",
  "elements", // of a group, and those without the correction, for exact statistics
  "divisor",
] as const;

export const FLOAT_FIELDS = [
  "eps",
  "count",
  "correctionScale",
  "exponent",
  "weightOffset",
  "alpha",
  "beta",
  "maxGain",
  "maxOffset",
  "momentum",
  "unbias",
  "fill",
  "correction",
] as const;

export type PassUniforms = {
  readonly [K in (typeof UINT_FIELDS)[number] | (typeof FLOAT_FIELDS)[number]]: number;
};

/** The block of the kernel that updates running statistics, in its struct's order. */
export const RUNNING_STATISTICS_FIELDS = {
  uints: [
    "channels",
    "instances",
    "mode",
    "means",
    "variances",
    "runningMean",
    "runningVar",
    "counts",
  ],
  floats: ["momentum", "unbias"],
} as const satisfies KernelFields;

/** The block of the kernel that merges moments. */
export const MERGE_MOMENTS_FIELDS = {
  uints: [
    "groups",
    "meansA",
    "deltasA",
    "variancesA",
    "meansB",
    "deltasB",
    "variancesB",
    "pivot",
    "delta",
    "mean",
    "variance",
  ],
  floats: ["share", "scale"],
} as const satisfies KernelFields;

/** The block of the kernel that normalizes images. */
export const IMAGE_FIELDS = {
  uints: [
    "jobs",
    "jobsPerImage",
    "firstPixel",
    "endPixel",
    "columns",
    "innerColumns",
    "innerRows",
    "firstImage",
    "sourceColumn",
    "sourceRow",
    "columnStep",
    "rowStep",
    "sourceBase",
    "sourceOfImage",
    "sourceOfRow",
    "sourceOfColumn",
    "sourceOfChannel",
    "resultBase",
    "resultOfImage",
    "resultOfChannel",
    "resultOfRow",
    "resultOfColumn",
    "firstChannel",
    "endChannel",
  ],
  floats: [
    "red0",
    "green0",
    "blue0",
    "summand0",
    "red1",
    "green1",
    "blue1",
    "summand1",
    "red2",
    "green2",
    "blue2",
    "summand2",
    "padding",
  ],
} as const satisfies KernelFields;

/** The block of the kernel that draws pixels. */
export const PIXEL_FIELDS = {
  uints: [
    "columns",
    "pixels",
    "wordsOfRow",
    "channels",
    "premultiplies",
    "base",
    "rowStride",
    "columnStride",
    "channelStride",
  ],
  floats: [],
} as const satisfies KernelFields;

/** The block of the kernel that merges moments whose groups have weights. */
export const MERGE_WEIGHED_FIELDS = {
  uints: [...MERGE_MOMENTS_FIELDS.uints, "countsA", "countsB", "count"],
  floats: ["correction", "ofNothing"],
} as const satisfies KernelFields;

/** Fields of a kernel's block are whole numbers first, then floats. */
export interface KernelFields {
  readonly uints: readonly string[];
  readonly floats: readonly string[];
}

const all = <K extends string>(names: readonly K[], value: number) =>
  Object.fromEntries(names.map((name) => [name, value])) as { readonly [N in K]: number };

export const NO_OFFSETS = /* @__PURE__ */ all(STATISTICS_ARRAYS, NONE);
export const NO_SOURCE = /* @__PURE__ */ all(STATISTICS_SOURCES, NONE);
