// A partition says who shares the mean: which axes are averaged over, in how many groups the
// channels lie, and in how many ghost batches the examples.

import type { Axis, Cell, Shape4 } from "../base/shape";

export interface Partition {
  readonly axes: readonly Axis[];
  /** The parts of the channels; they count where C is averaged over. */
  readonly groups: number;
  /** The parts of the batch; they count where N is averaged over. */
  readonly split: number;
}

export interface Sets {
  readonly count: number;
  /** The number of values in each. */
  readonly size: number;
  readonly of: (cell: Cell) => number;
}

/** Lists the lengths of the sets' own four axes: 1 where an axis is averaged over, or its parts. */
export function keptShape(shape: Shape4, { axes, groups, split }: Partition): Shape4 {
  const parts: Readonly<Record<Axis, number>> = { N: split, C: groups, H: 1, W: 1 };
  const kept = (axis: Axis, length: number) => (axes.includes(axis) ? parts[axis] : length);
  const [n, c, h, w] = shape;
  return [kept("N", n), kept("C", c), kept("H", h), kept("W", w)];
}

/** Numbers the sets in the order of memory, as the library orders its statistics. */
export function setsOf(shape: Shape4, partition: Partition): Sets {
  const [n, c, h, w] = keptShape(shape, partition);
  const count = n * c * h * w;
  const [dn, dc, dh, dw] = [shape[0] / n, shape[1] / c, shape[2] / h, shape[3] / w];
  return {
    count,
    size: dn * dc * dh * dw,
    of: ([i, j, y, x]) =>
      ((Math.floor(i / dn) * c + Math.floor(j / dc)) * h + Math.floor(y / dh)) * w +
      Math.floor(x / dw),
  };
}

/** Lists the whole numbers that divide `length`. */
export function divisorsOf(length: number): number[] {
  return Array.from({ length }, (_, i) => i + 1).filter((part) => length % part === 0);
}

/** Finds the divisor of `length` that is nearest to `wanted`. */
export function nearestDivisor(length: number, wanted: number): number {
  const distance = (part: number) => Math.abs(Math.log(part / Math.max(wanted, 0.1)));
  return divisorsOf(length).reduce((a, b) => (distance(b) < distance(a) ? b : a));
}
