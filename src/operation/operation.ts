// An operation is a function that runs a definition (arguments -> problem). All operations share
// this file: the checks of tensors, the results, plans and caches.

import { checkDType, ELEMENTS } from "../base/dtype";
import { fail } from "../base/errors";
import { checkOptions, type Known } from "../base/options";
import {
  type Call,
  type CallResults,
  checkOverlaps,
  type Definition,
  resultsOf,
  type TensorsByName,
  tensorsOf,
} from "../runtime/call";
import type { Context } from "../runtime/context";
import { checkLive, checkTensor, type Tensor, type TensorStorage } from "../runtime/tensor";

/** In a call each array is a tensor, which `prepare` and `explain` do without. */
export type Direct<O> = {
  [K in keyof O]: [Tensor | true] extends [O[K]]
    ? DirectValue<Exclude<O[K], false extends O[K] ? never : true>>
    : O[K];
};

/** Descriptions of arrays, which have a shape, are left out; several arrays go by their names. */
type DirectValue<V> = V extends Tensor
  ? V
  : V extends object
    ? "shape" extends keyof V
      ? never
      : Direct<V>
    : V;

/** An operation is a function over tensors. It keeps its definition for planning ahead. */
export interface Operation<O, R> {
  <G extends Direct<O>>(
    x: Tensor,
    ...options: Partial<O> extends O ? [Known<G, O>?] : [Known<G, O>]
  ): R;
  readonly definition: Definition<O, R>;
}

export function operation<O, R>(definition: Definition<O, R>): Operation<O, R> {
  const run = (x: Tensor, options: O = {} as O, ...more: unknown[]): R => {
    const { name, first = "x", options: known } = definition;
    const context = contextOf(name, first, x);
    if (more.length > 0) fail(name, `${2 + more.length} arguments, expected ${first} and options`);
    const call = definition.define(x, known ? checkOptions(name, options, known) : options);
    checkTensors(name, context, call);
    return call.result(execute(name, context, call));
  };
  return Object.assign(run, { definition }) as Operation<O, R>;
}

/** Returns the live context of a call's first argument. */
export function contextOf(op: string, name: string, first: unknown): Context {
  const { context, dtype } = checkTensor(op, name, first);
  context.checkAlive(op);
  checkDType(op, dtype, `${name} has dtype`, ELEMENTS);
  return context as Context; // all tensors are made by a Context
}

/** Checks that the tensors of a call live, on one device. */
export function checkTensors(op: string, context: Context, call: Call<unknown>): void {
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
  const make: Parameters<typeof tensorsOf>[2] = (shape, dtype, holders) => {
    const tensor = context.make(op, shape, dtype, holders);
    fresh.push(tensor.storage);
    return tensor;
  };
  let operands: TensorsByName;
  try {
    operands = context.work(() => {
      const all = tensorsOf(call, plan, make);
      checkOverlaps(op, call, all);
      if (plan.passes.length > 0) context.run(op, planned, all);
      else fillWithZeros(op, context, call, all);
      return all;
    });
  } catch (error) {
    for (const storage of fresh) context.release(storage);
    throw error;
  }
  for (const [slot, { inner }] of Object.entries(call.outputs)) {
    if (inner) operands[slot]?.destroy();
  }
  return resultsOf(call, plan, operands, true);
}

/** Writes zeros to all outputs, as sums of no elements are. */
export function fillWithZeros(
  op: string,
  context: Context,
  { outputs }: Call<unknown>,
  operands: TensorsByName,
): void {
  for (const [slot, { adds }] of Object.entries(outputs)) {
    const tensor = operands[slot];
    if (tensor && !adds) context.clear(op, tensor);
  }
}
