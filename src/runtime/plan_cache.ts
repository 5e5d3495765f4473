// The plan cache has the plans of a context, and the choices of tuning.

import type { PlanningProfile } from "../plan/device_profile";
import type { PlanOverrides, TunedPlan } from "../plan/overrides";
import type { Plan } from "../plan/plan";
import { problemKey } from "../plan/problem";
import type { BufferPool } from "./buffer_pool";
import { type Call, withoutTensors } from "./call";
import type { ReadyPlan } from "./executor";

const MAX_PLANS = 512; // shapes and options; the least recently used plan leaves first

/** A cached plan keeps the parts that the executor made when it first ran. */
export interface CachedPlan {
  readonly call: Call<unknown>; // abstract
  readonly plan: Plan;
  ready: ReadyPlan | null;
}

export type PlanCache = ReturnType<typeof planCache>;

export function planCache(profile: PlanningProfile, pool: BufferPool) {
  /** Tuning made these choices, by the keys of problems. */
  const choices = new Map<string, TunedPlan>();
  let cached = new Map<string, CachedPlan>(); // the most recently used last
  let overrides: PlanOverrides = {};

  const make = ({ problem, plan }: Call<unknown>, key = problemKey(problem)): Plan =>
    plan(problem, profile, { ...choices.get(key)?.changes, ...overrides });

  /** Destroys the uniforms later, since recorded work may still use them. */
  const destroyLater = ({ ready }: CachedPlan) => {
    for (const { uniform } of ready?.steps ?? []) pool.destroyLater(uniform);
  };

  /** Plans the call of this key anew. */
  function forget(key: string): void {
    const planned = cached.get(key);
    if (planned) destroyLater(planned);
    cached.delete(key);
  }

  return {
    choices,
    make,
    forget,

    /** Returns the plan for a call, creating it on first use. */
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

    /** Takes back what the GPU refused: the next call makes it anew. */
    unready(planned: CachedPlan): void {
      destroyLater(planned);
      planned.ready = null;
    },

    /** Lists all calls in the cache, without tensors. */
    calls: () => [...cached.values()].map(({ call }) => call),

    /** Runs `fn` with these overrides of the plans. */
    forced<T>(other: PlanOverrides, fn: () => T): T {
      const before = { overrides, cached };
      [overrides, cached] = [other, new Map()];
      try {
        return fn();
      } finally {
        for (const planned of cached.values()) destroyLater(planned);
        ({ overrides, cached } = before);
      }
    },

    destroy(): void {
      for (const planned of cached.values()) destroyLater(planned);
      cached.clear();
    },
  };
}
