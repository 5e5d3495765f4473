// This file plans the records of groups: the least and the largest finite element, and the numbers
// of those that are not finite. They come with the option that asks for them.

import * as files from "../wgsl/files";
import { inputFragments, loopFragments } from "./fragments";
import { partitionInSlices } from "./heuristics";
import { layoutPass, makePass, statisticsPass, trafficBytes } from "./pass";
import {
  emptyPlan,
  type Pass,
  type Plan,
  type Planner,
  type PlanState,
  planState,
  toPlan,
} from "./plan";
import { type KernelFields, NO_OFFSETS } from "./uniform_fields";

/** A record has this many words (ranges/record.wgsl). */
export const RECORD_WORDS = 5;

const RECORD_FIELDS: KernelFields = { uints: ["groups"], floats: [] };

/** Plans the pass that empties records. */
const clearPass = (m: PlanState): Pass =>
  statisticsPass(
    m,
    "measure",
    m.groups,
    [files.rangesRecord, files.kernelClearRecords],
    RECORD_FIELDS,
    { groups: m.groups },
  );

/** Makes a plan of passes that write records. */
const recordsPlan = (m: PlanState, passes: readonly Pass[]): Plan =>
  toPlan(m, { ...emptyPlan([NO_OFFSETS, 0]), passes });

/** Plans the records of x, which begin empty. */
export const planFindRanges: Planner = (problem, profile, overrides = {}) => {
  const m = planState(problem, profile, overrides);
  if (m.groups === 0) return recordsPlan(m, []);
  const clear = clearPass(m);
  if (m.count === 0) return recordsPlan(m, [clear]);
  const layout = layoutPass(m, ["x"], ["mask"]);
  // the order of slices does not matter, so there are no partials whose number would be limited
  const partition = partitionInSlices(m, layout, 0, Number.POSITIVE_INFINITY);
  const lanes = partition.nest.vectorWidth === 1 ? files.rangesOneLane : files.rangesFourLanes;
  const fragments = [
    ...loopFragments(partition),
    ...inputFragments(m, partition),
    ...(problem.mask ? [] : [files.weightEvery, files.countedAll]),
    ...[lanes, files.rangesRecord, files.kernelFindRanges],
  ];
  const bytes = trafficBytes(layout, problem.layouts);
  return recordsPlan(m, [clear, makePass(m, "measure", partition, fragments, { bytes })]);
};
