// What makes a definition (arguments -> problem) an operation that runs. All operations come through
// here: the checks of tensors, the results, plans and caches are the same for all of them.

import type { Context } from "./context";
import { fail, show } from "./errors";
import { PLANE, type Plan } from "./planner";
import type { Problem, Statistic } from "./problem";
import { contiguous, sizeOf } from "./shape";
import { rangeOf, type Spec, type Storage, Tensor } from "./tensor";

/** The arrays of a call. While a plan is made on paper they are descriptions, not tensors. */
export interface Arrays {
  readonly x: Spec;
  readonly weight?: Spec;
  readonly bias?: Spec;
  readonly runningMean?: Spec;
  readonly runningVar?: Spec;
  readonly out?: Spec;
}

export interface Made {
  readonly y: Tensor;
  readonly statistics: { readonly [K in Statistic]: Tensor };
}

/** One call of an operation, checked. */
export interface Call<R> {
  readonly problem: Problem;
  readonly arrays: Arrays;
  readonly statShape: readonly number[]; // of each statistic that the caller gets
  readonly result: (made: Made) => R;
}

export interface Definition<O, R> {
  readonly name: string;
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
    const { name } = definition;
    if (!(x instanceof Tensor)) fail(name, `x is ${show(x)}, expected a tensor`);
    x.context.checkAlive(name);
    const call = definition.define(x, options);
    checkTensors(name, x.context, call.arrays);
    return call.result(execute(name, x.context, call));
  };
  return Object.assign(run, { definition }) as Operation<O, R>;
}

function checkTensors(op: string, context: Context, arrays: Arrays): void {
  const limit = context.device.limits.maxStorageBufferBindingSize;
  for (const [name, array] of Object.entries(arrays) as [string, Spec | undefined][]) {
    if (array === undefined) continue;
    if (!(array instanceof Tensor)) fail(op, `${name} is ${show(array)}, expected a tensor`);
    if (array.destroyed) fail(op, `${name} is destroyed, expected a live tensor`);
    if (array.context.device !== context.device) {
      fail(op, `${name} is on another device than x, expected all tensors on one device`);
    }
    const { size } = rangeOf(array);
    if (size > limit) {
      const expected = `expected at most the device's maxStorageBufferBindingSize of ${limit}`;
      fail(op, `${name} with shape ${show(array.shape)} takes ${size} bytes, ${expected}`);
    }
  }
}

function execute(op: string, context: Context, call: Call<unknown>): Made {
  const { problem, arrays } = call;
  const planned = context.planned(problem);
  const { plan } = planned;
  const hasY = problem.layouts.y !== undefined;
  const fresh: Storage[] = [];
  const make = (elements: number, holders: number) => {
    const storage = context.storage(4 * elements, op, holders);
    fresh.push(storage);
    return storage;
  };
  const out = arrays.out as Tensor | undefined;
  const y = hasY ? (out ?? whole(context, make(sizeOf(arrays.x.shape), 1), arrays.x.shape)) : out;
  const block = hasY || out === undefined ? blockFor(context, plan, call, make) : out;
  const { runningMean, runningVar, ...others } = arrays;
  const operands = { ...others, y, statistics: block, runningMean, runningVar };
  try {
    if (plan.passes.length > 0) {
      const given = problem.given && { pivots: runningMean, spreads: runningVar };
      const written = [y, block].flatMap((tensor) => tensor?.storage ?? []);
      context.run(op, planned, { ...operands, ...given } as never, written);
    }
  } catch (error) {
    for (const { buffer } of fresh) context.release(buffer);
    throw error;
  }
  return { y: y as Tensor, statistics: planesAsTensors(plan, call, block, out) };
}

const whole = (context: Context, storage: Storage, shape: readonly number[]) =>
  new Tensor(context, storage, shape, contiguous(shape), 0, true);

/** The buffer for the statistics that the caller gets; scratch where the caller gets none. */
function blockFor(
  context: Context,
  plan: Plan,
  { problem }: Call<unknown>,
  make: (elements: number, holders: number) => Storage,
): Tensor | undefined {
  if (problem.results.length === 0) return undefined;
  const elements = plan.statisticsSize;
  return whole(context, make(elements, problem.results.length), [elements]);
}

function planesAsTensors(
  plan: Plan,
  { problem, statShape }: Call<unknown>,
  block: Tensor | undefined,
  out: Tensor | undefined,
): Made["statistics"] {
  const entries = problem.results.map((name): [Statistic, Tensor] => {
    if (block === undefined || block === out) return [name, out as Tensor];
    const { context, storage } = block;
    const at = plan.planes[PLANE[name]];
    return [name, new Tensor(context, storage, statShape, contiguous(statShape), at, true)];
  });
  return Object.fromEntries(entries) as Made["statistics"];
}
