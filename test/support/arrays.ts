// This file has contiguous row-major arrays, their axes and strides, and a loop over their
// elements.

export interface Values {
  readonly shape: readonly number[];
  readonly data: Float32Array | Float64Array;
}

/**
 * Calls f(i, k) for every element in row-major order: i is its index, k the index into an array
 * that lies along the same axes with the given strides (0 where it is broadcast).
 */
export function visit(
  shape: readonly number[],
  strides: readonly number[],
  f: (i: number, k: number) => void,
): void {
  if (product(shape) === 0) return;
  const last = shape.length - 1;
  const length = shape[last] ?? 1;
  const step = strides[last] ?? 0;
  const counter = new Array<number>(shape.length).fill(0);
  let i = 0;
  let k = 0;
  for (;;) {
    for (let n = 0; n < length; n++) f(i++, k + n * step);
    let axis = last - 1;
    for (; axis >= 0; axis--) {
      k += strides[axis];
      if (++counter[axis] < shape[axis]) break;
      k -= strides[axis] * shape[axis];
      counter[axis] = 0;
    }
    if (axis < 0) return;
  }
}

/** Strides into an array with one value a group: 0 along the reduced axes. */
export function groupStrides(shape: readonly number[], axes: readonly number[]): number[] {
  const kept = shape.map((length, axis) => (axes.includes(axis) ? 1 : length));
  return broadcastStrides(kept, shape);
}

/** NumPy's rules: aligned at the last axis, 0 along axes of length 1. */
export function broadcastStrides(shape: readonly number[], onto: readonly number[]): number[] {
  const own = rowMajorStrides(shape);
  const missing = onto.length - shape.length;
  return onto.map((_, axis) => {
    const k = axis - missing;
    return k < 0 || shape[k] === 1 ? 0 : own[k];
  });
}

export function rowMajorStrides(shape: readonly number[]): number[] {
  return shape.map((_, axis) => product(shape.slice(axis + 1)));
}

export function resolveAxes(shape: readonly number[], axes?: readonly number[]): number[] {
  if (axes === undefined) return shape.map((_, axis) => axis);
  return axes.map((axis) => resolveAxis(shape, axis)).sort((a, b) => a - b);
}

export function resolveAxis(shape: readonly number[], axis: number): number {
  return axis < 0 ? axis + shape.length : axis;
}

export function otherAxes(shape: readonly number[], kept: readonly number[]): number[] {
  return shape.map((_, axis) => axis).filter((axis) => !kept.includes(axis));
}

/** C channels as [groups, C / groups], in the place of the channel axis. */
export function splitChannels(shape: readonly number[], channel: number, groups: number): number[] {
  const split = [groups, shape[channel] / groups];
  return [...shape.slice(0, channel), ...split, ...shape.slice(channel + 1)];
}

export function product(shape: readonly number[]): number {
  return shape.reduce((all, length) => all * length, 1);
}

export function largest(data: Values["data"]): number {
  let most = 0;
  for (const v of data) most = Math.max(most, Math.abs(v));
  return most;
}
