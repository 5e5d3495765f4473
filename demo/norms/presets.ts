// A preset is a norm of the library as data: its family, who shares (a partition), what is shared
// (a statistic), and a sentence about it.

import type { Axis } from "../base/shape";
import type { Partition } from "./partition";
import type { StatisticId } from "./statistics";

export interface Preset {
  readonly label: string;
  /** The function of the library. */
  readonly operation: string;
  readonly family: FamilyId;
  readonly axes: readonly Axis[];
  readonly statistic: StatisticId;
  /** Groups of channels or ghost batches that the preset begins with, where it has them. */
  readonly groups?: number;
  readonly split?: number;
  /** The sets overlap: each value has its own window of channels. */
  readonly window?: number;
  /** Machines, each with a part of the batch; the sets go through all of them. */
  readonly workers?: number;
  readonly about: string;
}

export type FamilyId = "batch" | "example" | "position" | "weights" | "outside";

export const FAMILIES: Readonly<Record<FamilyId, string>> = {
  batch: "over the batch",
  example: "within one example",
  position: "within one position",
  weights: "of weights: read N, C as outputs, inputs",
  outside: "nothing, or from outside",
};

const over = (axes: string): readonly Axis[] => [...axes] as Axis[];

export const PRESETS = {
  batch: {
    label: "BatchNorm",
    operation: "batchNorm",
    family: "batch",
    axes: over("NHW"),
    statistic: "moments",
    about: "Each channel has one mean for all examples: neighbours in the batch are part of it.",
  },
  ghost: {
    label: "Ghost BatchNorm",
    operation: "batchNorm",
    family: "batch",
    axes: over("NHW"),
    statistic: "moments",
    split: 3,
    about: "The batch is cut into ghost batches, and each has a mean of its own for every channel.",
  },
  sync: {
    label: "SyncBatchNorm",
    operation: "syncBatchNorm",
    family: "batch",
    axes: over("NHW"),
    statistic: "moments",
    workers: 2,
    about:
      "The batch lies on two machines. They exchange mean, variance and count: sets span both.",
  },
  renorm: {
    label: "Batch Renorm",
    operation: "batchRenorm",
    family: "batch",
    axes: over("NHW"),
    statistic: "renorm",
    about: "BatchNorm whose mean and deviation are held near running ones.",
  },
  meanVariance: {
    label: "MVN",
    operation: "meanVarianceNorm",
    family: "batch",
    axes: over("NHW"),
    statistic: "deviation",
    about: "ONNX's MeanVarianceNormalization: the sets of BatchNorm, eps beside the deviation.",
  },
  layer: {
    label: "LayerNorm",
    operation: "layerNorm",
    family: "example",
    axes: over("CHW"),
    statistic: "moments",
    about: "Each example has one mean for all of its channels.",
  },
  group: {
    label: "GroupNorm",
    operation: "groupNorm",
    family: "example",
    axes: over("CHW"),
    statistic: "moments",
    groups: 4,
    about: "The channels of an example lie in groups. Drag a group's edge: 1 is LayerNorm.",
  },
  instance: {
    label: "InstanceNorm",
    operation: "instanceNorm",
    family: "example",
    axes: over("HW"),
    statistic: "moments",
    about: "Each picture has a mean of its own. Contrast and brightness of the example are gone.",
  },
  rms: {
    label: "RMSNorm",
    operation: "rmsNorm",
    family: "example",
    axes: over("CHW"),
    statistic: "meanSquare",
    about: "LayerNorm without a mean: values are measured from 0.",
  },
  filterResponse: {
    label: "FRN",
    operation: "filterResponseNorm",
    family: "example",
    axes: over("HW"),
    statistic: "meanSquare",
    about: "InstanceNorm without a mean. A learned threshold, here off, follows it.",
  },
  globalResponse: {
    label: "GRN",
    operation: "globalResponseNorm",
    family: "example",
    axes: over("HW"),
    statistic: "response",
    about: "Each picture has a length. Those of an example compete: long ones are raised.",
  },
  channels: {
    label: "LayerNorm of channels",
    operation: "standardize",
    family: "position",
    axes: over("C"),
    statistic: "moments",
    about: "One pixel of all channels: what a transformer does to each token.",
  },
  pixel: {
    label: "PixelNorm",
    operation: "rmsNorm",
    family: "position",
    axes: over("C"),
    statistic: "meanSquare",
    about: "RMSNorm of one pixel's channels. Of heads of queries and keys it is QK-norm.",
  },
  lp: {
    label: "L2 normalize",
    operation: "lpNormalize",
    family: "position",
    axes: over("C"),
    statistic: "norm",
    about: "The channels of a pixel become a vector of length 1.",
  },
  localResponse: {
    label: "LRN",
    operation: "localResponseNorm",
    family: "position",
    axes: over("C"),
    statistic: "window",
    window: 3,
    about: "Each value has its own set: the same pixel of three neighbouring channels.",
  },
  softmax: {
    label: "softmax",
    operation: "softmax",
    family: "position",
    axes: over("C"),
    statistic: "softmax",
    about: "The channels of a pixel become shares that add up to 1.",
  },
  logSoftmax: {
    label: "log-softmax",
    operation: "logSoftmax",
    family: "position",
    axes: over("C"),
    statistic: "logSoftmax",
    about: "The logarithm of these shares, without the loss of small ones.",
  },
  weight: {
    label: "Weight Norm",
    operation: "weightNorm",
    family: "weights",
    axes: over("CHW"),
    statistic: "norm",
    about: "Each filter becomes a vector of length 1; a learned magnitude follows.",
  },
  weightStandardize: {
    label: "Weight Standardization",
    operation: "weightStandardize",
    family: "weights",
    axes: over("CHW"),
    statistic: "moments",
    about: "Each filter gets mean 0 and deviation 1.",
  },
  evaluation: {
    label: "BatchNorm, evaluation",
    operation: "batchNorm",
    family: "outside",
    axes: [],
    statistic: "outside",
    about: "Mean and deviation were kept from training: nothing is shared, no neighbour matters.",
  },
  given: {
    label: "given moments",
    operation: "applyMoments",
    family: "outside",
    axes: [],
    statistic: "outside",
    about: "Mean and variance of other data, as for the features of a data set.",
  },
  tanh: {
    label: "Dynamic Tanh",
    operation: "dynamicTanh",
    family: "outside",
    axes: [],
    statistic: "tanh",
    about: "No statistic at all: tanh of each value alone.",
  },
} as const satisfies Record<string, Preset>;

export type PresetId = keyof typeof PRESETS;
export const PRESET_IDS = Object.keys(PRESETS) as PresetId[];

/** The axes as keys chose them, where no preset has them. */
export const FREE = "free";
export type NormId = PresetId | typeof FREE;

/** What the keys alone give. */
export const FREE_PRESET: Preset = {
  label: "Nobody has named this one",
  operation: "standardize",
  family: "example",
  axes: [],
  statistic: "moments",
  about: "It runs all the same.",
};

export const VIEWS = ["images", "tokens"] as const;
export type ViewId = (typeof VIEWS)[number];

/** In [B, T, C] the same norms have other axes: B is N, T is H, C is W. */
const OF_TOKENS: Partial<Record<PresetId, Partial<Preset>>> = {
  batch: {
    ...{ axes: over("NH"), operation: "standardize" },
    about: "Each feature has one mean for all tokens of all sentences, strangers' among them.",
  },
  instance: {
    ...{ axes: over("H"), operation: "standardize" },
    about:
      "Each feature has a mean over the tokens of its sentence: later words change earlier ones.",
  },
  channels: {
    ...{ label: "LayerNorm", axes: over("W") },
    about: "Each token has a mean of its own, over its features: no word waits for another.",
  },
  pixel: {
    ...{ label: "RMSNorm", axes: over("W") },
    about: "LayerNorm without the mean, as most language models have it.",
  },
  lp: { axes: over("W"), about: "Each token becomes a vector of length 1, as for a search." },
  softmax: { axes: over("W"), about: "The features of a token become shares that add up to 1." },
  logSoftmax: { axes: over("W") },
  tanh: { about: "No statistic at all: the large features are held below 1." },
};

export const presetsIn = (view: ViewId): PresetId[] =>
  view === "images" ? PRESET_IDS : PRESET_IDS.filter((id) => id in OF_TOKENS);

/** A view without this norm has the norm of one position in its place. */
export const normIn = (view: ViewId, id: NormId): NormId =>
  id === FREE || presetsIn(view).includes(id) ? id : "channels";

export function presetOf(id: NormId, view: ViewId = "images"): Preset {
  if (id === FREE) return FREE_PRESET;
  const own = view === "tokens" ? OF_TOKENS[id] : undefined;
  return own ? { ...PRESETS[id], ...own } : PRESETS[id];
}

/** The partition that a norm begins with. */
export const partitionOf = ({ axes, groups = 1, split = 1 }: Preset): Partition => ({
  axes,
  groups,
  split,
});

const NAMED_BY_AXES: readonly PresetId[] = ["batch", "layer", "instance", "channels"];

/** Finds the norm that averages over these axes, with one group and the whole batch. */
export function named(axes: readonly Axis[], view: ViewId = "images"): NormId {
  const text = (of: readonly Axis[]) => [...of].sort().join();
  const has = (id: PresetId) => text(presetOf(id, view).axes) === text(axes);
  return NAMED_BY_AXES.find((id) => normIn(view, id) === id && has(id)) ?? FREE;
}
