// Plans for what is done to statistics alone: merging moments of two parts, updating running ones.

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
import { KERNEL_FIELDS, type KernelFields } from "./uniform_fields";

/** One pass of a kernel; the problem's uniforms say where arrays start, the plan where results do. */
const planKernel =
  (does: PassPurpose, kernel: Fragment, fields: KernelFields): Planner =>
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

/** Mean and variance of two parts together. */
export const planMerge = /* @__PURE__ */ planKernel(
  "merge",
  files.kernelMergeMoments,
  KERNEL_FIELDS.mergeMoments,
);

/** The same with each mean as a pair, pivot + delta. */
export const planMergePairMoments = /* @__PURE__ */ planKernel(
  "merge",
  files.kernelMergePairMoments,
  KERNEL_FIELDS.mergePairMoments,
);

/** Running statistics from moments. */
export const planRunningUpdate = /* @__PURE__ */ planKernel(
  "track",
  files.kernelRunningStatistics,
  KERNEL_FIELDS.runningStatistics,
);
