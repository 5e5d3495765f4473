// This module is BatchNorm with its state.

import { checkOptions, NUMBER_OR_NULL, type OptionTable } from "../base/options";
import type { Context } from "../context/context";
import { batchNorm, batchNormBackward } from "../norms/batch_norm";
import {
  overChannels,
  TRACKED_MODULE_OPTIONS,
  TrackedModule,
  type TrackedModuleOptions,
} from "./channel_module";
import type { Mode } from "./norm_module";

export interface BatchNormModuleOptions extends TrackedModuleOptions {
  /**
   * The momentum is the weight of a batch's value in the new running one. Default 0.1; null: the
   * average of all batches so far.
   */
  momentum?: number | null | undefined;
}

const OPTIONS: OptionTable<BatchNormModuleOptions> = {
  ...TRACKED_MODULE_OPTIONS,
  momentum: NUMBER_OR_NULL,
};

const NORM = { name: "BatchNorm", forward: batchNorm, backward: batchNormBackward };

/**
 * A BatchNorm is `batchNorm` with its state: y = (x - mean) / sqrt(variance + eps) * weight + bias,
 * one mean and variance per channel. In training they are the batch's, and the running ones, where
 * kept, are updated: new = (1 - momentum) * old + momentum * batch, with the unbiased variance. In
 * evaluation they are the running ones, or the batch's where none are kept.
 *
 * x: [N, channels, ...], or channels on `channelAxis`; weight (at first 1), bias (0), running mean
 * (0) and variance (1): [channels]. Defaults: eps 1e-5, momentum 0.1, affine, trackRunningStats.
 * Throws NormError for channels that are not a positive integer, an x of other channels, and as
 * `batchNorm` does.
 * Source: PyTorch `BatchNorm1d`, `BatchNorm2d` and `BatchNorm3d`, which are one here.
 */
export class BatchNorm extends TrackedModule {
  private readonly momentum: number | null;

  constructor(context: Context, channels: number, options: BatchNormModuleOptions = {}) {
    const { momentum = 0.1, trackRunningStats = true } = checkOptions(NORM.name, options, OPTIONS);
    const checked = { momentum, numBatchesTracked: 0 };
    super(
      context,
      overChannels(NORM, channels, options, checked),
      options,
      channels,
      trackRunningStats,
    );
    this.momentum = momentum;
  }

  /** @internal */
  protected override mode(): Mode {
    const running = this.running();
    const given = { ...running, training: this.training };
    const forward = {
      ...given,
      momentum: this.momentum,
      numBatchesTracked: this.numBatchesTracked ?? 0,
    };
    return { forward, backward: this.training ? { training: true } : given };
  }

  /** @internal */
  protected override ran(): void {
    if (this.training && this.batches !== null) this.batches++;
  }
}
