// The plans that a context has made, and what was chosen otherwise than by the heuristics.

import type { BufferPool } from "./buffers";
import type { Force } from "./choice";
import type { Prepared } from "./executor";
import { type Call, onPaper } from "./operation";
import type { Plan } from "./planner";
import { keyOf } from "./problem";
import type { Profile } from "./profile";
import type { Choice } from "./tune";

const MOST = 512; // shapes and options; beyond, the least recently used go

/** A plan, and what the executor made of it when it was first run. */
export interface Planned {
  readonly call: Call<unknown>; // on paper
  readonly plan: Plan;
  prepared: Prepared | null;
  used: number; // the use that was its last
}

const uniformsOf = ({ prepared }: Planned) => (prepared?.steps ?? []).map(({ uniform }) => uniform);

export class Plans {
  /** By `tune`, for the keys of problems. */
  readonly choices = new Map<string, Choice>();
  private known = new Map<string, Planned>();
  private uses = 0;
  private force: Force = {};

  constructor(
    private readonly profile: Profile,
    private readonly pool: BufferPool,
  ) {}

  /** The plan for a call, made once. */
  of(call: Call<unknown>): Planned {
    const key = keyOf(call.problem);
    const known = this.known.get(key);
    if (known !== undefined) {
      known.used = ++this.uses;
      return known;
    }
    if (this.known.size >= MOST) this.forgetOldest();
    const plan = this.make(call, key);
    const made = { call: onPaper(call), plan, prepared: null, used: ++this.uses };
    this.known.set(key, made);
    return made;
  }

  make({ problem, plan }: Call<unknown>, key = keyOf(problem)): Plan {
    return plan(problem, this.profile, { ...this.choices.get(key)?.changes, ...this.force });
  }

  /** All that are known, on paper. */
  calls(): Call<unknown>[] {
    return [...this.known.values()].map(({ call }) => call);
  }

  choiceFor({ problem }: Call<unknown>): Choice | undefined {
    return this.choices.get(keyOf(problem));
  }

  /** Has a problem planned in this way from now on. */
  choose(key: string, choice: Choice): void {
    this.choices.set(key, choice);
    this.forget(key);
  }

  /** Runs `fn` with other plans than are chosen. */
  forced<T>(force: Force, fn: () => T): T {
    const before = { force: this.force, known: this.known };
    Object.assign(this, { force, known: new Map() });
    try {
      return fn();
    } finally {
      for (const planned of this.known.values()) this.doom(planned);
      Object.assign(this, before);
    }
  }

  destroy(): void {
    for (const planned of this.known.values()) {
      for (const uniform of uniformsOf(planned)) uniform.destroy();
    }
    this.known.clear();
  }

  /** Gives up the plan that was used least recently. */
  private forgetOldest(): void {
    const [first, ...others] = this.known;
    this.forget(others.reduce((a, b) => (a[1].used <= b[1].used ? a : b), first)[0]);
  }

  private forget(key: string): void {
    const planned = this.known.get(key);
    if (planned) this.doom(planned);
    this.known.delete(key);
  }

  /** What is recorded but not submitted may still use its uniforms. */
  private doom(planned: Planned): void {
    for (const uniform of uniformsOf(planned)) this.pool.doom(uniform);
  }
}
