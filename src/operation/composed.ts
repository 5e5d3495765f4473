// A composed operation is a sequence of steps, which are operations. Its steps are rehearsed before
// any of them works, and what they made is freed however they end.

import { DTYPES, type DType } from "../base/dtype";
import { contiguous, sizeOf } from "../base/shape";
import { checkOverlaps, type Definition, resultsOf, tensorsOf } from "../runtime/call";
import type { Context } from "../runtime/context";
import { checkAliasesOf } from "../runtime/executor";
import { OK } from "../runtime/gpu_status";
import { checkTensor, Tensor, type TensorOwner, type TensorStorage } from "../runtime/tensor";
import { checkTensors } from "./operation";

/** An operation that is a step has a definition. */
interface StepOperation<O, R> {
  readonly definition: Definition<O, R>;
}

/** The steps of a composed operation run by these functions. */
export interface Steps {
  /** Runs an operation. */
  readonly run: <O, R>(operation: StepOperation<O, R>, first: Tensor, options: O) => R;
  /** Makes a vector of equal numbers. */
  readonly filled: (value: number, length: number) => Tensor;
}

/** Makes a tensor without memory, which passes all checks of arguments. */
function onPaper(context: TensorOwner, shape: readonly number[], dtype: DType): Tensor {
  const buffer = {} as GPUBuffer; // none is equal to another
  const storage: TensorStorage = { buffer, owned: false, references: 1, written: OK };
  return new Tensor(context, storage, shape, contiguous(shape), 0, dtype, true);
}

/** Returns steps that check and plan everything, and neither allocate nor work. */
export const rehearsal = (context: Context): Steps => ({
  run: ({ definition }, first, options) => {
    const { name, first: subject = "x" } = definition;
    const call = definition.define(checkTensor(name, subject, first), options);
    checkTensors(name, context, call);
    const { plan } = context.plans.of(call);
    const { checkSize } = context.pool;
    const make = (shape: readonly number[], dtype: DType) => {
      checkSize(name, DTYPES[dtype].bytes * sizeOf(shape));
      return onPaper(context, shape, dtype);
    };
    for (const bytes of Object.values(plan.scratch)) checkSize(name, bytes, "scratch of ");
    const tensors = tensorsOf(call, plan, make);
    checkOverlaps(name, call, tensors);
    checkAliasesOf(name, plan, tensors);
    return call.result(resultsOf(call, plan, tensors, true));
  },
  filled: (_, length) => onPaper(context, [length], "f32"),
});

/** An execution owns what its steps make, until its end. */
export interface Execution extends Steps {
  /** Makes a tensor of numbers. */
  readonly tensor: (data: Float32Array, shape: readonly number[]) => Tensor;
  /** Destroys all that was made, but for the results. */
  readonly end: (results: readonly unknown[]) => void;
}

export function execution(context: Context): Execution {
  const made = new Set<Tensor>();
  const own = <T>(results: T, given: readonly unknown[]): T => {
    for (const result of tensorsIn(results)) if (!given.includes(result)) made.add(result);
    return results;
  };
  const tensor: Execution["tensor"] = (data, shape) => own(context.tensor(data, shape), []);
  return {
    tensor,
    run: (operation, first, options) => {
      const call = operation as unknown as (x: Tensor, o: typeof options) => never;
      return own(call(first, options), [
        first,
        ...Object.values(Object(options)).flatMap(tensorsIn),
      ]);
    },
    filled: (value, length) => tensor(new Float32Array(length).fill(value), [length]),
    end: (results) => {
      for (const tensor of made) if (!results.includes(tensor)) tensor.destroy();
    },
  };
}

/** Lists the tensors of a result. */
const tensorsIn = (result: unknown): Tensor[] =>
  (result instanceof Tensor ? [result] : Object.values(Object(result))).filter(
    (one) => one instanceof Tensor,
  );

/** Runs steps as one batch, after their rehearsal. */
export function composed<R>(context: Context, perform: (steps: Steps) => R): R {
  perform(rehearsal(context));
  const steps = execution(context);
  let results: readonly Tensor[] = [];
  try {
    const result = context.work(() => perform(steps));
    results = tensorsIn(result);
    return result;
  } finally {
    steps.end(results);
  }
}
