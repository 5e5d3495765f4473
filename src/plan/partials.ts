// A first stage leaves partials, and merges bring them to their targets. Every partial has a place of
// its own, so there are no atomics.

import { entryAt } from "../base/entry";
import { contiguous } from "../base/shape";
import type { Fragment } from "../wgsl/link";
import type { DeviceProfile } from "./device_profile";
import { type Partition, partitionMerge } from "./heuristics";
import { countOf, type PassLayout, UNIT_DIM } from "./loop_nest";
import type { Operand, StridedName } from "./operands";
import { makePass } from "./pass";
import type { Pass, PlanState, Scratch } from "./plan";
import { collapse, type Dim } from "./problem";
import { BINDING_ALIGNMENT } from "./tiling";
import type { StatisticsOffsets } from "./uniform_fields";

const PARTIAL_BYTES = 16;

/**
 * Adds the array of partials to the layout of a first stage. There is one partial per kept index
 * and slice, and the partials of a group are neighbours. A deferred inner dimension is kept in this
 * stage and reduced in the merge.
 */
export function withPartials({ dims, extents, ...layout }: PassLayout, slices: number): PassLayout {
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
export function maxSlices(
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

/** These passes need this scratch. */
export interface ReductionPasses {
  readonly passes: readonly Pass[];
  readonly scratch: Scratch;
}

/**
 * Adds to a first stage the merges of its partials, one for each target. Returns null if a merge cannot
 * bind what it reads.
 */
export function withMerges(
  m: PlanState,
  first: Pass,
  layout: PassLayout,
  stage: PassLayout,
  slices: number,
  targets: readonly MergeTarget[],
): ReductionPasses | null {
  const merges = targets.map((target) => {
    const { along, reads = [], extents, offsets } = target;
    const dims = mergeDims(layout.dims, stage.dims, slices, target);
    const partition = partitionMerge(m.profile, {
      ...layout,
      dims: collapse(dims, ["partials", ...along, ...reads]),
      extents: { partials: { offset: 0, bytes: PARTIAL_BYTES }, ...extents },
      vectorized: [],
      flexible: [],
    });
    const files = partition && target.merge(partition, target.store);
    return files && makePass(m, "merge", partition, files, { offsets });
  });
  if (!merges.every((pass) => pass !== null)) return null;
  const size = countOf(stage.dims.filter((d) => !d.reduced)) * slices;
  return { passes: [first, ...merges], scratch: { partials: PARTIAL_BYTES * size } };
}
