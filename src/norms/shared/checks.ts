// The norms share these checks of arguments. Each message has the operation, the given value and
// the expected value.

import { checkDType, type DType, FLOATS, resultType } from "../../base/dtype";
import { fail, show } from "../../base/errors";
import { NUMBER } from "../../base/options";
import {
  checkShape,
  contiguous,
  isContiguous,
  overlapsItself,
  sameShape,
  sameStrides,
} from "../../base/shape";
import { type ArraySpec, failTensor, Tensor } from "../../runtime/tensor";
import {
  ACTIVATION_NUMBERS,
  ACTIVATIONS,
  type Activation,
  NO_ACTIVATION,
} from "../../wgsl/activations";

export const specOf = (shape: readonly number[], dtype: DType = "f32"): ArraySpec => {
  return { shape, strides: contiguous(shape), offset: 0, dtype };
};

/** Checks a parameter that must have exactly this shape. */
export function checkParameter(
  op: string,
  name: string,
  given: unknown,
  shape: readonly number[],
  specOfGiven = arrayOf,
): ArraySpec | undefined {
  if (given === undefined || given === null) return undefined;
  const spec = specOfGiven(op, name, given, shape);
  if (!sameShape(spec.shape, shape)) {
    fail(op, `${name} has shape ${show(spec.shape)}, expected ${show(shape)}`);
  }
  return spec;
}

/**
 * Checks a tensor of floats, or of other types: only masks may hold integers, results that are
 * bytes, and the array that is normalized, where no gradient is asked for. An abstract call may have
 * `true` or a description instead.
 */
export function arrayOf(
  op: string,
  name: string,
  given: unknown,
  shape: readonly number[],
  types: readonly DType[] = FLOATS,
): ArraySpec {
  const spec = specFrom(op, name, given, shape);
  checkDType(op, spec.dtype, `${name} has dtype`, types);
  return spec;
}

/** Returns a tensor of any type, or what an abstract call has instead. */
export function specFrom(
  op: string,
  name: string,
  given: unknown,
  shape: readonly number[],
): ArraySpec {
  if (given instanceof Tensor) return given;
  if (given === true) return specOf(shape);
  if (typeof given !== "object" || given === null || !("dtype" in given || "shape" in given)) {
    failTensor(op, name, given);
  }
  const own = "shape" in given ? checkShape(op, given.shape) : shape;
  return specOf(own, checkDType(op, "dtype" in given ? given.dtype : "f32"));
}

/** Checks the caller's statistics, which must be contiguous. */
export function checkStatistic(
  op: string,
  name: string,
  given: unknown,
  shape: readonly number[],
  f32 = false,
): ArraySpec | undefined {
  const spec = checkParameter(op, name, given, shape);
  if (spec && !isContiguous(spec.shape, spec.strides)) {
    fail(op, `${name} has strides ${show(spec.strides)}, expected a contiguous tensor`);
  }
  if (spec && f32 && spec.dtype !== "f32") {
    fail(op, `${name} has dtype ${spec.dtype}, expected f32`);
  }
  return spec;
}

/** Checks the dtype of y, and the tensor for it if the caller gives one. */
export function checkOut(
  op: string,
  o: { readonly out?: unknown; readonly dtype?: unknown },
  x: ArraySpec,
  types: readonly DType[] = FLOATS,
): { dtype: DType; out: ArraySpec | undefined } {
  const dtype = checkDType(op, o.dtype ?? dtypeOf(o.out, resultType(x.dtype)), "dtype", types);
  return { dtype, out: checkTarget(op, o.out, x.shape, dtype) };
}

/** Returns the dtype of a given tensor, or else the usual one. */
export const dtypeOf = (given: unknown, usual: DType) =>
  given instanceof Tensor ? given.dtype : usual;

/** Checks the caller's tensor for a result. */
export function checkTarget(
  op: string,
  out: unknown,
  shape: readonly number[],
  dtype: DType,
  name = "out",
): ArraySpec | undefined {
  const given = out === true ? specOf(shape, dtype) : out;
  const spec = checkParameter(op, name, given, shape, specFrom); // of any type but another one
  if (spec && overlapsItself(spec.shape, spec.strides)) {
    fail(op, `${name} has strides ${show(spec.strides)}, expected elements that do not overlap`);
  }
  if (spec && spec.dtype !== dtype) fail(op, `${name} has dtype ${spec.dtype}, expected ${dtype}`);
  return spec;
}

/** Checks an activation's name, and the numbers beside it. */
export function checkActivation(op: string, given: unknown): Activation {
  if (given === undefined || given === null) return NO_ACTIVATION;
  const { name = given, ...numbers } = (typeof given === "object" ? given : {}) as {
    name?: unknown;
  };
  if (typeof name !== "string" || !Object.hasOwn(ACTIVATIONS, name)) {
    const known = Object.keys(ACTIVATIONS).join(", ");
    fail(op, `activation ${show(name)}, expected one of ${known}`);
  }
  const all: Record<string, number> = { ...ACTIVATION_NUMBERS[name] };
  for (const [key, value] of Object.entries<unknown>(numbers)) {
    if (value === undefined || (name === "prelu" && key === "alpha")) continue;
    const expected = Object.hasOwn(all, key) ? NUMBER(value) : `none for ${name}`;
    if (expected) fail(op, `activation.${key} ${show(value)}, expected ${expected}`);
    all[key] = value as number;
  }
  return { name, files: ACTIVATIONS[name as keyof typeof ACTIVATIONS], numbers: all };
}

/** Returns whether an operand lies exactly where the output does. */
export function isInPlace(
  operand: ArraySpec,
  out: ArraySpec | undefined,
  strides: readonly number[] = operand.strides,
): boolean {
  if (!(operand instanceof Tensor && out instanceof Tensor)) return false;
  const same = operand.buffer === out.buffer && operand.dtype === out.dtype;
  return same && operand.offset === out.offset && sameStrides(out.shape, strides, out.strides);
}
