// What all plans are made of: passes over arrays as they lie, with their shader files, overrides,
// uniforms, grid and bytes. Pure: no GPU object comes in or goes out. forward.ts and backward.ts
// put passes together.

import { type Force, loosen, MOST_HELD, type Sharing, shareMeasure, shareMerge } from "./choice";
import { fail } from "./errors";
import { IDENTITY } from "./kinds";
import { bindingsOf, type Module, ported } from "./link";
import * as files from "./modules";
import {
  NO_PLANES,
  NO_SOURCE,
  NONE,
  type ParamValues,
  type Planes,
  paramWords,
  type Source,
} from "./params";
import { absent, input, PORTS, statisticsIn } from "./ports";
import {
  collapse,
  type Dim,
  dimsOf,
  each,
  type Layouts,
  type Operand,
  type Problem,
  type Statistic,
  type Stepped,
  type Stored,
} from "./problem";
import type { Profile } from "./profile";
import { contiguous, sizeOf } from "./shape";
import { BYTES } from "./types";
import { type Laid, POINT, walkOf } from "./walk";

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
  readonly params: Uint32Array<ArrayBuffer>;
  readonly grid: readonly [number, number];
  readonly sharing: Sharing;
  readonly bytes: number; // to and from memory, if what it reads twice stays in cache
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
const RECORD_BYTES = 16;
const ALIGN = 64; // elements: planes start where a binding may start

/** The plane that holds a statistic. */
export const PLANE: Record<Statistic, keyof Planes> = {
  mean: "mean",
  variance: "spread",
  std: "spread",
  rstd: "factor",
  r: "gain",
  d: "offset",
};

const TRACKING = { average: 0, order: 1, cumulative: 2 };

/** What all passes of a plan have in common. */
export interface Making {
  readonly problem: Problem;
  readonly profile: Profile;
  readonly force: Force;
  readonly native: boolean; // f16 as the device knows it
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
    const declares = new RegExp(`var<[^>]+> ${array}:`).test(module.text);
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

/** The arrays of a pass as they lie, of those that the problem has. */
export function lay(
  { problem: { layouts }, dims }: Making,
  packed: readonly Operand[],
  loose: readonly Operand[],
  results: readonly Stepped[] = ["stat"],
): Laid {
  const present = (names: readonly Operand[]) => names.filter((name) => layouts[name]);
  const all = [...present(packed), ...present(loose)];
  return {
    dims: collapse(dims, [...all, "stat", ...results]),
    at: Object.fromEntries(all.map((name) => [name, layouts[name]?.offset])),
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
  readonly recordStride?: number;
  readonly constants?: Readonly<Record<string, number>>;
  readonly bytes?: number;
  readonly own?: Partial<ParamValues>;
}

/** A pass: the uniform block, the files, and how it is shared out. */
export function passOf(
  m: Making,
  does: Pass["does"],
  sharing: Sharing,
  modules: readonly Module[],
  values: Values,
): Pass {
  const { walk, workgroup, team, held, slices, slicePacks } = sharing;
  const { eps, correction, results, track, exponent, weightOffset, renorm } = m.problem;
  return {
    does,
    modules: [...new Set([files.params, ...modules])],
    constants: {
      WORKGROUP: workgroup,
      ...(modules.includes(files.walk) && {
        TEAM: team,
        COLUMNS: Number(walk.columns),
        ONE_RUN: Number(walk.segments.length === 0),
        HOP: 2 ** Math.ceil(Math.log2(team) / 2),
      }),
      ...(modules.includes(files.held) && { HELD: held }),
      ...Object.assign({}, ...modules.map(({ constants }) => constants)),
      ...values.constants,
    },
    params: paramWords({
      walk,
      slices,
      slicePacks,
      team,
      recordStride: values.recordStride ?? 0,
      planes: values.planes ?? NO_PLANES,
      source: values.source ?? NO_SOURCE,
      squareRoot: results.includes("std"),
      instances: track?.instances ?? 1,
      tracking: TRACKING[track?.by ?? "average"],
      runningMean: renorm?.mean ?? 0,
      runningVar: renorm?.variance ?? 0,
      windowBefore: 0,
      windowAfter: 0,
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
      ...values.own,
    }),
    grid: gridOf(walk.groups * slices, workgroup / team),
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
  own: Partial<ParamValues>,
): Pass {
  const values: Dim = { ...POINT, size, reduced: false };
  const one = walkOf({ dims: [values], at: {}, packed: [], loose: [] }, true, 1);
  const walk = { ...one, base: { ...POINT, ...each(() => 0), ...at } };
  const team = { team: 1, workgroup: m.profile.workgroup };
  const sharing: Sharing = { walk, ...team, held: 0, slices: 1, slicePacks: 1 };
  return passOf(m, does, sharing, [module], { own });
}

/** What every pass over groups needs. */
export const walking = ({ walk }: Sharing): Module[] => [
  files.walk,
  files.moments,
  files.halves,
  walk.width === 1 ? files.statOne : walk.columns ? files.statFour : files.statFold4,
];

/** x, or its sum with a residual. `slot`: the tensor that x is, where it is another. */
export function elements({ problem, native }: Making, { walk }: Sharing, slot?: string): Module[] {
  const { layouts, inPlace } = problem;
  const inPlaceX = inPlace && ported(files.inInPlace, PORTS.x, "f32");
  return [
    files.sourceElements,
    inPlaceX || input("x", walk, layouts, native, slot),
    input("residual", walk, layouts, native),
    input("residualBias", walk, layouts, native),
  ];
}

const PARAMETERS = ["weight", "bias", "scale", "shift", "threshold"] as const;

/** What is done with the normalized x. */
export function parameters(m: Making, { walk }: Sharing): Module[] {
  const { layouts, activation } = m.problem;
  const read = PARAMETERS.map((name) => input(name, walk, layouts, m.native));
  return [files.parameters, ...activation.files, ...read];
}

/** Whether any of them changes within a run. */
export const parametersVary = ({ walk }: Sharing) => ({
  PARAMS_VARY: Number(PARAMETERS.some((name) => walk.run[name] !== 0)),
});

/** Statistics of this pass's own, and where they go. */
export function measuring(
  { problem }: Making,
  { held, team, walk }: Sharing,
  sink: readonly Module[],
): Module[] {
  const { kind } = problem;
  const streamed = [files.measureStreamed, kind.pivot.streamed];
  return [
    files.statisticsMeasured,
    ...(held > 0 ? [files.held, files.measureHeld, kind.pivot.held] : streamed),
    ...kind.statistic,
    kind.known,
    ...completed(problem, walk),
    team > 1 ? files.teamWorkgroup : files.teamAlone,
    ...sink,
  ];
}

/** Statistics that are there already. */
export function given(m: Making, { walk }: Sharing, sink: Module): Module[] {
  return [files.statisticsGiven, ...knownAt(m, walk), sink];
}

/** Files that read statistics of the caller's, or those of an earlier pass. */
export function knownAt({ problem }: Making, walk: Sharing["walk"]): Module[] {
  const { renorm, given } = problem;
  if (given === null) {
    const complete = renorm ? renorm.later : files.knownComplete;
    return [files.knownPlanes, statisticsIn("planes", walk, "f32", "statistics"), complete];
  }
  return [
    given.file,
    given.mean === null ? absent("mean") : statisticsIn("mean", walk, given.mean.dtype),
    given.spread === null ? absent("spread") : statisticsIn("spread", walk, given.spread.dtype),
    ...completed(problem, walk),
  ];
}

/** What else is known of a group, from the caller's arrays. */
function completed({ renorm }: Problem, walk: Sharing["walk"]): Module[] {
  if (renorm === null) return [files.knownComplete];
  return [renorm.file, ...renorm.ports.map((name) => statisticsIn(name, walk))];
}

/** Where they lie. */
export function sourceFrom({ given }: Problem, planes: Planes): Source {
  if (given !== null) {
    return { ...NO_SOURCE, mean: given.mean?.offset ?? NONE, spread: given.spread?.offset ?? NONE };
  }
  const { pivot, delta, factor, gain, offset } = planes;
  return { mean: pivot, delta, spread: factor, gain, offset };
}

/** The planes that hand statistics on to later passes. */
export const handing = ({ renorm }: Problem): (keyof Planes)[] => [
  "pivot",
  "delta",
  "factor",
  ...(renorm ? (["gain", "offset"] as const) : []),
];

/** Statistics of the caller's into planes. */
export function handOver(m: Making, planes: Planes): Pass {
  const laid = lay(m, [], []);
  const sharing = shareMeasure(m.profile, laid, true, { ...m.force, split: false }, 0);
  const modules = [...walking(sharing), ...given(m, sharing, files.sinkStatistics), files.reduce];
  return passOf(m, "measure", sharing, modules, {
    planes: { ...planes, first: NONE, second: NONE },
    source: sourceFrom(m.problem, planes),
  });
}

/** An array of x's shape that lasts for one operation. */
export const dense = ({ shape }: Problem): Stored => {
  return { strides: contiguous(shape), offset: 0, dtype: "f32" };
};

/** Nothing is normalized. */
export const PLAIN = {
  kind: IDENTITY,
  given: { file: files.knownNothing, mean: null, spread: null },
  renorm: null,
  track: null,
  results: [],
  inPlace: false,
} as const;

/** Statistics into planes, wherever they come from. */
export const intoPlanes = (m: Making, planes: Planes): Reduced =>
  m.problem.given ? { passes: [handOver(m, planes)], scratch: {} } : reducedStatistics(m, planes);

/** The same problem with its statistics in planes already. */
export const fromPlanes = (m: Making): Making =>
  making({ ...m.problem, given: null }, m.profile, m.force);

/** Throws where a device cannot bind what a pass needs. */
export function checkFits<T extends Pick<Made, "passes">>(m: Making, made: T): T {
  if (!fits(m, made)) {
    const { op } = m.problem;
    const limit = m.profile.storageBuffers;
    fail(op, `more arrays than the device's maxStorageBuffersPerShaderStage of ${limit} in a pass`);
  }
  return made;
}

export const sinkFor = (planes: Planes): Module =>
  Object.values(planes).some((p) => p !== NONE) ? files.sinkStatistics : files.sinkNothing;

/**
 * The dimensions of a first stage, whose results are records: one a slice and kept index, at the stride of
 * y. Loosened dimensions are kept in this stage and reduced in the merge.
 */
function withRecords({ dims, ...laid }: Laid): { stage: Laid; recordStride: number } {
  const kept = dims.filter((d) => !d.reduced);
  const strides = contiguous(kept.map((d) => d.size));
  const place = new Map(kept.map((d, i) => [d, strides[i]]));
  return {
    stage: { ...laid, dims: dims.map((d) => ({ ...d, y: place.get(d) ?? 0 })) },
    recordStride: sizeOf(kept.map((d) => d.size)),
  };
}

/** The dimensions of the merge: slices, and what the first stage kept. */
function mergeDims(
  original: readonly Dim[],
  stage: readonly Dim[],
  slice: Dim,
  results: readonly Stepped[],
): Dim[] {
  const kept = stage.flatMap((d, i) => {
    if (d.reduced) return [];
    const to = Object.fromEntries(results.map((name) => [name, original[i][name]]));
    return [{ ...POINT, size: d.size, reduced: original[i].reduced, x: d.y, ...to }];
  });
  return [slice, ...kept].filter((d) => d.size !== 1);
}

/** Something to be reduced: into records of slices and then to its results, or to these at once. */
export interface Reduction {
  readonly laid: Laid;
  readonly does: Pass["does"];
  readonly mostHeld: number;
  /** Whether one stage can do, where one slice is enough. */
  readonly direct: boolean;
  /** Strides and offsets by which the results are stored. */
  readonly results: readonly Stepped[];
  readonly at: Laid["at"];
  readonly records: Module; // the sink of the first stage
  readonly sink: readonly Module[]; // of the results
  readonly planes?: Planes; // in which they are
  readonly stage: (sharing: Sharing, sink: readonly Module[]) => readonly Module[];
  readonly values: (sharing: Sharing) => Values; // of the first stage
  readonly merge: (sharing: Sharing, sink: readonly Module[]) => readonly Module[];
}

interface Reduced {
  readonly passes: readonly Pass[];
  readonly scratch: Scratch;
}

/** Every partial result has a place of its own, so that there are no atomics. */
export function reduced(m: Making, r: Reduction): Reduced {
  const original = r.laid.dims;
  const { planes } = r;
  const loosened = { ...r.laid, dims: loosen(original, m.force) };
  const { stage, recordStride } = withRecords(loosened);
  const sharing = shareMeasure(m.profile, stage, false, m.force, r.mostHeld);
  if (r.direct && sharing.slices === 1 && loosened.dims === original && !m.force.split) {
    const laid = { ...r.laid, at: { ...r.laid.at, ...r.at } };
    const whole = shareMeasure(m.profile, laid, true, m.force, r.mostHeld);
    const values = { ...r.values(whole), planes };
    const passes = [passOf(m, r.does, whole, r.stage(whole, r.sink), values)];
    if (fits(m, { passes })) return { passes, scratch: {} };
  }
  const slice: Dim = { ...POINT, size: sharing.slices, x: recordStride };
  const dims = collapse(mergeDims(original, stage.dims, slice, r.results), ["x", ...r.results]);
  const merging = shareMerge(m.profile, { dims, at: r.at, packed: [], loose: [] });
  const values = { ...r.values(sharing), recordStride };
  return {
    passes: [
      passOf(m, r.does, sharing, r.stage(sharing, [r.records]), values),
      passOf(m, "merge", merging, r.merge(merging, r.sink), { planes }),
    ],
    scratch: { records: RECORD_BYTES * recordStride * sharing.slices },
  };
}

/** Statistics of x, into planes. */
export function reducedStatistics(m: Making, planes: Planes): Reduced {
  const reading = { ...m, problem: { ...m.problem, inPlace: false } };
  const laid = lay(m, ["x"], ["residual", "residualBias"]);
  const read = (sharing: Sharing) => [...elements(reading, sharing), files.sourceTerms];
  const all = (sharing: Sharing, source: readonly Module[], sink: readonly Module[]) => [
    ...walking(sharing),
    ...source,
    ...measuring(m, sharing, sink),
    files.reduce,
  ];
  return reduced(m, {
    laid,
    does: "measure",
    direct: true,
    mostHeld: MOST_HELD,
    results: ["stat"],
    at: {},
    records: files.sinkRecords,
    sink: [files.sinkStatistics],
    planes,
    stage: (sharing, sink) => all(sharing, read(sharing), sink),
    values: () => ({ bytes: traffic(laid, m.problem.layouts) }),
    merge: (sharing, sink) => all(sharing, [files.sourceRecords], sink),
  });
}
