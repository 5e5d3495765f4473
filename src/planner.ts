// From a problem and a device profile to a plan: schedule, shader files, overrides, uniforms, grid,
// scratch and bytes. Pure: no GPU object comes in or goes out.

import { type Force, loosen, type Sharing, shareApply, shareMeasure, shareMerge } from "./choice";
import { KINDS } from "./kinds";
import type { ModuleName } from "./modules";
import { NO_PLANES, NONE, type Planes, paramWords, type Source } from "./params";
import { collapse, type Dim, dimsOf, type Operand, type Problem, type Statistic } from "./problem";
import type { Profile } from "./profile";
import { contiguous, sizeOf } from "./shape";
import { NOWHERE, type Origin, POINT, walkOf } from "./walk";

export type Schedule = "row" | "column" | "split" | "apply";

export interface Pass {
  readonly does: "normalize" | "measure" | "merge" | "apply" | "track";
  readonly modules: readonly ModuleName[];
  readonly constants: Readonly<Record<string, number>>;
  readonly params: Uint32Array<ArrayBuffer>;
  readonly grid: readonly [number, number];
  readonly sharing: Sharing;
}

export interface Plan {
  readonly schedule: Schedule;
  readonly passes: readonly Pass[];
  readonly groups: number;
  readonly count: number; // elements of a group
  readonly planes: Planes; // where each statistic starts in its buffer, in elements
  readonly statisticsSize: number; // elements of that buffer, where it is not the caller's
  readonly recordsSize: number; // bytes of scratch for moments of slices
  readonly bytes: number; // to and from memory, if what a pass reads twice stays in cache
}

const MAX_GRID = 65535;
const RECORD_BYTES = 16;
const ALIGN = 64; // elements: planes start where a binding may start

/** The plane that holds a statistic. */
export const PLANE: Record<Statistic, keyof Planes> = {
  mean: "mean",
  variance: "spread",
  std: "spread",
  rstd: "rstd",
};

/** What all passes of a plan have in common. */
interface Making {
  readonly problem: Problem;
  readonly profile: Profile;
  readonly force: Force;
  readonly dims: readonly Dim[];
  readonly origin: Origin;
  readonly groups: number;
  readonly count: number;
}

function originOf({ layouts }: Problem): Origin {
  const at = (name: Operand) => layouts[name]?.offset ?? 0;
  return {
    at: { x: at("x"), y: at("y"), weight: at("weight"), bias: at("bias"), stat: at("stat") },
    has: new Set(Object.keys(layouts) as Operand[]),
  };
}

/** For a pass that only reads x. */
const readOnly = ({ at }: Origin): Origin => ({ at, has: new Set<Operand>(["x"]) });

/** The statistics that are written: those the caller gets and those that later passes need. */
function planesOf(problem: Problem, split: boolean, groups: number): [Planes, number] {
  const names = new Set<keyof Planes>(problem.results.map((name) => PLANE[name]));
  if (problem.track !== null) names.add("mean").add("variance");
  if (split && problem.layouts.y) names.add("pivot").add("delta").add("variance");
  const stride = Math.ceil(groups / ALIGN) * ALIGN;
  const start = problem.layouts.stat?.offset ?? 0;
  const placed = [...names].map((name, i) => [name, start + i * stride]);
  return [{ ...NO_PLANES, ...Object.fromEntries(placed) }, names.size * stride];
}

function gridOf(jobs: number, jobsAWorkgroup: number): [number, number] {
  const workgroups = Math.ceil(jobs / jobsAWorkgroup);
  const y = Math.ceil(workgroups / MAX_GRID);
  return [Math.ceil(workgroups / y), y];
}

function storageModules({ walk }: Sharing): ModuleName[] {
  if (walk.width === 1) return ["pack/f32", "stat/one"];
  return ["pack/f32x4", walk.columns ? "stat/four" : "stat/fold4"];
}

function constantsOf(m: Making, does: Pass["does"], sharing: Sharing): Record<string, number> {
  const { walk, workgroup, team, held } = sharing;
  const { weight, bias } = m.problem.layouts;
  const applies = does === "normalize" || does === "apply";
  return {
    WORKGROUP: workgroup,
    TEAM: team,
    COLUMNS: Number(walk.columns),
    ONE_RUN: Number(walk.segments.length === 0),
    ...(combines(does, sharing) && { HOP: 2 ** Math.ceil(Math.log2(team) / 2) }),
    ...(held > 0 && { HELD: held }),
    ...(applies && {
      HAS_WEIGHT: Number(weight !== undefined),
      HAS_BIAS: Number(bias !== undefined),
      PARAMS_VARY: Number(walk.paramsVary),
    }),
  };
}

interface Values {
  readonly planes?: Planes;
  readonly source?: Source;
  readonly recordStride?: number;
}

function passOf(
  m: Making,
  does: Pass["does"],
  sharing: Sharing,
  files: readonly ModuleName[],
  values: Values,
): Pass {
  const { walk, workgroup, team, slices, slicePacks } = sharing;
  const { eps, correction, results, track, given, exponent, weightOffset } = m.problem;
  return {
    does,
    modules: ["params", ...files],
    constants: constantsOf(m, does, sharing),
    params: paramWords({
      walk,
      slices,
      slicePacks,
      team,
      recordStride: values.recordStride ?? 0,
      planes: values.planes ?? NO_PLANES,
      source: values.source ?? NO_PLANES,
      squareRoot: results.includes("std"),
      instances: track?.instances ?? 1,
      momentum: track?.momentum ?? 0,
      eps,
      spreadScale: m.count / Math.max(0, m.count - correction),
      trackScale: m.count / Math.max(1, m.count - 1),
      givenCount: given ? 1 : m.count,
      exponent,
      weightOffset,
    }),
    grid: gridOf(walk.groups * slices, workgroup / team),
    sharing,
  };
}

/** The files that every reduction needs, and those that depend on how it is shared out. */
function walkModules(m: Making, does: Pass["does"], sharing: Sharing): ModuleName[] {
  const team: ModuleName = combines(does, sharing) ? "team/workgroup" : "team/alone";
  return ["walk", "moments", ...storageModules(sharing), team, ...KINDS[m.problem.kind].files];
}

/** Given statistics are every member's already. */
const combines = (does: Pass["does"], { team }: Sharing) => team > 1 && does !== "apply";

function measureModules({ problem }: Making, { held }: Sharing): ModuleName[] {
  const { pivot } = KINDS[problem.kind];
  return held > 0 ? ["measure/held", pivot.held] : ["measure/streamed", pivot.streamed];
}

const sinkModule = (planes: Planes): ModuleName =>
  Object.values(planes).some((p) => p !== NONE) ? "sink/statistics" : "sink/nothing";

/** y from x, with statistics measured in the same pass or given by an earlier one. */
function yPass(m: Making, does: "normalize" | "apply", sharing: Sharing, values: Values): Pass {
  const files: ModuleName[] = [
    ...walkModules(m, does, sharing),
    m.problem.inPlace ? "io/in_place" : "io/apart",
    "source/elements",
    ...(does === "apply" ? (["measure/given"] as const) : measureModules(m, sharing)),
    sinkModule(values.planes ?? NO_PLANES),
    sharing.walk.param,
    "parameters",
    KINDS[m.problem.kind].form,
    sharing.held > 0 ? "write/held" : "write/streamed",
    "normalize",
  ];
  return passOf(m, does, sharing, files, values);
}

function applyPass(m: Making, values: Values): Pass {
  const all = collapse(m.dims, ["x", "y", "weight", "bias", "stat"]);
  const dims = loosen(all, m.force);
  return yPass(m, "apply", shareApply(m.profile, dims, m.origin, m.force), values);
}

function measurePass(m: Making, sharing: Sharing, sink: ModuleName, values: Values): Pass {
  const files: ModuleName[] = [
    ...walkModules(m, "measure", sharing),
    "io/input",
    "source/elements",
    ...measureModules(m, sharing),
    sink,
    "reduce",
  ];
  return passOf(m, "measure", sharing, files, values);
}

function mergePass(m: Making, dims: readonly Dim[], planes: Planes): Pass {
  const sharing = shareMerge(m.profile, collapse(dims, ["x", "stat"]), NOWHERE);
  const files: ModuleName[] = [
    ...walkModules(m, "merge", sharing),
    "source/records",
    ...measureModules(m, sharing),
    "sink/statistics",
    "reduce",
  ];
  return passOf(m, "merge", sharing, files, { planes });
}

function trackPass(m: Making, planes: Planes): Pass {
  const { instances, meanOffset, varOffset } = m.problem.track ?? fault("no track");
  const channels: Dim = { ...POINT, size: m.groups / instances, reduced: false };
  const at = { ...NOWHERE.at, x: meanOffset, y: varOffset };
  const walk = walkOf([channels], { ...NOWHERE, at }, true, 1);
  const team = { team: 1, workgroup: m.profile.workgroup };
  const sharing: Sharing = { walk, ...team, held: 0, slices: 1, slicePacks: 1 };
  const pass = passOf(m, "track", sharing, ["track"], { planes });
  return { ...pass, constants: { WORKGROUP: team.workgroup } };
}

const fault = (what: string): never => {
  throw new Error(`webgpu-norm: ${what}`);
};

/**
 * The dimensions of the first stage, whose statistics are records: one a slice and kept index.
 * Loosened dimensions are kept in this stage and reduced in the merge.
 */
function withRecords(dims: readonly Dim[]): { dims: Dim[]; recordStride: number } {
  const kept = dims.filter((d) => !d.reduced);
  const strides = contiguous(kept.map((d) => d.size));
  const stat = new Map(kept.map((d, i) => [d, strides[i]]));
  return {
    dims: dims.map((d) => ({ ...d, stat: stat.get(d) ?? 0 })),
    recordStride: sizeOf(kept.map((d) => d.size)),
  };
}

function mergeDims(original: readonly Dim[], stage: readonly Dim[], slice: Dim): Dim[] {
  const kept = stage.flatMap((d, i) => {
    if (d.reduced) return [];
    return [
      { ...POINT, size: d.size, reduced: original[i].reduced, x: d.stat, stat: original[i].stat },
    ];
  });
  return [slice, ...kept].filter((d) => d.size !== 1);
}

export function plan(problem: Problem, profile: Profile, force: Force = {}): Plan {
  const dims = dimsOf(problem);
  const count = sizeOf(problem.shape.filter((_, i) => problem.reduced[i]));
  const groups = sizeOf(problem.shape.filter((_, i) => !problem.reduced[i]));
  const m: Making = { problem, profile, force, dims, origin: originOf(problem), groups, count };
  const hasY = problem.layouts.y !== undefined;
  const elements = count * groups;
  const made = elements === 0 ? nothing(m) : scheduled(m, hasY);
  return {
    ...made,
    groups,
    count,
    bytes: 4 * elements * (Number(hasY) + (made.schedule === "split" && hasY ? 2 : 1)),
  };
}

type Made = Pick<Plan, "schedule" | "passes" | "planes" | "statisticsSize" | "recordsSize">;

/** Empty in, empty out. */
function nothing(m: Making): Made {
  const [planes, statisticsSize] = planesOf(m.problem, false, m.groups);
  return { schedule: "apply", passes: [], planes, statisticsSize, recordsSize: 0 };
}

function scheduled(m: Making, hasY: boolean): Made {
  const made = m.problem.given ? applied(m) : (fused(m, hasY) ?? split(m, hasY));
  if (m.problem.track === null) return made;
  return { ...made, passes: [...made.passes, trackPass(m, made.planes)] };
}

function applied(m: Making): Made {
  const { mean, variance } = m.problem.given ?? fault("no statistics");
  const [planes, statisticsSize] = planesOf(m.problem, false, m.groups);
  const source = { pivot: mean, delta: NONE, variance };
  const passes = [applyPass(m, { planes, source })];
  return { schedule: "apply", passes, planes, statisticsSize, recordsSize: 0 };
}

/** One pass, where one job a group keeps the device busy. */
function fused(m: Making, hasY: boolean): Made | null {
  const operands: Operand[] = hasY ? ["x", "y", "weight", "bias", "stat"] : ["x", "stat"];
  const dims = collapse(m.dims, operands);
  const wanted = shareMeasure(m.profile, dims, m.origin, false, m.force);
  const splits = m.force.split ?? (wanted.slices > 1 || loosen(dims, m.force) !== dims);
  if (splits) return null;
  const sharing = shareMeasure(m.profile, dims, m.origin, true, m.force);
  const [planes, statisticsSize] = planesOf(m.problem, false, m.groups);
  const pass = hasY
    ? yPass(m, "normalize", sharing, { planes })
    : measurePass(m, sharing, "sink/statistics", { planes });
  const schedule = sharing.walk.columns ? "column" : "row";
  return { schedule, passes: [pass], planes, statisticsSize, recordsSize: 0 };
}

/** Moments of slices, their merge, and y from the merged ones. */
function split(m: Making, hasY: boolean): Made {
  const original = collapse(m.dims, ["x", "stat"]);
  const stage = withRecords(loosen(original, m.force));
  const sharing = shareMeasure(m.profile, stage.dims, readOnly(m.origin), false, m.force);
  const { recordStride } = stage;
  const [planes, statisticsSize] = planesOf(m.problem, true, m.groups);
  const slice: Dim = { ...POINT, size: sharing.slices, x: recordStride };
  const passes = [
    measurePass(m, sharing, "sink/records", { recordStride }),
    mergePass(m, mergeDims(original, stage.dims, slice), planes),
  ];
  if (hasY) passes.push(applyPass(m, { source: planes }));
  const recordsSize = RECORD_BYTES * recordStride * sharing.slices;
  return { schedule: "split", passes, planes, statisticsSize, recordsSize };
}
