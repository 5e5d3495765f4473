// The shader files of a pass, by what it does.

import * as files from "../wgsl/files";
import type { Fragment, ShaderFile } from "../wgsl/link";
import { absentStatistics, loadInPlace, loadOperand, loadStatistics, loadStored } from "./bindings";
import type { ShuffleFiles } from "./device_profile";
import type { Partition } from "./heuristics";
import type { LoopNest } from "./loop_nest";
import { EPILOGUE_OPERANDS, INPUT_SUMMANDS, type StatisticsInput } from "./operands";
import type { PlanState } from "./plan";
import type { GivenArray, Problem } from "./problem";
import { NO_SOURCE, NONE, type StatisticsOffsets, type StatisticsSource } from "./uniform_fields";

function vectorFile({ vectorWidth, columns }: LoopNest): ShaderFile {
  if (vectorWidth === 1) return files.vectorScalar;
  return columns ? files.vectorColumns4 : files.vectorRows4;
}

/** What every pass over groups needs. */
export const loopFragments = ({ nest }: Partition): Fragment[] => [
  ...BLOCK,
  files.cursor,
  ...(nest.kept.length > 1 || nest.outer.length > 0 ? [files.locate] : []),
  nest.kept.length > 1 ? files.groupsMany : files.groupsOne,
  nest.outer.length > 0 ? files.outerMany : files.outerOne,
  files.reduceState,
  files.halves,
  vectorFile(nest),
];

/** The uniform block. */
const BLOCK: readonly Fragment[] = [files.uniforms, files.operands];

/** x, or its sum with a residual. `xName`: the tensor that x is, where it is another. */
export function inputFragments(
  { problem, nativeF16 }: PlanState,
  { nest }: Partition,
  xName?: string,
): Fragment[] {
  const { layouts, inPlace } = problem;
  return [
    files.elements,
    inPlace ? loadInPlace() : loadOperand("x", nest, layouts, nativeF16, xName),
    ...INPUT_SUMMANDS.map((name) => loadOperand(name, nest, layouts, nativeF16)),
  ];
}

/** What is done with the normalized x. */
export function epilogueFragments(m: PlanState, { nest }: Partition): Fragment[] {
  const { layouts, activation } = m.problem;
  const read = EPILOGUE_OPERANDS.map((name) => loadOperand(name, nest, layouts, m.nativeF16));
  return [files.affine, ...activation.files, ...read];
}

/** Whether any of the epilogue's operands changes within the inner loop. */
export const parametersVary = ({ nest }: Partition) => ({
  PARAMS_VARY: Number(EPILOGUE_OPERANDS.some((name) => nest.inner[name] !== 0)),
});

/** How a team combines what its members have: there is one, through workgroup memory, by shuffles. */
function teamFragments(
  m: PlanState,
  { team }: Partition,
  [alone, shared]: readonly [ShaderFile, ShaderFile],
  by: "team" | "teamSums",
): Fragment[] {
  if (team === 1) return [alone];
  return m.shuffles ? [m.shuffles.shuffle, m.shuffles[by]] : [shared];
}

/** How a team combines sums. */
export const teamSumFragments = (m: PlanState, partition: Partition): Fragment[] =>
  teamFragments(m, partition, [files.teamSumsAlone, files.teamSumsWorkgroup], "teamSums");

/** What subgroups have to prove themselves with, in rows and in columns. */
export const subgroupFragments = ({ shuffle, team, teamSums }: ShuffleFiles): Fragment[][] =>
  [files.vectorScalar, files.vectorColumns4].map((vector) => [
    ...[...BLOCK, files.cursor, files.groupsOne, files.outerOne],
    ...[vector, files.reduceState, files.statisticMoments],
    ...[shuffle, team, teamSums],
  ]);

/** Statistics of this pass's own, and where they go. */
export function measuredStatistics(
  m: PlanState,
  partition: Partition,
  store: readonly Fragment[],
): Fragment[] {
  const { kind } = m.problem;
  const inRegisters = partition.registerVectors > 0;
  return [
    files.statisticsMeasured,
    ...(inRegisters
      ? [files.registers, files.accumulateRegisters, kind.pivot.registers]
      : [files.accumulateStreamed, kind.pivot.streamed]),
    ...kind.statistic,
    kind.factor,
    ...extraFragments(m.problem, partition.nest),
    ...teamFragments(m, partition, [files.teamAlone, files.teamWorkgroup], "team"),
    ...store,
  ];
}

/** Statistics that are there already. */
export function givenStatistics(
  m: PlanState,
  { nest }: Partition,
  store: readonly Fragment[] = STORE_NOTHING,
): Fragment[] {
  return [files.statisticsGiven, ...storedStatistics(m, nest), ...store];
}

/** Files that read statistics of the caller's, or those of an earlier pass. */
export function storedStatistics({ problem }: PlanState, nest: LoopNest): Fragment[] {
  const { given, kind } = problem;
  if (given === null) {
    return [files.storedArrays, loadStored(nest), kind.extra?.stored ?? files.renormNone];
  }
  return [
    given.file,
    ...givenArray(given.mean, nest, "mean"),
    ...givenArray(given.factor, nest),
    ...extraFragments(problem, nest),
  ];
}

function givenArray(given: GivenArray | null, nest: LoopNest, otherwise?: StatisticsInput) {
  if (given) return [loadStatistics(given.array, nest, given.dtype, given.argument)];
  return otherwise ? [absentStatistics(otherwise)] : [];
}

/** What else the normalizer is made of, from the caller's arrays. */
function extraFragments({ kind: { extra } }: Problem, nest: LoopNest): Fragment[] {
  if (extra === undefined) return [files.renormNone];
  return [extra.file, ...extra.arrays.map((name) => loadStatistics(name, nest))];
}

/** Where statistics are read. */
export function statisticsSource({ given }: Problem, offsets: StatisticsOffsets): StatisticsSource {
  if (given !== null) {
    return { ...NO_SOURCE, mean: given.mean?.offset ?? NONE, factor: given.factor?.offset ?? NONE };
  }
  const { pivot, delta, factor, gain, offset } = offsets;
  return { mean: pivot, delta, factor, gain, offset };
}

/** The arrays that hand statistics on to later passes. */
export const arraysForLaterPasses = ({ kind }: Problem): (keyof StatisticsOffsets)[] => [
  "pivot",
  "delta",
  "factor",
  ...(kind.extra ? (["gain", "offset"] as const) : []),
];

/** Statistics go into the statistics buffer. */
export const STORE_STATISTICS: readonly Fragment[] = [
  files.storeStatisticsBuffer,
  files.storeStatisticsArrays,
];
const STORE_NOTHING: readonly Fragment[] = [files.storeStatisticsNothing];

export const storeFragments = (offsets: StatisticsOffsets): readonly Fragment[] =>
  Object.values(offsets).some((start) => start !== NONE) ? STORE_STATISTICS : STORE_NOTHING;

/** A file that goes through the partial results of slices. */
export const overPartials = (file: ShaderFile): Fragment => ({ ...file, strideName: "partials" });
