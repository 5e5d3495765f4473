// A context: a runtime with which operations are planned ahead: explained, prepared, compiled, tuned.

import { DTYPES } from "../base/dtype";
import { fail, NormError, show } from "../base/errors";
import { extentOf } from "../base/shape";
import type { Norm } from "../norms/shared/norm";
import type { NormBackward } from "../norms/shared/norm_backward";
import type { Backward, Gradients, NormResult } from "../norms/shared/options";
import {
  abstractCall,
  type InputSpec,
  type OperationList,
  type PlannableOperation,
} from "../operation/abstract";
import { type Explanation, explainPlan } from "../operation/explain";
import { type PreparedOperation, preparedOperation } from "../operation/prepared";
import type { Tools, TuneOptions, TuneResult, Tuning } from "../operation/tune";
import { candidates } from "../plan/candidates";
import { problemKey } from "../plan/problem";
import { resultName } from "../runtime/call";
import { pipelinesOf } from "../runtime/pipeline_cache";
import { Runtime } from "../runtime/runtime";
import { bindingLayoutOf, Tensor } from "../runtime/tensor";

/** What `tune` needs, which is loaded later and imports none of it. */
const TOOLS: Tools = {
  DTYPES,
  NormError,
  Tensor,
  candidates,
  extentOf,
  fail,
  problemKey,
  bindingLayoutOf,
  pipelinesOf,
  preparedOperation,
  resultName,
  show,
};

export class Context extends Runtime {
  /** @internal */
  readonly tools = TOOLS;

  /** The plan for an operation on an input of this shape and type: no GPU work, printable. */
  explain<O>(operation: PlannableOperation<O>, args: InputSpec & O): Explanation {
    const call = abstractCall(operation, args);
    return explainPlan(call, this.planning, this.plans.make(call), this.plans.choiceFor(call));
  }

  /**
   * Plans, compiles and allocates for an operation ahead; what it returns records the operation into passes of
   * the caller's. `args` are the operation's options and the first argument's shape. Arrays may be tensors
   * or descriptions; `out: true` leaves it to each recording where the result goes.
   *
   * Throws NormError as the operation does. What the GPU refuses is reported by `read` of the results.
   */
  prepare<O, S, const A extends O>(
    operation: Norm<O, S>,
    args: InputSpec & A,
  ): PreparedOperation<NormResult<A, S>>;
  prepare<O, const A extends Backward<O>>(
    operation: NormBackward<O>,
    args: InputSpec & A,
  ): PreparedOperation<Gradients<A>>;
  prepare<O, R>(
    operation: PlannableOperation<never> & ((x: Tensor, options: O) => R),
    args: InputSpec & O,
  ): PreparedOperation<R>;
  prepare(operation: PlannableOperation<never>, args: InputSpec): PreparedOperation<unknown> {
    this.checkAlive("prepare");
    const call = abstractCall(operation, args);
    const op = `prepared ${call.problem.op}`;
    return preparedOperation(op, this, call, this.plans.make(call), args);
  }

  /**
   * Compiles what operations will need, in parallel and without blocking the page: a list of operations
   * with their options and the first argument's shape. Rejects if the GPU refuses a shader.
   */
  async warmup<T extends readonly PlannableOperation<never>[]>(
    list: OperationList<T>,
  ): Promise<void> {
    this.checkAlive("warmup");
    const calls = list.map(([operation, args]) => abstractCall(operation, args));
    const passes = calls.flatMap((call) => this.plans.of(call).plan.passes);
    const pipelines = pipelinesOf(this.device);
    const results = await Promise.allSettled(passes.map((pass) => pipelines.warm(pass)));
    this.checkAlive("warmup");
    const failure = results.find((result) => result.status === "rejected");
    if (failure)
      throw new NormError(`warmup: ${failure.reason.message}`, { cause: failure.reason });
  }

  /**
   * Measures the plans that may be taken for these operations on the device at hand, and takes the fastest from
   * then on: a list as for `warmup`, or without it all that was called so far. Results differ by
   * rounding at most. It allocates what the operations need, and takes seconds on a software adapter.
   *
   * Rejects with a NormError as the operations do, where the device is lost or refuses the work, and with the
   * signal's reason. What was decided before stays.
   */
  async tune<T extends readonly PlannableOperation<never>[]>(
    list?: OperationList<T>,
    options: TuneOptions = {},
  ): Promise<TuneResult[]> {
    this.checkAlive("tune");
    const calls =
      list?.map(([operation, args]) => abstractCall(operation, args)) ?? this.plans.calls();
    const { tune } = await import("../operation/tune");
    return tune(this, calls, options);
  }

  /** What `tune` chose, to be kept as JSON. */
  async exportTuning(): Promise<Tuning> {
    return (await import("../operation/tune")).exportTuning(this);
  }

  /**
   * Takes the choices that `exportTuning` gave on the same kind of adapter, or with "stored" those that `tune`
   * left in localStorage, if any. Rejects with a NormError for anything else, and then has what it had before.
   */
  async importTuning(tuning: Tuning | string): Promise<void> {
    (await import("../operation/tune")).importTuning(this, tuning);
  }
}
