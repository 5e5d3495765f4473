// A reduction has one stage, or two: slices first, then a merge of their partials. Every partial
// has a place of its own, so there are no atomics.

import { entryAt } from "../base/entry";
import { contiguous } from "../base/shape";
import * as files from "../wgsl/files";
import type { Fragment } from "../wgsl/link";
import type { DeviceProfile } from "./device_profile";
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
  partitionMerge,
  REGISTER_VECTORS,
  repartition,
  shouldSplit,
} from "./heuristics";
import { countOf, type PassLayout, UNIT_DIM } from "./loop_nest";
import { INPUT_SUMMANDS, type Operand, type StridedName } from "./operands";
import { layoutPass, makePass, type PassValues, trafficBytes } from "./pass";
import {
  fitsBindings,
  type Pass,
  type PassPurpose,
  type PlanState,
  planState,
  type Scratch,
} from "./plan";
import { collapse, type Dim } from "./problem";
import { BINDING_ALIGNMENT, sliceCount, tilesOf } from "./tiling";
import { NONE, type StatisticsOffsets } from "./uniform_fields";

const PARTIAL_BYTES = 16;

/**
 * Adds the array of partials to the layout of a first stage. There is one partial per kept index
 * and slice, and the partials of a group are neighbours. A deferred inner dimension is kept in this
 * stage and reduced in the merge.
 */
function withPartials({ dims, extents, ...layout }: PassLayout, slices: number): PassLayout {
  const kept = dims.filter((d) => !d.reduced);
  const strides = contiguous([...kept.map((d) => d.size), slices]);
  const place = new Map(kept.map((d, i) => [d, strides[i]]));
  const partials = { offset: 0, bytes: PARTIAL_BYTES, beyond: slices - 1 };
  return {
    ...layout,
    dims: dims.map((d) => ({ ...d, partials: place.get(d) ?? 0 })),
    extents: { ...extents, partials },
  };
}

/**
 * Returns the dimensions of a merge: those that the first stage kept, and the slices. A dimension
 * along which the result repeats is reduced.
 */
function mergeDims(
  original: readonly Dim[],
  stage: readonly Dim[],
  slices: number,
  { along, reads = [] }: MergeTarget,
): Dim[] {
  const slice: Dim = { ...UNIT_DIM, size: slices, partials: 1 };
  const kept = stage.flatMap((d, i) => {
    if (d.reduced) return [];
    const from = entryAt(original, i);
    const to = Object.fromEntries([...along, ...reads].map((name) => [name, from[name]]));
    const repeats = along.every((name) => from[name] === 0);
    return [{ ...UNIT_DIM, size: d.size, reduced: repeats, partials: d.partials, ...to }];
  });
  return [...kept, slice].filter((d) => d.size !== 1);
}

/**
 * Returns how many slices a group may have: a merge binds the partials of all that it sums, and those
 * of other groups in between.
 */
function maxSlices(
  { maxBindingBytes }: DeviceProfile,
  original: readonly Dim[],
  stage: PassLayout,
  targets: readonly MergeTarget[],
): number {
  const { dims } = withPartials(stage, 1);
  const spans = targets.map((target) =>
    mergeDims(original, dims, 1, target)
      .filter((d) => d.reduced)
      .reduce((span, d) => span + (d.size - 1) * d.partials, 1),
  );
  const room = (maxBindingBytes - BINDING_ALIGNMENT) / PARTIAL_BYTES;
  return Math.floor(room / Math.max(1, ...spans));
}

/** A merge target receives the merged partials, or the sums of a single stage. */
export interface MergeTarget {
  readonly along: readonly StridedName[]; // names of the strides by which it is stored
  readonly reads?: readonly Operand[]; // operands that the merge reads beside the partials
  readonly extents: PassLayout["extents"];
  readonly store: readonly Fragment[];
  readonly offsets?: StatisticsOffsets | undefined; // places in the statistics buffer
  readonly merge: (partition: Partition, store: readonly Fragment[]) => readonly Fragment[];
}

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

export interface ReductionPasses {
  readonly passes: readonly Pass[];
  readonly scratch: Scratch;
}

/** Plans a reduction in one stage if that is allowed and suffices, else in two. */
export function reductionPasses(m: PlanState, r: ReductionSpec): ReductionPasses {
  return (r.direct && inOneStage(m, r)) || inTwoStages(m, r);
}

function inOneStage(
  m: PlanState,
  { layout, targets: [result], ...r }: ReductionSpec,
): ReductionPasses | null {
  const { profile, overrides } = m;
  if (result === undefined || shouldSplit(profile, layout, overrides, r.maxRegisterVectors))
    return null;
  const at = { ...layout.extents, ...result.extents };
  const partition = partitionByGroup(
    profile,
    { ...layout, extents: at },
    overrides,
    r.maxRegisterVectors,
  );
  if (partition === null) return null;
  const values = { ...r.values(partition), offsets: result.offsets };
  const passes = [makePass(m, r.does, partition, r.stage(partition, result.store), values)];
  return fitsBindings(m, { passes }) ? { passes, scratch: {} } : null;
}

function inTwoStages(m: PlanState, { layout, targets, ...r }: ReductionSpec): ReductionPasses {
  const { profile, overrides } = m;
  const firstStage = (dims: readonly Dim[]) => {
    const stage = { ...layout, dims };
    const most = maxSlices(profile, layout.dims, stage, targets);
    const first = partitionInSlices(profile, stage, overrides, r.maxRegisterVectors, most);
    const slices = sliceCount(tilesOf(first));
    return { stage: withPartials(stage, slices), first, slices, fits: slices <= most };
  };
  const deferred = firstStage(deferInner(profile, layout.dims, overrides));
  // a merge binds more partials of a group where it reduces the inner dimension, too
  const { stage, first, slices } = deferred.fits ? deferred : firstStage(layout.dims);
  const partition = repartition(profile, first, stage);
  const merges = targets.map((result) => {
    const { along, reads = [], offsets } = result;
    const dims = collapse(mergeDims(layout.dims, stage.dims, slices, result), [
      "partials",
      ...along,
      ...reads,
    ]);
    const at = { partials: { offset: 0, bytes: PARTIAL_BYTES }, ...result.extents };
    const merging = partitionMerge(profile, {
      ...layout,
      dims,
      extents: at,
      vectorized: [],
      flexible: [],
    });
    return makePass(m, "merge", merging, result.merge(merging, result.store), { offsets });
  });
  const size = countOf(stage.dims.filter((d) => !d.reduced)) * slices;
  return {
    passes: [
      makePass(m, r.does, partition, r.stage(partition, [r.partials]), r.values(partition)),
      ...merges,
    ],
    scratch: { partials: PARTIAL_BYTES * size },
  };
}

/** Plans statistics of x into statistics arrays. */
export function measureStatistics(m: PlanState, offsets: StatisticsOffsets): ReductionPasses {
  const layout = layoutPass(m, ["x"], INPUT_SUMMANDS);
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
  const partition = partitionByGroup(m.profile, layout, m.overrides, 0) as Partition; // never null
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
export const storeStatistics = (m: PlanState, offsets: StatisticsOffsets): ReductionPasses =>
  m.problem.given
    ? { passes: [copyStatistics(m, offsets)], scratch: {} }
    : measureStatistics(m, offsets);

/** Returns the problem with its statistics in statistics arrays already. */
export const withStoredStatistics = (m: PlanState): PlanState =>
  planState({ ...m.problem, given: null }, m.profile, m.overrides);
