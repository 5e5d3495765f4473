// This module is InstanceNorm with its state.

import { checkOptions, NUMBER, type OptionTable } from "../base/options";
import { instanceNorm, instanceNormBackward } from "../norms/instance_norm";
import { checkMomentum } from "../norms/shared/channels";
import type { Context } from "../runtime/context";
import {
  overChannels,
  TRACKED_MODULE_OPTIONS,
  TrackedModule,
  type TrackedModuleOptions,
} from "./channel_module";
import type { Mode } from "./norm_module";

export interface InstanceNormModuleOptions extends TrackedModuleOptions {
  /** The momentum is the weight of a batch's value in the new running one. Default 0.1. */
  momentum?: number | undefined;
}

const OPTIONS: OptionTable<InstanceNormModuleOptions> = {
  ...TRACKED_MODULE_OPTIONS,
  momentum: NUMBER,
};

const NORM = { name: "InstanceNorm", forward: instanceNorm, backward: instanceNormBackward };

/**
 * An InstanceNorm is `instanceNorm` with its state: y = (x - mean) / sqrt(variance + eps) * weight
 * + bias, one mean and variance for each example and channel. With `trackRunningStats` running ones
 * are updated in training, by the averages over the examples, and used in evaluation.
 *
 * x: [N, channels, ...], or channels on any other `channelAxis` but 0; weight (at first 1), bias
 * (0), running mean (0) and variance (1): [channels]. Defaults: eps 1e-5, momentum 0.1, and neither
 * affine nor trackRunningStats. As in PyTorch `num_batches_tracked` is part of the state but is
 * never counted, so there is no momentum null. Throws NormError for channels that are not a
 * positive integer, an x of other channels, a momentum outside 0 .. 1, and as `instanceNorm` does.
 * Source: PyTorch `InstanceNorm1d`, `InstanceNorm2d` and `InstanceNorm3d`, which are one here.
 */
export class InstanceNorm extends TrackedModule {
  private share: number;

  constructor(context: Context, channels: number, options: InstanceNormModuleOptions = {}) {
    checkOptions(NORM.name, options, OPTIONS);
    const { affine = false, trackRunningStats = false, momentum = 0.1 } = options;
    const all = { ...options, affine };
    checkMomentum(NORM.name, momentum);
    super(context, overChannels(NORM, channels, all), all, channels, trackRunningStats);
    this.share = momentum;
  }

  /** The momentum is the weight of a batch's value in the new running one. */
  get momentum(): number {
    return this.share;
  }

  /** Throws NormError for a momentum that is not a number in 0 .. 1. */
  set momentum(value: number) {
    this.share = checkMomentum(NORM.name, value);
  }

  /** @internal */
  protected override mode(): Mode {
    const { training, momentum } = this;
    const running = this.running();
    if (training || this.runningMean === null) {
      return { forward: { ...running, momentum }, backward: {} };
    }
    const given = { ...running, useInputStats: false };
    return { forward: given, backward: given };
  }
}
