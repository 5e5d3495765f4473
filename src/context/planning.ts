// These functions plan operations ahead, without arrays: they explain, prepare and compile them. They
// are functions and not methods of a context, so that a page that does not call them has none of their
// code.

import type { Known } from "../base/options";
import type { Norm } from "../norms/shared/norm";
import type { NormBackward } from "../norms/shared/norm_backward";
import type { Backward, Gradients, NormResult } from "../norms/shared/options";
import {
  abstractCall,
  abstractCalls,
  type InputSpec,
  type OperationList,
  type PlannableOperation,
} from "../operation/abstract";
import { type Explanation, explainPlan } from "../operation/explain";
import type { Operation } from "../operation/operation";
import { type PreparedOperation, preparedOperation } from "../operation/prepared";
import type { Pass } from "../plan/plan";
import { problemKey } from "../plan/problem";
import { type Context, checkContext } from "../runtime/context";
import { warmPipeline } from "../runtime/warm_pipeline";

/**
 * Explains the plan for an operation on an input of this shape and type. It needs no GPU work and
 * can be printed, also after the device is lost.
 */
export function explain<O, A extends InputSpec & O>(
  context: Context,
  operation: PlannableOperation<O>,
  args: Known<A, InputSpec & O>,
): Explanation {
  checkContext("explain", context);
  const call = abstractCall("explain", operation, args);
  const { planning, plans } = context;
  return explainPlan(call, planning, plans.make(call), plans.choices.get(problemKey(call.problem)));
}

/**
 * Plans, compiles and allocates for an operation ahead. The prepared operation records itself into
 * the caller's passes. `args` are the operation's options and the first argument's shape. Arrays may
 * be tensors or descriptions. With `out: true` the result is passed to each recording.
 *
 * Throws NormError as the operation does. `read` of the results reports work that the GPU refuses.
 */
export function prepare<O, S, const A extends InputSpec & O>(
  context: Context,
  operation: Norm<O, S>,
  args: Known<A, InputSpec & O>,
): PreparedOperation<NormResult<A, S>>;
export function prepare<O, const A extends InputSpec & Backward<O>>(
  context: Context,
  operation: NormBackward<O>,
  args: Known<A, InputSpec & Backward<O>>,
): PreparedOperation<Gradients<A>>;
export function prepare<O, R, const A extends InputSpec & O>(
  context: Context,
  operation: Operation<O, R>,
  args: Known<A, InputSpec & O>,
): PreparedOperation<R>;
export function prepare(
  context: Context,
  operation: PlannableOperation<never>,
  args: InputSpec,
): PreparedOperation<unknown> {
  checkContext("prepare", context);
  context.checkAlive("prepare");
  const call = abstractCall("prepare", operation, args);
  const op = `prepared ${call.problem.op}`;
  return preparedOperation(op, context, call, context.plans.make(call), args);
}

/**
 * Compiles the shaders of operations, in parallel and without blocking the page. It takes a list of
 * operations with their options and the first argument's shape. Rejects if the GPU refuses a shader.
 */
export async function warmup<T extends readonly PlannableOperation<never>[]>(
  context: Context,
  list: OperationList<T>,
): Promise<void> {
  checkContext("warmup", context);
  context.checkAlive("warmup");
  const calls = abstractCalls("warmup", list);
  const passes = calls.flatMap((call) => context.plans.of(call).plan.passes);
  const warm = (pass: Pass) => warmPipeline(context, "warmup", pass);
  const results = await Promise.allSettled(passes.map(warm));
  context.checkAlive("warmup");
  for (const result of results) if (result.status === "rejected") throw result.reason;
}
