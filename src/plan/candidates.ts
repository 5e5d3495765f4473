// This file lists candidate plans for tuning: the plan of the heuristics, and those with one choice
// changed.

import { fragmentNames } from "../wgsl/link";
import type { PlanningProfile } from "./device_profile";
import { CHAIN_LIMIT } from "./heuristics";
import type { PlanOverrides } from "./overrides";
import type { Pass, Plan, Planner } from "./plan";
import type { Problem } from "./problem";

export interface Candidate {
  readonly overrides: PlanOverrides;
  readonly plan: Plan;
  readonly text: string; // equal texts mean equal plans
}

const YES_OR_NO = [
  "split",
  "columns",
  "inRegisters",
  "deferInner",
  "fuseParameterGradients",
] as const satisfies readonly (keyof PlanOverrides)[];

const CHANGES: readonly PlanOverrides[] = [
  ...YES_OR_NO.flatMap((name) => [{ [name]: true }, { [name]: false }]),
  { vectorWidth: 1 },
  { nativeF16: false },
  { subgroups: false },
  ...[1, 8, 16, 64, 256].map((team) => ({ team })),
  ...[2, 4, 8, 16, 64, 256].map((slices) => ({ split: true, slices })),
];

const textOf = ({ fragments, constants, dispatches }: Pass) =>
  `${fragmentNames(fragments)} ${JSON.stringify(constants)} ${dispatches.map(({ grid, uniforms }) => `${grid} ${uniforms}`)}`;

/** Returns whether every sum is short enough to be exact. */
const isExact = ({ passes }: Plan) =>
  passes.every(({ partition: { sliceVectors, team } }) => sliceVectors <= CHAIN_LIMIT * team);

/** Lists plans that differ from each other. The first one has `overrides` alone. */
export function candidates(
  problem: Problem,
  planner: Planner,
  profile: PlanningProfile,
  overrides: PlanOverrides = {},
): [Candidate, ...Candidate[]] {
  const candidate = (merged: PlanOverrides): Candidate => {
    const plan = planner(problem, profile, merged);
    return { overrides: merged, plan, text: plan.passes.map(textOf).join() };
  };
  const usual = candidate({ ...overrides });
  const found = new Map<string, Candidate>();
  for (const change of CHANGES) {
    const made = candidate({ ...overrides, ...change });
    const { text } = made;
    if (text !== usual.text && isExact(made.plan) && !found.has(text)) found.set(text, made);
  }
  return [usual, ...found.values()];
}
