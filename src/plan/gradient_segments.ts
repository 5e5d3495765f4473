// This file plans the backward of groups whose weight and bias change from segment to segment of a
// group (GroupNorm) or not at all (BatchNorm, InstanceNorm). One pass sums each segment, for the
// gradients of weight and bias and for the dx sums, and then writes dx.

import { entryAt } from "../base/entry";
import * as files from "../wgsl/files";
import type { Fragment } from "../wgsl/link";
import { dxPass } from "./dx_pass";
import { overPartials, statisticsSource, storeFragments, teamFragment } from "./fragments";
import {
  BACKWARD_REGISTER_VECTORS,
  DX_ARRAYS,
  DX_INPUTS,
  loadRegisters,
  minSharedElements,
  statisticsFragments,
  sumAlong,
  sumsToGradients,
} from "./gradient_sums";
import { partitionByGroup, shouldSplit } from "./heuristics";
import { countOf, type PassLayout } from "./loop_nest";
import { maxSlices, type ReductionPasses, withMerges, withPartials } from "./partials";
import { layoutPass } from "./pass";
import type { Pass, PlanState } from "./plan";
import type { Dim, ParameterSums } from "./problem";
import type { StatisticsOffsets } from "./uniform_fields";

const MAX_SEGMENTS = 32; // the error of a sum grows with the length of its chain

/** Returns whether the gradients change along a dimension. Both do, or neither. */
const changes = (d: Dim) => d.dFirst !== 0 || d.dSecond !== 0;

/** Returns whether weight and bias repeat along a dimension. */
const repeats = (d: Dim) => d.weight === 0 && !changes(d);

/**
 * Makes the loops around segments kept ones, as they are where sums are stored. A segment is an inner
 * loop, or a group without loops along which weight or bias change.
 */
function segmentDims(dims: readonly Dim[]): readonly Dim[] {
  const changing = dims.findLastIndex((d) => d.reduced && !repeats(d));
  if (changing < 0) return dims;
  const inner = dims.findLastIndex((d) => d.reduced);
  return dims.map((d, i) => (i === inner && i > changing ? d : { ...d, reduced: false }));
}

/**
 * Plans the pass, and a merge where several groups share weight and bias. Returns null where one job
 * per group would leave the device idle, and where segments are short or many. `stores` are the
 * statistics that later passes need.
 */
export function dxWithSegmentSums(
  m: PlanState,
  collected: ParameterSums,
  stores: StatisticsOffsets,
): ReductionPasses | null {
  const { problem, profile } = m;
  const own = sumAlong(m, problem.reduced, collected, problem.layouts);
  const layout = layoutPass(own, DX_ARRAYS, DX_INPUTS, ["dFirst", "dSecond"]);
  if (shouldSplit(m, layout, BACKWARD_REGISTER_VECTORS)) return null;
  const single = { ...layout, dims: segmentDims(layout.dims) };
  const elements = countOf(single.dims.filter((d) => d.reduced));
  if (elements < minSharedElements(m) || m.count > MAX_SEGMENTS * elements) return null;
  const segmented = elements < m.count;
  const target = sumsToGradients(m, collected);
  if (single.dims.every((d) => d.reduced || changes(d))) {
    const extents = { ...layout.extents, ...target.extents };
    const pass = segmentPass(m, { ...layout, extents }, segmented, stores, target.store);
    return pass && { passes: [pass], scratch: {} };
  }
  const stage = withPartials(single, 1);
  if (maxSlices(profile, layout.dims, stage, [target]) < 1) return null;
  const dims = stage.dims.map((d, i) => ({ ...d, reduced: entryAt(layout.dims, i).reduced }));
  const store = [overPartials(files.storeSumsPartials)];
  const pass = segmentPass(m, { ...stage, dims }, segmented, stores, store);
  return pass && withMerges(m, pass, layout, stage, 1, [target]);
}

/** Plans the pass, or returns null if a group does not fit into a tile. */
function segmentPass(
  m: PlanState,
  layout: PassLayout,
  segmented: boolean,
  stores: StatisticsOffsets,
  store: readonly Fragment[],
): Pass | null {
  const partition = partitionByGroup(m, layout, BACKWARD_REGISTER_VECTORS);
  if (partition === null) return null;
  const sums =
    partition.registerVectors > 0
      ? [files.registers, files.loadForSumsRegisters, files.sumSegmentsRegisters]
      : [
          files.loadForSumsNone,
          files.sumSegmentsStreamed,
          files.gradientShare,
          files.parameterSumsAffine,
        ];
  const statistics = statisticsFragments(m, partition, storeFragments(m, stores));
  const values = {
    offsets: stores,
    source: statisticsSource(m.problem, stores),
    constants: { SEGMENTED: Number(segmented), ...loadRegisters(m, partition) },
  };
  const totals = [...sums, teamFragment(m, partition), ...store];
  return dxPass(m, layout, partition, statistics, totals, values);
}
