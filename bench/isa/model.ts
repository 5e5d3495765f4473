// A roofline of a plan: what limits each dispatch on a machine, by the bytes that it moves, the round
// trips to memory that its code makes one after the other, and the instructions that it issues. No
// measurement is in it. It may be wrong by a factor of 1.5; it ranks plans and shows what is in the
// way.

import { DTYPES } from "../../src/base/dtype";
import { sizeOf } from "../../src/base/shape";
import type { AmdCode, LoopCode } from "./amd_code";
import type { Case } from "./cases";
import { type CodeById, isProblem } from "./family_code";
import type { Machine } from "./machines";
import type { CasePlan, PlannedPass } from "./plans";

type Limit = "bandwidth" | "latency" | "issue";

interface Step {
  readonly us: number;
  readonly limit: Limit;
}

export interface ModelledPlan {
  readonly title: string; // of the case
  readonly machine: string;
  readonly steps: readonly Step[]; // a dispatch each
  readonly us: number;
  readonly copyUs: number; // of a copy of the bytes that any implementation moves
  readonly percent: number; // of a copy's speed
}

const bytesOf = ({ shape, dtype }: Case) => sizeOf(shape) * DTYPES[dtype].bytes;

const count = (files: readonly string[], pattern: RegExp) =>
  files.filter((name) => pattern.test(name)).length;

/** Counts how often a pass goes through its arrays: the files that stream each do so once. */
const readsOf = ({ files }: PlannedPass) =>
  Math.max(1, count(files, /[/_]streamed$|pivot\/largest$/));

/** Counts the arrays that are read again: x, and dy where there is one. */
const arraysOf = ({ files }: PlannedPass) => Math.max(1, count(files, / as (x|dy)$/));

/** One dispatch of a pass: a part of its workgroups. */
interface Dispatch {
  readonly pass: PlannedPass;
  readonly invocations: number;
  readonly share: number; // of the pass
}

function dispatchesOf(pass: PlannedPass): Dispatch[] {
  const all = pass.workgroups.reduce((a, b) => a + b, 0);
  return pass.workgroups.map((workgroups) => ({
    pass,
    invocations: workgroups * pass.workgroup,
    share: workgroups / all,
  }));
}

/** Waves of fewer registers than their share are more; the figures are AMD's, for want of others. */
function residentInvocations(code: AmdCode, { units, waves, lanes }: Machine): number {
  return units * waves * lanes * Math.max(0.25, code.waves / 16);
}

interface Traffic {
  readonly fromMemory: number; // bytes
  readonly fromCache: number;
}

/** What is read again comes from the cache if the arrays' parts under way fit there twice. */
function trafficOf(given: Case, dispatch: Dispatch, resident: number, machine: Machine): Traffic {
  const { pass, share, invocations } = dispatch;
  const own = share * pass.bytes;
  const array = share * bytesOf(given);
  const again = pass.bytes === 0 ? 0 : array * arraysOf(pass) * (readsOf(pass) - 1);
  const underWay = array * Math.min(1, resident / invocations);
  const cached = 2 * underWay < machine.cache * 1e6;
  return { fromMemory: own + (cached ? 0 : again), fromCache: cached ? again : 0 };
}

/** What an invocation issues, and the round trips that it waits for. */
interface Life {
  readonly instructions: number;
  readonly trips: number;
}

const isStreaming = ({ accesses, aroundMemory }: LoopCode) => accesses > 0 && !aroundMemory;

/** Picks the loops that go through memory; the others are second tries, samples, and rests. */
function streamingLoops(code: AmdCode, reads: number): LoopCode[] {
  const all = code.loops.filter(isStreaming);
  const most = Math.max(0, ...all.map(({ packs }) => packs));
  const whole = all.filter(({ packs }) => packs === most);
  return whole.toSorted((a, b) => b.valu - a.valu).slice(0, reads);
}

/** Segments of a group are its channels, each a round where elements are in registers. */
function segmentsOf({ shape, options }: Case): number {
  const channels = options.channelAxis === -1 ? shape[shape.length - 1] : shape[1];
  return typeof options.groups === "number" ? channels / options.groups : 1;
}

function streamRounds(loop: LoopCode, given: Case, dispatch: Dispatch, code: AmdCode): number {
  const { pass, share, invocations } = dispatch;
  if (pass.files.includes("backward/sum/segments_registers")) return segmentsOf(given);
  if (pass.bytes === 0) return Math.ceil(pass.vectors / loop.packs); // partials, whose number is known
  const width = Math.max(...Object.keys(code.loadWidths).map(Number));
  const packs = (share * bytesOf(given)) / (invocations * width);
  return Math.max(1, Math.ceil(packs / loop.packs));
}

/**
 * Counts the bytes that a cache hands to units, in lines: short runs waste most of one. Memory is read
 * once, since workgroups at the same time use the other parts of a line.
 */
function bytesInLines(given: Case, { pass, share }: Dispatch, { line }: Machine): number {
  if (pass.bytes === 0) return 0; // it reads partials
  return share * bytesOf(given) * arraysOf(pass) * (line / Math.min(line, pass.run));
}

const AMD_LANES = 64; // of a wave, for which the code is compiled

/** Loops over workgroup memory merge the subgroups of a team, or without subgroups two levels. */
function mergeRounds({ kernel, workgroup }: PlannedPass): number {
  if (kernel.code.includes("subgroupShuffle")) return Math.ceil(workgroup / AMD_LANES);
  return Math.sqrt(workgroup);
}

const merges = ({ lds, innermost }: LoopCode) => innermost && lds > 1;

/** At best a compiler that joins loads has so many trips in code without loops: x, then parameters. */
const JOINED_TRIPS = 3;
const JOINED_ROUNDS = 4;

/** A loop that streams runs its rounds, one that merges its own; all others run once as a rule. */
function lifeOf(given: Case, dispatch: Dispatch, code: AmdCode, machine: Machine): Life {
  const streaming = streamingLoops(code, readsOf(dispatch.pass));
  const inLoops = code.loops.reduce((sum, { trips }) => sum + trips, 0);
  const straight = Math.max(0, code.trips - inLoops);
  let instructions = code.valu;
  let trips = machine.joinsLoads ? Math.min(straight, JOINED_TRIPS) : straight;
  for (const loop of code.loops.filter((loop) => !isStreaming(loop))) {
    instructions += loop.valu * (merges(loop) ? mergeRounds(dispatch.pass) : 1);
  }
  for (const loop of streaming) {
    const rounds = streamRounds(loop, given, dispatch, code);
    const joined = machine.joinsLoads && loop.packs === 1 ? JOINED_ROUNDS : 1;
    instructions += loop.valu * rounds;
    trips += loop.trips * Math.ceil(rounds / joined);
  }
  return { instructions, trips };
}

const CYCLES_APART = 4; // of dependent instructions of a wave

function stepOf(given: Case, dispatch: Dispatch, code: AmdCode, machine: Machine): Step {
  const { bandwidth, cacheBandwidth, units, issue, lanes, clock, latency, launch } = machine;
  const { invocations } = dispatch;
  const resident = residentInvocations(code, machine);
  const { fromMemory, fromCache } = trafficOf(given, dispatch, resident, machine);
  const lines = bytesInLines(given, dispatch, machine);
  const { instructions, trips } = lifeOf(given, dispatch, code, machine);
  const life = (trips * latency + (instructions * CYCLES_APART) / clock) / 1e3; // us of a wave
  const waves = invocations / lanes;
  const halves = lanes === AMD_LANES ? 2 : 1; // units are 32 lanes wide
  const times: Record<Limit, number> = {
    bandwidth:
      Math.max(fromMemory / bandwidth + fromCache / cacheBandwidth, lines / cacheBandwidth) / 1e3,
    latency: life * Math.max(1, invocations / resident),
    issue: (instructions * waves * halves) / (units * issue * clock * 1e3),
  };
  const limits = Object.entries(times) as [Limit, number][];
  const [limit, us] = limits.reduce((a, b) => (b[1] > a[1] ? b : a));
  return { us: us + launch, limit };
}

function modelledPlan(plan: CasePlan, codes: CodeById<AmdCode>): ModelledPlan | undefined {
  const { given, machine, passes } = plan;
  const steps: Step[] = [];
  for (const pass of passes) {
    const code = codes.get(pass.kernel.id);
    if (isProblem(code)) return undefined;
    steps.push(...dispatchesOf(pass).map((dispatch) => stepOf(given, dispatch, code, machine)));
  }
  const us = steps.reduce((sum, step) => sum + step.us, 0);
  const least = given.leastArrays * bytesOf(given);
  const copyUs = least / machine.bandwidth / 1e3 + machine.launch;
  const percent = (100 * copyUs) / us;
  return { title: given.title, machine: machine.name, steps, us, copyUs, percent };
}

/** Models plans; those with a kernel without figures are left out. */
export function modelledPlans(
  plans: readonly CasePlan[],
  codes: CodeById<AmdCode>,
): ModelledPlan[] {
  return plans.flatMap((plan) => modelledPlan(plan, codes) ?? []);
}
