// What makes a definition (arguments -> problem) an operation that runs. All operations come through
// here: the checks of tensors, the results, plans and caches are the same for all of them.

import type { DType } from "../base/dtype";
import { fail } from "../base/errors";
import { contiguous } from "../base/shape";
import type { Context } from "../context/context";
import { type Plan, type Planner, STATISTIC_ARRAY } from "../plan/pass";
import type { Problem, Statistic } from "../plan/problem";
import {
  type ArraySpec,
  checkLive,
  checkTensor,
  Tensor,
  type TensorStorage,
} from "../runtime/tensor";

/** The arrays of a call by their arguments' names. On paper they are descriptions, not tensors. */
export type CallArrays = Readonly<Record<string, ArraySpec | undefined>>;

/** The tensors of a call by the shaders' names. */
export type TensorsByName = Record<string, Tensor | undefined>;

/** An array that the call makes, or writes into `out`. */
export interface OutputSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly out?: ArraySpec;
  readonly inner?: boolean; // a step on the way to the results, not one of them
}

export interface CallResults {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly statistics: { readonly [K in Statistic]: Tensor };
}

/** One call of an operation, checked. */
export interface Call<R> {
  readonly problem: Problem;
  readonly plan: Planner;
  readonly arrays: CallArrays;
  /** The arguments that the shaders know under another name: the shaders' name first. */
  readonly argumentNames: Readonly<Record<string, string>>;
  /** By the shaders' names; "statistics" where the one statistic is the caller's. */
  readonly outputs: Readonly<Record<string, OutputSpec>>;
  readonly statisticsShape: readonly number[]; // of each statistic that the caller gets
  readonly result: (made: CallResults) => R;
}

export interface Definition<O, R> {
  readonly name: string;
  readonly first?: string; // the name of the first argument, "x" by default
  /** Pure: checks the arguments and states the problem. */
  readonly define: (x: ArraySpec, options: O) => Call<R>;
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
  const { context } = checkTensor(op, name, first);
  context.checkAlive(op);
  return context;
}

function checkTensors(op: string, context: Context, call: Call<unknown>): void {
  const outputs = Object.values(call.outputs).map(({ out }) => ["out", out] as const);
  for (const [name, array] of [...Object.entries(call.arrays), ...outputs]) {
    if (array === undefined) continue;
    if (checkLive(op, name, array).context.device !== context.device) {
      fail(op, `${name} is on another device than x, expected all tensors on one device`);
    }
  }
}

function execute(op: string, context: Context, call: Call<unknown>): CallResults {
  const planned = context.plans.of(call);
  const { plan } = planned;
  const fresh: TensorStorage[] = [];
  const operands = operandsOf(call, plan, (shape, dtype, holders) => {
    const tensor = context.make(op, shape, dtype, holders);
    fresh.push(tensor.storage);
    return tensor;
  });
  const written = [...Object.keys(call.outputs), "statistics"].flatMap((slot) => {
    return operands[slot]?.storage ?? [];
  });
  try {
    if (plan.passes.length > 0)
      context.run(op, planned, { tensors: operands, argumentNames: call.argumentNames }, written);
    else fillWithZeros(context, call, operands);
  } catch (error) {
    for (const { buffer } of fresh) context.release(buffer);
    throw error;
  }
  for (const [slot, { inner }] of Object.entries(call.outputs))
    if (inner) operands[slot]?.destroy();
  return resultsOf(call, plan, operands, true);
}

/** What sums of nothing are. */
export function fillWithZeros(
  context: Context,
  { outputs }: Call<unknown>,
  operands: TensorsByName,
): void {
  for (const slot of Object.keys(outputs)) {
    const tensor = operands[slot];
    if (tensor) context.clear(tensor);
  }
}

/** The call without its tensors. */
export function withoutTensors(call: Call<unknown>): Call<unknown> {
  const arrays = Object.entries(call.arrays).map(([name, spec]) => [name, spec && asSpec(spec)]);
  const outputs = Object.entries(call.outputs).map(([slot, { out, ...output }]) => {
    return [slot, out ? { ...output, out: asSpec(out) } : output];
  });
  return {
    ...call,
    arrays: Object.fromEntries(arrays),
    outputs: Object.fromEntries(outputs),
    result: () => null, // it may hold tensors
  };
}

const asSpec = ({ shape, strides, offset, dtype }: ArraySpec): ArraySpec => {
  return { shape, strides, offset, dtype };
};

const asTensor = (spec: ArraySpec | undefined) => (spec instanceof Tensor ? spec : undefined);

/** The tensors of a call: those given, and results made where no place is named for them. */
export function operandsOf(
  { problem, arrays, argumentNames, outputs }: Call<unknown>,
  plan: Plan,
  make: (shape: readonly number[], dtype: DType, holders?: number) => Tensor,
): TensorsByName {
  const operands: TensorsByName = {};
  for (const [name, array] of Object.entries(arrays)) operands[name] = asTensor(array);
  for (const [slot, name] of Object.entries(argumentNames)) operands[slot] = operands[name];
  for (const [slot, { shape, dtype, out }] of Object.entries(outputs)) {
    operands[slot] = out ? asTensor(out) : make(shape, dtype);
  }
  const { length } = problem.results;
  if (length > 0 && !outputs.statistics)
    operands.statistics = make([plan.statisticsSize], "f32", length);
  return operands;
}

/** The results among the tensors of a call. `hold`: each statistic has a share of their buffer. */
export function resultsOf(
  { problem, outputs, statisticsShape }: Call<unknown>,
  plan: Plan,
  operands: TensorsByName,
  hold: boolean,
): CallResults {
  const entries = Object.entries(outputs).flatMap(([slot, { inner }]) =>
    inner ? [] : [[slot, operands[slot]]],
  );
  const offsets = problem.results.map((name): [Statistic, Tensor] => {
    const block = operands.statistics as Tensor;
    if (outputs.statistics) return [name, block];
    const { context, storage } = block;
    const at = plan.offsets[STATISTIC_ARRAY[name]];
    return [
      name,
      new Tensor(context, storage, statisticsShape, contiguous(statisticsShape), at, "f32", hold),
    ];
  });
  return {
    outputs: Object.fromEntries(entries),
    statistics: Object.fromEntries(offsets) as CallResults["statistics"],
  };
}
