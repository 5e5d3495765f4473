// A network calls the same norms on many shapes, and a pipeline takes longer to compile than thousands
// of small passes take to run. This test counts the pipelines of small networks that differ in their
// norm alone: BatchNorm over ghost batches of several sizes and GroupNorm. Each is trained, and is
// evaluated with running statistics and with those of its batches.

import { expect, test } from "vitest";
import { batchNorm, batchNormBackward, groupNorm, groupNormBackward } from "../../src/index";
import {
  abstractCall,
  type InputSpec,
  type PlannableOperation,
} from "../../src/operation/abstract";
import { DEFAULTS, type PlanningProfile } from "../../src/plan/device_profile";
import type { Pass } from "../../src/plan/plan";
import type { Call } from "../../src/runtime/call";
import { pipelineKey } from "../../src/runtime/pipeline_cache";
import { SHUFFLES } from "../../src/runtime/subgroup_check";

const DEVICE = {
  name: "paper",
  software: false,
  f16: false,
  subgroups: false,
  invocations: 256,
  storageBuffers: 8,
  maxBindingBytes: 2 ** 27,
};
const CPU: PlanningProfile = { ...DEVICE, ...DEFAULTS.cpu, software: true };
const GPU: PlanningProfile = { ...DEVICE, ...DEFAULTS.gpu };
const SHUFFLING: PlanningProfile = { ...GPU, subgroups: true, shuffles: SHUFFLES };

const TRAINED = 32; // examples
const EVALUATED = 256;

type Layer = readonly [side: number, channels: number];
type Kind = readonly [norm: "batchNorm" | "groupNorm", size: number];
type Options = Readonly<Record<string, unknown>>; // arrays are true or descriptions

const stated = (operation: PlannableOperation<never>, spec: InputSpec & Options) =>
  abstractCall("networks", operation, spec);

const shapeOf = (examples: number, [side, channels]: Layer) => [examples, side, side, channels];

/** Training, its backward, and inference with running statistics and with those of the batches. */
function batchNorms(size: number, layer: Layer, common: Options): Call<unknown>[] {
  const training = { ...common, shape: shapeOf(TRAINED, layer), virtualBatchSize: size };
  const evaluation = { ...common, shape: shapeOf(EVALUATED, layer) };
  const running = { runningMean: true, runningVar: true };
  const saved = { shape: [TRAINED / size, layer[1]] };
  return [
    stated(batchNorm, { ...training, ...running, training: true, stats: true }),
    stated(batchNormBackward, { ...training, training: true, x: true, mean: saved, rstd: saved }),
    stated(batchNorm, { ...evaluation, ...running }),
    stated(batchNorm, { ...evaluation, training: true, virtualBatchSize: size }),
  ];
}

/** Training, its backward, and inference. */
function groupNorms(groups: number, layer: Layer, common: Options): Call<unknown>[] {
  const training = { ...common, shape: shapeOf(TRAINED, layer), groups };
  return [
    stated(groupNorm, { ...training, stats: true }),
    stated(groupNormBackward, { ...training, x: true, mean: true, rstd: true }),
    stated(groupNorm, { ...training, shape: shapeOf(EVALUATED, layer) }),
  ];
}

function callsOf(kinds: readonly Kind[], layers: readonly Layer[]): Call<unknown>[] {
  const common = { weight: true, bias: true, activation: "relu", channelAxis: -1 };
  const norms = { batchNorm: batchNorms, groupNorm: groupNorms };
  return kinds.flatMap(([norm, size]) => layers.flatMap((l) => norms[norm](size, l, common)));
}

const ghosts = (...sizes: number[]) => sizes.map((size): Kind => ["batchNorm", size]);

/** Six networks of two layers, and five of three convolutions. */
const PERCEPTRONS = callsOf(
  [...ghosts(32, 16, 8, 4, 2), ["groupNorm", 4]],
  [
    [1, 64],
    [1, 64],
  ],
);
const CONVOLUTIONS = callsOf(
  [...ghosts(32, 8, 2, 1), ["groupNorm", 2]],
  [
    [8, 8],
    [4, 16],
    [2, 32],
  ],
);

const passesOf = (calls: readonly Call<unknown>[], profile: PlanningProfile): Pass[] =>
  calls.flatMap(({ problem, plan }) => plan(problem, profile, {}).passes);

/** A pipeline that is added here is 0.1 to 0.4 s of a first call on a CPU adapter. */
test.each([
  ["perceptrons, a CPU adapter", PERCEPTRONS, CPU, 15],
  ["perceptrons, a GPU", PERCEPTRONS, GPU, 12],
  ["perceptrons, a GPU with subgroups", PERCEPTRONS, SHUFFLING, 12],
  ["convolutions, a CPU adapter", CONVOLUTIONS, CPU, 24],
  ["convolutions, a GPU", CONVOLUTIONS, GPU, 32],
  ["convolutions, a GPU with subgroups", CONVOLUTIONS, SHUFFLING, 32],
] as const)("%s: the pipelines are as few as they were", (_, calls, profile, pipelines) => {
  expect(new Set(passesOf(calls, profile).map(pipelineKey)).size).toBe(pipelines);
});
