// A case is an operation on a shape with the arrays that come along, as data: what is planned and
// compiled.

import type { ElementDType } from "../../src/base/dtype";
import { lengthsOf, maskOf } from "../../src/index";
import type { Shape } from "../workloads";

export interface Case {
  readonly title: string;
  readonly op: string;
  readonly shape: Shape;
  readonly dtype: ElementDType;
  /** True if f16 is stored in pairs, as on devices without `shader-f16`. */
  readonly packed: boolean;
  /** Options as `explain` takes them: arrays are their shapes and types. */
  readonly options: Readonly<Record<string, unknown>>;
  /** Arrays of x's size that any implementation has to read or write. */
  readonly leastArrays: number;
}

interface Storage {
  readonly dtype: ElementDType;
  readonly packed: boolean;
}

/** What a case adds to its storage; the note tells cases of one operation and shape apart. */
interface Given {
  readonly op: string;
  readonly shape: Shape;
  readonly options: Readonly<Record<string, unknown>>;
  readonly leastArrays: number;
  readonly note?: string;
}

const F32: Storage = { dtype: "f32", packed: false };
const HALVES: readonly Storage[] = [
  { dtype: "f16", packed: false },
  { dtype: "f16", packed: true },
  { dtype: "bf16", packed: false },
];

function caseOf({ note = "", ...given }: Given, storage: Storage): Case {
  const { op, shape } = given;
  const type = storage.packed ? `${storage.dtype} packed` : storage.dtype;
  const title = [op, note, type, `[${shape.join(", ")}]`].filter(Boolean).join(" ");
  return { title, ...given, ...storage };
}

const array = (shape: Shape, dtype: ElementDType = "f32") => ({ shape, dtype });

const lengthOf = (shape: Shape) => shape[shape.length - 1];

/** LayerNorm and RMSNorm over the last axis. */
function rowNorms(shape: Shape, { dtype }: Storage): Given[] {
  const last = [lengthOf(shape)];
  const [weight, bias] = [array(last, dtype), array(last, dtype)];
  const common = { shape, leastArrays: 2 };
  return [
    { ...common, op: "layerNorm", options: { normalizedShape: last, weight, bias } },
    { ...common, op: "rmsNorm", options: { normalizedShape: last, weight } },
  ];
}

/** The same of a sum of two arrays, which is a result, too. */
function addedRowNorms(shape: Shape, storage: Storage): Given[] {
  const added = { residual: array(shape, storage.dtype), residualOut: true };
  return rowNorms(shape, storage).map((given) => ({
    ...given,
    note: "+ residual",
    options: { ...given.options, ...added },
    leastArrays: 4,
  }));
}

/** The row norms and their gradients of the elements that a mask lets count. */
function maskedRows(shape: Shape): Given[] {
  const masks = {
    "masked by u8": maskOf({ shape, dtype: "u8" }),
    "masked by lengths": lengthsOf({ shape: [shape[0]] }),
  };
  const plain = [...rowNorms(shape, F32), ...rowGradients(shape, F32)];
  return Object.entries(masks).flatMap(([note, mask]) =>
    plain.map((given) => ({ ...given, note, options: { ...given.options, mask } })),
  );
}

/** Gradients of the row norms, with the statistics that the forward saved. */
function rowGradients(shape: Shape, storage: Storage): Given[] {
  const rows = array([shape[0]]);
  const x = array(shape, storage.dtype);
  return rowNorms(shape, storage).map(({ op, options }) => ({
    op: `${op}Backward`,
    shape,
    options: { ...options, x, rstd: rows, ...(op === "layerNorm" && { mean: rows }) },
    leastArrays: 3,
  }));
}

const softmaxOf = (shape: Shape): Given => ({
  op: "softmax",
  shape,
  options: { axes: [-1] },
  leastArrays: 2,
});

function batchNorms(shape: Shape, { dtype }: Storage): Given[] {
  const channels = array([shape[1]]);
  const affine = { weight: channels, bias: channels };
  const running = { runningMean: channels, runningVar: channels };
  const training = { training: true, stats: true };
  const saved = { mean: channels, rstd: channels, training: true, x: array(shape, dtype) };
  const op = "batchNorm";
  return [
    { op, note: "inference", shape, options: { ...affine, ...running }, leastArrays: 2 },
    {
      op,
      note: "training",
      shape,
      options: { ...affine, ...running, ...training },
      leastArrays: 3,
    },
    { op: "batchNormBackward", shape, options: { ...affine, ...saved }, leastArrays: 5 },
  ];
}

interface GroupedShape {
  readonly shape: Shape;
  readonly layout: "NCHW" | "NHWC";
  readonly options?: Readonly<Record<string, unknown>>;
}

function groupNormOf({ shape, layout, options }: GroupedShape, { dtype }: Storage): Given {
  const last = layout === "NHWC";
  const channels = [last ? lengthOf(shape) : shape[1]];
  const affine = { weight: array(channels, dtype), bias: array(channels, dtype) };
  const axis = last && { channelAxis: -1 };
  const own = { groups: 32, ...affine, ...axis, ...options };
  const note = options?.activation ? `${layout} + SiLU` : layout;
  return { op: "groupNorm", note, shape, options: own, leastArrays: 2 };
}

const SILU = { activation: "silu" };
const GROUPED: readonly GroupedShape[] = [
  { shape: [2, 128, 64, 64], layout: "NCHW" },
  { shape: [2, 64, 64, 128], layout: "NHWC" },
  { shape: [4, 32, 32, 512], layout: "NHWC" },
  { shape: [1, 512, 128, 128], layout: "NCHW", options: SILU },
  { shape: [1, 128, 128, 512], layout: "NHWC", options: SILU },
];

function groupGradient(grouped: GroupedShape, storage: Storage): Given {
  const { shape } = grouped;
  const statistics = array([shape[0], 32]);
  const { options, note } = groupNormOf(grouped, storage) as Required<Given>;
  const saved = { x: array(shape, storage.dtype), mean: statistics, rstd: statistics };
  return {
    op: "groupNormBackward",
    note,
    shape,
    options: { ...options, ...saved },
    leastArrays: 3,
  };
}

function instanceNormOf(shape: Shape, { dtype }: Storage): Given {
  const channels = array([shape[1]], dtype);
  return {
    op: "instanceNorm",
    shape,
    options: { weight: channels, bias: channels },
    leastArrays: 2,
  };
}

function instanceGradient(shape: Shape, storage: Storage): Given {
  const statistics = array(shape.slice(0, 2));
  const saved = { x: array(shape, storage.dtype), mean: statistics, rstd: statistics };
  const { options } = instanceNormOf(shape, storage);
  return { op: "instanceNormBackward", shape, options: { ...options, ...saved }, leastArrays: 3 };
}

const WIDE_ROWS = [4096, 768];
const LONG_ROWS = [512, 4096];
const ONE_ROW = [1, 4096];
const IMAGES = [64, 256, 32, 32];
const PICTURES = [2, 32, 128, 128];
const ROWS: readonly Shape[] = [WIDE_ROWS, LONG_ROWS, ONE_ROW, [16384, 64], [8192, 8192]];

interface Shapes {
  readonly rows: readonly Shape[];
  readonly added: readonly Shape[];
  readonly images: readonly Shape[];
  readonly gradients: readonly Shape[];
}

const SHAPES: Shapes = {
  rows: ROWS,
  added: [WIDE_ROWS, LONG_ROWS, ONE_ROW],
  images: [[8, 64, 56, 56], IMAGES, [64, 3, 224, 224]],
  gradients: ROWS,
};

/** Of 16-bit storage a part shows what differs. */
const FEWER_SHAPES: Shapes = {
  rows: [WIDE_ROWS, LONG_ROWS, ONE_ROW],
  added: [WIDE_ROWS],
  images: [IMAGES],
  gradients: [WIDE_ROWS, LONG_ROWS],
};

function usual({ rows, added, images, gradients }: Shapes, storage: Storage): Case[] {
  const all = [
    ...rows.flatMap((shape) => rowNorms(shape, storage)),
    ...added.flatMap((shape) => addedRowNorms(shape, storage)),
    softmaxOf([4096, 1024]),
    softmaxOf([32, 128256]),
    ...images.flatMap((shape) => batchNorms(shape, storage)),
    instanceNormOf(PICTURES, storage),
    ...GROUPED.map((grouped) => groupNormOf(grouped, storage)),
    ...gradients.flatMap((shape) => rowGradients(shape, storage)),
    instanceGradient(PICTURES, storage),
    ...GROUPED.slice(0, 2).map((grouped) => groupGradient(grouped, storage)),
  ];
  return all.map((given) => caseOf(given, storage));
}

/** These shapes strain a planner. */
function unusual(): Case[] {
  const layer = (shape: Shape, note: string) => ({ ...rowNorms(shape, F32)[0], note });
  const groups64: GroupedShape = {
    shape: [8, 512, 64, 64],
    layout: "NCHW",
    options: { groups: 64 },
  };
  const all: Given[] = [
    layer([1048576, 4], "tiny rows"),
    layer([262144, 32], "short rows"),
    layer([4096, 770], "not by 4"),
    layer([8192, 8191], "long, not by 4"),
    { ...softmaxOf([2048, 50257]), note: "a vocabulary" },
    layer([4096, 5120], "5120"),
    layer([1, 1048576], "one long row"),
    { ...rowNorms([4, 8192], F32)[1], note: "decoding" },
    batchNorms([4096, 1024], F32)[1],
    batchNorms([32, 128], F32)[2],
    groupGradient({ shape: [2, 512, 32, 32], layout: "NCHW" }, F32),
    { ...groupNormOf(groups64, F32), note: "64 groups" },
    ...maskedRows(WIDE_ROWS),
  ];
  return all.map((given) => caseOf(given, F32));
}

const CASES: readonly Case[] = [
  ...usual(SHAPES, F32),
  ...unusual(),
  ...HALVES.flatMap((storage) => usual(FEWER_SHAPES, storage)),
];

/** Lists the cases whose title contains the text, in any case. */
export function casesWith(text: string): readonly Case[] {
  return CASES.filter(({ title }) => title.toLowerCase().includes(text.toLowerCase()));
}
