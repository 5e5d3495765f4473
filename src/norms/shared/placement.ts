// A placement says along which axis of x each axis of a parameter lies, and gives its strides along
// all of x's axes.

import { entryAt } from "../../base/entry";
import type { ArraySpec } from "../../runtime/tensor";

/** A placed parameter has the axis of x for each of its axes, and strides along all of x's. */
export interface PlacedParameter {
  readonly spec: ArraySpec;
  readonly axes: readonly number[];
  readonly strides: readonly number[];
}

/** Returns strides along the axes of x. A parameter repeats along an axis where its length is 1. */
export function placeParameter(
  spec: ArraySpec,
  axes: readonly number[],
  rank: number,
): PlacedParameter {
  return { spec, axes, strides: stridesAlong(spec.shape, spec.strides, axes, rank) };
}

export function stridesAlong(
  shape: readonly number[],
  strides: readonly number[],
  axes: readonly number[],
  rank: number,
): number[] {
  const all = new Array<number>(rank).fill(0);
  axes.forEach((axis, k) => {
    if (shape[k] !== 1) all[axis] = entryAt(strides, k);
  });
  return all;
}

/** Places an array of x's shape. */
export const fullShape = (spec: ArraySpec): PlacedParameter => ({
  spec,
  axes: spec.shape.map((_, i) => i),
  strides: spec.strides,
});
