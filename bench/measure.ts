// This file measures one workload on all libraries: it prepares them, checks them against float64,
// then times them in turns.

import { DTYPES } from "../src/base/dtype";
import { ALLOWED, largestError } from "./check";
import { type Expected, expectedOf, type Inputs, inputsOf, product } from "./inputs";
import type { Library, Prepared } from "./library";
import type { Outcome, Row, Timed } from "./report";
import { median } from "./statistics";
import { type Clock, compareQuickly, type Pace, timeInTurns, wallClock } from "./timing";
import { titleOf, type Workload } from "./workloads";

/** The library whose time is the unit. */
const UNIT = "copy";

interface Candidate {
  readonly way: string;
  readonly prepared: Prepared;
  readonly maxError?: number;
  /** What became of the other ways. */
  readonly others?: Timed["others"];
}

type Ready = Candidate | Exclude<Outcome, Timed>;

const isCandidate = (ready: Ready): ready is Candidate => "prepared" in ready;

export async function measure(
  workload: Workload,
  libraries: readonly Library[],
  pace: Pace,
  say: (text: string) => void,
  clock: Clock = wallClock,
): Promise<Row> {
  const inputs = inputsOf(workload);
  const expected = expectedOf(workload, inputs);
  const ready = new Map<string, Ready>();
  for (const library of libraries) {
    const made = await readied(library, workload, inputs, expected, { pace, clock });
    ready.set(library.id, made);
    if (!isCandidate(made)) say(`${titleOf(workload)}: ${library.name}: ${inWords(made)}`);
  }
  const candidates = [...ready].flatMap(([id, made]) =>
    isCandidate(made) ? [{ id, ...made }] : [],
  );
  const timings = await timeInTurns(
    candidates.map(({ prepared }) => prepared),
    pace,
    clock,
  );
  for (const { prepared } of candidates) prepared.dispose();

  const timed = new Map<string, Timed>();
  const bytes = 2 * DTYPES[workload.dtype].bytes * product(workload.shape);
  for (const [k, { id, way, maxError, others }] of candidates.entries()) {
    const ms = median(timings[k].samples);
    const gbs = (id === UNIT ? 8 * product(workload.shape) : bytes) / (ms * 1e6);
    timed.set(id, { status: "timed", way, ms, ...timings[k], gbs, maxError, others });
  }
  const unit = timed.get(UNIT)?.ms;
  const results = [...ready].map(([id, made]): [string, Outcome] => {
    const time = timed.get(id);
    if (time) return [id, { ...time, ...(unit && { multiple: time.ms / unit }) }];
    return [id, made as Outcome];
  });
  const { name, shape, dtype, oursAlone } = workload;
  return { name, shape, dtype, oursAlone, results: Object.fromEntries(results) };
}

function inWords(outcome: Exclude<Outcome, Timed>): string {
  if (outcome.status === "none") return "none";
  if (outcome.status === "failed") return `failed: ${outcome.message}`;
  return `wrong: off by ${outcome.maxError.toExponential(1)}`;
}

/** The fastest way of those that give the right result, or why there is none. */
async function readied(
  library: Library,
  workload: Workload,
  inputs: Inputs,
  expected: Expected,
  { pace, clock }: { pace: Pace; clock: Clock },
): Promise<Ready> {
  const right: Candidate[] = [];
  const others: Record<string, number | string> = {};
  let otherwise: Ready = { status: "none" };
  for (const way of library.ways(workload)) {
    const made = await attempted(library, workload, inputs, expected, way);
    if (isCandidate(made)) {
      right.push(made);
      continue;
    }
    others[way] = inWords(made);
    if (otherwise.status === "none" || made.status === "wrong") otherwise = made;
  }
  if (!right.length) return otherwise;
  const prepared = right.map((one) => one.prepared);
  const times = right.length > 1 ? await compareQuickly(prepared, pace, clock) : [0];
  const fastest = times.indexOf(Math.min(...times));
  for (const [k, { way, prepared }] of right.entries()) {
    if (k === fastest) continue;
    others[way] = times[k];
    prepared.dispose();
  }
  return { ...right[fastest], ...(Object.keys(others).length && { others }) };
}

async function attempted(
  library: Library,
  workload: Workload,
  inputs: Inputs,
  expected: Expected,
  way: string,
): Promise<Ready> {
  try {
    const prepared = await library.prepare(workload, inputs, way);
    const results = await prepared.results();
    if (!results) return { way, prepared };
    const maxError = largestError(results, expected);
    if (maxError > ALLOWED[workload.dtype]) {
      prepared.dispose();
      return { status: "wrong", maxError };
    }
    await wallClock(prepared, 2); // what works once may not work again
    return { way, prepared, maxError };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { status: "failed", message: message.slice(0, 500) };
  }
}
