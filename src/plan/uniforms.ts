// Writes the uniform block that shaders/loop/uniforms.wgsl declares, field by field in its order.

import { type LoopNest, UNIT_DIM } from "./loop_nest";
import { type Dim, MAX_DIMS_A_SIDE, OPERANDS } from "./problem";

/** A plane that is not wanted. */
export const NONE = 0xffffffff;

const STATISTICS_ARRAYS = [
  "pivot",
  "delta",
  "factor",
  "variance",
  "mean",
  "spread",
  "first",
  "second",
  "gain",
  "offset",
] as const;

/** Where each plane of statistics starts, in elements. */
export type StatisticsOffsets = { readonly [K in (typeof STATISTICS_ARRAYS)[number]]: number };

export const NO_OFFSETS = Object.fromEntries(
  STATISTICS_ARRAYS.map((name) => [name, NONE]),
) as StatisticsOffsets;

const SOURCES = ["mean", "delta", "spread", "gain", "offset"] as const;

/** Planes that are read, not written. */
export type StatisticsSource = { readonly [K in (typeof SOURCES)[number]]: number };

export const NO_SOURCE = Object.fromEntries(
  SOURCES.map((name) => [name, NONE]),
) as StatisticsSource;

/** Whole numbers of a pass; they are written as they come, so in the block's order. */
export interface UintFields {
  readonly slices: number;
  readonly firstSlice: number;
  readonly sliceVectors: number;
  readonly squareRoot: number;
  readonly instances: number;
  readonly tracking: number;
  readonly runningMean: number;
  readonly runningVar: number;
  readonly windowBefore: number;
  readonly windowAfter: number;
}

/** The others, likewise. */
export interface FloatFields {
  readonly momentum: number;
  readonly eps: number;
  readonly count: number;
  readonly spreadScale: number;
  readonly trackScale: number;
  readonly exponent: number;
  readonly weightOffset: number;
  readonly alpha: number;
  readonly maxGain: number;
  readonly maxOffset: number;
}

/** Multiplier and shift that divide by `size` exactly (Granlund & Montgomery 1994, figure 4.1). */
export function divider(size: number): { multiplier: number; shift: number } {
  const shift = size <= 1 ? 0 : 32 - Math.clz32(size - 1);
  const excess = (1n << BigInt(shift)) - BigInt(size);
  return { multiplier: Number((excess << 32n) / BigInt(size) + 1n), shift };
}

function dimWords(dim: Dim): number[] {
  const { multiplier, shift } = divider(dim.size);
  return [dim.size, multiplier, shift, dim.statistics, ...OPERANDS.map((name) => dim[name])];
}

const dimsBlock = (dims: readonly Dim[]) =>
  Array.from({ length: MAX_DIMS_A_SIDE }, (_, i) => dimWords(dims[i] ?? UNIT_DIM)).flat();

/** A team's step through a group: whole runs, and packs on top. Within a run it is the team's size. */
const teamStep = (team: number, run: number) =>
  team <= run ? [0, team] : [Math.floor(team / run), team % run];

export function uniformWords(
  nest: LoopNest,
  team: number,
  whole: UintFields,
  offsets: StatisticsOffsets,
  source: StatisticsSource,
  real: FloatFields,
): Uint32Array<ArrayBuffer> {
  return Uint32Array.from([
    ...dimWords({ ...UNIT_DIM, size: nest.groups }),
    ...dimWords(nest.inner),
    ...dimWords(nest.laneStride),
    ...dimWords(nest.base),
    nest.groupVectors,
    ...teamStep(team, nest.inner.size),
    Math.max(1, nest.kept.length),
    Math.max(1, nest.outer.length),
    ...Object.values(whole),
    ...STATISTICS_ARRAYS.map((name) => offsets[name]),
    ...SOURCES.map((name) => source[name]),
    ...new Uint32Array(Float32Array.from(Object.values(real)).buffer),
    // the dims start here, at a multiple of 16 bytes
    ...dimsBlock(nest.kept),
    ...dimsBlock(nest.outer),
  ]);
}
