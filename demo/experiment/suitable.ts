// The experiment suits the device: three seeds on a GPU, one on a software adapter, and where even
// that would take too long, three points of the curve by a smaller network.

import type { Context } from "../../src/index";
import type { Experiment } from "./experiment";
import { createExperiment } from "./gpu";
import { SMALL, type Spec } from "./spec";

/** Milliseconds that a visitor waits for the finished curve. */
const PATIENCE = 45_000;
/** Steps before the clock starts, as drivers do some work at the first ones, and steps that it measures. */
const [FIRST, MEASURED] = [8, 8];

export interface SuitableExperiment {
  readonly experiment: Experiment;
  /** True if the device was too slow for the spec, so that this is the small one. */
  readonly slow: boolean;
}

/** Makes an experiment, and takes its first steps to see how long it would take. */
export async function createSuitableExperiment(
  context: Context,
  spec: Spec,
  tell?: (share: number) => void,
  patience = PATIENCE,
): Promise<SuitableExperiment> {
  const seeds = context.profile.software ? spec.seeds : 3;
  const experiment = await createExperiment(context, { ...spec, seeds }, tell);
  await experiment.train(FIRST);
  const start = performance.now();
  await experiment.train(MEASURED);
  const each = (performance.now() - start) / MEASURED;
  if (each * spec.steps <= patience) return { experiment, slow: false };
  experiment.destroy();
  return { experiment: await createExperiment(context, SMALL, tell), slow: true };
}
