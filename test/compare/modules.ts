/** These rows compare the modules of two builds: a row is two steps of training and an evaluation. */
import type { Context, FloatDType, Tensor } from "../../src/index";
import type * as nn from "../../src/nn/index";
import type { Operation } from "../support/problem";
import { channelOf } from "../support/random_options";
import { type CallOptions, LEARNING, type Row, tableRow } from "./rows";

/** The gradients of both steps add up; the evaluation sees what they did to running statistics. */
async function trainingSteps(module: nn.NormModule, x: Tensor, { dy, weight, bias }: CallOptions) {
  const state = { ...(weight && { weight }), ...(bias && { bias }) };
  module.loadStateDict(state, { strict: false });
  const steps = [1, 2].map(() => ({ y: module.forward(x), dx: module.backward(dy as Tensor) }));
  const evaluated = module.eval().forward(x, { noGrad: true });
  const gradients = module.namedParameters().map(([name, { grad }]) => [name, grad] as const);
  const kept = Object.entries(await module.stateDict()).map(([name, { data }]) => [name, data]);
  return {
    steps,
    evaluated,
    gradients: Object.fromEntries(gradients),
    state: Object.fromEntries(kept),
  };
}

type Module = (entry: typeof nn, ctx: Context, x: Tensor, given: CallOptions) => nn.NormModule;

function moduleRow(name: string, operation: Operation, made: Module): Row {
  const run: Row["run"] = (build, ctx, x, given) =>
    trainingSteps(made(build.nn, ctx, x, given), x, given);
  return { name: `nn.${name}`, direction: "both", operation, out: false, run };
}

/** Modules of all kinds have these options. */
function moduleOptions({ eps, activation, weight, bias }: CallOptions) {
  return { eps, activation, dtype: (weight ?? bias)?.dtype as FloatDType };
}

/** The axis counts from the front, since modules of some kinds refuse -3 as if x had three axes. */
function channelOptions({ shape }: Tensor, given: CallOptions) {
  const channelAxis = channelOf(shape, given);
  return { channels: shape[channelAxis], options: { ...moduleOptions(given), channelAxis } };
}

export const modules: readonly Row[] = [
  moduleRow("BatchNorm", tableRow("batchNormBackward", LEARNING), (entry, ctx, x, given) => {
    const { channels, options } = channelOptions(x, given);
    return new entry.BatchNorm(ctx, channels, options);
  }),
  moduleRow(
    "InstanceNorm",
    tableRow("instanceNormBackward", { useInputStats: true }),
    (entry, ctx, x, given) => {
      const { channels, options } = channelOptions(x, given);
      return new entry.InstanceNorm(ctx, channels, {
        ...options,
        affine: true,
        trackRunningStats: true,
      });
    },
  ),
  moduleRow("GroupNorm", tableRow("groupNormBackward"), (entry, ctx, x, given) => {
    const { channels, options } = channelOptions(x, given);
    return new entry.GroupNorm(ctx, given.groups as number, channels, options);
  }),
  moduleRow("LayerNorm", tableRow("layerNormBackward"), (entry, ctx, _, given) => {
    return new entry.LayerNorm(ctx, given.normalizedShape as number[], moduleOptions(given));
  }),
  moduleRow("RMSNorm", tableRow("layerNormBackward"), (entry, ctx, _, given) => {
    return new entry.RMSNorm(ctx, given.normalizedShape as number[], moduleOptions(given));
  }),
];
