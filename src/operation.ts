// What makes a definition (arguments -> problem) an operation that runs. All operations come through
// here: the checks of tensors, the results, plans and caches are the same for all of them.

import type { Context } from "./context";
import { fail, show } from "./errors";
import { PLANE, type Plan, type Planner } from "./planner";
import type { Problem, Statistic } from "./problem";
import { contiguous, sizeOf } from "./shape";
import { type Spec, type Storage, Tensor } from "./tensor";
import { BYTES, type DType } from "./types";

/** The arrays of a call by their arguments' names. On paper they are descriptions, not tensors. */
export type Arrays = Readonly<Record<string, Spec | undefined>>;

/** An array that the call makes, or writes into `out`. */
export interface Output {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly out?: Spec;
}

export interface Made {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly statistics: { readonly [K in Statistic]: Tensor };
}

/** One call of an operation, checked. */
export interface Call<R> {
  readonly problem: Problem;
  readonly plan: Planner;
  readonly arrays: Arrays;
  /** The arguments that the shaders know under another name: the shaders' name first. */
  readonly slots: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, Output>>; // by the shaders' names
  readonly statShape: readonly number[]; // of each statistic that the caller gets
  readonly statistic?: Spec; // where the one statistic goes
  readonly result: (made: Made) => R;
}

export interface Definition<O, R> {
  readonly name: string;
  readonly first?: string; // the name of the first argument, "x" by default
  /** Pure: checks the arguments and states the problem. */
  readonly define: (x: Spec, options: O) => Call<R>;
}

/** A function over tensors, with its definition for planning ahead. */
export interface Operation<O, R> {
  (x: Tensor, ...options: Partial<O> extends O ? [O?] : [O]): R;
  readonly definition: Definition<O, R>;
}

export function operation<O, R>(definition: Definition<O, R>): Operation<O, R> {
  const run = (x: Tensor, options: O = {} as O): R => {
    const { name, first = "x" } = definition;
    const context = contextOf(name, first, x);
    const call = definition.define(x, options);
    checkTensors(name, context, call);
    return call.result(execute(name, context, call));
  };
  return Object.assign(run, { definition }) as Operation<O, R>;
}

/** The live context of a call's first argument. */
export function contextOf(op: string, name: string, first: unknown): Context {
  if (!(first instanceof Tensor)) fail(op, `${name} is ${show(first)}, expected a tensor`);
  first.context.checkAlive(op);
  return first.context;
}

function checkTensors(op: string, context: Context, call: Call<unknown>): void {
  const outputs = Object.values(call.outputs).map(({ out }) => ["out", out] as const);
  for (const [name, array] of [...Object.entries(call.arrays), ...outputs]) {
    if (array === undefined) continue;
    if (!(array instanceof Tensor)) fail(op, `${name} is ${show(array)}, expected a tensor`);
    if (array.destroyed) fail(op, `${name} is destroyed, expected a live tensor`);
    if (array.context.device !== context.device) {
      fail(op, `${name} is on another device than x, expected all tensors on one device`);
    }
  }
}

function execute(op: string, context: Context, call: Call<unknown>): Made {
  const { problem, arrays, slots } = call;
  const planned = context.planned(problem, call.plan);
  const { plan } = planned;
  const fresh: Storage[] = [];
  const make = (shape: readonly number[], dtype: DType, holders = 1) => {
    const storage = context.storage(BYTES[dtype] * sizeOf(shape), op, holders);
    fresh.push(storage);
    return new Tensor(context, storage, shape, contiguous(shape), 0, dtype, true);
  };
  const outputs = Object.fromEntries(
    Object.entries(call.outputs).map(([slot, { shape, dtype, out }]) => {
      return [slot, (out as Tensor | undefined) ?? make(shape, dtype)];
    }),
  );
  const { results } = problem;
  const block =
    (call.statistic as Tensor | undefined) ??
    (results.length > 0 ? make([plan.statisticsSize], "f32", results.length) : undefined);
  const renamed = Object.entries(slots).map(([slot, name]) => [slot, arrays[name]]);
  const operands = { ...arrays, ...Object.fromEntries(renamed), ...outputs, statistics: block };
  try {
    if (plan.passes.length > 0) {
      const written = [...Object.values(outputs), block].flatMap((tensor) => tensor?.storage ?? []);
      const named = { operands: operands as Record<string, Tensor>, slots };
      context.run(op, planned, named, written);
    } else {
      for (const tensor of Object.values(outputs)) context.clear(tensor); // sums of nothing
    }
  } catch (error) {
    for (const { buffer } of fresh) context.release(buffer);
    throw error;
  }
  return { outputs, statistics: planesAsTensors(plan, call, block) };
}

function planesAsTensors(
  plan: Plan,
  { problem, statShape, statistic }: Call<unknown>,
  block: Tensor | undefined,
): Made["statistics"] {
  const entries = problem.results.map((name): [Statistic, Tensor] => {
    if (statistic !== undefined) return [name, statistic as Tensor];
    const { context, storage } = block as Tensor;
    const at = plan.planes[PLANE[name]];
    return [name, new Tensor(context, storage, statShape, contiguous(statShape), at, "f32", true)];
  });
  return Object.fromEntries(entries) as Made["statistics"];
}
