// The arguments of a prepared operation are tensors by name, each as the operation was prepared for.

import { fail, show } from "../base/errors";
import { contiguous, sameShape, sameStrides } from "../base/shape";
import type { Problem } from "../plan/problem";
import { type Call, isOverwriting, resultName, type TensorsByName } from "../runtime/call";
import {
  type ArraySpec,
  bindingLayoutOf,
  checkLive,
  checkTensor,
  type Tensor,
} from "../runtime/tensor";

/** An argument or result has the spec that its tensor must match, and its name in the plan. */
export interface Argument {
  readonly spec: ArraySpec;
  readonly tensorName: string;
}

/** Lists the arguments of a recording, by the operation's names for them. */
export function argumentsOf(call: Call<unknown>): Map<string, Argument> {
  const { arrays, outputs } = call;
  const places = new Map<string, Argument>();
  for (const [name, spec] of Object.entries(arrays)) {
    if (spec !== undefined) places.set(name, { spec, tensorName: name });
  }
  for (const [slot, { shape, dtype, out, inner }] of Object.entries(outputs)) {
    const spec = out ?? { shape, dtype, strides: contiguous(shape), offset: 0 };
    if (!inner && !isOverwriting(call, slot))
      places.set(resultName(slot), { spec, tensorName: slot });
  }
  return places;
}

/** Checks that a tensor has the shape, dtype, strides and alignment that were prepared. */
function checkLikeness(op: string, name: string, tensor: Tensor, spec: ArraySpec): void {
  const differs = (what: string, planned: unknown) =>
    fail(op, `${name} ${what}, expected ${planned} as prepared`);
  const { shape, dtype, strides } = tensor;
  if (!sameShape(shape, spec.shape)) differs(`has shape ${show(shape)}`, show(spec.shape));
  if (dtype !== spec.dtype) differs(`has dtype ${dtype}`, `${spec.dtype} (inputType or dtype)`);
  if (!sameStrides(shape, strides, spec.strides))
    differs(`has strides ${show(strides)}`, show(spec.strides));
  const [at, planned] = [bindingLayoutOf(tensor).offset, bindingLayoutOf(spec).offset];
  if (at !== planned) differs(`starts ${at} elements after a multiple of 256 bytes`, planned);
}

/** The tensors of a recording, checked, in place of those that were prepared. */
export function withArguments(
  op: string,
  device: GPUDevice,
  places: ReadonlyMap<string, Argument>,
  options: object,
  prepared: TensorsByName,
  tensors: Readonly<Record<string, Tensor>>,
): TensorsByName {
  const all = { ...prepared };
  for (const [name, given] of Object.entries(Object(tensors) as typeof tensors)) {
    const place = places.get(name);
    if (place) {
      const tensor = checkTensor(op, name, given);
      if (tensor.context.device !== device) {
        fail(op, `${name} is on another device than the operation was prepared for`);
      }
      checkLikeness(op, name, tensor, place.spec);
      all[place.tensorName] = tensor;
    } else if (!Object.hasOwn(options, name)) {
      // A given option may have no effect here, such as the bias in a gradient.
      fail(op, `${name} is given, expected some of ${[...places.keys()].join(", ")}`);
    }
  }
  return all;
}

/** Results take the places of the arguments for which that was prepared. */
export function placeResults(op: string, { inPlace }: Problem, all: TensorsByName): void {
  const pairs = Object.entries(inPlace);
  for (const [name, slot = ""] of pairs) all[slot] = all[name] ?? all[slot];
  for (const [name, slot = ""] of pairs) {
    const [tensor, result] = [all[name], all[slot]];
    if (tensor && (tensor.buffer !== result?.buffer || tensor.offset !== result.offset)) {
      fail(op, `${name} is apart from ${slot}, expected one array as prepared`);
    }
  }
}

/** Checks that each argument and result has a live tensor. */
export function checkComplete(
  op: string,
  places: ReadonlyMap<string, Argument>,
  all: TensorsByName,
): void {
  for (const [name, { tensorName }] of places) {
    const tensor = all[tensorName];
    if (tensor === undefined) fail(op, `${name} is missing, expected a tensor`);
    checkLive(op, name, tensor);
  }
}
