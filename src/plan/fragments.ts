// The shader files of a pass, by what it does.

import * as files from "../wgsl/files";
import { type Fragment, instantiate } from "../wgsl/link";
import { absentArray, loadOperand, loadStatistics, SHADER_ARRAYS } from "./bindings";
import type { Partition } from "./heuristics";
import type { PlanState } from "./pass";
import type { Problem } from "./problem";
import { NO_SOURCE, NONE, type StatisticsOffsets, type StatisticsSource } from "./uniforms";

/** What every pass over groups needs. */
export const loopFragments = ({ nest }: Partition): Fragment[] => [
  files.cursor,
  ...(nest.kept.length > 1 || nest.outer.length > 0 ? [files.locate] : []),
  nest.kept.length > 1 ? files.groupsMany : files.groupsOne,
  nest.outer.length > 0 ? files.outerMany : files.outerOne,
  files.reduceState,
  files.halves,
  nest.vectorWidth === 1
    ? files.vectorScalar
    : nest.columns
      ? files.vectorColumns4
      : files.vectorRows4,
];

/** x, or its sum with a residual. `slot`: the tensor that x is, where it is another. */
export function inputFragments(
  { problem, nativeF16 }: PlanState,
  { nest }: Partition,
  slot?: string,
): Fragment[] {
  const { layouts, inPlace } = problem;
  const inPlaceX = inPlace && instantiate(files.loadInPlace, SHADER_ARRAYS.x, "f32");
  return [
    files.elements,
    inPlaceX || loadOperand("x", nest, layouts, nativeF16, slot),
    loadOperand("residual", nest, layouts, nativeF16),
    loadOperand("residualBias", nest, layouts, nativeF16),
  ];
}

const EPILOGUE_OPERANDS = ["weight", "bias", "scale", "shift", "threshold"] as const;

/** What is done with the normalized x. */
export function parameterFragments(m: PlanState, { nest }: Partition): Fragment[] {
  const { layouts, activation } = m.problem;
  const read = EPILOGUE_OPERANDS.map((name) => loadOperand(name, nest, layouts, m.nativeF16));
  return [files.affine, ...activation.files, ...read];
}

/** Whether any of them changes within a run. */
export const parametersVary = ({ nest }: Partition) => ({
  PARAMS_VARY: Number(EPILOGUE_OPERANDS.some((name) => nest.inner[name] !== 0)),
});

/** How a team combines what its members have: there is one, through workgroup memory, by shuffles. */
function teamFragments(
  m: PlanState,
  { team }: Partition,
  [alone, shared, shuffled]: readonly [Fragment, Fragment, Fragment],
): Fragment[] {
  if (team === 1) return [alone];
  return m.subgroups ? [files.shuffle, shuffled] : [shared];
}

/** How it combines sums. */
export const teamSumFragments = (m: PlanState, sharing: Partition): Fragment[] =>
  teamFragments(m, sharing, [files.teamSumsAlone, files.teamSumsWorkgroup, files.teamSumsSubgroup]);

/** What subgroups have to prove themselves with, in rows and in columns: teams of both kinds, and what these expect. */
export const subgroupFragments = (): Fragment[][] =>
  [files.vectorScalar, files.vectorColumns4].map((stat) => [
    ...[files.uniforms, files.cursor, files.groupsOne, files.outerOne],
    ...[stat, files.reduceState, files.statisticMoments],
    ...[files.shuffle, files.teamSubgroup, files.teamSumsSubgroup],
  ]);

/** Statistics of this pass's own, and where they go. */
export function measuredStatistics(
  m: PlanState,
  partition: Partition,
  sink: readonly Fragment[],
): Fragment[] {
  const { problem } = m;
  const { registerVectors, nest } = partition;
  const { kind } = problem;
  const streamed = [files.accumulateStreamed, kind.pivot.streamed];
  return [
    files.statisticsMeasured,
    ...(registerVectors > 0
      ? [files.registers, files.accumulateRegisters, kind.pivot.registers]
      : streamed),
    ...kind.statistic,
    kind.factor,
    ...renormFragments(problem, nest),
    ...teamFragments(m, partition, [files.teamAlone, files.teamWorkgroup, files.teamSubgroup]),
    ...sink,
  ];
}

/** Statistics that are there already. */
export function givenStatistics(
  m: PlanState,
  { nest }: Partition,
  sink: readonly Fragment[] = STORE_NOTHING,
): Fragment[] {
  return [files.statisticsGiven, ...storedStatistics(m, nest), ...sink];
}

/** Files that read statistics of the caller's, or those of an earlier pass. */
export function storedStatistics({ problem }: PlanState, nest: Partition["nest"]): Fragment[] {
  const { renorm, given } = problem;
  if (given === null) {
    const complete = renorm ? renorm.later : files.renormNone;
    return [
      files.storedArrays,
      loadStatistics("storedStatistics", nest, "f32", "statistics"),
      complete,
    ];
  }
  return [
    given.file,
    given.mean === null ? absentArray("mean") : loadStatistics("mean", nest, given.mean.dtype),
    given.spread === null
      ? absentArray("spread")
      : loadStatistics("spread", nest, given.spread.dtype),
    ...renormFragments(problem, nest),
  ];
}

/** What else is known of a group, from the caller's arrays. */
function renormFragments({ renorm }: Problem, nest: Partition["nest"]): Fragment[] {
  if (renorm === null) return [files.renormNone];
  return [renorm.file, ...renorm.ports.map((name) => loadStatistics(name, nest))];
}

/** Where they lie. */
export function statisticsSource({ given }: Problem, offsets: StatisticsOffsets): StatisticsSource {
  if (given !== null) {
    return { ...NO_SOURCE, mean: given.mean?.offset ?? NONE, spread: given.spread?.offset ?? NONE };
  }
  const { pivot, delta, factor, gain, offset } = offsets;
  return { mean: pivot, delta, spread: factor, gain, offset };
}

/** The planes that hand statistics on to later passes. */
export const arraysForLaterPasses = ({ renorm }: Problem): (keyof StatisticsOffsets)[] => [
  "pivot",
  "delta",
  "factor",
  ...(renorm ? (["gain", "offset"] as const) : []),
];

/** Statistics go into planes. */
export const STORE_STATISTICS: readonly Fragment[] = [
  files.storeStatisticsBuffer,
  files.storeStatisticsArrays,
];
const STORE_NOTHING: readonly Fragment[] = [files.storeStatisticsNothing];

export const storeFragments = (offsets: StatisticsOffsets): readonly Fragment[] =>
  Object.values(offsets).some((p) => p !== NONE) ? STORE_STATISTICS : STORE_NOTHING;
