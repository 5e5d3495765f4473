// The address of the page chooses workloads and rounds: ?workload=LayerNorm&rounds=3.

import { PACE, type Pace, paceOf } from "../../bench/timing";
import { matching, type Workload } from "../../bench/workloads";

export interface Choice {
  /** Part of the titles; empty: all. */
  readonly text: string;
  readonly workloads: readonly Workload[];
  readonly pace: Pace;
}

export function choiceOf(query: string): Choice {
  const parameters = new URLSearchParams(query);
  const text = parameters.get("workload") ?? "";
  const rounds = Number(parameters.get("rounds"));
  const valid = Number.isInteger(rounds) && rounds > 0;
  return { text, workloads: matching(text), pace: paceOf(valid ? rounds : PACE.rounds) };
}
