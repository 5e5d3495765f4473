// This file chooses the shader files of a pass by its work.

import * as files from "../wgsl/files";
import type { Fragment, ShaderFile } from "../wgsl/link";
import { loadOperand, loadStatistics, loadStored } from "./bindings";
import type { Partition } from "./heuristics";
import type { LoopNest } from "./loop_nest";
import { EPILOGUE_OPERANDS, INPUT_SUMMANDS } from "./operands";
import type { PlanState } from "./plan";
import type { Problem } from "./problem";
import { NO_SOURCE, NONE, type StatisticsOffsets, type StatisticsSource } from "./uniform_fields";

type VisitOrder = Pick<LoopNest, "vectorWidth" | "columns" | "outer">;

function vectorFile({ vectorWidth, columns }: VisitOrder): ShaderFile {
  if (vectorWidth === 1) return files.vectorScalar;
  return columns ? files.vectorColumns4 : files.vectorRows4;
}

function outerFile({ outer }: VisitOrder): ShaderFile {
  if (outer.length > 1) return files.outerMany;
  return outer.length === 1 ? files.outerOne : files.outerNone;
}

/** Lists the files that every pass over groups needs. */
export const loopFragments = ({ nest }: { readonly nest: VisitOrder }): Fragment[] => [
  files.uniforms,
  files.operands,
  files.cursor,
  files.locate,
  outerFile(nest),
  files.reduceState,
  files.halves,
  vectorFile(nest),
];

/** Lists the files that read x, or its sum with a residual. */
export function inputFragments({ problem, nativeF16 }: PlanState, { nest }: Partition): Fragment[] {
  const { layouts } = problem;
  return [
    files.elements,
    loadOperand("x", nest, layouts, nativeF16),
    ...INPUT_SUMMANDS.map((name) => loadOperand(name, nest, layouts, nativeF16)),
    ...(problem.mask?.weights(problem, nest, nativeF16) ?? []),
  ];
}

/** Lists the files of the epilogue. */
export function epilogueFragments(m: PlanState, { nest }: Partition): Fragment[] {
  const { layouts, activation, kind, uniforms } = m.problem;
  const read = EPILOGUE_OPERANDS.map((name) => loadOperand(name, nest, layouts, m.nativeF16));
  const own = [kind.parameters ?? parametersFile(uniforms), kind.cast ?? files.castNone];
  return [files.affine, ...own, ...activation.files, ...read];
}

const parametersFile = ({ scaleOffset = 1 }: Problem["uniforms"]): Fragment =>
  scaleOffset === 1
    ? files.parametersPlain
    : { ...files.parametersOffset, constants: { SCALE_OFFSET: scaleOffset } };

/**
 * Says whether any of the epilogue's operands changes within the inner loop, or within a share in
 * registers.
 */
export const parametersVary = ({ nest, registerVectors }: Partition) => ({
  PARAMS_VARY: Number(
    [nest.inner, ...(registerVectors ? nest.outer : [])].some(
      (dim) => dim.size > 1 && EPILOGUE_OPERANDS.some((name) => dim[name] !== 0),
    ),
  ),
});

/**
 * Chooses how a team combines its values: as one invocation, through workgroup memory, or by
 * shuffles.
 */
export function teamFragment({ shuffles }: PlanState, { team }: Partition): Fragment {
  if (team === 1) return files.teamAlone;
  return shuffles ?? files.teamWorkgroup;
}

/** Lists the files that the subgroup check needs, for rows and for columns. */
export const subgroupFragments = (shuffles: ShaderFile): Fragment[][] =>
  ([1, 4] as const).map((vectorWidth) => [
    ...loopFragments({ nest: { vectorWidth, columns: true, outer: [] } }),
    shuffles,
  ]);

/** Lists the files that measure statistics in the pass itself, and those that store them. */
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
      ? [files.registers, files.accumulateRegisters, files.shareRegisters, kind.pivot.registers]
      : [files.accumulateStreamed, files.shareStreamed, kind.pivot.streamed]),
    ...kind.statistic,
    kind.factor,
    ...extraFragments(m.problem, partition.nest),
    teamFragment(m, partition),
    ...store,
  ];
}

/** Lists the files that take stored or given statistics. */
export function givenStatistics(
  m: PlanState,
  { nest }: Partition,
  store: readonly Fragment[] = STORE_NOTHING,
): Fragment[] {
  return [files.statisticsGiven, ...storedStatistics(m, nest), ...store];
}

/** Lists the files that read the caller's statistics or those of an earlier pass. */
export function storedStatistics({ problem }: PlanState, nest: LoopNest): Fragment[] {
  const { given, kind } = problem;
  if (given === null) {
    return [files.storedArrays, loadStored(nest), kind.extra?.stored ?? files.renormNone];
  }
  return [...given.fragments(nest), ...extraFragments(problem, nest)];
}

/** Lists the files that complete the normalizer from the caller's arrays. */
function extraFragments({ kind: { extra } }: Problem, nest: LoopNest): Fragment[] {
  if (extra === undefined) return [files.renormNone];
  return [extra.file, ...extra.arrays.map((name) => loadStatistics(name, nest))];
}

/** Returns the offsets from which a pass reads its statistics. */
export function statisticsSource({ given }: Problem, offsets: StatisticsOffsets): StatisticsSource {
  if (given !== null) return { ...NO_SOURCE, ...given.starts };
  const { pivot, delta, factor, gain, offset, count } = offsets;
  return { mean: pivot, delta, factor, gain, offset, count };
}

/** Lists the statistics arrays that later passes read. */
export const arraysForLaterPasses = ({ kind, mask }: Problem): (keyof StatisticsOffsets)[] => [
  "pivot", // and delta
  "factor",
  ...(kind.extra ? (["gain", "offset"] as const) : []),
  ...(mask ? (["count"] as const) : []),
];

/** Lists the files that store statistics in the statistics buffer. */
export const storeStatisticsFragments = (m: PlanState): readonly Fragment[] => [
  files.storeStatisticsBuffer,
  files.storeStatisticsArrays,
  m.updates?.file ?? files.runningNone,
];
const STORE_NOTHING: readonly Fragment[] = [files.storeStatisticsNothing];

export const storeFragments = (m: PlanState, offsets: StatisticsOffsets): readonly Fragment[] =>
  Object.values(offsets).some((start) => start !== NONE)
    ? storeStatisticsFragments(m)
    : STORE_NOTHING;

/** Marks a file as one that goes through partials. */
export const overPartials = (file: ShaderFile): Fragment => ({ ...file, strideName: "partials" });
