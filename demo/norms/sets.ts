// Who shares with whom: the sets of a norm, drawn on the page and used by the reference. Most norms
// part the tensor. Windows overlap, and GRN's pictures share a second number with their example.

import { type Cell, indexOf, type Shape4, sizeOf } from "../base/shape";
import { type Partition, setsOf } from "./partition";
import type { Preset } from "./presets";

/** 0: not related, 1: of the same set, 2: related through a second level. */
type Relation = 0 | 1 | 2;

export interface SharedSets {
  readonly count: number;
  /** The values of a set; of windows the largest. */
  readonly size: number;
  /** The index of a cell's two shared numbers. */
  readonly of: (cell: Cell) => number;
  /** How any other cell is related to this one. */
  readonly relationTo: (cell: Cell) => (other: Cell) => Relation;
  /** The sets part the tensor, so that each may have a colour. */
  readonly disjoint: boolean;
}

export function sharedSets(shape: Shape4, preset: Preset, partition: Partition): SharedSets {
  if (preset.window) return windows(shape, preset.window);
  const { count, size, of } = setsOf(shape, partition);
  const second = preset.statistic === "response";
  return {
    ...{ count, size, of },
    disjoint: partition.axes.length > 0,
    relationTo: (cell) => {
      const own = of(cell);
      return (other) => (of(other) === own ? 1 : second && other[0] === cell[0] ? 2 : 0);
    },
  };
}

/** Each value has a window of channels around its own, clipped at the ends. */
function windows(shape: Shape4, size: number): SharedSets {
  const reach = Math.floor(size / 2);
  return {
    count: sizeOf(shape),
    size,
    of: (cell) => indexOf(shape, cell),
    relationTo:
      ([n, c, h, w]) =>
      ([i, j, y, x]) =>
        i === n && y === h && x === w && Math.abs(j - c) <= reach ? 1 : 0,
    disjoint: false,
  };
}
