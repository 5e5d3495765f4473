// Writes the uniform block that shaders/loop/uniforms.wgsl declares, field by field in its order.

import { POINT, type Walk } from "./loop_nest";
import { type Dim, MAX_DIMS_A_SIDE, OPERANDS } from "./problem";

/** A plane that is not wanted. */
export const NONE = 0xffffffff;

const PLANES = [
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
export type Planes = { readonly [K in (typeof PLANES)[number]]: number };

export const NO_PLANES = Object.fromEntries(PLANES.map((name) => [name, NONE])) as Planes;

const SOURCES = ["mean", "delta", "spread", "gain", "offset"] as const;

/** Planes that are read, not written. */
export type Source = { readonly [K in (typeof SOURCES)[number]]: number };

export const NO_SOURCE = Object.fromEntries(SOURCES.map((name) => [name, NONE])) as Source;

/** Whole numbers of a pass; they are written as they come, so in the block's order. */
export interface Whole {
  readonly slices: number;
  readonly firstSlice: number;
  readonly slicePacks: number;
  readonly squareRoot: number;
  readonly instances: number;
  readonly tracking: number;
  readonly runningMean: number;
  readonly runningVar: number;
  readonly windowBefore: number;
  readonly windowAfter: number;
}

/** The others, likewise. */
export interface Real {
  readonly momentum: number;
  readonly eps: number;
  readonly count: number;
  readonly spreadScale: number;
  readonly trackScale: number;
  readonly exponent: number;
  readonly weightOffset: number;
  readonly alpha: number;
  readonly mostGain: number;
  readonly mostOffset: number;
}

/** Multiplier and shift that divide by `size` exactly (Granlund & Montgomery 1994, figure 4.1). */
export function divider(size: number): { multiplier: number; shift: number } {
  const shift = size <= 1 ? 0 : 32 - Math.clz32(size - 1);
  const excess = (1n << BigInt(shift)) - BigInt(size);
  return { multiplier: Number((excess << 32n) / BigInt(size) + 1n), shift };
}

function dimWords(dim: Dim): number[] {
  const { multiplier, shift } = divider(dim.size);
  return [dim.size, multiplier, shift, dim.stat, ...OPERANDS.map((name) => dim[name])];
}

const side = (dims: readonly Dim[]) =>
  Array.from({ length: MAX_DIMS_A_SIDE }, (_, i) => dimWords(dims[i] ?? POINT)).flat();

/** A team's step through a group: whole runs, and packs on top. Within a run it is the team's size. */
const teamStep = (team: number, run: number) =>
  team <= run ? [0, team] : [Math.floor(team / run), team % run];

export function paramWords(
  walk: Walk,
  team: number,
  whole: Whole,
  planes: Planes,
  source: Source,
  real: Real,
): Uint32Array<ArrayBuffer> {
  return Uint32Array.from([
    ...dimWords({ ...POINT, size: walk.groups }),
    ...dimWords(walk.run),
    ...dimWords(walk.along),
    ...dimWords(walk.base),
    walk.groupPacks,
    ...teamStep(team, walk.run.size),
    Math.max(1, walk.kept.length),
    Math.max(1, walk.segments.length),
    ...Object.values(whole),
    ...PLANES.map((name) => planes[name]),
    ...SOURCES.map((name) => source[name]),
    ...new Uint32Array(Float32Array.from(Object.values(real)).buffer),
    // the dims start here, at a multiple of 16 bytes
    ...side(walk.kept),
    ...side(walk.segments),
  ]);
}
