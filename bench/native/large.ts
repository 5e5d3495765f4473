// These workloads have tensors of 64 MB and more, which do not fit a GPU's caches: for `--large`,
// but for the gated ones, which are few.

import { backward, gated, layer, rms, type Shape, type Workload, workload } from "../workloads";

const TOKENS: readonly (readonly [number, number])[] = [
  [16384, 4096],
  [131072, 768],
];
/** Rows whose length is no multiple of four, the last one of a vocabulary. */
const ODD: readonly (readonly [number, number])[] = [
  [16384, 4095],
  [8192, 8191],
  [2048, 50257],
];
const IMAGES = [64, 256, 56, 56];
const LATENTS = [16, 320, 64, 64];

const affine = (channels: number) => ({ weight: [channels], bias: [channels] });
const running = (channels: number) => ({ runningMean: [channels], runningVar: [channels] });

const images = (name: string, options: object, results: readonly string[]): Workload =>
  workload({
    name: `BatchNorm ${name}`,
    op: "batchNorm",
    shape: IMAGES,
    options: { ...options },
    inputs: { ...affine(256), ...running(256) },
    results,
  });

const halves = (shape: readonly [number, number]) => [
  { ...layer(shape, "f16"), oursAlone: false },
  { ...layer(shape, "bf16"), oursAlone: false },
];

const groups = { groups: 32 };
const photos: Shape = [16, 64, 256, 256];

export const LARGE: readonly Workload[] = [
  ...TOKENS.map((shape) => layer(shape)),
  ...ODD.map((shape) => layer(shape)),
  ...TOKENS.flatMap(halves),
  ...TOKENS.map(rms),
  images("inference", {}, ["y"]),
  images("training", { training: true }, ["y", "runningMean", "runningVar"]),
  workload({ name: "InstanceNorm", op: "instanceNorm", shape: photos, inputs: affine(64) }),
  workload({
    name: "GroupNorm(32)",
    op: "groupNorm",
    shape: LATENTS,
    options: groups,
    inputs: affine(320),
  }),
  backward("LayerNorm", "layerNorm", TOKENS[0], { normalizedShape: [4096] }, 4096),
  backward("BatchNorm", "batchNorm", IMAGES, { training: true }, 256),
  backward("GroupNorm(32)", "groupNorm", LATENTS, groups, 320),
];

const WIDE: Shape = [4096, 4096];
const options = { normalizedShape: [4096], eps: 1e-6 };

export const GATED: readonly Workload[] = gated("RMSNorm", "rmsNorm", WIDE, options, {
  weight: [4096],
});
