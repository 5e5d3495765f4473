// This file writes the uniform block that shaders/loop/uniforms.wgsl declares, field by field in
// its order.

import { type LoopNest, UNIT_DIM } from "./loop_nest";
import { OPERANDS, type Operand } from "./operands";
import { type Dim, forEachArray, MAX_DIMS_A_SIDE } from "./problem";
import {
  FLOAT_FIELDS,
  type KernelFields,
  STATISTICS_ARRAYS,
  STATISTICS_SOURCES,
  type StatisticsOffsets,
  type StatisticsSource,
  UINT_FIELDS,
} from "./uniform_fields";

/**
 * Returns the multiplier and shift that divide by `size` exactly (Granlund & Montgomery 1994,
 * figure 4.1).
 */
export function divider(size: number): { multiplier: number; shift: number } {
  const shift = size <= 1 ? 0 : 32 - Math.clz32(size - 1);
  const excess = (1n << BigInt(shift)) - BigInt(size);
  return { multiplier: Number((excess << 32n) / BigInt(size) + 1n), shift };
}

/**
 * Pads words to 16 bytes, since structs and arrays start at multiples of that in a uniform block.
 */
const padded = (words: readonly number[]): number[] => [
  ...words,
  ...new Array<number>(-words.length & 3).fill(0),
];

function dimWords(dim: Dim, operands: readonly Operand[]): number[] {
  const { multiplier, shift } = divider(dim.size);
  const strides = operands.map((name) => dim[name]);
  return padded([dim.size, multiplier, shift, dim.statistics, ...strides]);
}

const dimsBlock = (dims: readonly Dim[], operands: readonly Operand[]) =>
  Array.from({ length: MAX_DIMS_A_SIDE }, (_, i) => dimWords(dims[i] ?? UNIT_DIM, operands)).flat();

/** Returns a team's step through a group: whole inner loops, and vectors on top. */
const teamStep = (team: number, inner: number) =>
  team <= inner ? [0, team] : [Math.floor(team / inner), team % inner];

/** Returns the strides of a team's step, so that kernels need no products for it. */
function stepDim({ inner, outer }: LoopNest, team: number): Dim {
  const [outward = 0, inward = 0] = teamStep(team, inner.size);
  const around = outer.at(-1) ?? UNIT_DIM;
  return { ...UNIT_DIM, ...forEachArray((name) => outward * around[name] + inward * inner[name]) };
}

/** Returns the strides from the end of an inner loop to the next one. */
function wrapDim({ inner, outer }: LoopNest): Dim {
  const around = outer.at(-1) ?? UNIT_DIM;
  return { ...UNIT_DIM, ...forEachArray((name) => around[name] - inner.size * inner[name]) };
}

/** Writes the block's words, field by field. */
export function uniformWords(
  nest: LoopNest,
  team: number,
  values: Readonly<Record<string, number>>,
  offsets: StatisticsOffsets,
  source: StatisticsSource,
  operands: readonly Operand[] = OPERANDS,
): Uint32Array<ArrayBuffer> {
  const single = [
    { ...UNIT_DIM, size: nest.groups },
    ...[nest.inner, nest.laneStride, nest.base],
    ...[stepDim(nest, team), wrapDim(nest)],
  ];
  const numbers = [
    ...single.flatMap((dim) => dimWords(dim, operands)),
    nest.groupVectors,
    ...teamStep(team, nest.inner.size),
    ...UINT_FIELDS.map((name) => values[name] ?? 0),
    ...STATISTICS_ARRAYS.map((name) => offsets[name]),
    ...STATISTICS_SOURCES.map((name) => source[name]),
    ...floatBits(FLOAT_FIELDS.map((name) => values[name] ?? 0)),
  ];
  const many = [nest.kept, nest.outer].flatMap((dims) => dimsBlock(dims, operands));
  return Uint32Array.from([...padded(numbers), ...many]);
}

/** Writes the block of a kernel that works on statistics alone. */
export const kernelWords = (
  { uints, floats }: KernelFields,
  values: Readonly<Record<string, number>>,
): Uint32Array<ArrayBuffer> => {
  const read = (name: string) => values[name] ?? 0;
  return Uint32Array.from([...uints.map(read), ...floatBits(floats.map(read))]);
};

const floatBits = (values: readonly number[]) => new Uint32Array(Float32Array.from(values).buffer);
