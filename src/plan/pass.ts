// What all plans are made of: passes over arrays as they lie, with their overrides, uniforms, grid and
// bytes. Pure: no GPU object comes in or goes out. forward.ts and backward.ts put passes together.

import { BYTES } from "../base/dtype";
import { fail } from "../base/errors";
import { contiguous, sizeOf } from "../base/shape";
import * as files from "../wgsl/files";
import { bindingsOf, type Fragment } from "../wgsl/link";
import { IDENTITY } from "../wgsl/statistics";
import type { DeviceProfile } from "./device_profile";
import type { Partition } from "./heuristics";
import { type ArrayExtents, loopNestOf, type PassLayout, UNIT_DIM } from "./loop_nest";
import type { PlanOverrides } from "./overrides";
import {
  type ArrayLayout,
  type ArrayOrigin,
  collapse,
  type Dim,
  dimsOf,
  forEachArray,
  type Layouts,
  type Operand,
  type Problem,
  type Statistic,
  type StridedName,
} from "./problem";
import { type BindingRanges, tilesOf } from "./tiling";
import {
  type FloatFields,
  NO_OFFSETS,
  NO_SOURCE,
  type StatisticsOffsets,
  type StatisticsSource,
  type UintFields,
  uniformWords,
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
  readonly fragments: readonly Fragment[];
  readonly constants: Readonly<Record<string, number>>;
  readonly dispatches: readonly Dispatch[]; // more than one where arrays are too large for one
  readonly partition: Partition;
  readonly bytes: number; // to and from memory, if what it reads twice stays in cache
}

export interface Dispatch {
  readonly uniforms: Uint32Array<ArrayBuffer>;
  readonly grid: readonly [number, number];
  readonly jobs: number;
  readonly ranges: BindingRanges;
}

export interface Plan {
  readonly schedule: Schedule;
  readonly passes: readonly Pass[];
  readonly groups: number;
  readonly count: number; // elements of a group
  readonly offsets: StatisticsOffsets; // where each statistic starts in its buffer, in elements
  readonly statisticsSize: number; // elements of that buffer, where it is not the caller's
  readonly scratch: Scratch;
  readonly bytes: number; // of all passes
}

/** Makes a plan; each operation brings the one that it needs. */
export type Planner = (problem: Problem, profile: DeviceProfile, force?: PlanOverrides) => Plan;

const MAX_GRID = 65535;
const ALIGN = 64; // elements: planes start where a binding may start

/** The plane that holds a statistic. */
export const STATISTIC_ARRAY: Record<Statistic, keyof StatisticsOffsets> = {
  mean: "mean",
  variance: "spread",
  std: "spread",
  rstd: "factor",
  r: "gain",
  d: "offset",
  pivot: "pivot",
  delta: "delta",
};

const UPDATE_MODE = { average: 0, order: 1, cumulative: 2 };

/** What all passes of a plan have in common. */
export interface PlanState {
  readonly problem: Problem;
  readonly profile: DeviceProfile;
  readonly overrides: PlanOverrides;
  readonly nativeF16: boolean; // f16 as the device knows it
  readonly subgroups: boolean;
  readonly dims: readonly Dim[];
  readonly groups: number;
  readonly count: number;
}

export function planState(
  problem: Problem,
  profile: DeviceProfile,
  overrides: PlanOverrides,
): PlanState {
  return {
    problem,
    profile,
    overrides,
    nativeF16: overrides.nativeF16 ?? profile.f16,
    subgroups: overrides.subgroups ?? profile.subgroups,
    dims: dimsOf(problem),
    groups: sizeOf(problem.shape.filter((_, i) => !problem.reduced[i])),
    count: sizeOf(problem.shape.filter((_, i) => problem.reduced[i])),
  };
}

/** Bytes of arrays that last for one operation, by their slots. */
export type Scratch = Readonly<Record<string, number>>;

/** Room for the arrays of both, of which one follows the other. */
export function largerScratch(a: Scratch, b: Scratch): Scratch {
  const names = [...Object.keys(a), ...Object.keys(b)];
  return Object.fromEntries(names.map((name) => [name, Math.max(a[name] ?? 0, b[name] ?? 0)]));
}

export type PassList = Pick<Plan, "schedule" | "passes" | "offsets" | "statisticsSize" | "scratch">;

export function toPlan({ groups, count }: PlanState, made: PassList): Plan {
  const bytes = made.passes.reduce((sum, pass) => sum + pass.bytes, 0);
  return { ...made, groups, count, bytes };
}

/** Whether each pass has as many storage buffers as the device can bind, at most. */
export const fitsBindings = (
  { profile }: PlanState,
  { passes }: Pick<PassList, "passes">,
): boolean =>
  passes.every(({ fragments }) => {
    const buffers = bindingsOf(fragments).filter(({ type }) => type !== "uniform");
    return buffers.length <= profile.storageBuffers;
  });

/** The pass with another tensor behind an array of the shaders'. */
export const withTensor = (pass: Pass, array: string, slot: string): Pass => ({
  ...pass,
  fragments: pass.fragments.map((module) => {
    const declares = new RegExp(`var<[^>]+> ?${array}:`).test(module.text);
    return declares ? { ...module, tensorNames: { ...module.tensorNames, [array]: slot } } : module;
  }),
});

/** Empty in, empty out. */
export function emptyPlan([offsets, statisticsSize]: PlacedStatistics): PassList {
  return { schedule: "apply", passes: [], offsets, statisticsSize, scratch: {} };
}

export type PlacedStatistics = readonly [StatisticsOffsets, size: number];

/** Planes for these statistics, one behind the other in one buffer. */
export function offsetsFor(
  m: PlanState,
  wanted: Iterable<keyof StatisticsOffsets>,
): PlacedStatistics {
  const names = [...new Set(wanted)];
  const stride = Math.ceil(m.groups / ALIGN) * ALIGN;
  const placed = names.map((name, i) => [name, m.problem.statisticsLayout.offset + i * stride]);
  return [{ ...NO_OFFSETS, ...Object.fromEntries(placed) }, names.length * stride];
}

/** Where arrays start, of those that there are. */
export const extentsOf = (
  arrays: { readonly [K in Operand]?: ArrayOrigin | undefined },
): ArrayExtents =>
  Object.fromEntries(
    Object.entries(arrays).flatMap(([name, stored]) =>
      stored ? [[name, { offset: stored.offset, bytes: BYTES[stored.dtype] }]] : [],
    ),
  );

/** The arrays of a pass as they lie, of those that the problem has. */
export function layoutPass(
  { problem: { op, layouts }, dims }: PlanState,
  packed: readonly Operand[],
  loose: readonly Operand[],
  results: readonly StridedName[] = ["statistics"],
): PassLayout {
  const present = (names: readonly Operand[]) => names.filter((name) => layouts[name]);
  const all = [...present(packed), ...present(loose)];
  return {
    op,
    dims: collapse(dims, [...all, "statistics", ...results]),
    extents: extentsOf(Object.fromEntries(all.map((name) => [name, layouts[name]]))),
    vectorized: present(packed),
    flexible: present(loose),
  };
}

/** Bytes of the arrays, each counted once. */
export function trafficBytes({ dims, vectorized, flexible }: PassLayout, layouts: Layouts): number {
  return [...vectorized, ...flexible].reduce((sum, name) => {
    const sizes = dims.map((d) => (d[name] === 0 ? 1 : d.size));
    return sum + sizeOf(sizes) * BYTES[layouts[name]?.dtype ?? "f32"];
  }, 0);
}

function gridOf(jobs: number, jobsAWorkgroup: number): [number, number] {
  const workgroups = Math.ceil(jobs / jobsAWorkgroup);
  const y = Math.ceil(workgroups / MAX_GRID);
  return [Math.ceil(workgroups / y), y];
}

export interface PassValues {
  readonly offsets?: StatisticsOffsets;
  readonly source?: StatisticsSource;
  readonly constants?: Readonly<Record<string, number>>;
  readonly bytes?: number;
  readonly uints?: Partial<UintFields>;
  readonly floats?: Partial<FloatFields>;
}

/** A pass: the uniform block, the files, and how it is shared out. */
export function makePass(
  m: PlanState,
  does: Pass["does"],
  partition: Partition,
  modules: readonly Fragment[],
  values: PassValues,
): Pass {
  const { nest, workgroup, team, registerVectors, sliceVectors } = partition;
  const { eps, correction, results, runningUpdate, exponent, weightOffset, renorm } = m.problem;
  const { offsets = NO_OFFSETS, source = NO_SOURCE } = values;
  const whole = {
    slices: 0, // of a dispatch, as the next
    firstSlice: 0,
    sliceVectors,
    squareRoot: Number(results.includes("std")),
    instances: runningUpdate?.instances ?? 1,
    tracking: UPDATE_MODE[runningUpdate?.by ?? "average"],
    runningMean: renorm?.mean ?? 0,
    runningVar: renorm?.variance ?? 0,
    windowBefore: 0,
    windowAfter: 0,
    ...values.uints,
  };
  const real = {
    momentum: runningUpdate?.momentum ?? 0,
    eps,
    count: m.count,
    spreadScale: m.count / Math.max(0, m.count - correction),
    trackScale: m.count / Math.max(1, m.count - 1),
    exponent,
    weightOffset,
    alpha: 0,
    maxGain: renorm?.most.gain ?? 1,
    maxOffset: renorm?.most.offset ?? 0,
    ...values.floats,
  };
  return {
    does,
    fragments: [...new Set([files.uniforms, ...modules])],
    constants: {
      WORKGROUP: workgroup,
      ...(modules.includes(files.cursor) && {
        TEAM: team,
        COLUMNS: Number(nest.columns),
        FAN_IN: 2 ** Math.ceil(Math.log2(team) / 2),
      }),
      ...(modules.includes(files.registers) && { REGISTER_VECTORS: registerVectors }),
      ...Object.assign({}, ...modules.map(({ constants }) => constants)),
      ...values.constants,
    },
    dispatches: tilesOf(partition).map(({ nest, slices, firstSlice, ranges }) => {
      const jobs = nest.groups * slices;
      const own = { ...whole, slices, firstSlice };
      const uniforms = uniformWords(nest, team, own, offsets, source, real);
      return { uniforms, grid: gridOf(jobs, workgroup / team), jobs, ranges };
    }),
    partition,
    bytes: values.bytes ?? 0,
  };
}

/** A pass with one invocation for each of so many values. */
export function statisticsPass(
  m: PlanState,
  does: Pass["does"],
  size: number,
  at: Partial<Record<Operand, number>>,
  module: Fragment,
  values: PassValues,
): Pass {
  const dim: Dim = { ...UNIT_DIM, size, reduced: false };
  const one = loopNestOf(
    { op: does, dims: [dim], extents: {}, vectorized: [], flexible: [] },
    true,
    1,
  );
  const nest = { ...one, base: { ...UNIT_DIM, ...forEachArray(() => 0), ...at } };
  const team = { team: 1, workgroup: m.profile.workgroup };
  const tileSize = [size, 1];
  const partition: Partition = {
    nest,
    tileSize,
    ...team,
    registerVectors: 0,
    slices: 1,
    sliceVectors: 1,
  };
  return makePass(m, does, partition, [module], values);
}

/** An array of x's shape that lasts for one operation. */
export const contiguousF32 = ({ shape }: Problem): ArrayLayout => {
  return { strides: contiguous(shape), offset: 0, dtype: "f32" };
};

/** Nothing is normalized. */
export const NO_NORM = {
  kind: IDENTITY,
  given: { file: files.storedNothing, mean: null, spread: null },
  renorm: null,
  runningUpdate: null,
  results: [],
  inPlace: false,
} as const;

/** No way is left to bind what a pass needs. */
export function tooManyBindings({ problem, profile }: PlanState): never {
  const limit = profile.storageBuffers;
  return fail(
    problem.op,
    `more arrays than the device's maxStorageBuffersPerShaderStage of ${limit} in a pass`,
  );
}
