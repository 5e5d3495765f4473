// The plans that a context has made, and what was chosen otherwise than by the heuristics.

import type { PlanningProfile } from "../plan/device_profile";
import type { PlanOverrides, TunedPlan } from "../plan/overrides";
import type { Plan } from "../plan/plan";
import { problemKey } from "../plan/problem";
import type { BufferPool } from "./buffer_pool";
import { type Call, withoutTensors } from "./call";
import type { ReadyPlan } from "./executor";

const MAX_PLANS = 512; // shapes and options; beyond, the least recently used go

/** A plan, and what the executor made of it when it was first run. */
export interface CachedPlan {
  readonly call: Call<unknown>; // on paper
  readonly plan: Plan;
  ready: ReadyPlan | null;
}

export type PlanCache = ReturnType<typeof planCache>;

export function planCache(profile: PlanningProfile, pool: BufferPool) {
  /** By `tune`, for the keys of problems. */
  const choices = new Map<string, TunedPlan>();
  let cached = new Map<string, CachedPlan>(); // the most recently used last
  let overrides: PlanOverrides = {};

  const make = ({ problem, plan }: Call<unknown>, key = problemKey(problem)): Plan =>
    plan(problem, profile, { ...choices.get(key)?.changes, ...overrides });

  /** What is recorded but not submitted may still use its uniforms. */
  const destroyLater = ({ ready }: CachedPlan) => {
    for (const { uniform } of ready?.steps ?? []) pool.destroyLater(uniform);
  };

  function forget(key: string): void {
    const planned = cached.get(key);
    if (planned) destroyLater(planned);
    cached.delete(key);
  }

  return {
    choices,
    make,

    /** The plan for a call, made once. */
    of(call: Call<unknown>): CachedPlan {
      const key = problemKey(call.problem);
      let planned = cached.get(key);
      if (planned === undefined) {
        const [oldest] = cached.keys();
        if (oldest !== undefined && cached.size >= MAX_PLANS) forget(oldest);
        planned = { call: withoutTensors(call), plan: make(call, key), ready: null };
      } else cached.delete(key);
      cached.set(key, planned);
      return planned;
    },

    /** All that are known, on paper. */
    calls: () => [...cached.values()].map(({ call }) => call),

    choiceFor: ({ problem }: Call<unknown>) => choices.get(problemKey(problem)),

    /** Has a problem planned in this way from now on. */
    choose(key: string, choice: TunedPlan): void {
      choices.set(key, choice);
      forget(key);
    },

    /** Runs `fn` with other plans than are chosen. */
    forced<T>(other: PlanOverrides, fn: () => T): T {
      const before = { force: overrides, known: cached };
      [overrides, cached] = [other, new Map()];
      try {
        return fn();
      } finally {
        for (const planned of cached.values()) destroyLater(planned);
        ({ force: overrides, known: cached } = before);
      }
    },

    destroy(): void {
      for (const planned of cached.values()) destroyLater(planned);
      cached.clear();
    },
  };
}
