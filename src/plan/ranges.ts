// This file plans the records of groups: the least and the largest finite element, and the numbers
// of those that are not finite. They come with the option that asks for them.

import * as files from "../wgsl/files";
import type { Fragment } from "../wgsl/link";
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
export const RECORD_WORDS = 8;

const RECORD_FIELDS: KernelFields = { uints: ["groups"], floats: [] };

const recordsPass = (m: PlanState, kernel: Fragment): Pass =>
  statisticsPass(m, "merge", m.groups, [files.rangesRecord, kernel], RECORD_FIELDS, {
    groups: m.groups,
  });

/** Makes a plan of passes that write records. */
const recordsPlan = (m: PlanState, passes: readonly Pass[]): Plan =>
  toPlan(m, { ...emptyPlan([NO_OFFSETS, 0]), passes });

/** Plans the records of x, which an empty record begins. */
export const planFindRanges: Planner = (problem, profile, overrides = {}) => {
  const m = planState(problem, profile, overrides);
  if (m.groups === 0) return recordsPlan(m, []);
  const clear = recordsPass(m, files.kernelClearRecords);
  if (m.count === 0) return recordsPlan(m, [clear]);
  const layout = layoutPass(m, ["x"], []);
  // the order of slices does not matter, so there are no partials whose number would be limited
  const partition = partitionInSlices(profile, layout, overrides, 0, Number.POSITIVE_INFINITY);
  const lanes = partition.nest.vectorWidth === 1 ? files.rangesOneLane : files.rangesFourLanes;
  const fragments = [
    ...loopFragments(partition),
    ...inputFragments(m, partition),
    ...[lanes, files.rangesRecord, files.kernelFindRanges],
  ];
  const bytes = trafficBytes(layout, problem.layouts);
  return recordsPlan(m, [clear, makePass(m, "measure", partition, fragments, { bytes })]);
};

/** Plans the merge of the records of two parts. */
export const planMergeRanges: Planner = (problem, profile, overrides = {}) => {
  const m = planState(problem, profile, overrides);
  return recordsPlan(m, m.groups === 0 ? [] : [recordsPass(m, files.kernelMergeRecords)]);
};
