// One call of an operation: its problem, its arrays, what it makes and what it returns.

import type { DType } from "../base/dtype";
import { contiguous } from "../base/shape";
import { type Plan, type Planner, STATISTIC_ARRAY } from "../plan/plan";
import type { Problem, Statistic } from "../plan/problem";
import { type ArraySpec, Tensor } from "./tensor";

/** The arrays of a call by their arguments' names. On paper they are descriptions, not tensors. */
export type CallArrays = Readonly<Record<string, ArraySpec | undefined>>;

/** The tensors of a call by the shaders' names. */
export type TensorsByName = Record<string, Tensor | undefined>;

/** An array that the call makes, or writes into `out`. */
export interface OutputSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly out?: ArraySpec | undefined;
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
  /** "statistics" where the one statistic is the caller's. */
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

/** How the caller knows a result: one statistic alone is the result. */
export const resultName = (tensorName: string) =>
  tensorName === "statistics" ? "out" : tensorName;

/** The tensors of a call: those given, and results made where no place is named for them. */
export function tensorsOf(
  { problem, arrays, outputs }: Call<unknown>,
  plan: Plan,
  make: (shape: readonly number[], dtype: DType, holders?: number) => Tensor,
): TensorsByName {
  const operands: TensorsByName = {};
  for (const [name, array] of Object.entries(arrays)) operands[name] = asTensor(array);
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
