// Plans for what is done to statistics alone: merging moments of two parts, updating running ones.

import * as files from "../wgsl/files";
import type { Fragment } from "../wgsl/link";
import type { DeviceProfile } from "./device_profile";
import type { PlanOverrides } from "./overrides";
import {
  emptyPlan,
  offsetsFor,
  type Plan,
  type Planner,
  planState,
  STATISTIC_ARRAY,
  statisticsPass,
  toPlan,
} from "./pass";
import type { Merging, Operand, Problem } from "./problem";
import { NO_SOURCE } from "./uniforms";

const offsetsOf = ({ layouts }: Problem): Partial<Record<Operand, number>> =>
  Object.fromEntries(Object.entries(layouts).map(([name, stored]) => [name, stored?.offset ?? 0]));

function mergePlan(
  file: Fragment,
  problem: Problem,
  profile: DeviceProfile,
  overrides: PlanOverrides,
): Plan {
  const m = planState(problem, profile, overrides);
  const [offsets, statisticsSize] = offsetsFor(
    m,
    problem.results.map((name) => STATISTIC_ARRAY[name]),
  );
  if (m.groups === 0) return toPlan(m, emptyPlan([offsets, statisticsSize]));
  const { share, scale = 1 } = problem.merging as Merging;
  const real = { momentum: share, spreadScale: scale };
  const pass = statisticsPass(m, "merge", m.groups, offsetsOf(problem), file, {
    offsets,
    floats: real,
  });
  return toPlan(m, { schedule: "apply", passes: [pass], offsets, statisticsSize, scratch: {} });
}

/** Mean and variance of two parts together; x, y: those of one, dy, sum: those of the other. */
export const planMerge: Planner = (problem, profile, force = {}) =>
  mergePlan(files.kernelMergeMoments, problem, profile, force);

/** The same of means as pairs; x, y, residual: pivot, delta and variance of one, dy, sum, dSum: of the other. */
export const planMergePairMoments: Planner = (problem, profile, force = {}) =>
  mergePlan(files.kernelMergePairMoments, problem, profile, force);

/** Running statistics from moments; x, y: the running ones, dy, sum: the moments. */
export function planRunningUpdate(
  problem: Problem,
  profile: DeviceProfile,
  overrides: PlanOverrides = {},
): Plan {
  const m = planState(problem, profile, overrides);
  const [offsets, statisticsSize] = offsetsFor(m, []);
  if (m.groups === 0) return toPlan(m, emptyPlan([offsets, statisticsSize]));
  const { x, y, dy, sum } = offsetsOf(problem);
  const { share, count } = problem.merging as Merging;
  const source = { ...NO_SOURCE, mean: dy ?? 0, spread: sum ?? 0 };
  const real = { momentum: share, trackScale: count / Math.max(1, count - 1) };
  const pass = statisticsPass(m, "track", m.groups, { x, y }, files.kernelRunningStatistics, {
    source,
    floats: real,
  });
  return toPlan(m, { schedule: "apply", passes: [pass], offsets, statisticsSize, scratch: {} });
}
