// One experiment is trained in the page, and several parts look at it: its curve, the pad, the flicker
// of answers. The session runs it step by step, only while it is looked at.

import type { Engine, Gpu } from "../engine/engine";
import type { Experiment, PerNetwork, Question } from "../experiment/experiment";
import { SMALL, type Spec } from "../experiment/spec";

type Phase = "idle" | "compiling" | "training" | "paused" | "done";

interface Point {
  readonly step: number;
  /** The share of test digits that each network gets wrong. */
  readonly errors: PerNetwork<number>;
}

export interface Progress {
  readonly phase: Phase;
  /** The part of the compilation that is done. */
  readonly compiled: number;
  readonly step: number;
  readonly curve: readonly Point[];
  /** The device was too slow for the whole, so that this is the small one. */
  readonly slow: boolean;
  readonly seconds: number;
  readonly experiment: Experiment | undefined;
}

/** A question may depend on the spec of the networks. */
type AskedIn = (spec: Spec) => Question;

interface Answers {
  readonly spec: Spec;
  readonly shares: PerNetwork<readonly number[]>;
}

export interface Session {
  progress(): Progress;
  watch(listener: (progress: Progress) => void): void;
  /** Begins with a spec, or goes on. */
  start(spec: Spec): Promise<void>;
  pause(): void;
  /** What the networks say of a picture; undefined where there are none. */
  answers(picture: Float32Array, asked: AskedIn): Promise<Answers | undefined>;
  /** Ends the experiment, so that another may begin. */
  reset(): void;
}

const STEPS = 8; // between two looks at the clock
const EVERY = 64; // steps between two evaluations
const EARLY = [8, 16, 32];

const IDLE: Progress = {
  ...{ phase: "idle", compiled: 0, step: 0, curve: [], slow: false, seconds: 0 },
  experiment: undefined,
};

export function createSession(engine: Engine): Session {
  let now = IDLE;
  let generation = 0;
  const listeners: ((progress: Progress) => void)[] = [];
  const tell = (change: Partial<Progress>) => {
    now = { ...now, ...change };
    for (const listener of listeners) listener(now);
  };

  /** The GPU that has the networks. */
  let owner: Gpu | undefined;

  /** Makes the experiment on the GPU, or a small one in float64. */
  async function make(spec: Spec) {
    await engine.opened;
    owner = engine.gpu();
    const made = await engine.onGpu(async ({ context }) => {
      const { createSuitableExperiment } = await import("../experiment/suitable");
      return createSuitableExperiment(context, spec, (compiled) => tell({ compiled }));
    });
    if (made) return made;
    owner = undefined;
    const { createExperimentInWorker } = await import("../experiment/float64/in_worker");
    return { experiment: createExperimentInWorker(SMALL), slow: true };
  }

  /** Uses the networks. Returns undefined if they end meanwhile: by `reset`, or with their GPU. */
  async function use<T>(work: () => Promise<T>): Promise<T | undefined> {
    const own = generation;
    if (owner && owner !== engine.gpu()) return undefined;
    try {
      return await (owner ? engine.onGpu(work) : work());
    } catch (error) {
      if (own !== generation) return undefined;
      throw error;
    }
  }

  async function run(own: number): Promise<void> {
    while (own === generation && now.phase === "training" && now.experiment) {
      const { experiment } = now;
      const start = performance.now();
      const advanced = await use(() => advance(experiment));
      if (own !== generation) return;
      if (!advanced) return begin(experiment.spec);
      const { step, errors } = advanced;
      const seconds = now.seconds + (performance.now() - start) / 1000;
      const curve = errors ? [...now.curve, { step, errors }] : now.curve;
      const isDone = step >= experiment.spec.steps;
      tell({ step, seconds, curve, ...(isDone && { phase: "done" }) });
      await nextFrame();
    }
  }

  function reset(): void {
    generation++;
    now.experiment?.destroy();
    tell(IDLE);
  }

  async function begin(spec: Spec): Promise<void> {
    reset();
    const own = generation;
    tell({ phase: "compiling" });
    const { experiment, slow } = await make(spec);
    if (own !== generation) {
      experiment.destroy();
      return;
    }
    tell({ experiment, slow, phase: "training", step: experiment.losses.length });
    return run(own);
  }

  return {
    progress: () => now,
    watch: (listener) => listeners.push(listener),
    async start(spec) {
      if (now.phase === "paused") {
        tell({ phase: "training" });
        return run(generation);
      }
      if (now.phase === "idle") return begin(spec);
    },
    pause() {
      if (now.phase === "training") tell({ phase: "paused" });
    },
    async answers(picture, asked) {
      const own = generation;
      const { experiment } = now;
      if (!experiment) return undefined;
      const { spec } = experiment;
      const shares = await use(() => experiment.answers(picture, asked(spec)));
      if (shares) return { spec, shares };
      if (own === generation && now.phase !== "training") reset(); // `run` finds it by itself
      return undefined;
    },
    reset,
  };
}

/** Trains for some steps, and evaluates now and then. */
async function advance(experiment: Experiment) {
  await experiment.train(STEPS);
  const step = experiment.losses.length;
  const isDue = step % EVERY === 0 || EARLY.includes(step) || step >= experiment.spec.steps;
  return { step, errors: isDue ? await experiment.evaluate("running") : undefined };
}

/** A frame, so that the curve is seen to grow; a second where the page is hidden. */
const nextFrame = () =>
  new Promise<void>((resolve) => {
    if (document.hidden) setTimeout(resolve, 1000);
    else requestAnimationFrame(() => resolve());
  });
