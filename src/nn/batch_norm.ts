// This module is BatchNorm with its state.

import { fail, show } from "../base/errors";
import { ANY, checkOptions, NUMBER_OR_NULL, type OptionTable } from "../base/options";
import { batchNorm, batchNormBackward } from "../norms/batch_norm";
import { checkMomentum } from "../norms/shared/channels";
import { copy } from "../norms/shared/elementwise";
import type { Context } from "../runtime/context";
import type { Tensor } from "../runtime/tensor";
import {
  overChannels,
  TRACKED_MODULE_OPTIONS,
  TrackedModule,
  type TrackedModuleOptions,
} from "./channel_module";
import { estimated, type MomentsSource } from "./estimate";
import type { Mode } from "./norm_module";

export interface BatchNormModuleOptions extends TrackedModuleOptions {
  /**
   * The momentum is the weight of a batch's value in the new running one. Default 0.1; null: the
   * average of all batches so far.
   */
  momentum?: number | null | undefined;
  /**
   * Ghost batch norm has this many examples per batch in training, a divisor of x's: each ghost
   * batch has statistics of its own, and counts as a batch. Default: all examples.
   */
  virtualBatchSize?: number | undefined;
}

const NAME = "BatchNorm";

export const BATCH_NORM_MODULE_OPTIONS: OptionTable<BatchNormModuleOptions> = {
  ...TRACKED_MODULE_OPTIONS,
  momentum: NUMBER_OR_NULL,
  virtualBatchSize: ANY,
};

/** A BatchNorm's module, whether it computes here or with others. */
export abstract class BatchNormModule<
  Y extends Tensor | Promise<Tensor> = Tensor,
> extends TrackedModule<Y> {
  /** Ghost batches have this many examples; undefined: one batch of all. */
  readonly virtualBatchSize: number | undefined;
  private share: number | null;

  /** @internal */
  protected constructor(
    name: string,
    context: Context,
    channels: number,
    options: BatchNormModuleOptions,
  ) {
    const { momentum = 0.1, trackRunningStats = true, virtualBatchSize: size } = options;
    if (size !== undefined && !(Number.isInteger(size) && size > 0)) {
      fail(name, `virtualBatchSize ${show(size)}, expected a positive integer`);
    }
    const norm = { name, forward: batchNorm, backward: batchNormBackward };
    const checked = { momentum, numBatchesTracked: 0, virtualBatchSize: size };
    super(
      context,
      overChannels(norm, channels, options, checked),
      options,
      channels,
      trackRunningStats,
    );
    this.share = momentum;
    this.virtualBatchSize = size;
  }

  /** The momentum is the weight of a batch's value in the new running one, or null: the average. */
  get momentum(): number | null {
    return this.share;
  }

  /** Throws NormError for a momentum that is neither null nor a number in 0 .. 1. */
  set momentum(value: number | null) {
    this.share = value === null ? null : checkMomentum(this.description.name, value);
  }

  /**
   * Sets the running mean and variance to those of all data of a source: the mean, and the variance
   * with Bessel's correction (precise BN). The source is what the norm gets: tensors as `forward`
   * takes them, each in use until the next is asked for, or `{ x, mask }` of these; or a state of
   * moments of shape [channels], such as workers have merged; or an accumulator of a stream. The count
   * of batches stays, and so does all else of the module until the source has ended.
   *
   * Rejects with a NormError without running statistics, for a source that is none of these, tensors
   * of other channels, moments of another shape or not finite, and fewer than two values a channel;
   * with the source's own error; and if the GPU refused the work.
   */
  async estimate(source: MomentsSource): Promise<void> {
    const op = `${this.description.name}.estimate`;
    this.checkAlive(op);
    const { runningMean, runningVar } = this.running();
    if (!runningMean || !runningVar) {
      fail(op, "the module keeps no running statistics, expected trackRunningStats");
    }
    const found = await estimated(op, source, this.context, this.channels, (x) => {
      this.checkTensor(op, "x", x);
      this.checkInput(op, x);
      return this.axis;
    });
    try {
      this.checkTensor(op, "source", found.mean);
      this.context.batch(() => {
        copy(found.mean, runningMean);
        copy(found.variance, runningVar);
      });
    } finally {
      found.mean.destroy();
      found.variance.destroy();
    }
    this.changed("estimate came after the last forward");
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
  protected override ran(x: Tensor): void {
    super.ran(x);
    const [examples = 0] = x.shape;
    const batches = this.virtualBatchSize ? examples / this.virtualBatchSize : 1;
    if (this.training && this.batches !== null) this.batches += batches;
  }
}

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
export class BatchNorm extends BatchNormModule {
  constructor(context: Context, channels: number, options: BatchNormModuleOptions = {}) {
    super(NAME, context, channels, checkOptions(NAME, options, BATCH_NORM_MODULE_OPTIONS));
  }
}
