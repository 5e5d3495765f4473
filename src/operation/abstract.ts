// An abstract call states an operation by its options and the first argument's shape, without an
// array.

import { checkDType, type DType } from "../base/dtype";
import { fail, show } from "../base/errors";
import { ANY, checkOptions, FLAG, type OptionTable } from "../base/options";
import { checkShape, checkStrides, contiguous } from "../base/shape";
import type { Call, Definition } from "../runtime/call";

/** A plannable operation has one plan, whatever it returns. */
export interface PlannableOperation<O> {
  readonly definition: Definition<O, unknown>;
}

/** The options follow from the type of an operation. */
type OptionsOf<T> = T extends PlannableOperation<infer O> ? O : never;

/** The list has operations with their options and the first argument's shape. */
export type OperationList<T extends readonly PlannableOperation<never>[]> = [
  ...{ [K in keyof T]: readonly [T[K], InputSpec & OptionsOf<T[K]>] },
];

/**
 * An input spec describes the first argument of an operation without the array, for planning ahead.
 */
export interface InputSpec {
  shape: readonly number[];
  /** The input type is the dtype of its elements. Default "f32". */
  inputType?: DType | undefined;
  /**
   * Strides are the distances from one index to the next along each axis, in elements. Default:
   * row-major.
   */
  strides?: readonly number[] | undefined;
  /** With true the result overwrites the first argument. */
  inPlace?: boolean | undefined;
}

const INPUT_OPTIONS: OptionTable<InputSpec> = {
  shape: ANY,
  inputType: ANY,
  strides: ANY,
  inPlace: FLAG,
};

/** Returns the abstract call of an operation, checked. `op` is what plans it. */
export function abstractCall(
  op: string,
  operation: PlannableOperation<never>,
  given: InputSpec,
): Call<unknown> {
  const { name, define, options } = definitionOf(op, operation);
  const args = checkOptions(name, given, { ...INPUT_OPTIONS, ...options });
  const shape = checkShape(name, args.shape);
  const dtype = checkDType(name, args.inputType ?? "f32", "inputType");
  const strides = checkStrides(name, args.strides ?? contiguous(shape), shape);
  // whoever names an operation in a list names its options with it, and `define` checks them
  const call = define({ shape, strides, offset: 0, dtype }, args as never);
  return args.inPlace ? withInPlaceResult(name, call, dtype) : call;
}

/** Returns the abstract calls of a list, each entry with its operation and the options. */
export function abstractCalls(op: string, list: unknown): Call<unknown>[] {
  return [list].flat().map((entry) => {
    const [operation, args] = [entry].flat();
    return abstractCall(op, operation as PlannableOperation<never>, args as InputSpec);
  });
}

/** Returns the definition of an operation. An operation composed of several others has none. */
function definitionOf<O>(op: string, operation: PlannableOperation<O>): Definition<O, unknown> {
  const { definition } = Object(operation);
  if (definition === undefined) {
    fail(op, `${show(operation)}, expected an operation that is one plan (not a composed one)`);
  }
  return definition;
}

/** Returns the call with a result that overwrites its first argument. */
function withInPlaceResult(op: string, call: Call<unknown>, dtype: DType): Call<unknown> {
  const { problem, outputs, arrays } = call;
  const { y } = outputs;
  if (!y || problem.gradient || problem.kind.write)
    fail(op, "inPlace true, expected false: the result of this operation cannot overwrite x");
  if (y.dtype !== dtype) fail(op, `inPlace true with dtype ${y.dtype}, expected ${dtype} as x`);
  const layouts = { ...problem.layouts, y: problem.layouts.x };
  return {
    ...call,
    problem: { ...problem, layouts, inPlace: true },
    outputs: { ...outputs, y: { ...y, out: arrays.x } },
  };
}
