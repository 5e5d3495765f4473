// A pass has array layouts, a uniform block, overrides, a grid and a count of bytes. forward.ts and
// backward.ts put passes together.

import { DTYPES } from "../base/dtype";
import { contiguous, sizeOf } from "../base/shape";
import * as files from "../wgsl/files";
import type { Fragment } from "../wgsl/link";
import { IDENTITY } from "../wgsl/statistics";
import { type Origins, sharedBindings } from "./bindings";
import { type Partition, powerAtLeast } from "./heuristics";
import {
  type ArrayExtents,
  type LoopNest,
  loopNestOf,
  type PassLayout,
  UNIT_DIM,
} from "./loop_nest";
import type { Operand, StridedName } from "./operands";
import type { Pass, PassPurpose, PlanState } from "./plan";
import { type ArrayLayout, collapse, type Dim, type Layouts, type Problem } from "./problem";
import { tilesOf } from "./tiling";
import {
  type KernelFields,
  NO_OFFSETS,
  NO_SOURCE,
  type PassUniforms,
  type StatisticsOffsets,
  type StatisticsSource,
} from "./uniform_fields";
import { kernelWords, uniformWords } from "./uniforms";

const MAX_GRID = 65535;

/** Returns the pass with other tensors behind some of its arrays. */
export const withTensors = (pass: Pass, tensors: Readonly<Record<string, string>>): Pass => ({
  ...pass,
  fragments: pass.fragments.map((fragment) => {
    const own = Object.entries(tensors).filter(([array]) =>
      fragment.arrays?.some(([name]) => name === array),
    );
    if (own.length === 0) return fragment;
    return { ...fragment, tensorNames: { ...fragment.tensorNames, ...Object.fromEntries(own) } };
  }),
});

/** Returns the start of each array that is there. */
export const extentsOf = (arrays: Origins): ArrayExtents =>
  Object.fromEntries(
    Object.entries(arrays).flatMap(([name, stored]) =>
      stored ? [[name, { offset: stored.offset, bytes: DTYPES[stored.dtype].bytes }]] : [],
    ),
  );

/** Returns the layouts of the arrays of a pass, without those that the problem does not have. */
export function layoutPass(
  { problem: { layouts }, dims }: PlanState,
  packed: readonly Operand[],
  loose: readonly Operand[],
  results: readonly StridedName[] = ["statistics"],
): PassLayout {
  const present = (names: readonly Operand[]) => names.filter((name) => layouts[name]);
  const all = [...present(packed), ...present(loose)];
  return {
    dims: collapse(dims, [...all, "statistics", "ordinal", ...results]),
    extents: extentsOf(Object.fromEntries(all.map((name) => [name, layouts[name]]))),
    vectorized: present(packed),
    flexible: present(loose),
  };
}

/** Adds up the bytes of the arrays, each counted once. */
export function trafficBytes({ dims, vectorized, flexible }: PassLayout, layouts: Layouts): number {
  return [...vectorized, ...flexible].reduce((sum, name) => {
    const sizes = dims.map((d) => (d[name] === 0 ? 1 : d.size));
    return sum + sizeOf(sizes) * DTYPES[layouts[name]?.dtype ?? "f32"].bytes;
  }, 0);
}

export function gridOf(jobs: number, jobsAWorkgroup: number): [number, number] {
  const workgroups = Math.ceil(jobs / jobsAWorkgroup);
  const y = Math.ceil(workgroups / MAX_GRID);
  return [Math.ceil(workgroups / y), y];
}

export interface PassValues {
  readonly offsets?: StatisticsOffsets | undefined;
  readonly source?: StatisticsSource;
  readonly constants?: Readonly<Record<string, number>> | undefined;
  readonly bytes?: number;
  readonly uniforms?: Partial<PassUniforms>;
  readonly rounds?: number; // jobs of a team, one after the other
}

/** Returns the values of overrides that follow from the partition. Columns of any rank share them. */
const partitionConstants = ({ nest, workgroup, team, ...vectors }: Partition) => ({
  WORKGROUP: workgroup,
  TEAM: team,
  COLUMNS: Number(nest.columns),
  KEPT_RANK: Math.max(nest.columns ? 2 : 1, nest.kept.length),
  OUTER_RANK: nest.outer.length,
  FAN_IN: team <= 4 ? team : powerAtLeast(Math.sqrt(team)),
  REGISTER_VECTORS: vectors.registerVectors,
  FULL_VECTORS: vectors.fullVectors,
  SLICED: Number(vectors.sliced),
  SHORT: Number(isShort(nest, vectors.sliceVectors, team)),
});

/**
 * Returns whether shares are at most 32 vectors of one inner loop. Partials and columns do not count:
 * their number follows from the size of the batch, which must not choose a pipeline.
 */
const isShort = (nest: LoopNest, sliceVectors: number, team: number): boolean =>
  nest.outer.length === 0 && nest.vectorWidth > 1 && !nest.columns && sliceVectors <= 32 * team;

/** Returns values for the overrides that the files declare. */
export function constantsOf(
  { problem, profile: { kind, software, subgroupMin, subgroupMax } }: PlanState,
  fragments: readonly Fragment[],
  partition: Partition,
  values: PassValues["constants"],
): Record<string, number> {
  const { registerVectors, sliceVectors, team } = partition; // registers leave no loop over memory
  const long = registerVectors === 0 && sliceVectors >= 4 * team;
  const declared = new Set(fragments.flatMap(({ overrides = [] }) => overrides));
  const known = Object.entries({
    ...partitionConstants(partition),
    BY_FOUR: Number(kind === "gpu" && !software && long),
    SUBGROUP_MIN: subgroupMin,
    SUBGROUP_MAX: subgroupMax,
    WEIGHT_HAS_OFFSET: Number((problem.uniforms.weightOffset ?? 0) !== 0),
    ...problem.mask?.constants(problem.kind),
  });
  return {
    ...Object.fromEntries(known.filter(([name]) => declared.has(name))),
    ...Object.assign({}, ...fragments.map(({ constants }) => constants)),
    ...values,
  };
}

/** Returns the files of a pass with those of the options' rules in place. */
function underRules(
  { problem, nativeF16 }: PlanState,
  fragments: readonly Fragment[],
  { nest }: Partition,
): readonly Fragment[] {
  let all = fragments;
  for (const rules of [problem.gates, problem.mask]) {
    if (rules) all = [...new Set(rules.replaced(problem, all, { ...nest, nativeF16 }))];
  }
  return all;
}

/** Makes a pass from its files, its partition and the values of its uniforms. */
export function makePass(
  m: PlanState,
  does: PassPurpose,
  partition: Partition,
  fragments: readonly Fragment[],
  values: PassValues,
): Pass {
  const { workgroup, team, sliceVectors } = partition;
  const { offsets = NO_OFFSETS, source = NO_SOURCE, rounds = 1 } = values;
  const { uniforms, inPlace } = m.problem;
  const common = {
    ...{ count: m.count, correctionScale: 1 },
    ...m.updates?.uniforms,
    ...uniforms,
    ...values.uniforms,
  };
  const all = sharedBindings([...new Set(underRules(m, fragments, partition))], inPlace);
  let firstTeam = 0;
  return {
    does,
    fragments: all,
    constants: constantsOf(m, all, partition, values.constants),
    dispatches: tilesOf(partition).map(({ nest, slices, firstSlice, ranges }) => {
      const jobs = nest.groups * slices;
      const own = { ...common, slices, firstSlice, sliceVectors, rounds, firstTeam };
      const words = uniformWords(nest, team, own, offsets, source, m.problem.gates?.operands);
      const grid = gridOf(jobs, (rounds * workgroup) / team);
      firstTeam += (grid[0] * grid[1] * workgroup) / team;
      return { uniforms: words, grid, jobs, ranges };
    }),
    partition,
    bytes: values.bytes ?? 0,
  };
}

/** Returns the partition of a kernel with one invocation for each of `size` values. */
export function flatPartition({ profile }: PlanState, size: number): Partition {
  const dim: Dim = { ...UNIT_DIM, size, reduced: false };
  const layout = { dims: [dim], extents: {}, vectorized: [], flexible: [] };
  const workgroup = Math.min(profile.workgroup, profile.invocations);
  return {
    nest: loopNestOf(layout, true, 1),
    tileSize: [size, 1],
    sliceVectors: 1,
    ...{ workgroup, team: 1, registerVectors: 0, fullVectors: 0, sliced: false, slices: 1 },
  };
}

/** Makes a pass of a kernel that works on statistics alone, with one invocation per value. */
export function statisticsPass(
  m: PlanState,
  does: PassPurpose,
  size: number,
  files: readonly Fragment[],
  fields: KernelFields,
  values: Readonly<Record<string, number>>,
): Pass {
  const partition = flatPartition(m, size);
  const { workgroup } = partition;
  const words = kernelWords(fields, values);
  const fragments = underRules(m, files, partition);
  return {
    does,
    fragments,
    constants: constantsOf(m, fragments, partition, {}),
    dispatches: [{ uniforms: words, grid: gridOf(size, workgroup), jobs: size, ranges: {} }],
    partition,
    bytes: 0,
  };
}

/** Returns the layout of a scratch array of x's shape. */
export const contiguousF32 = ({ shape }: Problem): ArrayLayout => {
  return { strides: contiguous(shape), offset: 0, dtype: "f32" };
};

/** A problem with these fields does not normalize. */
export const NO_NORM = {
  kind: IDENTITY,
  given: { key: [], starts: {}, fragments: () => [files.storedNothing] },
  runningUpdate: null,
  results: [],
  inPlace: {},
  mask: null,
  gates: null,
} as const;
