// This module is BatchNorm over the workers of a group, with its state.

import { ANY, checkOptions, type OptionTable } from "../base/options";
import { destroyMoments } from "../norms/merge_moments";
import type { Moments } from "../norms/moments";
import { addTo } from "../norms/shared/elementwise";
import {
  EXCHANGE_OPTIONS,
  type ExchangeOptions,
  type Group,
  nextLayer,
  openRound,
} from "../norms/shared/group";
import { type SyncBatchNormOptions, syncBatchNorm } from "../norms/sync_batch_norm";
import { syncBatchNormBackward } from "../norms/sync_batch_norm_backward";
import type { Context } from "../runtime/context";
import type { Tensor } from "../runtime/tensor";
import {
  BATCH_NORM_MODULE_OPTIONS,
  BatchNormModule,
  type BatchNormModuleOptions,
} from "./batch_norm";
import {
  FORWARD_OPTIONS,
  type ForwardOptions,
  GRADIENT_OPTIONS,
  type GradientOptions,
  type InputGradients,
  inputsOf,
} from "./norm_module";
import type { Parameter } from "./parameter";
import type { SavedForward } from "./saved_forwards";

export interface SyncBatchNormModuleOptions
  extends Omit<BatchNormModuleOptions, "virtualBatchSize"> {
  /** The group of workers, each with this module, made in the same order. */
  group: Group;
  /** A forward or backward waits at most this many milliseconds for others. Default 30,000. */
  timeout?: number | undefined;
}

const NAME = "SyncBatchNorm";

const { virtualBatchSize: _, ...BATCH_NORM } = BATCH_NORM_MODULE_OPTIONS;

const OPTIONS: OptionTable<SyncBatchNormModuleOptions> = {
  ...BATCH_NORM,
  group: ANY,
  timeout: EXCHANGE_OPTIONS.timeout,
};

/**
 * A SyncBatchNorm is `syncBatchNorm` with its state: in training the mean and variance of each
 * channel are those of all ranks' batches together, running statistics too, with the same bits on
 * every rank. In evaluation it is a BatchNorm, on its own. Its `forward` and `backward` resolve when
 * all ranks have called theirs, in the same order; x and dy must live and stay unchanged until then.
 * A rank that fails or is missing fails the step of all (`timeout`); its state is then as before.
 *
 * Parameters' gradients are of this rank's elements; training adds them up over the ranks, as those
 * of all other layers. Options and defaults are those of BatchNorm, which has no `group`. Throws
 * NormError as it does, and for a group without rank, size and allGather.
 * Source: PyTorch `SyncBatchNorm`.
 */
export class SyncBatchNorm extends BatchNormModule<Promise<Tensor>> {
  private readonly group: Group;
  private readonly timeout: number | undefined;
  private readonly layer: number;
  private steps = 0;

  constructor(context: Context, channels: number, options: SyncBatchNormModuleOptions) {
    const { group, timeout, ...others } = checkOptions(NAME, options, OPTIONS);
    super(NAME, context, channels, others);
    this.layer = nextLayer(NAME, group);
    this.group = group;
    this.timeout = timeout;
  }

  override async forward(x: Tensor, options: ForwardOptions = {}): Promise<Tensor> {
    if (!this.training) return this.forwardHere(x, options);
    const op = `${NAME}.forward`;
    const exchange = this.nextRound("forward");
    const { noGrad = false, ...inputs } = checked(exchange, () => {
      this.checkTensor(op, "x", x);
      this.checkInput(op, x);
      return checkOptions(op, options, FORWARD_OPTIONS);
    });
    const { residual, ...others } = inputs;
    const momentum = this.momentum ?? 1 / ((this.numBatchesTracked ?? 0) + 1);
    const running = this.running();
    const sums = !noGrad && residual !== undefined && { residualOut: true };
    const asked = { ...this.normOptions(), ...inputs, ...sums, ...running, momentum, ...exchange };
    const { y, moments, sum } = await syncBatchNorm(x, asked as SyncBatchNormOptions);
    this.changed("it is older than the running statistics");
    if (this.batches !== null) this.batches++;
    const { count, ...statistics } = moments;
    const kept = { ...statistics, ...(sum && { sum }) };
    const saved = { x, y: new WeakRef(y), options: { count, ...others }, ...kept } as SavedForward;
    if (noGrad) destroyMoments(moments);
    this.saved.keep(noGrad ? "the last forward had noGrad" : saved);
    return y;
  }

  override async backward(dy: Tensor, options: GradientOptions = {}): Promise<Tensor> {
    return (await this.gradientsOfAll(dy, options, true)).dx;
  }

  override inputGradients(dy: Tensor, options: GradientOptions = {}): Promise<InputGradients> {
    return this.gradientsOfAll(dy, options, false);
  }

  private async gradientsOfAll(
    dy: Tensor,
    options: GradientOptions,
    dxAlone: boolean,
  ): Promise<InputGradients> {
    const found = this.saved.find(Object(options).of);
    if (typeof found === "object" && !("count" in found.options)) {
      return this.backwardHere(dy, options, dxAlone);
    }
    const op = `${NAME}.backward`;
    const exchange = this.nextRound("backward");
    const saved = checked(exchange, () => {
      this.checkTensor(op, "dy", dy);
      return this.kept(op, dy, checkOptions(op, options, GRADIENT_OPTIONS).of);
    });
    const { x, gate, skip, mask, ...moments } = inputsOf(saved) as SavedInputs;
    const named = Object.keys(this.gradients()) as (keyof AllGradients)[];
    const wanted = dxAlone && { gradients: ["dx", ...new Set([...named, ...OWN])] };
    const inputs = { x, moments, gate, skip, ...(mask && { mask }), ...wanted };
    const given = { ...this.normOptions(), ...inputs, ...exchange };
    const made: unknown = await syncBatchNormBackward(dy, given as never); // of either form
    const { dWeight, dBias, dSlope, ...ofInputs } = made as AllGradients;
    this.saved.release("backward has used it", (one) => one === saved);
    collect(this.weight, dWeight);
    collect(this.bias, dBias);
    if (dSlope) collect(this.slope, dSlope);
    return ofInputs;
  }

  /** Names the next round, which is the same on every rank. */
  private nextRound(what: string): ExchangeOptions {
    const { group, timeout, layer } = this;
    return { group, timeout, round: `${NAME} ${layer}, ${what}, step ${++this.steps}` };
  }

  private normOptions() {
    const { channelAxis, eps, activation, weight, bias } = this.options() as ModuleNormOptions;
    return { channelAxis, eps, activation, weight, bias };
  }
}

/** What the moments of a saved forward are beside; with a mask their count is a tensor. */
type SavedInputs = Pick<ForwardOptions, "gate" | "skip" | "mask"> &
  Moments & { readonly x: Tensor };

type AllGradients = InputGradients &
  Record<"dWeight" | "dBias", Tensor> & { readonly dSlope?: Tensor };

/** A module without weight and bias frees their gradients. */
const OWN = ["dWeight", "dBias"] as const;

type ModuleNormOptions = Pick<
  SyncBatchNormOptions,
  "channelAxis" | "eps" | "activation" | "weight" | "bias"
>;

/** Runs checks before an exchange. The other ranks are told if one fails. */
function checked<T>(exchange: ExchangeOptions, check: () => T): T {
  try {
    return check();
  } catch (error) {
    openRound(NAME, exchange).fail(error);
    throw error;
  }
}

/** Adds a gradient to those of a parameter, or frees it where there is no parameter. */
function collect(parameter: Parameter | null, gradient: Tensor): void {
  const { grad } = parameter ?? {};
  if (parameter && !(grad && !grad.destroyed)) {
    parameter.grad = gradient;
    return;
  }
  if (grad) addTo(gradient, grad);
  gradient.destroy();
}
