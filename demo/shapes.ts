// Each norm's shared axes are data here. The cubes, the float64 reference and the texts are all
// drawn from them.

import type { Kind } from "./settings";

/** [N, C, H, W] */
export type Shape4 = readonly [number, number, number, number];
export type NormId = "batch" | "layer" | "instance" | "group";

export interface Sharing {
  id: NormId;
  label: string;
  /** Axes of [N, C, H, W] that are reduced. */
  axes: readonly number[];
  axesText: string;
  /** Channels are split into groups first. */
  grouped: boolean;
  /** Whose mean it is, to be read after "one mean and one variance". */
  scope: string;
  /** What it does to photographs and to feature maps. */
  effect: Readonly<Record<Kind, string>>;
}

export const SHARING: Readonly<Record<NormId, Sharing>> = {
  batch: {
    id: "batch",
    label: "BatchNorm",
    axes: [0, 2, 3],
    axesText: "(0, 2, 3)",
    grouped: false,
    scope: "per channel, across all examples",
    effect: {
      images:
        "Takes away what the whole batch has in common, such as a colour cast. Dark pictures stay " +
        "darker than bright ones. The result depends on which other pictures are in the batch.",
      features:
        "Gives every map one mean and contrast over the batch, so that weak filters count as much as " +
        "strong ones. A picture with more of a feature keeps more of it.",
    },
  },
  layer: {
    id: "layer",
    label: "LayerNorm",
    axes: [1, 2, 3],
    axesText: "(1, 2, 3)",
    grouped: false,
    scope: "per example, across all channels",
    effect: {
      images:
        "Evens out exposure and contrast picture by picture. Channels keep their relation to each " +
        "other, so a sepia tint stays.",
      features:
        "All maps of a picture share one mean and contrast: strong filters (blurs) stay strong, weak ones " +
        "(fine Gabors) stay close to grey.",
    },
  },
  instance: {
    id: "instance",
    label: "InstanceNorm",
    axes: [2, 3],
    axesText: "(2, 3)",
    grouped: false,
    scope: "per example and channel",
    effect: {
      images:
        "Evens out every channel of every picture by itself: exposure, contrast and tint are all gone, " +
        "and only the structure is left.",
      features:
        "Gives every map of every picture the same mean and contrast. How much of a feature a picture has is " +
        "lost; where it has it is left.",
    },
  },
  group: {
    id: "group",
    label: "GroupNorm",
    axes: [1, 2, 3],
    axesText: "(1, 2, 3) by group",
    grouped: true,
    scope: "per example and group of channels",
    effect: {
      images:
        "Between the two above: 1 group is LayerNorm, as many groups as channels is InstanceNorm. " +
        "Does not depend on the batch.",
      features:
        "Neighbouring maps share one mean and contrast: within a family of filters strong and weak are still " +
        "told apart. Does not depend on the batch.",
    },
  },
};

export const NORM_IDS: readonly NormId[] = ["batch", "layer", "instance", "group"];

/** How much of the N and C axes one set of shared statistics covers; H and W always belong to it. */
export interface Extent {
  examples: number;
  channels: number;
}

export function extentOf(sharing: Sharing, shape: Shape4, groups: number): Extent {
  const [n, c] = shape;
  const channels = sharing.axes.includes(1) ? c : 1;
  return {
    examples: sharing.axes.includes(0) ? n : 1,
    channels: sharing.grouped ? channels / groups : channels,
  };
}

export function countSets([n, c]: Shape4, extent: Extent): number {
  return (n / extent.examples) * (c / extent.channels);
}

/** Says which simpler norm this one is with these settings, if it is one. */
export function sameNote(id: NormId, [n, c]: Shape4, groups: number): string | undefined {
  const hint = c === 3 ? " Feature maps have channels to group." : "";
  if (id === "batch" && n === 1) return "With one example the same as InstanceNorm.";
  if (id === "group" && groups === 1) return `With 1 group the same as LayerNorm.${hint}`;
  if (id === "group" && groups === c) return `With ${c} groups the same as InstanceNorm.${hint}`;
  return undefined;
}

export function sizeOf(shape: Shape4): number {
  return shape[0] * shape[1] * shape[2] * shape[3];
}
