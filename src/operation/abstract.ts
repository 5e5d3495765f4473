// Operations on paper: stated by their options and the first argument's shape, without an array.

import { checkDType, type DType } from "../base/dtype";
import { fail, show } from "../base/errors";
import { checkShape, checkStrides, contiguous } from "../base/shape";
import type { Call, Definition } from "../runtime/call";

/** An operation of one plan, whatever it returns. */
export interface PlannableOperation<O> {
  readonly definition: Definition<O, unknown>;
}

/** The options of an operation. */
type OptionsOf<T> = T extends PlannableOperation<infer O> ? O : never;

/** Operations with their options and the first argument's shape. */
export type OperationList<T extends readonly PlannableOperation<never>[]> = [
  ...{ [K in keyof T]: readonly [T[K], InputSpec & OptionsOf<T[K]>] },
];

/** The first argument of an operation without the array, for planning ahead. */
export interface InputSpec {
  shape: readonly number[];
  /** What its elements are. Default "f32". */
  inputType?: DType | undefined;
  /** Elements from one index to the next along each axis. Default: row-major. */
  strides?: readonly number[] | undefined;
  /** The result goes where the first argument is. */
  inPlace?: boolean | undefined;
}

/** The call of an operation on paper, checked. */
export function abstractCall(operation: PlannableOperation<never>, args: InputSpec): Call<unknown> {
  const { name, define } = definitionOf(operation);
  const shape = checkShape(name, args?.shape);
  const dtype = checkDType(name, args.inputType ?? "f32");
  const strides = checkStrides(name, args.strides ?? contiguous(shape), shape);
  // whoever names an operation in a list names its options with it, and `define` checks them
  const call = define({ shape, strides, offset: 0, dtype }, args as never);
  return args.inPlace ? withInPlaceResult(name, call, dtype) : call;
}

/** Of an operation that has one: those composed of several have not. */
function definitionOf<O>(operation: PlannableOperation<O>): Definition<O, unknown> {
  const { definition } = Object(operation);
  if (definition === undefined) {
    fail("plan", `${show(operation)}, expected an operation that is one plan (not a composed one)`);
  }
  return definition;
}

/** The call with its result where its first argument is. */
function withInPlaceResult(op: string, call: Call<unknown>, dtype: DType): Call<unknown> {
  const { problem, outputs, arrays } = call;
  const { y } = outputs;
  if (!y || problem.gradient || problem.kind.write)
    fail(op, "inPlace is true, which this operation has no form for");
  if (y.dtype !== dtype) fail(op, `inPlace with a result of ${y.dtype}, expected ${dtype} as x`);
  return {
    ...call,
    problem: { ...problem, inPlace: true },
    outputs: { ...outputs, y: { ...y, out: arrays.x } },
  };
}
