// This file works on shapes, axes and strides. It is pure and knows no GPU object.

import { entryAt } from "./entry";
import { fail, show } from "./errors";

const MAX_RANK = 8;
const MAX_ELEMENTS = 2 ** 32 - 1; // element indices are u32 in the shaders

/** A layout says where the elements of an array lie: strides and offset count elements. */
export interface Layout {
  readonly strides: readonly number[];
  readonly offset: number;
}

export const sizeOf = (shape: readonly number[]): number => shape.reduce((n, d) => n * d, 1);

/** Returns row-major strides. */
export function contiguous(shape: readonly number[]): number[] {
  const strides = new Array<number>(shape.length);
  shape.reduceRight((stride, size, i) => {
    strides[i] = stride;
    return stride * size;
  }, 1);
  return strides;
}

export const sameShape = (a: readonly number[], b: readonly number[]): boolean =>
  a.length === b.length && a.every((size, i) => size === b[i]);

/** Returns whether strides lead to the same elements: those of axes of length 1 do not matter. */
export const sameStrides = (
  shape: readonly number[],
  a: readonly number[],
  b: readonly number[],
): boolean => shape.every((size, i) => size === 1 || a[i] === b[i]);

export function isContiguous(shape: readonly number[], strides: readonly number[]): boolean {
  return sizeOf(shape) === 0 || sameStrides(shape, strides, contiguous(shape));
}

/** Returns the distance from the first element to one past the last, in elements. */
export function extentOf(shape: readonly number[], strides: readonly number[]): number {
  if (sizeOf(shape) === 0) return 0;
  return shape.reduce((n, d, i) => n + (d - 1) * entryAt(strides, i), 1);
}

/**
 * Returns whether elements may share memory: some axis steps over less than the axes with smaller
 * strides span.
 */
export function overlapsItself(shape: readonly number[], strides: readonly number[]): boolean {
  const axes = shape.flatMap((size, i) =>
    size > 1 ? [{ size, stride: entryAt(strides, i) }] : [],
  );
  axes.sort((a, b) => a.stride - b.stride);
  let reach = 1;
  return axes.some(({ size, stride }) => {
    if (stride < reach) return true;
    reach += (size - 1) * stride;
    return false;
  });
}

/** Returns whether the value is a list of non-negative integers, without holes. */
const areLengths = (list: unknown): list is readonly number[] =>
  Array.isArray(list) &&
  Array.from(list.slice(0, MAX_RANK)).every((d) => Number.isInteger(d) && d >= 0);

export function checkShape(op: string, shape: unknown, name = "shape"): readonly number[] {
  if (!areLengths(shape)) {
    fail(op, `${name} ${show(shape)}, expected an array of non-negative integers`);
  }
  if (shape.length > MAX_RANK) {
    fail(op, `${name} ${show(shape)} has rank ${shape.length}, expected at most ${MAX_RANK}`);
  }
  const size = sizeOf(shape);
  if (size > MAX_ELEMENTS) {
    fail(op, `${name} ${show(shape)} has ${size} elements, expected at most ${MAX_ELEMENTS}`);
  }
  return Object.freeze([...shape]);
}

export function checkStrides(op: string, strides: unknown, shape: readonly number[]): number[] {
  if (!areLengths(strides) || strides.length !== shape.length) {
    fail(op, `strides ${show(strides)}, expected ${shape.length} non-negative integers (elements)`);
  }
  return [...strides];
}

/** Returns an axis, possibly negative, as 0 .. rank - 1. */
export function checkAxis(op: string, name: string, axis: unknown, rank: number): number {
  if (!Number.isInteger(axis) || (axis as number) < -rank || (axis as number) >= rank) {
    const range =
      rank === 0 ? "none, the input has rank 0" : `an integer in ${-rank} .. ${rank - 1}`;
    fail(op, `${name} ${show(axis)}, expected ${range}`);
  }
  return ((axis as number) + rank) % rank;
}

/** Returns axes as flags, one per axis. Undefined stands for all axes. */
export function checkAxes(op: string, axes: unknown, rank: number): boolean[] {
  const reduced = new Array<boolean>(rank).fill(axes === undefined);
  if (axes === undefined) return reduced;
  if (!Array.isArray(axes)) fail(op, `axes ${show(axes)}, expected an array of integers`);
  for (const axis of axes) {
    const a = checkAxis(op, "axis", axis, rank);
    if (reduced[a]) fail(op, `axes ${show(axes)} name axis ${a} twice, expected each once`);
    reduced[a] = true;
  }
  return reduced;
}

/** Returns axes as `checkAxes` does. Undefined stands for the usual ones. */
export function checkAxesOr(
  op: string,
  axes: unknown,
  rank: number,
  usual: readonly number[],
): boolean[] {
  if (axes === undefined && usual.some((axis) => axis < -rank || axis >= rank)) {
    fail(op, `x has rank ${rank}, expected axes in the options: the default is ${show(usual)}`);
  }
  return checkAxes(op, axes === undefined ? usual : axes, rank);
}

/**
 * Checks NumPy's broadcasting of a smaller array against a shape. Returns how many axes come before
 * its own.
 */
export function checkBroadcast(
  op: string,
  name: string,
  from: readonly number[],
  shape: readonly number[],
): number {
  const lead = shape.length - from.length;
  if (lead < 0 || !from.every((d, i) => d === 1 || d === shape[lead + i])) {
    fail(op, `${name} has shape ${show(from)}, expected one that broadcasts to ${show(shape)}`);
  }
  return lead;
}

/** Returns the strides of a reshaped view, or null if only a copy could have the shape. */
export function viewStrides(
  shape: readonly number[],
  strides: readonly number[],
  target: readonly number[],
): number[] | null {
  if (isContiguous(shape, strides)) return contiguous(target);
  const all = shape.map((size, i) => ({ size, stride: entryAt(strides, i) }));
  const from = all.filter((d) => d.size !== 1);
  const result: number[] = [];
  let i = 0;
  let room = 1; // elements of the current source block that have no dimension yet
  let stride = 0;
  for (const size of target) {
    if (size === 1) {
      result.push(0);
      continue;
    }
    if (room === 1) {
      let next = from[i];
      if (next === undefined) return null;
      ({ size: room, stride } = next);
      for (next = from[++i]; next && stride === next.size * next.stride; next = from[++i]) {
        room *= next.size;
        stride = next.stride;
      }
    }
    if (room % size !== 0) return null;
    room /= size;
    result.push(stride * room);
  }
  return result;
}
