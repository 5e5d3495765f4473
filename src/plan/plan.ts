// A plan: passes, scratch and where statistics lie; and what its passes have in common while it is made.
// Pure: no GPU object comes in or goes out.

import { fail } from "../base/errors";
import { sizeOf } from "../base/shape";
import { bindingsOf, type Fragment } from "../wgsl/link";
import type { PlanningProfile, ShuffleFiles } from "./device_profile";
import type { Partition } from "./heuristics";
import type { PlanOverrides } from "./overrides";
import { type Dim, dimsOf, type Problem, type Statistic } from "./problem";
import type { BindingRanges } from "./tiling";
import { NO_OFFSETS, type StatisticsOffsets } from "./uniform_fields";

export type Schedule = "row" | "column" | "split" | "apply";

/** What a pass is for. */
export type PassPurpose =
  | "normalize"
  | "measure"
  | "merge"
  | "apply"
  | "track"
  | "backward"
  | "sums"
  | "parameters";

export interface Pass {
  readonly does: PassPurpose;
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
export type Planner = (problem: Problem, profile: PlanningProfile, force?: PlanOverrides) => Plan;

const ALIGNMENT = 64; // elements: statistics arrays start where a binding may start

/** The array of the statistics buffer that holds a result. */
export const STATISTIC_ARRAY: Record<Statistic, keyof StatisticsOffsets> = {
  mean: "mean",
  variance: "corrected",
  std: "corrected",
  rstd: "factor",
  r: "gain",
  d: "offset",
  pivot: "pivot",
  delta: "delta",
};

/** What all passes of a plan have in common. */
export interface PlanState {
  readonly problem: Problem;
  readonly profile: PlanningProfile;
  readonly overrides: PlanOverrides;
  readonly nativeF16: boolean; // f16 as the device knows it
  readonly shuffles: ShuffleFiles | undefined; // teams combine by them
  readonly dims: readonly Dim[];
  readonly groups: number;
  readonly count: number;
}

export function planState(
  problem: Problem,
  profile: PlanningProfile,
  overrides: PlanOverrides,
): PlanState {
  return {
    problem,
    profile,
    overrides,
    nativeF16: overrides.nativeF16 ?? profile.f16,
    shuffles: (overrides.subgroups ?? profile.subgroups) ? profile.shuffles : undefined,
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
  const stride = Math.ceil(m.groups / ALIGNMENT) * ALIGNMENT;
  const placed = names.map((name, i) => [name, m.problem.statisticsLayout.offset + i * stride]);
  return [{ ...NO_OFFSETS, ...Object.fromEntries(placed) }, names.length * stride];
}

/** No way is left to bind what a pass needs. */
export function tooManyBindings({ problem, profile }: PlanState): never {
  const limit = profile.storageBuffers;
  return fail(
    problem.op,
    `more arrays than the device's maxStorageBuffersPerShaderStage of ${limit} in a pass`,
  );
}
