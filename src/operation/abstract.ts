// An abstract call states an operation by its options and the first argument's shape, without an
// array.

import { checkDType, ELEMENTS, type ElementDType } from "../base/dtype";
import { fail, show } from "../base/errors";
import { ANY, checkOptions, isPlain, type OptionKind, type OptionTable } from "../base/options";
import { checkShape, checkStrides, contiguous, sameShape } from "../base/shape";
import { IN_PLACE, type Operand } from "../plan/operands";
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
  inputType?: ElementDType | undefined;
  /**
   * Strides are the distances from one index to the next along each axis, in elements. Default:
   * row-major.
   */
  strides?: readonly number[] | undefined;
  /**
   * With true y overwrites x (in a backward: dx overwrites dy). Or the argument that each result
   * overwrites, by names: `{ y: "x", sum: "residual" }`.
   */
  inPlace?: boolean | Readonly<Record<string, string>> | undefined;
}

const PLACES: OptionKind = (value) =>
  typeof value !== "boolean" && !isPlain(value) && 'true or false, or names as in { y: "x" }';

const INPUT_OPTIONS: OptionTable<InputSpec> = {
  shape: ANY,
  inputType: ANY,
  strides: ANY,
  inPlace: PLACES,
};

/** Returns the abstract call of an operation, checked. `op` is what plans it. */
export function abstractCall(
  op: string,
  operation: PlannableOperation<never>,
  given: InputSpec,
): Call<unknown> {
  const { name, define, first = "x", options } = definitionOf(op, operation);
  const args = checkOptions(name, given, { ...INPUT_OPTIONS, ...options });
  const shape = checkShape(name, args.shape);
  const dtype = checkDType(name, args.inputType ?? "f32", "inputType", ELEMENTS);
  const strides = checkStrides(name, args.strides ?? contiguous(shape), shape);
  // whoever names an operation in a list names its options with it, and `define` checks them
  const call = define({ shape, strides, offset: 0, dtype }, args as never);
  const { inPlace } = args;
  if (!inPlace) return call;
  const usual = { [call.problem.gradient ? "dx" : "y"]: first };
  return Object.entries(inPlace === true ? usual : inPlace).reduce(withInPlaceResult, call);
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

/** Returns the call with a result that overwrites an argument. */
function withInPlaceResult(
  call: Call<unknown>,
  [result, name]: [result: string, name: string],
): Call<unknown> {
  const { problem, outputs, arrays } = call;
  const { op, layouts, inPlace } = problem;
  const [output, out] = [outputs[result], arrays[name]];
  const pair = `inPlace with ${result} on ${name}`;
  const can = IN_PLACE.test(`${result},${name}`) && !problem.kind.write;
  if (!can || !output || !out || !sameShape(output.shape, out.shape))
    fail(op, `${pair}, expected none: this operation has no form for it`);
  if (output.dtype !== out.dtype) {
    fail(op, `${pair}, of ${output.dtype}, expected ${out.dtype}`);
  }
  const layout = layouts[name as Operand];
  return {
    ...call,
    problem: {
      ...problem,
      inPlace: { ...inPlace, [name]: result },
      layouts: { ...layouts, [result === "dx" ? "y" : result]: layout },
    },
    outputs: { ...outputs, [result]: { ...output, out } },
  };
}
