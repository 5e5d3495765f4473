// These overrides choose every schedule, and these problems need them.

import type { PlanOverrides } from "../../src/plan/overrides";

export const FORCES: readonly PlanOverrides[] = [
  {},
  { split: true },
  { split: true, slices: 7 },
  { split: false },
  { split: false, vectorWidth: 1 },
  { columns: true, split: false },
  { columns: false, split: false },
  { columns: true, split: true, slices: 3 },
  { deferInner: true },
  { deferInner: false },
  { team: 2, inRegisters: false },
  { team: 8, inRegisters: true },
  { team: 64, inRegisters: false },
  { team: 64, inRegisters: true, vectorWidth: 1 },
  { team: 256, inRegisters: true },
  { team: 4, columns: true },
  { team: 16, columns: true, split: true, slices: 2, inRegisters: false },
];

/** These shapes and axes need every schedule. */
export const PROBLEMS: readonly [shape: readonly number[], axes: readonly number[]][] = [
  [[6, 768], [1]],
  [[5, 1023], [1]],
  [[3, 4100], [1]],
  [[9, 3], [1]],
  [[300, 7], [0]],
  [[96, 64], [0]],
  [
    [4, 6, 49],
    [0, 2],
  ],
  [
    [4, 8, 36],
    [0, 2],
  ],
  [[3, 40, 12], [1]],
  [
    [2, 30, 4, 8],
    [1, 3],
  ],
  [
    [2, 31, 3, 5],
    [1, 3],
  ],
  [
    [2, 3, 4, 5, 6],
    [0, 2, 4],
  ],
  [
    [2, 3, 4, 5, 6],
    [1, 3],
  ],
  [
    [2, 2, 3, 2, 3, 2, 2, 3],
    [0, 2, 4, 6],
  ],
  [[1, 5000], [1]],
  [[64, 1], [1]],
];
