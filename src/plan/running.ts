// This file plans norms in training that update running statistics, which come with it.

import type { Fragment } from "../wgsl/link";
import { normPasses, type Way } from "./forward";
import { statisticsPass, withTensors } from "./pass";
import type { Pass, PlanState } from "./plan";
import type { RunningUpdate } from "./problem";
import { RUNNING_STATISTICS_FIELDS, type StatisticsOffsets } from "./uniform_fields";

const updateOf = ({ problem }: PlanState) => problem.runningUpdate as RunningUpdate;

/** Returns the uniforms of an update. */
function runningUniforms(m: PlanState): Readonly<Record<string, number>> {
  const { meanStart, varianceStart, momentum } = updateOf(m);
  const unbias = m.count / Math.max(1, m.count - 1);
  return { runningMean: meanStart, runningVar: varianceStart, momentum, unbias };
}

/** Plans the update where statistics are stored, if each group has running statistics of its own. */
const whereStored: Way = (m) => {
  const { kind, mask } = m.problem;
  const { instances, own } = updateOf(m);
  if (instances !== 1 || kind.extra || mask) return null;
  return normPasses({ ...m, updates: { file: own, uniforms: runningUniforms(m) } });
};

const UPDATE_MODE = { average: 0, order: 1, cumulative: 2 };

/** Plans the update in a pass of its own, a tiny one over channels. */
function updatePass(m: PlanState, offsets: StatisticsOffsets): Pass {
  const { file, instances, by } = updateOf(m);
  const channels = m.groups / instances;
  const values = {
    ...{ channels, instances, mode: UPDATE_MODE[by] },
    ...{ means: offsets.mean, variances: offsets.variance, counts: offsets.count },
    ...runningUniforms(m),
  };
  const files: readonly Fragment[] = [file];
  const pass = statisticsPass(m, "track", channels, files, RUNNING_STATISTICS_FIELDS, values);
  const stored = { means: "statistics", variances: "statistics", counts: "statistics" };
  return withTensors(pass, stored);
}

const withUpdate =
  (way: Way): Way =>
  (m) => {
    const made = way(m);
    return made && { ...made, passes: [...made.passes, updatePass(m, made.offsets)] };
  };

/** Returns the ways to plan a norm, whichever they are, with the update of running statistics. */
export const trainingWays = (ways: readonly Way[]): readonly Way[] => [
  whereStored,
  ...ways.map(withUpdate),
];
