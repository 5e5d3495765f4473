// A workload is an operation on a shape that people use it on, as data. Every library implements it
// as it can; definitions.ts states the workloads without the operations' names.

import type { FloatDType } from "../src/base/dtype";

export type Shape = readonly number[];

/** How the lengths are told: themselves, or as a mask of this type and shape. */
export interface Masking {
  readonly by: "lengths" | "u8" | "u32" | "f32";
  readonly shape: Shape;
}

/** One operation on one shape. */
export interface Workload {
  readonly name: string;
  /** The operation's name in webgpu-norm; a backward's ends in "Backward". */
  readonly op: string;
  readonly shape: Shape;
  /** Of everything that has x's shape; parameters and statistics are f32. */
  readonly dtype: FloatDType;
  readonly options: Readonly<Record<string, unknown>>;
  /** Shapes of the inputs beside x. */
  readonly inputs: Readonly<Record<string, Shape>>;
  /** What it has to give. */
  readonly results: readonly string[];
  /** Examples of x end at lengths of their own. The operation without the mask is timed beside. */
  readonly masked?: Masking;
  /** Only webgpu-norm and the copies run it. */
  readonly oursAlone: boolean;
}

const affine = (...shape: number[]) => ({ weight: shape, bias: shape });
const running = (channels: number) => ({ runningMean: [channels], runningVar: [channels] });
const GRADIENTS = ["dx", "dWeight", "dBias"];

const ROWS = [4096, 768];
const IMAGES = [8, 64, 56, 56];
const PHOTOS = [64, 3, 224, 224];
const GROUPED = [2, 128, 64, 64];
const groups = { groups: 32 };

type Given = Pick<Workload, "name" | "op" | "shape"> & Partial<Workload>;

export const workload = (given: Given): Workload => ({
  dtype: "f32",
  options: {},
  inputs: {},
  results: ["y"],
  oursAlone: false,
  ...given,
});

export function layer(shape: readonly [number, number], dtype: FloatDType = "f32"): Workload {
  const [, length] = shape;
  return workload({
    name: dtype === "f32" ? "LayerNorm" : `LayerNorm ${dtype}`,
    op: "layerNorm",
    shape,
    dtype,
    options: { normalizedShape: [length] },
    inputs: affine(length),
    oursAlone: dtype !== "f32",
  });
}

export function rms(shape: readonly [number, number]): Workload {
  const [, length] = shape;
  return workload({
    name: "RMSNorm",
    op: "rmsNorm",
    shape,
    options: { normalizedShape: [length], eps: 1e-6 },
    inputs: { weight: [length] },
  });
}

function training(shape: Shape): Workload {
  return workload({
    name: "BatchNorm training",
    op: "batchNorm",
    shape,
    options: { training: true },
    inputs: { ...affine(shape[1]), ...running(shape[1]) },
    results: ["y", "runningMean", "runningVar"],
  });
}

/** The same of the valid elements alone. */
const masked = (of: Workload, by: Masking["by"], shape: Shape = of.shape): Workload => ({
  ...of,
  name: `${of.name}, masked by ${by}`,
  masked: { by, shape },
  oursAlone: true,
});

const group = (given: Partial<Workload>) =>
  workload({
    name: "GroupNorm(32)",
    op: "groupNorm",
    shape: GROUPED,
    options: groups,
    inputs: affine(128),
    ...given,
  });

export const backward = (
  name: string,
  op: string,
  shape: Shape,
  options: object,
  channels: number,
) =>
  workload({
    name: `${name} backward`,
    op: `${op}Backward`,
    shape,
    options: { ...options },
    inputs: { dy: shape, ...affine(channels) },
    results: GRADIENTS,
  });

const gradientOf = (name: string) => `d${name[0].toUpperCase()}${name.slice(1)}`;

/** A norm and its gradients without a gate, then with one; all their titles contain "gated". */
export function gated(
  name: string,
  op: string,
  shape: Shape,
  options: object,
  parameters: Readonly<Record<string, Shape>>,
): Workload[] {
  const usual = { shape, options: { ...options }, oursAlone: true };
  return (["ungated", "gated"] as const).flatMap((which) => {
    const inputs = { ...parameters, ...(which === "gated" && { gate: shape }) };
    const results = ["dx", ...Object.keys(inputs).map(gradientOf)];
    return [
      workload({ ...usual, name: `${name}, ${which}`, op, inputs }),
      workload({
        ...usual,
        ...{ name: `${name}, ${which}, backward`, op: `${op}Backward` },
        ...{ inputs: { dy: shape, ...inputs }, results },
      }),
    ];
  });
}

const layerBackward = backward("LayerNorm", "layerNorm", ROWS, { normalizedShape: [768] }, 768);
const batchBackward = backward("BatchNorm", "batchNorm", IMAGES, { training: true }, 64);

export const WORKLOADS: readonly Workload[] = [
  layer([4096, 768]),
  layer([512, 4096]),
  layer([1, 4096]),
  layer([7, 131072]),
  layer([16384, 64]),
  layer([50000, 24]),
  rms([4096, 768]),
  rms([16384, 64]),
  workload({
    name: "Add + LayerNorm, sum returned",
    op: "layerNorm",
    shape: ROWS,
    options: { normalizedShape: [768], residualOut: true },
    inputs: { ...affine(768), residual: ROWS },
    results: ["y", "sum"],
  }),
  workload({
    name: "BatchNorm inference",
    op: "batchNorm",
    shape: IMAGES,
    inputs: { ...affine(64), ...running(64) },
  }),
  workload({
    name: "BatchNorm statistics",
    op: "moments",
    shape: PHOTOS,
    options: { axes: [0, 2, 3] },
    results: ["mean", "variance"],
  }),
  training(IMAGES),
  training(PHOTOS),
  workload({
    name: "InstanceNorm",
    op: "instanceNorm",
    shape: [2, 32, 128, 128],
    inputs: affine(32),
  }),
  group({}),
  layerBackward,
  batchBackward,
  backward("GroupNorm(32)", "groupNorm", GROUPED, groups, 128),
  ...(["u8", "u32", "f32", "lengths"] as const).map((by) => masked(layer([4096, 768]), by)),
  masked(rms([4096, 4096]), "u8"),
  masked(rms([4096, 4096]), "lengths"),
  masked(training(IMAGES), "u8", [8, 1, 56, 56]),
  masked(group({}), "u8", [2, 1, 64, 64]),
  masked(group({}), "lengths"),
  masked(layerBackward, "u8"),
  masked(layerBackward, "lengths"),
  masked(batchBackward, "u8", [8, 1, 56, 56]),
  layer(ROWS as [number, number], "f16"),
  layer(ROWS as [number, number], "bf16"),
  group({
    name: "GroupNorm(32) NHWC",
    shape: [2, 64, 64, 128],
    options: { ...groups, channelAxis: -1 },
    oursAlone: true,
  }),
  group({
    name: "GroupNorm(32) + SiLU",
    options: { ...groups, activation: "silu" },
    oursAlone: true,
  }),
  workload({
    name: "RMSNorm, gated",
    op: "rmsNorm",
    shape: ROWS,
    options: { normalizedShape: [768], eps: 1e-6 },
    inputs: { weight: [768], gate: ROWS },
    oursAlone: true,
  }),
  workload({
    name: "RMSNorm backward",
    op: "rmsNormBackward",
    shape: ROWS,
    options: { normalizedShape: [768], eps: 1e-6 },
    inputs: { dy: ROWS, weight: [768] },
    results: ["dx", "dWeight"],
    oursAlone: true,
  }),
  ...gated("GroupNorm(32)", "groupNorm", GROUPED, groups, affine(128)),
];

export const titleOf = ({ name, shape }: Pick<Workload, "name" | "shape">): string =>
  `${name} [${shape.join(", ")}]`;

/** Those whose title contains the text, in any case. */
export function matching(text: string, all: readonly Workload[] = WORKLOADS): readonly Workload[] {
  return all.filter((one) => titleOf(one).toLowerCase().includes(text.toLowerCase()));
}
