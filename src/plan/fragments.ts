// The shader files of a pass, by what it does.

import * as files from "../wgsl/files";
import { type Module, ported } from "../wgsl/link";
import { absent, input, PORTS, statisticsIn } from "./bindings";
import type { Sharing } from "./heuristics";
import type { Making } from "./pass";
import type { Problem } from "./problem";
import { NO_SOURCE, NONE, type Planes, type Source } from "./uniforms";

/** What every pass over groups needs. */
export const walking = ({ walk }: Sharing): Module[] => [
  files.cursor,
  ...(walk.kept.length > 1 || walk.segments.length > 0 ? [files.locate] : []),
  walk.kept.length > 1 ? files.groupsMany : files.groupsOne,
  walk.segments.length > 0 ? files.outerMany : files.outerOne,
  files.reduceState,
  files.halves,
  walk.width === 1 ? files.vectorScalar : walk.columns ? files.vectorColumns4 : files.vectorRows4,
];

/** x, or its sum with a residual. `slot`: the tensor that x is, where it is another. */
export function elements({ problem, native }: Making, { walk }: Sharing, slot?: string): Module[] {
  const { layouts, inPlace } = problem;
  const inPlaceX = inPlace && ported(files.loadInPlace, PORTS.x, "f32");
  return [
    files.elements,
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
  return [files.affine, ...activation.files, ...read];
}

/** Whether any of them changes within a run. */
export const parametersVary = ({ walk }: Sharing) => ({
  PARAMS_VARY: Number(PARAMETERS.some((name) => walk.run[name] !== 0)),
});

/** How a team combines what its members have: there is one, through workgroup memory, by shuffles. */
function combining(
  m: Making,
  { team }: Sharing,
  [alone, shared, shuffled]: readonly [Module, Module, Module],
): Module[] {
  if (team === 1) return [alone];
  return m.subgroups ? [files.shuffle, shuffled] : [shared];
}

/** How it combines sums. */
export const summing = (m: Making, sharing: Sharing): Module[] =>
  combining(m, sharing, [files.teamSumsAlone, files.teamSumsWorkgroup, files.teamSumsSubgroup]);

/** What subgroups have to prove themselves with, in rows and in columns: teams of both kinds, and what these expect. */
export const subgroupFiles = (): Module[][] =>
  [files.vectorScalar, files.vectorColumns4].map((stat) => [
    ...[files.uniforms, files.cursor, files.groupsOne, files.outerOne],
    ...[stat, files.reduceState, files.statisticMoments],
    ...[files.shuffle, files.teamSubgroup, files.teamSumsSubgroup],
  ]);

/** Statistics of this pass's own, and where they go. */
export function measuring(m: Making, sharing: Sharing, sink: readonly Module[]): Module[] {
  const { problem } = m;
  const { held, walk } = sharing;
  const { kind } = problem;
  const streamed = [files.accumulateStreamed, kind.pivot.streamed];
  return [
    files.statisticsMeasured,
    ...(held > 0 ? [files.registers, files.accumulateRegisters, kind.pivot.held] : streamed),
    ...kind.statistic,
    kind.known,
    ...completed(problem, walk),
    ...combining(m, sharing, [files.teamAlone, files.teamWorkgroup, files.teamSubgroup]),
    ...sink,
  ];
}

/** Statistics that are there already. */
export function given(m: Making, { walk }: Sharing, sink: readonly Module[] = NOWHERE): Module[] {
  return [files.statisticsGiven, ...knownAt(m, walk), ...sink];
}

/** Files that read statistics of the caller's, or those of an earlier pass. */
export function knownAt({ problem }: Making, walk: Sharing["walk"]): Module[] {
  const { renorm, given } = problem;
  if (given === null) {
    const complete = renorm ? renorm.later : files.renormNone;
    return [files.storedArrays, statisticsIn("planes", walk, "f32", "statistics"), complete];
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
  if (renorm === null) return [files.renormNone];
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

/** Statistics go into planes. */
export const INTO_PLANES: readonly Module[] = [
  files.storeStatisticsBuffer,
  files.storeStatisticsArrays,
];
const NOWHERE: readonly Module[] = [files.storeStatisticsNothing];

export const sinkFor = (planes: Planes): readonly Module[] =>
  Object.values(planes).some((p) => p !== NONE) ? INTO_PLANES : NOWHERE;
