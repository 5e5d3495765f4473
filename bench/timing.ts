// How long a run takes: wall clock from the first call to the end of the last run on the GPU, over enough runs
// to stand out from the clock's steps and the way to the GPU. Candidates take turns.

import type { Prepared } from "./library";

export interface Pace {
  /** A sample lasts about this long, so that a clock with steps of 1 ms is good for 2 %. */
  readonly sampleMs: number;
  readonly mostRuns: number;
  readonly rounds: number;
  readonly leastRounds: number;
  /** After this time a workload gets no more than `leastRounds`. */
  readonly budgetMs: number;
}

export const PACE: Pace = {
  sampleMs: 50,
  mostRuns: 500,
  rounds: 9,
  leastRounds: 3,
  budgetMs: 20_000,
};

/** Milliseconds of one run, over so many. */
export async function sample(prepared: Prepared, runs: number): Promise<number> {
  const start = performance.now();
  await prepared.run(runs);
  await prepared.sync();
  return (performance.now() - start) / runs;
}

/** Runs it until it is warm; how many runs make a sample. */
export async function warmUp(prepared: Prepared, pace: Pace): Promise<number> {
  await sample(prepared, 1);
  const runs = (ms: number) =>
    Math.min(pace.mostRuns, Math.max(1, Math.round(pace.sampleMs / Math.max(ms, 1e-3))));
  const few = Math.ceil(runs(await sample(prepared, 1)) / 4);
  return runs(await sample(prepared, few));
}

/** The samples of each candidate: in each round all have their turn. */
export async function timeInTurns(
  candidates: readonly Prepared[],
  pace: Pace,
): Promise<{ runs: number; samples: number[] }[]> {
  const timed: { runs: number; samples: number[] }[] = [];
  for (const one of candidates) timed.push({ runs: await warmUp(one, pace), samples: [] });
  const start = performance.now();
  for (let round = 0; round < pace.rounds; round++) {
    if (round >= pace.leastRounds && performance.now() - start > pace.budgetMs) break;
    for (const [k, one] of candidates.entries()) {
      timed[k].samples.push(await sample(one, timed[k].runs));
    }
  }
  return timed;
}
