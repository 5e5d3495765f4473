// Each device call of a scenario fails once, in each way that it can, and from then on; what the
// library promises about that is checked after each run.

import { type Context, createContext, layerNorm, NormError } from "../../src/index";
import type { Scenario } from "./fault_scenarios";
import { FAULTS, type Fault, faultyDevice } from "./faulty_device";

export interface FaultReport {
  tried: number;
  rejected: number; // with a NormError that names the operation
  resolved: number; // the scenario can do without
  waiting: number; // for a device that never answers, as documented
  lost: number;
  readonly findings: string[];
}

interface Case {
  readonly call: string;
  readonly fault: Fault;
  readonly n: number;
  readonly always: boolean;
}

const LOST = /the GPU device was lost/;

type Settled = { readonly error: unknown } | "resolved" | "waiting";

const settled = (work: Promise<unknown>, wait: number): Promise<Settled> =>
  Promise.race([
    work.then(
      () => "resolved" as const,
      (error) => ({ error }),
    ),
    new Promise<"waiting">((resolve) => {
      setTimeout(resolve, wait, "waiting");
    }),
  ]);

/** Runs a scenario with a fault. Returns whether the fault was met. */
async function runCase(
  real: GPUDevice,
  name: string,
  { names, optional, run }: Scenario,
  { call, fault, n, always }: Case,
  report: FaultReport,
  most: number,
): Promise<boolean> {
  let armed = false;
  let seen = 0;
  const faulty = faultyDevice(real, (made) => {
    if (!armed || made !== call) return null;
    seen++;
    return seen === n || (always && seen > n) ? fault : null;
  });
  const { device, live, uncaptured, openScopes } = faulty;
  const ctx = await createContext({ device, profile: { subgroups: false } });
  const made: { destroy(): void }[] = [];
  const keep = <T extends { destroy(): void }>(one: T) => {
    made.push(one);
    return one;
  };
  const work = async () => run(ctx, keep, real);
  armed = true;
  const wait = fault === "hang" ? Math.min(500, most) : most;
  const outcome = await settled(work(), wait);
  armed = false;
  const title = `${name}: ${call} ${n}${always ? " and later" : ""}: ${fault}`;
  const find = (what: string) => report.findings.push(`${title}: ${what}`);
  if (seen < n) {
    if (outcome !== "resolved") find(`without the fault: ${textOf(outcome)}`);
    await cleanUp(ctx, made);
    return false;
  }
  report.tried++;
  count(outcome, names, fault, report, find);
  const refused = ["validation", "out-of-memory", "internal"].includes(fault);
  if (refused && !optional && outcome === "resolved") find("refused, and nobody is told");
  if (fault !== "lose") {
    if (openScopes() !== 0) find(`${openScopes()} error scopes left open`);
    for (const { message } of uncaptured) find(`uncaptured: ${message.split("\n")[0]}`);
    const next = await settled(nextCall(ctx, fault), most);
    if (next !== "resolved") find(`the next call: ${textOf(next)}`);
  }
  await cleanUp(ctx, made);
  // a lost device has no memory, and a scenario that waits has not destroyed what it has
  if (live.size > 0 && outcome !== "waiting" && fault !== "lose") find(`${live.size} buffers left`);
  return true;
}

function count(
  outcome: Settled,
  names: RegExp,
  fault: Fault,
  report: FaultReport,
  find: (what: string) => void,
): void {
  if (outcome === "waiting") {
    if (fault === "hang") report.waiting++;
    else find("never settles");
  } else if (outcome === "resolved") {
    report.resolved++;
  } else if (!(outcome.error instanceof NormError)) {
    find(`no NormError: ${textOf(outcome)}`);
  } else if (fault === "lose" && LOST.test(outcome.error.message)) {
    report.lost++;
  } else if (names.test(outcome.error.message)) {
    report.rejected++;
  } else {
    find(`the error does not name the operation: ${textOf(outcome)}`);
  }
}

const textOf = (outcome: Settled) =>
  typeof outcome === "string" ? outcome : String(outcome.error).split("\n")[0];

/** Without `sync` where the device still owes an answer, since that waits for all of them. */
async function nextCall(ctx: Context, fault: Fault): Promise<void> {
  const sync = async () => (fault === "hang" ? undefined : ctx.sync());
  await sync().catch(() => {}); // it may tell of the fault
  const x = ctx.tensor([1, 2, 3, 4], [2, 2]);
  const y = layerNorm(x, { normalizedShape: [2] });
  try {
    await y.read();
    await sync();
  } finally {
    for (const tensor of [x, y]) tensor.destroy();
  }
}

async function cleanUp(ctx: Context, made: readonly { destroy(): void }[]): Promise<void> {
  for (const one of made) one.destroy();
  await settled(ctx.sync(), 300);
  ctx.destroy();
}

export interface FaultLimits {
  readonly seconds?: number;
  readonly most?: number; // of a kind of call
  readonly calls?: readonly string[];
  readonly wait?: number; // ms within which all settles, where no device hangs
}

/** Tries all faults of a scenario. `open` gives a device, a new one after one was lost. */
export async function runFaults(
  open: () => Promise<GPUDevice>,
  name: string,
  scenario: Scenario,
  {
    seconds = Infinity,
    most = Infinity,
    calls = Object.keys(FAULTS),
    wait = 3000,
  }: FaultLimits = {},
): Promise<FaultReport> {
  const report: FaultReport = {
    tried: 0,
    rejected: 0,
    resolved: 0,
    waiting: 0,
    lost: 0,
    findings: [],
  };
  const end = performance.now() + 1000 * seconds;
  let real = await open();
  for (const call of calls) {
    for (const fault of FAULTS[call] ?? []) {
      for (const always of fault === "lose" ? [false] : [false, true]) {
        for (let n = 1; n <= most; n++) {
          if (performance.now() > end) return report;
          const met = await runCase(real, name, scenario, { call, fault, n, always }, report, wait);
          if (fault === "lose") real = await open();
          if (!met) break;
        }
      }
    }
  }
  return report;
}
