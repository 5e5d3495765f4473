// A context is a runtime that also plans operations ahead: it explains, prepares, compiles and
// tunes them.

import { DTYPES } from "../base/dtype";
import { fail, NormError, show } from "../base/errors";
import { checkOptions, type Known } from "../base/options";
import { extentOf } from "../base/shape";
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
import type { Tools, TuneOptions, TuneResult, Tuning } from "../operation/tune";
import { candidates } from "../plan/candidates";
import type { Pass } from "../plan/plan";
import { problemKey } from "../plan/problem";
import { isOverwriting, resultName } from "../runtime/call";
import { asNormError, scoped } from "../runtime/gpu_status";
import { pipelinesOf } from "../runtime/pipeline_cache";
import { Runtime } from "../runtime/runtime";
import { bindingLayoutOf, Tensor } from "../runtime/tensor";

/**
 * Tuning is loaded later, imports none of the library, and gets these functions from the context.
 */
const TOOLS: Tools = {
  DTYPES,
  NormError,
  Tensor,
  asNormError,
  candidates,
  checkOptions,
  extentOf,
  fail,
  problemKey,
  bindingLayoutOf,
  isOverwriting,
  pipelinesOf,
  preparedOperation,
  resultName,
  scoped,
  show,
};

/** Loads the code of tuning, which not every place allows: a service worker has no `import()`. */
const tuningCode = () =>
  import("../operation/tune").catch((cause) => {
    const message = "tune: its code could not be loaded, expected import() or webgpu-norm/min";
    throw new NormError(message, { cause });
  });

export class Context extends Runtime {
  /** @internal */
  readonly tools = TOOLS;

  /**
   * Explains the plan for an operation on an input of this shape and type. It needs no GPU work and
   * can be printed.
   */
  explain<O, A extends InputSpec & O>(
    operation: PlannableOperation<O>,
    args: Known<A, InputSpec & O>,
  ): Explanation {
    const call = abstractCall("explain", operation, args);
    return explainPlan(call, this.planning, this.plans.make(call), this.plans.choiceFor(call));
  }

  /**
   * Plans, compiles and allocates for an operation ahead. The prepared operation records itself
   * into the caller's passes. `args` are the operation's options and the first argument's shape.
   * Arrays may be tensors or descriptions. With `out: true` the result is passed to each recording.
   *
   * Throws NormError as the operation does. `read` of the results reports work that the GPU
   * refuses.
   */
  prepare<O, S, const A extends InputSpec & O>(
    operation: Norm<O, S>,
    args: Known<A, InputSpec & O>,
  ): PreparedOperation<NormResult<A, S>>;
  prepare<O, const A extends InputSpec & Backward<O>>(
    operation: NormBackward<O>,
    args: Known<A, InputSpec & Backward<O>>,
  ): PreparedOperation<Gradients<A>>;
  prepare<O, R, const A extends InputSpec & O>(
    operation: Operation<O, R>,
    args: Known<A, InputSpec & O>,
  ): PreparedOperation<R>;
  prepare(operation: PlannableOperation<never>, args: InputSpec): PreparedOperation<unknown> {
    this.checkAlive("prepare");
    const call = abstractCall("prepare", operation, args);
    const op = `prepared ${call.problem.op}`;
    return preparedOperation(op, this, call, this.plans.make(call), args);
  }

  /**
   * Compiles the shaders of operations, in parallel and without blocking the page. It takes a list
   * of operations with their options and the first argument's shape. Rejects if the GPU refuses a
   * shader.
   */
  async warmup<T extends readonly PlannableOperation<never>[]>(
    list: OperationList<T>,
  ): Promise<void> {
    this.checkAlive("warmup");
    const calls = abstractCalls("warmup", list);
    const passes = calls.flatMap((call) => this.plans.of(call).plan.passes);
    const pipelines = pipelinesOf(this.device);
    const warm = async (pass: Pass) => pipelines.warm(this, "warmup", pass);
    const results = await Promise.allSettled(passes.map(warm));
    this.checkAlive("warmup");
    for (const result of results) if (result.status === "rejected") throw result.reason;
  }

  /**
   * Measures candidate plans for these operations on the device at hand, and takes the fastest from
   * then on. It takes a list as `warmup` does; without a list it tunes all operations called so
   * far. Results differ by rounding at most. It allocates the arrays of the operations, and takes
   * seconds on a software adapter.
   *
   * Rejects with a NormError as the operations do, if the device is lost or refuses the work, and
   * with the signal's reason. Choices made before stay.
   */
  async tune<T extends readonly PlannableOperation<never>[]>(
    list?: OperationList<T>,
    options: TuneOptions = {},
  ): Promise<TuneResult[]> {
    this.checkAlive("tune");
    const calls = list === undefined ? this.plans.calls() : abstractCalls("tune", list);
    return (await tuningCode()).tune(this, calls, options);
  }

  /** Returns the choices of `tune`, to be kept as JSON. */
  async exportTuning(): Promise<Tuning> {
    return (await tuningCode()).exportTuning(this);
  }

  /**
   * Takes the choices that `exportTuning` gave on an adapter of this name, or with "stored" those
   * that `tune` left in localStorage, if any: none in a worker. Rejects with a NormError for
   * anything else, and then keeps its earlier choices.
   */
  async importTuning(tuning: Tuning | string): Promise<void> {
    (await tuningCode()).importTuning(this, tuning);
  }
}
