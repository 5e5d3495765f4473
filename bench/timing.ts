// This file measures the time of a run: wall clock from the first call to the end of the last run
// on the GPU, over enough runs to stand out from the steps of the clock and the way to the GPU.
// Candidates take turns.

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

export const paceOf = (rounds: number): Pace => ({
  ...PACE,
  rounds,
  leastRounds: Math.min(rounds, PACE.leastRounds),
});

/** Milliseconds of one run, over so many. */
export type Clock = (prepared: Prepared, runs: number) => Promise<number>;

export const wallClock: Clock = async (prepared, runs) => {
  const start = performance.now();
  await prepared.run(runs);
  await prepared.sync();
  return (performance.now() - start) / runs;
};

const runsFor = (ms: number, { mostRuns, sampleMs }: Pace) =>
  Math.min(mostRuns, Math.max(1, Math.round(sampleMs / Math.max(ms, 1e-3))));

interface Warm {
  readonly prepared: Prepared;
  readonly runs: number; // that make a sample
  readonly ms: number; // of one, roughly
}

async function warmUp(prepared: Prepared, pace: Pace, clock: Clock): Promise<Warm> {
  await clock(prepared, 1);
  const once = await clock(prepared, 1);
  if (once > pace.sampleMs) return { prepared, runs: 1, ms: once };
  const ms = await clock(prepared, Math.ceil(runsFor(once, pace) / 4));
  return { prepared, runs: runsFor(ms, pace), ms };
}

/** The samples of each candidate: in each round all have their turn. */
export async function timeInTurns(
  candidates: readonly Prepared[],
  pace: Pace,
  clock: Clock,
): Promise<{ runs: number; samples: number[] }[]> {
  const warm: Warm[] = [];
  for (const one of candidates) warm.push(await warmUp(one, pace, clock));
  const samples = warm.map((): number[] => []);
  const start = performance.now();
  for (let round = 0; round < pace.rounds; round++) {
    if (round >= pace.leastRounds && performance.now() - start > pace.budgetMs) break;
    for (const [k, { prepared, runs }] of warm.entries()) {
      samples[k].push(await clock(prepared, runs));
    }
  }
  return warm.map(({ runs }, k) => ({ runs, samples: samples[k] }));
}

/** Milliseconds of each, well enough to choose: those that are far off have no further turn. */
export async function compareQuickly(
  candidates: readonly Prepared[],
  pace: Pace,
  clock: Clock,
): Promise<number[]> {
  const warm: Warm[] = [];
  for (const one of candidates) warm.push(await warmUp(one, pace, clock));
  const times = warm.map(({ ms }) => ms);
  const near = 2 * Math.min(...times);
  for (let round = 0; round < 2; round++) {
    for (const [k, { prepared, runs, ms }] of warm.entries()) {
      if (ms <= near) times[k] = Math.min(times[k], await clock(prepared, runs));
    }
  }
  return times;
}
