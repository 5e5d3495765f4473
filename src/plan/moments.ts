// This file plans the operations on statistics alone: they merge the moments of two parts or update
// running statistics.

import * as files from "../wgsl/files";
import type { Fragment } from "../wgsl/link";
import { statisticsPass } from "./pass";
import {
  emptyPlan,
  offsetsFor,
  type PassPurpose,
  type Planner,
  planState,
  STATISTIC_ARRAY,
  toPlan,
} from "./plan";
import {
  type KernelFields,
  MERGE_MOMENTS_FIELDS,
  MERGE_WEIGHED_FIELDS,
  RUNNING_STATISTICS_FIELDS,
} from "./uniform_fields";

/**
 * Plans one pass of a kernel. The problem's uniforms say where arrays start, and the plan where
 * results start.
 */
const planKernel =
  (does: PassPurpose, kernel: readonly Fragment[], fields: KernelFields): Planner =>
  (problem, profile, overrides = {}) => {
    const m = planState(problem, profile, overrides);
    const placed = offsetsFor(
      m,
      problem.results.map((name) => STATISTIC_ARRAY[name]),
    );
    if (m.groups === 0) return toPlan(m, emptyPlan(placed));
    const [offsets, statisticsSize] = placed;
    const { groups } = m;
    const results = { ...offsets, variance: offsets.corrected };
    const values = { ...results, groups, channels: groups, ...problem.uniforms };
    const passes = [statisticsPass(m, does, groups, kernel, fields, values)];
    return toPlan(m, { schedule: "apply", passes, offsets, statisticsSize, scratch: {} });
  };

/** Plans the merge of the moments of two parts. */
export const planMerge = /* @__PURE__ */ planKernel(
  "merge",
  [files.mergeParts, files.kernelMergeMoments],
  MERGE_MOMENTS_FIELDS,
);

/** Plans the merge of the moments of two parts, whose groups have weights. */
export const planWeighedMerge = /* @__PURE__ */ planKernel(
  "merge",
  [files.mergeParts, files.kernelMergeMomentsWeighed],
  MERGE_WEIGHED_FIELDS,
);

/** Plans the update of running statistics from moments whose groups have weights. */
export const planWeighedRunningUpdate = /* @__PURE__ */ planKernel(
  "track",
  [files.kernelRunningStatisticsWeighed],
  RUNNING_STATISTICS_FIELDS,
);

/** Plans the update of running statistics from moments. */
export const planRunningUpdate = /* @__PURE__ */ planKernel(
  "track",
  [files.kernelRunningStatistics],
  RUNNING_STATISTICS_FIELDS,
);
