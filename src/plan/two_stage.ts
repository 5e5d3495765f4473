// A reduction has one stage, or two: slices first, then a merge of their partials.

import * as files from "../wgsl/files";
import type { Fragment } from "../wgsl/link";
import {
  givenStatistics,
  inputFragments,
  loopFragments,
  measuredStatistics,
  overPartials,
  statisticsSource,
  storeStatisticsFragments,
} from "./fragments";
import {
  deferInner,
  type Partition,
  partitionByGroup,
  partitionInSlices,
  partitionUnsplit,
  REGISTER_VECTORS,
  repartition,
} from "./heuristics";
import type { PassLayout } from "./loop_nest";
import { INPUT_OPERANDS, type Operand } from "./operands";
import {
  type MergeTarget,
  maxSlices,
  type ReductionPasses,
  withMerges,
  withPartials,
} from "./partials";
import { layoutPass, makePass, type PassValues, trafficBytes } from "./pass";
import { fitsBindings, type Pass, type PassPurpose, type PlanState, planState } from "./plan";
import type { Dim } from "./problem";
import { sliceCount, tilesOf } from "./tiling";
import { NONE, type StatisticsOffsets } from "./uniform_fields";

/**
 * A reduction goes into partials of slices and then to its targets, or in one stage to its only
 * target.
 */
export interface ReductionSpec {
  readonly layout: PassLayout;
  readonly does: PassPurpose;
  readonly maxRegisterVectors: number;
  /** One stage is allowed if one slice is enough. */
  readonly direct: boolean;
  readonly targets: readonly MergeTarget[];
  readonly partials: Fragment; // the files that store partials
  readonly stage: (partition: Partition, store: readonly Fragment[]) => readonly Fragment[];
  readonly values: (partition: Partition) => PassValues; // values of the first stage
}

/**
 * Plans a reduction in one stage if that is allowed and suffices, else in two. Returns null if a merge
 * cannot bind the partials of a group.
 */
export function reductionPasses(m: PlanState, r: ReductionSpec): ReductionPasses | null {
  return (r.direct && inOneStage(m, r)) || inTwoStages(m, r);
}

function inOneStage(
  m: PlanState,
  { layout, targets: [result], ...r }: ReductionSpec,
): ReductionPasses | null {
  if (result === undefined) return null;
  const extents = { ...layout.extents, ...result.extents };
  const partition = partitionUnsplit(m, { ...layout, extents }, r.maxRegisterVectors);
  if (partition === null) return null;
  const values = { ...r.values(partition), offsets: result.offsets };
  const passes = [makePass(m, r.does, partition, r.stage(partition, result.store), values)];
  return fitsBindings(m, { passes }) ? { passes, scratch: {} } : null;
}

function inTwoStages(m: PlanState, r: ReductionSpec): ReductionPasses | null {
  const { dims } = r.layout;
  const single: PlanState = { ...m, overrides: { ...m.overrides, vectorWidth: 1 } };
  // A merge binds more partials of a group where it reduces the inner dimension, too, and a first stage
  // those of four groups where vectors lie across groups.
  return keeping(m, r, deferInner(m, dims)) ?? keeping(m, r, dims) ?? keeping(single, r, dims);
}

/** Plans two stages, of which the first keeps what is not reduced in `dims`. */
function keeping(
  m: PlanState,
  { layout, targets, ...r }: ReductionSpec,
  dims: readonly Dim[],
): ReductionPasses | null {
  const { profile } = m;
  const kept = { ...layout, dims };
  const most = maxSlices(profile, layout.dims, kept, targets);
  const first = partitionInSlices(m, kept, r.maxRegisterVectors, most);
  const slices = sliceCount(tilesOf(first));
  const stage = withPartials(kept, slices);
  const partition = repartition(profile, first, stage);
  if (partition === null) return null;
  const files = r.stage(partition, [r.partials]);
  const pass = makePass(m, r.does, partition, files, r.values(partition));
  return withMerges(m, pass, layout, stage, slices, targets);
}

/** Lists what a pass reads beside x that measures. */
const inputOperands = ({ problem }: PlanState): readonly Operand[] =>
  problem.gates?.first ? [...INPUT_OPERANDS, "gate"] : INPUT_OPERANDS;

/** Plans statistics of x into statistics arrays. */
export function measureStatistics(
  m: PlanState,
  offsets: StatisticsOffsets,
): ReductionPasses | null {
  const layout = layoutPass(m, ["x"], inputOperands(m));
  const read = (partition: Partition) => [...inputFragments(m, partition), files.sourceSummands];
  const all = (partition: Partition, source: readonly Fragment[], store: readonly Fragment[]) => [
    ...loopFragments(partition),
    ...source,
    ...measuredStatistics(m, partition, store),
    files.kernelStatistics,
  ];
  return reductionPasses(m, {
    layout,
    does: "measure",
    direct: true,
    maxRegisterVectors: REGISTER_VECTORS,
    targets: [
      {
        along: ["statistics"],
        extents: {},
        store: storeStatisticsFragments(m),
        offsets,
        merge: (partition, store) => all(partition, [overPartials(files.sourcePartials)], store),
      },
    ],
    partials: overPartials(files.storeStatisticsPartials),
    stage: (partition, store) => all(partition, read(partition), store),
    values: () => ({ bytes: trafficBytes(layout, m.problem.layouts) }),
  });
}

/** Plans a copy of the caller's statistics into statistics arrays. */
function copyStatistics(m: PlanState, offsets: StatisticsOffsets): Pass {
  const layout = layoutPass(m, [], []);
  const partition = partitionByGroup(m, layout, 0) as Partition; // never null
  const fragments = [
    ...loopFragments(partition),
    ...givenStatistics(m, partition, storeStatisticsFragments(m)),
    files.kernelStatistics,
  ];
  return makePass(m, "measure", partition, fragments, {
    offsets: { ...offsets, first: NONE, second: NONE },
    source: statisticsSource(m.problem, offsets),
  });
}

/** Plans statistics into statistics arrays, whether they are given or measured. */
export const storeStatistics = (
  m: PlanState,
  offsets: StatisticsOffsets,
): ReductionPasses | null =>
  m.problem.given
    ? { passes: [copyStatistics(m, offsets)], scratch: {} }
    : measureStatistics(m, offsets);

/** Returns the problem with its statistics in statistics arrays already. */
export const withStoredStatistics = (m: PlanState): PlanState =>
  planState({ ...m.problem, given: null }, m.profile, m.overrides);
