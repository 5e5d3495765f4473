// One experiment is trained in the page, and several parts look at it: its curve, the pad, the flicker
// of answers. The session runs it step by step, only while it is looked at.

import type { Engine } from "../engine/engine";
import type { Experiment, PerNetwork } from "../experiment/experiment";
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

export interface Session {
  progress(): Progress;
  watch(listener: (progress: Progress) => void): void;
  /** Begins with a spec, or goes on. */
  start(spec: Spec): Promise<void>;
  pause(): void;
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

  /** Makes the experiment on the GPU, or a small one in float64. */
  async function make(spec: Spec) {
    await engine.opened;
    const gpu = engine.gpu();
    if (gpu) {
      const { createSuitableExperiment } = await import("../experiment/suitable");
      return createSuitableExperiment(gpu.context, spec, (compiled) => tell({ compiled }));
    }
    const { createExperimentInWorker } = await import("../experiment/float64/in_worker");
    return { experiment: createExperimentInWorker(SMALL), slow: true };
  }

  async function run(own: number): Promise<void> {
    while (own === generation && now.phase === "training" && now.experiment) {
      const { experiment } = now;
      const start = performance.now();
      await experiment.train(STEPS);
      const step = experiment.losses.length;
      const isDone = step >= experiment.spec.steps;
      const isDue = step % EVERY === 0 || EARLY.includes(step) || isDone;
      const errors = isDue ? await experiment.evaluate("running") : undefined;
      if (own !== generation) return;
      const seconds = now.seconds + (performance.now() - start) / 1000;
      const curve = errors ? [...now.curve, { step, errors }] : now.curve;
      tell({ step, seconds, curve, ...(isDone && { phase: "done" }) });
      await nextFrame();
    }
  }

  return {
    progress: () => now,
    watch: (listener) => listeners.push(listener),
    async start(spec) {
      if (now.phase === "paused") {
        tell({ phase: "training" });
        return run(generation);
      }
      if (now.phase !== "idle") return;
      const own = ++generation;
      tell({ phase: "compiling" });
      const { experiment, slow } = await make(spec);
      if (own !== generation) {
        experiment.destroy();
        return;
      }
      tell({ experiment, slow, phase: "training", step: experiment.losses.length });
      return run(own);
    },
    pause() {
      if (now.phase === "training") tell({ phase: "paused" });
    },
    reset() {
      generation++;
      now.experiment?.destroy();
      tell(IDLE);
    },
  };
}

/** A frame, so that the curve is seen to grow; a second where the page is hidden. */
const nextFrame = () =>
  new Promise<void>((resolve) => {
    if (document.hidden) setTimeout(resolve, 1000);
    else requestAnimationFrame(() => resolve());
  });
