// What is measured: the operations on shapes that people use them on.

import * as lib from "../src/index";
import { bitsOf, type DType, valuesOf } from "../src/types";
import type { Values } from "../test/arrays";
import { BACKWARD } from "../test/reference_backward";
import { FORWARD } from "../test/reference_family";

type Tensors = Readonly<Record<string, lib.Tensor>>;

/** One kernel on one shape. */
export interface Workload {
  readonly name: string;
  readonly shape: readonly number[];
  readonly dtype: DType; // of everything that has x's shape
  /** Shapes of the inputs beside x. */
  readonly inputs: Readonly<Record<string, readonly number[]>>;
  /** Runs it; y goes to `out`, other results are new tensors. */
  readonly run: (
    x: lib.Tensor,
    given: Tensors,
    out: lib.Tensor,
  ) => Readonly<Record<string, lib.Tensor>>;
  /** What float64 says of its results. */
  readonly expected: (x: Values, given: Readonly<Record<string, Values>>) => Record<string, Values>;
}

type Options = Readonly<Record<string, unknown>>;
type Shapes = Readonly<Record<string, readonly number[]>>;

const library = lib as unknown as Record<string, (x: lib.Tensor, o: object) => unknown>;
const forward = FORWARD as unknown as Record<
  string,
  (x: Values, o: object) => Record<string, Values>
>;

function named(result: unknown): Record<string, lib.Tensor> {
  return result instanceof Object && "buffer" in result
    ? { y: result as lib.Tensor }
    : (result as Record<string, lib.Tensor>);
}

/** A forward: the operation's name in the library, its options, its other inputs. */
function ahead(
  name: string,
  op: string,
  shape: readonly number[],
  options: Options,
  inputs: Shapes,
  dtype: DType = "f32",
): Workload {
  return {
    name,
    shape,
    dtype,
    inputs,
    run: (x, given, out) => named(library[op](x, { ...options, ...given, out })),
    expected: (x, given) => {
      const { y, sum } = forward[op](x, { ...options, ...given });
      return { y, ...(sum && { sum }) };
    },
  };
}

/** A backward; the statistics are computed again. */
function back(
  name: string,
  op: string,
  shape: readonly number[],
  options: Options,
  parameters: Shapes,
): Workload {
  return {
    name,
    shape,
    dtype: "f32",
    inputs: { dy: shape, ...parameters },
    run: (x, { dy, ...given }) => named(library[op](dy, { x, ...options, ...given })),
    expected: (x, { dy, ...given }) => BACKWARD[op](dy, { x, ...options, ...given }),
  };
}

const affine = (...shape: number[]) => ({ weight: shape, bias: shape });

function layer(shape: readonly [number, number], dtype?: DType): Workload {
  const [, length] = shape;
  const name = dtype ? `LayerNorm ${dtype}` : "LayerNorm";
  return ahead(name, "layerNorm", shape, { normalizedShape: [length] }, affine(length), dtype);
}

function rms(shape: readonly [number, number]): Workload {
  const [, length] = shape;
  const o = { normalizedShape: [length], eps: 1e-6 };
  return ahead("RMSNorm", "rmsNorm", shape, o, { weight: [length] });
}

const running = (channels: number) => ({ runningMean: [channels], runningVar: [channels] });
const IMAGES = [8, 64, 56, 56];
const GROUPED = [2, 128, 64, 64];
const ROWS = [4096, 768];
const groups = { groups: 32 };

export const WORKLOADS: readonly Workload[] = [
  layer([4096, 768]),
  layer([512, 4096]),
  layer([1, 4096]),
  layer([16384, 64]),
  layer([4096, 768], "f16"),
  layer([4096, 768], "bf16"),
  rms([4096, 768]),
  rms([16384, 64]),
  ahead(
    "Add + LayerNorm, sum returned",
    "layerNorm",
    ROWS,
    { normalizedShape: [768], residualOut: true },
    { ...affine(768), residual: ROWS },
  ),
  ahead(
    "BatchNorm training",
    "batchNorm",
    IMAGES,
    { training: true },
    { ...affine(64), ...running(64) },
  ),
  ahead(
    "BatchNorm training",
    "batchNorm",
    [64, 3, 224, 224],
    { training: true },
    { ...affine(3), ...running(3) },
  ),
  ahead("BatchNorm inference", "batchNorm", IMAGES, {}, { ...affine(64), ...running(64) }),
  ahead("InstanceNorm", "instanceNorm", [2, 32, 128, 128], {}, affine(32)),
  ahead("GroupNorm(32) NCHW", "groupNorm", GROUPED, groups, affine(128)),
  ahead(
    "GroupNorm(32) NHWC",
    "groupNorm",
    [2, 64, 64, 128],
    { ...groups, channelAxis: -1 },
    affine(128),
  ),
  ahead(
    "GroupNorm(32) + SiLU",
    "groupNorm",
    GROUPED,
    { ...groups, activation: "silu" },
    affine(128),
  ),
  back("LayerNorm backward", "layerNormBackward", ROWS, { normalizedShape: [768] }, affine(768)),
  back("BatchNorm backward", "batchNormBackward", IMAGES, { training: true }, affine(64)),
  back("GroupNorm(32) backward", "groupNormBackward", GROUPED, groups, affine(128)),
  back(
    "RMSNorm backward",
    "rmsNormBackward",
    ROWS,
    { normalizedShape: [768], eps: 1e-6 },
    { weight: [768] },
  ),
];

/** The values as the type holds them. */
export const rounded = (values: Float32Array, dtype: DType): Float32Array =>
  dtype === "f32" ? values : valuesOf(bitsOf(values, dtype), dtype);
