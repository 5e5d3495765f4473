// An axis may be split in two: groups (kept) and the channels of a group (reduced). The norms over
// groups bring this file along.

import { entryAt } from "../../base/entry";

export interface AxisGroups {
  readonly count: number;
  /** The shape of x with the axis in two, and whether each axis of that is reduced. */
  readonly shape: readonly number[];
  readonly reduced: readonly boolean[];
  /** Returns strides along x's axes, with the split axis in two. */
  readonly strides: (strides: readonly number[]) => readonly number[];
}

/** Splits an axis of x into `count` groups. */
export function axisGroups(
  shape: readonly number[],
  reduced: readonly boolean[],
  axis: number,
  count: number,
): AxisGroups {
  const each = entryAt(shape, axis) / count;
  return {
    count,
    shape: shape.toSpliced(axis, 1, count, each),
    reduced: reduced.toSpliced(axis, 1, false, true),
    strides: (strides) => {
      const stride = entryAt(strides, axis);
      return strides.toSpliced(axis, 1, stride * each, stride);
    },
  };
}
