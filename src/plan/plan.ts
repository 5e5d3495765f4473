// A plan has passes, scratch and the places of statistics. Its state is what all its passes share
// while it is made. This file is pure: no GPU object comes in or goes out.

import { fail } from "../base/errors";
import { sizeOf } from "../base/shape";
import { bindingsOf, type Fragment, type ShaderFile } from "../wgsl/link";
import type { PlanningProfile } from "./device_profile";
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
  readonly dispatches: readonly Dispatch[]; // more than one where an array is larger than a binding
  readonly partition: Partition;
  readonly bytes: number; // traffic with memory, if a second read of an array finds it in the cache
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
  readonly offsets: StatisticsOffsets; // first element of each statistic in its buffer
  readonly statisticsSize: number; // elements of that buffer, unless it is the caller's
  readonly scratch: Scratch;
  readonly bytes: number; // bytes of all passes
}

/** A planner makes a plan; each operation brings the planner that it needs. */
export type Planner = (
  problem: Problem,
  profile: PlanningProfile,
  overrides?: PlanOverrides,
) => Plan;

const ALIGNMENT = 64; // elements: statistics arrays start where a binding may start

/** Each result lies in this array of the statistics buffer; some lie in the next ones as well. */
export const STATISTIC_ARRAY: Record<Statistic, keyof StatisticsOffsets> = {
  mean: "mean",
  variance: "corrected",
  std: "corrected",
  rstd: "factor",
  r: "gain",
  d: "offset",
  count: "count",
  meanPair: "pivot",
  exactSums: "pivot",
};

/** All passes of a plan share this state. */
export interface PlanState {
  readonly problem: Problem;
  readonly profile: PlanningProfile;
  readonly overrides: PlanOverrides;
  readonly nativeF16: boolean; // f16 arrays have the type f16 (shader-f16)
  readonly shuffles: ShaderFile | undefined; // the file with which teams combine
  /** Passes that store statistics update running ones as well, by this file. */
  readonly updates?: { readonly file: Fragment; readonly uniforms: object };
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
    nativeF16: profile.f16 && overrides.nativeF16 !== false,
    shuffles: (overrides.subgroups ?? profile.subgroups) ? profile.shuffles : undefined,
    dims: dimsOf(problem),
    groups: sizeOf(problem.shape.filter((_, i) => !problem.reduced[i])),
    count: sizeOf(problem.shape.filter((_, i) => problem.reduced[i])),
  };
}

/** Scratch arrays last for one operation; these are their bytes, by tensor name. */
export type Scratch = Readonly<Record<string, number>>;

/** Returns scratch for two plans that run one after the other: the larger size of each. */
export function largerScratch(a: Scratch, b: Scratch): Scratch {
  const names = [...Object.keys(a), ...Object.keys(b)];
  return Object.fromEntries(names.map((name) => [name, Math.max(a[name] ?? 0, b[name] ?? 0)]));
}

export type PassList = Pick<Plan, "schedule" | "passes" | "offsets" | "statisticsSize" | "scratch">;

export function toPlan({ groups, count }: PlanState, made: PassList): Plan {
  const bytes = made.passes.reduce((sum, pass) => sum + pass.bytes, 0);
  return { ...made, groups, count, bytes };
}

/** Returns whether no pass has more storage buffers than the device can bind. */
export const fitsBindings = (
  { profile }: PlanState,
  { passes }: Pick<PassList, "passes">,
): boolean =>
  passes.every(({ fragments }) => {
    const buffers = bindingsOf(fragments).filter(({ type }) => type !== "uniform");
    return buffers.length <= profile.storageBuffers;
  });

/** Returns the plan of a call without elements. */
export function emptyPlan([offsets, statisticsSize]: PlacedStatistics): PassList {
  return { schedule: "apply", passes: [], offsets, statisticsSize, scratch: {} };
}

export type PlacedStatistics = readonly [StatisticsOffsets, size: number];

const PAIR = ["pivot", "delta"] as const;

/** Returns the distance from one statistics array to the next, in elements. */
export const strideOfStatistics = (groups: number) => Math.ceil(groups / ALIGNMENT) * ALIGNMENT;

/** Places statistics arrays one after the other in one buffer, the deltas after the pivots. */
export function offsetsFor(
  m: PlanState,
  wanted: Iterable<keyof StatisticsOffsets>,
): PlacedStatistics {
  const names = [...new Set(wanted)].flatMap((name) => (name === "pivot" ? PAIR : name));
  const stride = strideOfStatistics(m.groups);
  const placed = names.map((name, i) => [name, m.problem.statisticsLayout.offset + i * stride]);
  return [{ ...NO_OFFSETS, ...Object.fromEntries(placed) }, names.length * stride];
}

/** Fails because what a pass has to bind at once does not fit a binding, in whatever plan. */
export function tooFarApart({ problem: { op }, profile }: PlanState): never {
  const most = `${profile.maxBindingBytes} bytes (maxStorageBufferBindingSize)`;
  return fail(op, `the elements of a group lie too far apart, expected them within ${most}`);
}

/**
 * Returns what the first of these ways makes that fits the device. A way returns null where an array
 * does not fit a binding. Fails with the limit that the last way is beyond.
 */
export function firstThatFits<T extends Pick<PassList, "passes">>(
  m: PlanState,
  ways: readonly ((m: PlanState) => T | null)[],
): T {
  let made: T | null = null;
  for (const way of ways) {
    made = way(m);
    if (made && fitsBindings(m, made)) return made;
  }
  if (made === null) return tooFarApart(m);
  const limit = m.profile.storageBuffers;
  return fail(
    m.problem.op,
    `more arrays than the device's maxStorageBuffersPerShaderStage of ${limit} in a pass`,
  );
}
