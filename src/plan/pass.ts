// What all plans are made of: passes over arrays as they lie, with their overrides, uniforms, grid and
// bytes. Pure: no GPU object comes in or goes out. forward.ts and backward.ts put passes together.

import { BYTES } from "../base/dtype";
import { fail } from "../base/errors";
import { contiguous, sizeOf } from "../base/shape";
import * as files from "../wgsl/files";
import { bindingsOf, type Module } from "../wgsl/link";
import { IDENTITY } from "../wgsl/statistics";
import type { Profile } from "./device_profile";
import type { Force, Sharing } from "./heuristics";
import { type Laid, type Places, POINT, walkOf } from "./loop_nest";
import {
  collapse,
  type Dim,
  dimsOf,
  each,
  type Held,
  type Layouts,
  type Operand,
  type Problem,
  type Statistic,
  type Stepped,
  type Stored,
} from "./problem";
import { tilesOf, type Windows } from "./tiling";
import {
  NO_PLANES,
  NO_SOURCE,
  type Planes,
  paramWords,
  type Real,
  type Source,
  type Whole,
} from "./uniforms";

export type Schedule = "row" | "column" | "split" | "apply";

export interface Pass {
  readonly does:
    | "normalize"
    | "measure"
    | "merge"
    | "apply"
    | "track"
    | "backward"
    | "sums"
    | "parameters";
  readonly modules: readonly Module[];
  readonly constants: Readonly<Record<string, number>>;
  readonly dispatches: readonly Dispatch[]; // more than one where arrays are too large for one
  readonly sharing: Sharing;
  readonly bytes: number; // to and from memory, if what it reads twice stays in cache
}

export interface Dispatch {
  readonly params: Uint32Array<ArrayBuffer>;
  readonly grid: readonly [number, number];
  readonly jobs: number;
  readonly windows: Windows;
}

export interface Plan {
  readonly schedule: Schedule;
  readonly passes: readonly Pass[];
  readonly groups: number;
  readonly count: number; // elements of a group
  readonly planes: Planes; // where each statistic starts in its buffer, in elements
  readonly statisticsSize: number; // elements of that buffer, where it is not the caller's
  readonly scratch: Scratch;
  readonly bytes: number; // of all passes
}

/** Makes a plan; each operation brings the one that it needs. */
export type Planner = (problem: Problem, profile: Profile, force?: Force) => Plan;

const MAX_GRID = 65535;
const ALIGN = 64; // elements: planes start where a binding may start

/** The plane that holds a statistic. */
export const PLANE: Record<Statistic, keyof Planes> = {
  mean: "mean",
  variance: "spread",
  std: "spread",
  rstd: "factor",
  r: "gain",
  d: "offset",
  pivot: "pivot",
  delta: "delta",
};

const TRACKING = { average: 0, order: 1, cumulative: 2 };

/** What all passes of a plan have in common. */
export interface Making {
  readonly problem: Problem;
  readonly profile: Profile;
  readonly force: Force;
  readonly native: boolean; // f16 as the device knows it
  readonly subgroups: boolean;
  readonly dims: readonly Dim[];
  readonly groups: number;
  readonly count: number;
}

export function making(problem: Problem, profile: Profile, force: Force): Making {
  return {
    problem,
    profile,
    force,
    native: force.native ?? profile.f16,
    subgroups: force.subgroups ?? profile.subgroups,
    dims: dimsOf(problem),
    groups: sizeOf(problem.shape.filter((_, i) => !problem.reduced[i])),
    count: sizeOf(problem.shape.filter((_, i) => problem.reduced[i])),
  };
}

/** Bytes of arrays that last for one operation, by their slots. */
export type Scratch = Readonly<Record<string, number>>;

/** Room for the arrays of both, of which one follows the other. */
export function larger(a: Scratch, b: Scratch): Scratch {
  const names = [...Object.keys(a), ...Object.keys(b)];
  return Object.fromEntries(names.map((name) => [name, Math.max(a[name] ?? 0, b[name] ?? 0)]));
}

export type Made = Pick<Plan, "schedule" | "passes" | "planes" | "statisticsSize" | "scratch">;

export function planOf({ groups, count }: Making, made: Made): Plan {
  const bytes = made.passes.reduce((sum, pass) => sum + pass.bytes, 0);
  return { ...made, groups, count, bytes };
}

/** Whether each pass has as many storage buffers as the device can bind, at most. */
export const fits = ({ profile }: Making, { passes }: Pick<Made, "passes">): boolean =>
  passes.every(({ modules }) => {
    const buffers = bindingsOf(modules).filter(({ type }) => type !== "uniform");
    return buffers.length <= profile.storageBuffers;
  });

/** The pass with another tensor behind an array of the shaders'. */
export const rebound = (pass: Pass, array: string, slot: string): Pass => ({
  ...pass,
  modules: pass.modules.map((module) => {
    const declares = new RegExp(`var<[^>]+> ?${array}:`).test(module.text);
    return declares ? { ...module, slots: { ...module.slots, [array]: slot } } : module;
  }),
});

/** Empty in, empty out. */
export function nothing([planes, statisticsSize]: PlanesAt): Made {
  return { schedule: "apply", passes: [], planes, statisticsSize, scratch: {} };
}

export type PlanesAt = readonly [Planes, size: number];

/** Planes for these statistics, one behind the other in one buffer. */
export function planesFor(m: Making, wanted: Iterable<keyof Planes>): PlanesAt {
  const names = [...new Set(wanted)];
  const stride = Math.ceil(m.groups / ALIGN) * ALIGN;
  const placed = names.map((name, i) => [name, m.problem.stat.offset + i * stride]);
  return [{ ...NO_PLANES, ...Object.fromEntries(placed) }, names.length * stride];
}

/** Where arrays start, of those that there are. */
export const placesOf = (arrays: { readonly [K in Operand]?: Held | undefined }): Places =>
  Object.fromEntries(
    Object.entries(arrays).flatMap(([name, stored]) =>
      stored ? [[name, { offset: stored.offset, bytes: BYTES[stored.dtype] }]] : [],
    ),
  );

/** The arrays of a pass as they lie, of those that the problem has. */
export function lay(
  { problem: { op, layouts }, dims }: Making,
  packed: readonly Operand[],
  loose: readonly Operand[],
  results: readonly Stepped[] = ["stat"],
): Laid {
  const present = (names: readonly Operand[]) => names.filter((name) => layouts[name]);
  const all = [...present(packed), ...present(loose)];
  return {
    op,
    dims: collapse(dims, [...all, "stat", ...results]),
    at: placesOf(Object.fromEntries(all.map((name) => [name, layouts[name]]))),
    packed: present(packed),
    loose: present(loose),
  };
}

/** Bytes of the arrays, each counted once. */
export function traffic({ dims, packed, loose }: Laid, layouts: Layouts): number {
  return [...packed, ...loose].reduce((sum, name) => {
    const sizes = dims.map((d) => (d[name] === 0 ? 1 : d.size));
    return sum + sizeOf(sizes) * BYTES[layouts[name]?.dtype ?? "f32"];
  }, 0);
}

function gridOf(jobs: number, jobsAWorkgroup: number): [number, number] {
  const workgroups = Math.ceil(jobs / jobsAWorkgroup);
  const y = Math.ceil(workgroups / MAX_GRID);
  return [Math.ceil(workgroups / y), y];
}

export interface Values {
  readonly planes?: Planes;
  readonly source?: Source;
  readonly constants?: Readonly<Record<string, number>>;
  readonly bytes?: number;
  readonly whole?: Partial<Whole>;
  readonly real?: Partial<Real>;
}

/** A pass: the uniform block, the files, and how it is shared out. */
export function passOf(
  m: Making,
  does: Pass["does"],
  sharing: Sharing,
  modules: readonly Module[],
  values: Values,
): Pass {
  const { walk, workgroup, team, held, slicePacks } = sharing;
  const { eps, correction, results, track, exponent, weightOffset, renorm } = m.problem;
  const { planes = NO_PLANES, source = NO_SOURCE } = values;
  const whole = {
    slices: 0, // of a dispatch, as the next
    firstSlice: 0,
    slicePacks,
    squareRoot: Number(results.includes("std")),
    instances: track?.instances ?? 1,
    tracking: TRACKING[track?.by ?? "average"],
    runningMean: renorm?.mean ?? 0,
    runningVar: renorm?.variance ?? 0,
    windowBefore: 0,
    windowAfter: 0,
    ...values.whole,
  };
  const real = {
    momentum: track?.momentum ?? 0,
    eps,
    count: m.count,
    spreadScale: m.count / Math.max(0, m.count - correction),
    trackScale: m.count / Math.max(1, m.count - 1),
    exponent,
    weightOffset,
    alpha: 0,
    mostGain: renorm?.most.gain ?? 1,
    mostOffset: renorm?.most.offset ?? 0,
    ...values.real,
  };
  return {
    does,
    modules: [...new Set([files.uniforms, ...modules])],
    constants: {
      WORKGROUP: workgroup,
      ...(modules.includes(files.cursor) && {
        TEAM: team,
        COLUMNS: Number(walk.columns),
        HOP: 2 ** Math.ceil(Math.log2(team) / 2),
      }),
      ...(modules.includes(files.registers) && { HELD: held }),
      ...Object.assign({}, ...modules.map(({ constants }) => constants)),
      ...values.constants,
    },
    dispatches: tilesOf(sharing).map(({ walk, slices, firstSlice, windows }) => {
      const jobs = walk.groups * slices;
      const own = { ...whole, slices, firstSlice };
      const params = paramWords(walk, team, own, planes, source, real);
      return { params, grid: gridOf(jobs, workgroup / team), jobs, windows };
    }),
    sharing,
    bytes: values.bytes ?? 0,
  };
}

/** A pass with one invocation for each of so many values. */
export function valuesPass(
  m: Making,
  does: Pass["does"],
  size: number,
  at: Partial<Record<Operand, number>>,
  module: Module,
  values: Values,
): Pass {
  const dim: Dim = { ...POINT, size, reduced: false };
  const one = walkOf({ op: does, dims: [dim], at: {}, packed: [], loose: [] }, true, 1);
  const walk = { ...one, base: { ...POINT, ...each(() => 0), ...at } };
  const team = { team: 1, workgroup: m.profile.workgroup };
  const box = [size, 1];
  const sharing: Sharing = { walk, box, ...team, held: 0, slices: 1, slicePacks: 1 };
  return passOf(m, does, sharing, [module], values);
}

/** An array of x's shape that lasts for one operation. */
export const dense = ({ shape }: Problem): Stored => {
  return { strides: contiguous(shape), offset: 0, dtype: "f32" };
};

/** Nothing is normalized. */
export const PLAIN = {
  kind: IDENTITY,
  given: { file: files.storedNothing, mean: null, spread: null },
  renorm: null,
  track: null,
  results: [],
  inPlace: false,
} as const;

/** No way is left to bind what a pass needs. */
export function tooMany({ problem, profile }: Making): never {
  const limit = profile.storageBuffers;
  return fail(
    problem.op,
    `more arrays than the device's maxStorageBuffersPerShaderStage of ${limit} in a pass`,
  );
}
