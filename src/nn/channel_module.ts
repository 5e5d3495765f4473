// All modules over channels share this file: the number of channels, and running statistics.

import { fail, show } from "../base/errors";
import { ANY, FLAG, type OptionTable } from "../base/options";
import { copy } from "../norms/shared/elementwise";
import type { Context } from "../runtime/context";
import type { Tensor } from "../runtime/tensor";
import {
  affineParameters,
  MODULE_OPTIONS,
  type ModuleOptions,
  type ModuleSpec,
  NormModule,
  type Operations,
} from "./norm_module";
import { filledTensor } from "./state_dict";

export interface ChannelModuleOptions extends ModuleOptions {
  /**
   * With true there are a weight and a bias, with one value per channel each. Default true, for
   * InstanceNorm false.
   */
  affine?: boolean | undefined;
  /** The channels lie along this axis, negative from the end. Default 1 (NCHW); -1 is NHWC. */
  channelAxis?: number | undefined;
}

export interface TrackedModuleOptions extends ChannelModuleOptions {
  /**
   * With true running statistics are kept: updated in training, used in evaluation. InstanceNorm's
   * default is false.
   */
  trackRunningStats?: boolean | undefined;
}

export const CHANNEL_MODULE_OPTIONS: OptionTable<ChannelModuleOptions> = {
  ...MODULE_OPTIONS,
  affine: FLAG,
  channelAxis: ANY,
};

export const TRACKED_MODULE_OPTIONS: OptionTable<TrackedModuleOptions> = {
  ...CHANNEL_MODULE_OPTIONS,
  trackRunningStats: FLAG,
};

/** Describes a norm over channels. */
export function overChannels(
  norm: Operations,
  channels: number,
  o: ChannelModuleOptions,
  others: object = {},
  first = 1,
): ModuleSpec {
  const { affine = true, bias = true, channelAxis = 1, eps, activation, dtype } = o;
  if (!Number.isInteger(channels) || channels < 1) {
    fail(norm.name, `channels ${show(channels)}, expected a positive integer`);
  }
  return {
    ...norm,
    options: { channelAxis, eps, activation, ...others },
    example: exampleOf(channels, channelAxis),
    parameters: affineParameters([channels], affine, bias, first),
    dtype,
  };
}

/** Returns the shape of two examples with two values per channel. */
function exampleOf(channels: number, axis: number): number[] {
  const rank = Math.min(8, Math.max(3, axis < 0 ? 1 - axis : axis + 1) || 3); // axis 0 may be that of the examples
  const at = axis < 0 ? axis + rank : axis;
  return Array.from({ length: rank }, (_, i) => (i === at ? channels : 2));
}

/** A channel module is a norm over channels. */
export abstract class ChannelModule<
  Y extends Tensor | Promise<Tensor> = Tensor,
> extends NormModule<Y> {
  /** @internal */
  protected readonly axis: number;

  /** @internal */
  protected constructor(
    context: Context,
    description: ModuleSpec,
    { channelAxis = 1 }: ChannelModuleOptions,
    readonly channels: number,
  ) {
    super(context, description);
    this.axis = channelAxis;
  }

  /** @internal Checks the number of channels, which no other check does without parameters. */
  protected override checkInput(op: string, { shape }: Tensor): void {
    const length = shape.at(this.axis);
    if (length === undefined || length === this.channels) return; // the operation reports it
    const given = `x has shape ${show(shape)}, ${length} channels along axis ${this.axis}`;
    fail(op, `${given}, expected ${this.channels}`);
  }
}

/** A tracked module is a norm over channels that can keep running statistics. */
export abstract class TrackedModule<
  Y extends Tensor | Promise<Tensor> = Tensor,
> extends ChannelModule<Y> {
  /** The running mean is [C] in f32, or null where none is kept. */
  readonly runningMean: Tensor | null = null;
  /** The running variance (unbiased) is [C] in f32, or null where none is kept. */
  readonly runningVar: Tensor | null = null;

  /** @internal */
  protected constructor(
    context: Context,
    description: ModuleSpec,
    options: ChannelModuleOptions,
    channels: number,
    track: boolean,
  ) {
    super(context, description, options, channels);
    if (!track) return;
    this.runningMean = this.tensor("running_mean", [channels], 0, "f32");
    this.runningVar = this.tensor("running_var", [channels], 1, "f32");
    this.batches = 0;
  }

  /** The running statistics have seen this many batches; null where none are kept. */
  get numBatchesTracked(): number | null {
    return this.batches;
  }

  /**
   * Sets the running mean to 0, the running variance to 1 and the count of batches to 0, as at
   * first; nothing where none are kept. Throws NormError after `destroy()`.
   */
  resetRunningStats(): void {
    this.checkAlive(`${this.description.name}.resetRunningStats`);
    Object.values(this.running()).forEach((tensor, value) => {
      const filled = filledTensor(this.context, tensor.shape, value, "f32");
      copy(filled, tensor);
      filled.destroy();
    });
    if (this.batches !== null) this.batches = 0;
    this.changed("resetRunningStats came after the last forward");
  }

  /** @internal */
  protected override ran(_x: Tensor): void {
    if (this.training && this.runningMean) this.changed("it is older than the running statistics");
  }

  /** @internal Forgets the forwards whose backward would take running statistics as they were. */
  protected changed(reason: string): void {
    this.saved.release(reason, ({ options }) => "runningMean" in options);
  }

  /** @internal Returns the running statistics as options, or no options. */
  protected running(): { runningMean?: Tensor; runningVar?: Tensor } {
    const { runningMean, runningVar } = this;
    return runningMean && runningVar ? { runningMean, runningVar } : {};
  }
}
