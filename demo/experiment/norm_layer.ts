// The norm of one layer and kind, for all seeds at once: the library's forward and backward, prepared
// for the experiment's compute pass.

import {
  batchNorm,
  batchNormBackward,
  type Context,
  groupNorm,
  groupNormBackward,
  type MeanAndRstd,
  type PreparedOperation,
  prepare,
  type Tensor,
  warmup,
} from "../../src/index";
import type { Statistics } from "./experiment";
import type { Kind } from "./kinds";
import type { NormParts, Pair } from "./norm_parameters";
import { type Layer, RUNNING_MOMENTUM, type Spec } from "./spec";

/** What a norm works on: parts of the experiment's buffers. */
export interface NormTensors extends NormParts {
  readonly x: Tensor;
  readonly y: Tensor;
  readonly dy: Tensor;
  readonly dx: Tensor;
}

type Record = (pass: GPUComputePassEncoder) => void;

export interface NormLayer {
  /** y by the statistics of the batch; BatchNorm updates its running statistics. */
  readonly train: Record;
  readonly backward: Record;
  /** y without an update. */
  readonly evaluate: Readonly<{ [K in Statistics]: Record }>;
  destroy(): void;
}

const SHARED = { channelAxis: -1, activation: "relu", weight: true, bias: true } as const;
const GRADIENTS = { dx: true, dWeight: true, dBias: true } as const;
const FORWARD = { ...SHARED, out: true, stats: true } as const;
const BACKWARD = { ...SHARED, x: true, out: GRADIENTS } as const;
const RUNNING = { runningMean: true, runningVar: true } as const;

/** What is planned and compiled for a kind and a layer. */
function argumentsOf({ batch, seeds }: Spec, kind: Kind, { outSide, outChannels }: Layer) {
  const shape = [batch, outSide, outSide, seeds * outChannels];
  if (kind.norm === "group") {
    const groups = { shape, groups: seeds * kind.groups }; // seeds are channels
    const statistics = { shape: [batch, groups.groups] };
    return {
      norm: "group",
      forward: { ...groups, ...FORWARD },
      backward: { ...groups, ...BACKWARD, mean: statistics, rstd: statistics },
    } as const;
  }
  const ghosts = { shape, training: true, virtualBatchSize: kind.examples } as const;
  const statistics = { shape: [batch / kind.examples, seeds * outChannels] };
  return {
    norm: "batch",
    forward: { ...ghosts, ...FORWARD, ...RUNNING, momentum: RUNNING_MOMENTUM },
    backward: { ...ghosts, ...BACKWARD, mean: statistics, rstd: statistics },
    running: { shape, ...SHARED, ...RUNNING, out: true },
  } as const;
}

/** Compiles the pipelines of a norm: several pieces of work that can go on at the same time. */
export function compileNorm(context: Context, spec: Spec, kind: Kind, layer: Layer) {
  const args = argumentsOf(spec, kind, layer);
  if (args.norm === "group") {
    return [
      warmup(context, [[groupNorm, args.forward]]),
      warmup(context, [[groupNormBackward, args.backward]]),
    ];
  }
  return [
    warmup(context, [[batchNorm, args.forward]]),
    warmup(context, [[batchNormBackward, args.backward]]),
    warmup(context, [[batchNorm, args.running]]),
  ];
}

export function createNormLayer(
  context: Context,
  spec: Spec,
  kind: Kind,
  layer: Layer,
  tensors: NormTensors,
): NormLayer {
  const args = argumentsOf(spec, kind, layer);
  if (args.norm === "group") {
    const forward = prepare(context, groupNorm, args.forward);
    return normLayer(
      { forward, backward: prepare(context, groupNormBackward, args.backward) },
      tensors,
    );
  }
  const forward = prepare(context, batchNorm, args.forward);
  const backward = prepare(context, batchNormBackward, args.backward);
  return normLayer(
    { forward, backward, running: prepare(context, batchNorm, args.running) },
    tensors,
  );
}

interface Operations {
  readonly forward: PreparedOperation<MeanAndRstd>;
  readonly backward: PreparedOperation<unknown>;
  /** The norm by running statistics, if it has any. */
  readonly running?: PreparedOperation<unknown>;
}

function normLayer({ forward, backward, running }: Operations, tensors: NormTensors): NormLayer {
  const { x, y, dx, dy } = tensors;
  const [weight, bias] = tensors.parameters;
  const [dWeight, dBias] = tensors.gradients;
  const operands = { x, y, weight, bias };
  const statistics = running && named(tensors.running);
  const thrown = running && named(tensors.thrown);
  let saved: MeanAndRstd | undefined;
  const batch: Record = (pass) => {
    forward.encode(pass, { ...operands, ...thrown });
  };
  return {
    train(pass) {
      saved = forward.encode(pass, { ...operands, ...statistics });
    },
    backward(pass) {
      if (!saved) throw new Error("a backward follows a forward in training");
      const { mean, rstd } = saved;
      backward.encode(pass, { dy, x, weight, bias, mean, rstd, dx, dWeight, dBias });
    },
    evaluate: {
      batch,
      running: running ? (pass) => running.encode(pass, { ...operands, ...statistics }) : batch,
    },
    destroy() {
      for (const operation of [forward, backward, running]) operation?.destroy();
    },
  };
}

const named = ([runningMean, runningVar]: Pair) => ({ runningMean, runningVar });
