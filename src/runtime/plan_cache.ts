// The plans that a context has made, and what was chosen otherwise than by the heuristics.

import { type Call, onPaper } from "../operation/operation";
import type { Choice } from "../operation/tune";
import type { Profile } from "../plan/device_profile";
import type { Force } from "../plan/heuristics";
import type { Plan } from "../plan/pass";
import { keyOf } from "../plan/problem";
import type { BufferPool } from "./buffer_pool";
import type { Prepared } from "./executor";

const MOST = 512; // shapes and options; beyond, the least recently used go

/** A plan, and what the executor made of it when it was first run. */
export interface Planned {
  readonly call: Call<unknown>; // on paper
  readonly plan: Plan;
  prepared: Prepared | null;
}

export type Plans = ReturnType<typeof plansFor>;

export function plansFor(profile: Profile, pool: BufferPool) {
  /** By `tune`, for the keys of problems. */
  const choices = new Map<string, Choice>();
  let known = new Map<string, Planned>(); // the most recently used last
  let force: Force = {};

  const make = ({ problem, plan }: Call<unknown>, key = keyOf(problem)): Plan =>
    plan(problem, profile, { ...choices.get(key)?.changes, ...force });

  /** What is recorded but not submitted may still use its uniforms. */
  const doom = ({ prepared }: Planned) => {
    for (const { uniform } of prepared?.steps ?? []) pool.doom(uniform);
  };

  function forget(key: string): void {
    const planned = known.get(key);
    if (planned) doom(planned);
    known.delete(key);
  }

  return {
    choices,
    make,

    /** The plan for a call, made once. */
    of(call: Call<unknown>): Planned {
      const key = keyOf(call.problem);
      let planned = known.get(key);
      if (planned === undefined) {
        const [oldest] = known.keys();
        if (known.size >= MOST) forget(oldest);
        planned = { call: onPaper(call), plan: make(call, key), prepared: null };
      } else known.delete(key);
      known.set(key, planned);
      return planned;
    },

    /** All that are known, on paper. */
    calls: () => [...known.values()].map(({ call }) => call),

    choiceFor: ({ problem }: Call<unknown>) => choices.get(keyOf(problem)),

    /** Has a problem planned in this way from now on. */
    choose(key: string, choice: Choice): void {
      choices.set(key, choice);
      forget(key);
    },

    /** Runs `fn` with other plans than are chosen. */
    forced<T>(other: Force, fn: () => T): T {
      const before = { force, known };
      [force, known] = [other, new Map()];
      try {
        return fn();
      } finally {
        for (const planned of known.values()) doom(planned);
        ({ force, known } = before);
      }
    },

    destroy(): void {
      for (const planned of known.values()) doom(planned);
      known.clear();
    },
  };
}
