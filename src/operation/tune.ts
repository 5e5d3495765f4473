// Tuning measures candidate plans and keeps the fastest. It is imported dynamically on first use.
// It gets library functions as arguments and must not import the main module, because bundlers
// would split that into a shared chunk with an export list.

import type { OptionTable } from "../base/options";
import type { Candidate } from "../plan/candidates";
import type { PlanOverrides, TunedPlan } from "../plan/overrides";
import type { Call } from "../runtime/call";
import type { Context } from "../runtime/context";
import type { GpuStatus } from "../runtime/gpu_status";
import type { ArraySpec, Tensor } from "../runtime/tensor";
import type { PreparedOperation } from "./prepared";

export interface TuneOptions {
  /**
   * With true the choices are kept in the page's localStorage, where `createContext({ tuning:
   * "stored" })` finds them.
   */
  store?: boolean | undefined;
  /** This function is called after each problem. */
  onProgress?: ((done: number, total: number) => void) | undefined;
  /** The signal stops tuning between measurements. Choices made before stay. */
  signal?: AbortSignal | undefined;
}

const TUNE_OPTIONS: OptionTable<TuneOptions> = {
  store: (value) => typeof value !== "boolean" && "true or false",
  onProgress: (value) => typeof value !== "function" && "a function",
  signal: (value) => typeof Object(value).throwIfAborted !== "function" && "an AbortSignal",
};

/** A tune result is the outcome for one problem. */
export interface TuneResult {
  readonly op: string;
  readonly shape: readonly number[];
  /** The new plan takes this many milliseconds. */
  readonly ms: number;
  /** The heuristics' plan takes this many milliseconds. */
  readonly heuristicMs: number;
  /** This many plans were measured. */
  readonly measured: number;
  /** The changes are choices against the heuristics; empty if the heuristics were right. */
  readonly changes: PlanOverrides;
}

/** A tuning has the choices for the problems of an adapter, as JSON. */
export interface Tuning {
  readonly format: typeof FORMAT;
  readonly adapter: string;
  readonly choices: Readonly<Record<string, TunedPlan>>;
}

/** Taking a tuning over needs these functions of the library. */
export interface ImportTools {
  readonly NormError: typeof import("../base/errors").NormError;
  readonly fail: typeof import("../base/errors").fail;
  readonly show: typeof import("../base/errors").show;
}

/** Tuning uses these, too. */
export interface Tools extends ImportTools {
  readonly DTYPES: typeof import("../base/dtype").DTYPES;
  readonly Tensor: typeof import("../runtime/tensor").Tensor;
  readonly asNormError: typeof import("../runtime/gpu_status").asNormError;
  readonly candidates: typeof import("../plan/candidates").candidates;
  readonly checkOptions: typeof import("../base/options").checkOptions;
  readonly extentOf: typeof import("../base/shape").extentOf;
  readonly problemKey: typeof import("../plan/problem").problemKey;
  readonly bindingLayoutOf: typeof import("../runtime/tensor").bindingLayoutOf;
  readonly isOverwriting: typeof import("../runtime/call").isOverwriting;
  readonly preparedOperation: typeof import("./prepared").preparedOperation;
  readonly resultName: typeof import("../runtime/call").resultName;
  readonly scoped: typeof import("../runtime/gpu_status").scoped;
  readonly warmPipeline: typeof import("../runtime/warm_pipeline").warmPipeline;
}

/** A context that is tuned, and the tools for it. */
interface Tuner {
  readonly context: Context;
  readonly tools: Tools;
}

const FORMAT = "webgpu-norm tuning 2";
const ROUNDS = 5;
const SAMPLE_MS = 20; // per sample: long against the way to the GPU and the steps of the clock
const MOST_REPEATS = 200;
const HOPELESS = 2; // slower than this times the best: not measured again
const WORTH = 0.95; // a plan must beat this part of the heuristics' time, since less may be noise
const MOST_ROUNDS = 3; // rounds of changes, one on top of the other
const FILLING_BYTES = 2 ** 20;

/**
 * Finds the fastest plan for each call, one call after the other. The context takes it from then
 * on.
 */
export async function tunePlans(
  tuner: Tuner,
  calls: readonly Call<unknown>[],
  options: TuneOptions,
): Promise<TuneResult[]> {
  const { context, tools } = tuner;
  const known = tools.checkOptions("tune", options, TUNE_OPTIONS);
  const { store = false, onProgress, signal } = known;
  const place = storage();
  if (store && !place) {
    tools.fail("tune", "there is no localStorage here, expected a page that may store");
  }
  const results: TuneResult[] = [];
  for (const call of calls) {
    const { op } = call.problem;
    const { shape } = call.arrays.x ?? call.problem; // a problem's axes may be split
    const choice = await fastestPlan(tuner, call, signal);
    choose(context, tools.problemKey(call.problem), choice);
    results.push({ op, shape, ...choice });
    onProgress?.(results.length, calls.length);
  }
  if (store && place) keep(context, place, tools);
  return results;
}

interface MeasuredPlan extends Candidate {
  readonly ms: number;
}

/** The operation of a plan, and how long it took. */
interface TimedOperation {
  readonly candidate: Candidate;
  readonly op: PreparedOperation<unknown>;
  readonly samples: number[];
}

/**
 * Finds the fastest plan of a call. It changes one choice at a time, then another on top of the
 * best one, until no change wins.
 */
async function fastestPlan(
  tuner: Tuner,
  call: Call<unknown>,
  signal?: AbortSignal,
): Promise<TunedPlan> {
  const tensors = allocateArguments(tuner, call);
  const { context, tools } = tuner;
  const changed = (overrides: PlanOverrides) =>
    tools.candidates(call.problem, call.plan, context.planning, overrides);
  try {
    const [usual] = changed({});
    const seen = new Set([usual.text]); // a plan that lost is not measured again
    let base: Candidate = usual;
    let measured = 1;
    for (let round = 1; ; round++) {
      const bases = round === 1 ? [] : [base]; // times compare only within a round
      const others = changed(base.overrides).filter(({ text }) => !seen.has(text));
      for (const { text } of others) seen.add(text);
      const all = await measureAll(tuner, call, [usual, ...bases, ...others], tensors, signal);
      measured += others.length;
      const [heuristic] = all;
      const before = all[bases.length] ?? heuristic;
      const fastest = all.reduce((a, b) => (b.ms < a.ms ? b : a));
      const winner = fastest.ms < WORTH * before.ms ? fastest : before;
      if (winner === before || round === MOST_ROUNDS) {
        const { overrides, ms } = winner.ms < WORTH * heuristic.ms ? winner : heuristic;
        return { changes: overrides, ms, heuristicMs: heuristic.ms, measured };
      }
      base = winner;
    }
  } finally {
    for (const tensor of Object.values(tensors)) tensor.destroy();
  }
}

/** Makes tensors with numbers for all arrays of the call that it does not make itself. */
function allocateArguments(tuner: Tuner, call: Call<unknown>): Record<string, Tensor> {
  const { arrays, outputs } = call;
  const { tools } = tuner;
  const results = Object.entries(outputs).flatMap(([slot, { out }]) => {
    const own = !out || tools.isOverwriting(call, slot);
    return own ? [] : [[tools.resultName(slot), out] as const];
  });
  const specs = [...Object.entries(arrays), ...results];
  const tensors: Record<string, Tensor> = {};
  try {
    for (const [name, spec] of specs) if (spec) tensors[name] = filledTensor(tuner, spec);
    return tensors;
  } catch (error) {
    for (const tensor of Object.values(tensors)) tensor.destroy();
    throw error;
  }
}

function filledTensor(
  { context, tools }: Tuner,
  { shape, strides, dtype, ...spec }: ArraySpec,
): Tensor {
  const { DTYPES, asNormError, extentOf, bindingLayoutOf, scoped, Tensor } = tools;
  const { offset } = bindingLayoutOf({ shape, strides, dtype, ...spec });
  const storage = context.storage(
    DTYPES[dtype].bytes * (offset + extentOf(shape, strides)),
    "tune",
    1,
  );
  const numbers = Float32Array.from({ length: FILLING_BYTES / 4 }, (_, i) => 1 + Math.sin(i) / 2);
  const { buffer } = storage;
  const tensor = new Tensor(context, storage, shape, strides, offset, dtype, true);
  try {
    const [, status] = scoped(context.device, "tune", () => {
      for (let at = 0; at < buffer.size; at += FILLING_BYTES) {
        const bytes = Math.min(FILLING_BYTES, buffer.size - at);
        context.device.queue.writeBuffer(buffer, at, numbers, 0, bytes / 4);
      }
    });
    storage.written = status;
    return tensor;
  } catch (error) {
    tensor.destroy();
    throw asNormError("tune", error);
  }
}

/**
 * Measures plans in turns, so that a change of clock or load affects all of them alike. Takes
 * medians.
 */
async function measureAll(
  tuner: Tuner,
  call: Call<unknown>,
  found: readonly [Candidate, ...Candidate[]],
  tensors: Record<string, Tensor>,
  signal?: AbortSignal,
): Promise<[MeasuredPlan, ...MeasuredPlan[]]> {
  const { context, tools } = tuner;
  const { device } = context;
  const compiled = await compiledCandidates(tuner, found);
  const statuses: GpuStatus[] = [];
  const timed: TimedOperation[] = [];
  try {
    for (const candidate of compiled) {
      const op = tools.preparedOperation("tune", context, call, candidate.plan, {});
      timed.push({ candidate, op, samples: [] });
    }
    const time = async (op: PreparedOperation<unknown>, repeats: number) => {
      signal?.throwIfAborted();
      const ms = await elapsed(tuner, statuses, () => {
        const encoder = device.createCommandEncoder({ label: "webgpu-norm tune" });
        const pass = encoder.beginComputePass({ label: "webgpu-norm tune" });
        for (let i = 0; i < repeats; i++) op.encode(pass, tensors);
        pass.end();
        device.queue.submit([encoder.finish()]);
      });
      return ms / repeats;
    };
    const once: number[] = [];
    for (const { op } of timed) {
      await time(op, 1); // the first run is an outlier
      once.push(await time(op, 1));
    }
    const quickest = Math.min(...once);
    const repeats = Math.min(
      MOST_REPEATS,
      Math.max(1, Math.round(SAMPLE_MS / Math.max(quickest, 0.01))),
    );
    for (const [k, ms] of once.entries()) {
      const hopeless = k > 0 && ms > HOPELESS * quickest + 1; // the plan that the others are compared with
      if (hopeless) timed[k]?.samples.push(ms);
    }
    const running = timed.filter(({ samples }) => samples.length === 0);
    for (let round = 0; round < ROUNDS; round++) {
      for (const { op, samples } of running) samples.push(await time(op, repeats));
    }
    const written = Object.values(tensors).map(({ storage }) => storage.written);
    await failed([...timed.map(({ op }) => op.outcome), ...written, ...statuses]);
    const measured = timed.map(({ candidate, samples }) => ({ ...candidate, ms: median(samples) }));
    return measured as [MeasuredPlan, ...MeasuredPlan[]]; // one for each that was found
  } finally {
    for (const { op } of timed) op.destroy();
  }
}

/**
 * Compiles candidates in parallel. It leaves out those that the GPU refuses, and throws if the
 * heuristics' plan is among them.
 */
async function compiledCandidates(
  { context, tools }: Tuner,
  found: readonly [Candidate, ...Candidate[]],
): Promise<Candidate[]> {
  const compile = ({ plan }: Candidate) =>
    Promise.all(plan.passes.map((pass) => tools.warmPipeline(context, "tune", pass)));
  const results = await Promise.allSettled(found.map(compile));
  context.checkAlive("tune");
  const [usual] = results;
  if (usual?.status === "rejected") throw usual.reason;
  return found.filter((_, i) => results[i]?.status === "fulfilled");
}

/** Throws if the GPU refused a plan: it took no time and must not win. */
async function failed(statuses: readonly GpuStatus[]): Promise<void> {
  for (const { done } of statuses) {
    const failure = await done;
    if (failure) throw failure;
  }
}

const median = (values: readonly number[]) =>
  values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? Number.POSITIVE_INFINITY;

async function elapsed(
  { context, tools }: Tuner,
  statuses: GpuStatus[],
  work: () => void,
): Promise<number> {
  const start = performance.now();
  try {
    const [, status] = tools.scoped(context.device, "tune", work);
    statuses.push(status);
  } catch (error) {
    throw tools.asNormError("tune", error);
  }
  await context.finished("tune");
  return performance.now() - start;
}

/** Returns the choices so far, to be kept as JSON. */
export function tuningOf(context: Context): Tuning {
  return {
    format: FORMAT,
    adapter: context.profile.name,
    choices: Object.fromEntries(context.plans.choices),
  };
}

const KINDS: { readonly [K in keyof PlanOverrides]-?: (value: unknown) => boolean } = {
  split: isFlag,
  columns: isFlag,
  inRegisters: isFlag,
  deferInner: isFlag,
  fuseParameterGradients: isFlag,
  nativeF16: isFlag,
  subgroups: (value) => value === false, // the device decides whether there are any
  vectorWidth: (value) => value === 1 || value === 4,
  team: (value) => isCount(value) && value <= 256 && Number.isInteger(Math.log2(value)),
  slices: isCount,
};

function isFlag(value: unknown): boolean {
  return typeof value === "boolean";
}

function isCount(value: unknown): value is number {
  return Number.isInteger(value) && (value as number) > 0;
}

function isTunedPlan(value: unknown): value is TunedPlan {
  const { changes, ms, heuristicMs, measured } = Object(value);
  if (![ms, heuristicMs, measured].every((n) => typeof n === "number" && n >= 0)) return false;
  if (typeof changes !== "object" || changes === null) return false;
  return Object.entries(changes).every(([name, is]) =>
    Object.hasOwn(KINDS, name) ? KINDS[name as keyof PlanOverrides](is) : false,
  );
}

/** Plans a problem by this choice from now on. */
function choose({ plans }: Context, key: string, choice: TunedPlan): void {
  plans.choices.set(key, choice);
  plans.forget(key);
}

/** Takes over exported choices, all of them or, if it throws, none. */
export function takeTuning(context: Context, tuning: unknown, tools: ImportTools): void {
  context.checkAlive("importTuning");
  const all =
    tuning === "stored" ? recallTuning(context, tools) : tunedPlansOf(context, tuning, tools);
  for (const [key, choice] of all) choose(context, key, choice);
}

/** Reads choices from JSON, as text or parsed. */
function tunedPlansOf(
  context: Context,
  tuning: unknown,
  tools: ImportTools,
): [string, TunedPlan][] {
  const op = "importTuning";
  const { fail, show }: ImportTools = tools;
  const { format, adapter, choices } = Object(
    typeof tuning === "string" ? parseTuning(op, tuning, tools) : tuning,
  );
  if (format !== FORMAT) fail(op, `format ${show(format)}, expected ${show(FORMAT)}`);
  if (adapter !== context.profile.name) {
    fail(
      op,
      `the tuning is of ${show(adapter)}, expected this adapter, ${show(context.profile.name)}`,
    );
  }
  if (typeof choices !== "object" || choices === null) {
    fail(op, `choices ${show(choices)}, expected an object`);
  }
  const entries = Object.entries(choices);
  const wrong = entries.find(([, choice]) => !isTunedPlan(choice));
  if (wrong)
    fail(op, `the choice for ${wrong[0].slice(0, 80)} has wrong values, expected as exported`);
  return entries as [string, TunedPlan][];
}

function parseTuning(op: string, text: string, { NormError }: ImportTools): unknown {
  try {
    return JSON.parse(text);
  } catch (cause) {
    throw new NormError(`${op}: the text is not JSON, expected what exportTuning gave`, { cause });
  }
}

/**
 * Reads the stored choices for this adapter, if any: a worker has no storage, a page may be denied
 * it, and one must not fail because of entries that another version left.
 */
function recallTuning(context: Context, tools: ImportTools): [string, TunedPlan][] {
  try {
    const text = storage()?.getItem(storageKey(context));
    return text ? tunedPlansOf(context, text, tools) : [];
  } catch {
    return [];
  }
}

function keep(context: Context, place: Storage, { NormError }: ImportTools): void {
  try {
    place.setItem(storageKey(context), JSON.stringify(tuningOf(context)));
  } catch (cause) {
    const message = "tune: localStorage refused the choices, which the context keeps";
    throw new NormError(`${message}, expected room for them`, { cause });
  }
}

const storageKey = ({ profile }: Context) => `${FORMAT} ${profile.name}`;

/** Returns the page's storage: null in a worker, and where a page is denied it. */
function storage(): Storage | null {
  try {
    return (globalThis as { localStorage?: Storage }).localStorage ?? null;
  } catch {
    return null;
  }
}
