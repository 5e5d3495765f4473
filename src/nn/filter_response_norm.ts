// This module is FilterResponseNorm with its state.

import { checkOptions, FLAG, NUMBER, type OptionTable } from "../base/options";
import { filterResponseNorm, filterResponseNormBackward } from "../norms/filter_response_norm";
import type { Context } from "../runtime/context";
import {
  CHANNEL_MODULE_OPTIONS,
  ChannelModule,
  type ChannelModuleOptions,
  overChannels,
} from "./channel_module";
import type { Parameter } from "./parameter";

export interface FilterResponseNormModuleOptions extends ChannelModuleOptions {
  /**
   * With true the thresholded linear unit follows, max(y, threshold), with one threshold per
   * channel. Default true.
   */
  threshold?: boolean | undefined;
}

const OPTIONS: OptionTable<FilterResponseNormModuleOptions> = {
  ...CHANNEL_MODULE_OPTIONS,
  eps: NUMBER,
  threshold: FLAG,
};

const NORM = {
  name: "FilterResponseNorm",
  forward: filterResponseNorm,
  backward: filterResponseNormBackward,
};

/**
 * A FilterResponseNorm is `filterResponseNorm` with its state: y = max(weight x / sqrt(nu2 + |eps|)
 * + bias, threshold), nu2 the mean of x^2 for each example and channel, in training and evaluation
 * alike.
 *
 * x: [N, channels, ...], or channels on any other `channelAxis` but 0; weight (at first 1), bias (0)
 * and threshold (0, `tau` in state dictionaries): [channels]. Defaults: eps 1e-6, affine, threshold.
 * Throws NormError for channels that are not a positive integer, an x of other channels, and as
 * `filterResponseNorm` does.
 * Source: Singh & Krishnan 2019; names as timm's `FilterResponseNormTlu2d`, whose eps is 1e-5.
 */
export class FilterResponseNorm extends ChannelModule {
  /** The threshold is the least value of each channel; null without one. */
  readonly threshold: Parameter | null;

  constructor(context: Context, channels: number, options: FilterResponseNormModuleOptions = {}) {
    checkOptions(NORM.name, options, OPTIONS);
    const description = overChannels(NORM, channels, options);
    const { threshold = true } = options;
    const tau = { option: "threshold", name: "tau", shape: [channels], first: 0 };
    const parameters = [...description.parameters, ...(threshold ? [tau] : [])];
    super(context, { ...description, parameters }, options, channels);
    this.threshold = this.learned.get("threshold") ?? null;
  }
}
