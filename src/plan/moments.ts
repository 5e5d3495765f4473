// Plans for what is done to statistics alone: merging moments of two parts, updating running ones.

import * as files from "../wgsl/files";
import type { Module } from "../wgsl/link";
import type { Profile } from "./device_profile";
import type { Force } from "./heuristics";
import {
  making,
  nothing,
  PLANE,
  type Plan,
  type Planner,
  planesFor,
  planOf,
  valuesPass,
} from "./pass";
import type { Merging, Operand, Problem } from "./problem";
import { NO_SOURCE } from "./uniforms";

const offsetsOf = ({ layouts }: Problem): Partial<Record<Operand, number>> =>
  Object.fromEntries(Object.entries(layouts).map(([name, stored]) => [name, stored?.offset ?? 0]));

function merging(file: Module, problem: Problem, profile: Profile, force: Force): Plan {
  const m = making(problem, profile, force);
  const [planes, statisticsSize] = planesFor(
    m,
    problem.results.map((name) => PLANE[name]),
  );
  if (m.groups === 0) return planOf(m, nothing([planes, statisticsSize]));
  const { share, scale = 1 } = problem.merging as Merging;
  const real = { momentum: share, spreadScale: scale };
  const pass = valuesPass(m, "merge", m.groups, offsetsOf(problem), file, { planes, real });
  return planOf(m, { schedule: "apply", passes: [pass], planes, statisticsSize, scratch: {} });
}

/** Mean and variance of two parts together; x, y: those of one, dy, sum: those of the other. */
export const planMerge: Planner = (problem, profile, force = {}) =>
  merging(files.kernelMergeMoments, problem, profile, force);

/** The same of means as pairs; x, y, residual: pivot, delta and variance of one, dy, sum, dSum: of the other. */
export const planMergePairs: Planner = (problem, profile, force = {}) =>
  merging(files.kernelMergePairMoments, problem, profile, force);

/** Running statistics from moments; x, y: the running ones, dy, sum: the moments. */
export function planTrack(problem: Problem, profile: Profile, force: Force = {}): Plan {
  const m = making(problem, profile, force);
  const [planes, statisticsSize] = planesFor(m, []);
  if (m.groups === 0) return planOf(m, nothing([planes, statisticsSize]));
  const { x, y, dy, sum } = offsetsOf(problem);
  const { share, count } = problem.merging as Merging;
  const source = { ...NO_SOURCE, mean: dy ?? 0, spread: sum ?? 0 };
  const real = { momentum: share, trackScale: count / Math.max(1, count - 1) };
  const pass = valuesPass(m, "track", m.groups, { x, y }, files.kernelRunningStatistics, {
    source,
    real,
  });
  return planOf(m, { schedule: "apply", passes: [pass], planes, statisticsSize, scratch: {} });
}
