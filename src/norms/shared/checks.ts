// The norms share these checks of arguments. Each message has the operation, the given value and
// the expected value.

import { checkDType, type DType } from "../../base/dtype";
import { fail, show } from "../../base/errors";
import { checkShape, contiguous, isContiguous, overlapsItself, sameShape } from "../../base/shape";
import { type ArraySpec, failTensor, Tensor } from "../../runtime/tensor";
import { ACTIVATIONS, type Activation, NO_ACTIVATION } from "../../wgsl/activations";

export const specOf = (shape: readonly number[], dtype: DType = "f32"): ArraySpec => {
  return { shape, strides: contiguous(shape), offset: 0, dtype };
};

/** Checks a parameter that must have exactly this shape. */
export function checkParameter(
  op: string,
  name: string,
  given: unknown,
  shape: readonly number[],
): ArraySpec | undefined {
  if (given === undefined || given === null) return undefined;
  const spec = arrayOf(op, name, given, shape);
  if (!sameShape(spec.shape, shape)) {
    fail(op, `${name} has shape ${show(spec.shape)}, expected ${show(shape)}`);
  }
  return spec;
}

/** Checks a tensor. An abstract call may have `true` or a description instead. */
export function arrayOf(
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
): { dtype: DType; out: ArraySpec | undefined } {
  const usual = o.out instanceof Tensor ? o.out.dtype : x.dtype;
  const dtype = checkDType(op, o.dtype ?? usual);
  return { dtype, out: checkTarget(op, o.out, x.shape, dtype) };
}

/** Checks the caller's tensor for a result. */
export function checkTarget(
  op: string,
  out: unknown,
  shape: readonly number[],
  dtype: DType,
): ArraySpec | undefined {
  const spec = checkParameter(op, "out", out === true ? specOf(shape, dtype) : out, shape);
  if (spec && overlapsItself(spec.shape, spec.strides)) {
    fail(op, `out has strides ${show(spec.strides)}, expected elements that do not overlap`);
  }
  if (spec && spec.dtype !== dtype) fail(op, `out has dtype ${spec.dtype}, expected ${dtype}`);
  return spec;
}

export function checkActivation(op: string, name: unknown): Activation {
  if (name === undefined || name === null) return NO_ACTIVATION;
  if (typeof name !== "string" || !Object.hasOwn(ACTIVATIONS, name)) {
    const known = Object.keys(ACTIVATIONS).join(", ");
    fail(op, `activation ${show(name)}, expected one of ${known}`);
  }
  return { name, files: ACTIVATIONS[name as keyof typeof ACTIVATIONS] };
}

export function isInPlace(x: ArraySpec, out: ArraySpec | undefined): boolean {
  if (!(x instanceof Tensor && out instanceof Tensor) || x.buffer !== out.buffer) return false;
  const same = (a: number, i: number) => x.shape[i] === 1 || a === out.strides[i];
  return x.offset === out.offset && x.dtype === out.dtype && x.strides.every(same);
}
