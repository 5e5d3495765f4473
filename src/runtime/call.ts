// A call of an operation has a problem, arrays, outputs and a result.

import type { DType } from "../base/dtype";
import { fail } from "../base/errors";
import type { OptionTable } from "../base/options";
import { contiguous } from "../base/shape";
import { IN_PLACE } from "../plan/operands";
import { type Plan, type Planner, STATISTIC_ARRAY } from "../plan/plan";
import type { Problem, Statistic } from "../plan/problem";
import { type ArraySpec, elementRangeOf, overlap, Tensor } from "./tensor";

/**
 * The arrays of a call go by their arguments' names. In an abstract call they are descriptions, not
 * tensors.
 */
export type CallArrays = Readonly<Record<string, ArraySpec | undefined>>;

/** The tensors of a call go by the shaders' names. */
export type TensorsByName = Record<string, Tensor | undefined>;

/** An output is an array that the call makes, or writes into `out`. */
export interface OutputSpec {
  readonly shape: readonly number[];
  readonly dtype: DType;
  readonly out?: ArraySpec | undefined;
  readonly adds?: boolean; // the result is added to the values in `out`
  readonly inner?: boolean; // an intermediate array, not a result
}

export interface CallResults {
  readonly outputs: Readonly<Record<string, Tensor>>;
  readonly statistics: { readonly [K in Statistic]: Tensor };
}

/** A call has passed all checks of its arguments. */
export interface Call<R> {
  readonly problem: Problem;
  readonly plan: Planner;
  readonly arrays: CallArrays;
  /** The name "statistics" stands for the only statistic of the call, where it has one result. */
  readonly outputs: Readonly<Record<string, OutputSpec>>;
  readonly statisticsShape: readonly number[]; // shape of each statistic for the caller
  readonly result: (made: CallResults) => R;
}

export interface Definition<O, R> {
  readonly name: string;
  /** The property is never there. It tells types what the options and the result are. */
  readonly types?: (options: O) => R;
  /** @internal The name of the first argument, "x" by default. */
  readonly first?: string;
  /** @internal The options of calls. Without them the library alone calls the operation. */
  readonly options?: OptionTable | undefined;
  /** @internal Pure: checks the arguments and states the problem. */
  readonly define: (x: ArraySpec, options: O) => Call<R>;
}

/** Returns the call without its tensors. */
export function withoutTensors(call: Call<unknown>): Call<unknown> {
  const arrays = Object.entries(call.arrays).map(([name, spec]) => [name, spec && asSpec(spec)]);
  const outputs = Object.entries(call.outputs).map(([slot, { out, ...output }]) => {
    return [slot, out ? { ...output, out: asSpec(out) } : output];
  });
  return {
    ...call,
    arrays: Object.fromEntries(arrays),
    outputs: Object.fromEntries(outputs),
    result: () => null, // the original function may keep tensors alive
  };
}

/** Returns whether an output overwrites an argument, and so needs no tensor of its own. */
export const isOverwriting = ({ problem, arrays }: Call<unknown>, slot: string) =>
  Object.entries(problem.inPlace).some(([name, output]) => output === slot && arrays[name]);

const asSpec = ({ shape, strides, offset, dtype }: ArraySpec): ArraySpec => {
  return { shape, strides, offset, dtype };
};

const asTensor = (spec: ArraySpec | undefined) => (spec instanceof Tensor ? spec : undefined);

/** Returns the name by which the caller knows a result: one statistic alone is `out`. */
export const resultName = (tensorName: string) =>
  tensorName === "statistics" ? "out" : tensorName;

/** Throws for an array that is written where another one of the call lies. */
export function failShared(op: string, written: string, other: string, apart: boolean): never {
  const [one, another] = [resultName(written), resultName(other)];
  const place = IN_PLACE.test(`${one},${another}`) ? `, or ${another} itself (inPlace)` : "";
  const or = apart ? ", or places apart in it, at multiples of 256 bytes" : place;
  return fail(op, `${one} shares its buffer with ${another}, expected another buffer${or}`);
}

/**
 * Checks that no result in the caller's tensors lies where another array of the call has elements,
 * unless in its exact place: a later pass may still read that array.
 */
export function checkOverlaps(
  op: string,
  { arrays, outputs, problem }: Call<unknown>,
  tensors: TensorsByName,
  isGiven = (result: string) => outputs[result]?.out !== undefined,
): void {
  const updated = problem.runningUpdate ? ["runningMean", "runningVar"] : [];
  const written = [...Object.keys(outputs).filter(isGiven), ...updated];
  if (written.length === 0) return;
  const inPlace: Readonly<Record<string, string | undefined>> = problem.inPlace;
  const others = new Set([...Object.keys(arrays), ...written]);
  for (const result of written) {
    for (const name of others) {
      const [one, other] = [tensors[result], tensors[name]];
      if (name === result || one?.buffer !== other?.buffer || inPlace[name] === result) continue;
      if (one && other && overlap(elementRangeOf(one), elementRangeOf(other))) {
        failShared(op, result, name, written.includes(name));
      }
    }
  }
}

/** Collects the tensors of a call: the given ones, and new ones for results without `out`. */
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
  const { length } = problem.results.filter((name) => !isPair(name));
  if (length > 0 && !outputs.statistics) {
    operands.statistics = make([plan.statisticsSize], "f32", length);
  }
  return operands;
}

/** A pair is a view, which ends with the statistics whose buffer it shares. */
const isPair = (name: Statistic) => name === "meanPair";

/** Returns the results of a call. With `hold` each statistic keeps their common buffer alive. */
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
    const pair = isPair(name);
    const shape = pair ? [2, ...statisticsShape] : statisticsShape;
    const lead = pair ? [plan.offsets.delta - at] : [];
    const strides = [...lead, ...contiguous(statisticsShape)];
    return [name, new Tensor(context, storage, shape, strides, at, "f32", hold && !pair)];
  });
  return {
    outputs: Object.fromEntries(entries),
    statistics: Object.fromEntries(offsets) as CallResults["statistics"],
  };
}
