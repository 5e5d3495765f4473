// What the sheet draws: the tensor, its sets as colours and piles, and the tones of its values.

import { type Cell, cellOf, forEachCell, type Shape4, sizeOf } from "../base/shape";
import type { Outcome } from "../engine/engine";
import { type Partition, setsOf } from "../norms/partition";
import type { Preset } from "../norms/presets";
import { type SharedSets, sharedSets } from "../norms/sets";
import type { Input } from "../sources/input";
import { GREY, hueIndex, hueOf } from "./colours";
import type { Piles } from "./layout";
import { type Tone, toneOf } from "./tiles";

/** What follows from the sets alone, whatever the values are. */
export interface SheetSets {
  readonly input: Input;
  readonly preset: Preset;
  readonly shared: SharedSets;
  /** The hue of each value, as colours.ts counts them. */
  readonly hues: Uint8Array;
  readonly piles: Piles;
  /** The values of each pile, by index. */
  readonly members: readonly Int32Array[];
  /** A pile is one set, or each pixel through it is one. */
  readonly wholePictures: boolean;
  readonly before: Tone;
}

export interface SheetModel extends SheetSets {
  readonly outcome: Outcome;
  readonly after: Tone;
}

export function sheetSets(input: Input, preset: Preset, partition: Partition): SheetSets {
  const { shape } = input;
  const shared = sharedSets(shape, preset, partition);
  const parts = shared.disjoint ? partition : undefined;
  const piles = pilesOf(shape, parts);
  return {
    ...{ input, preset, shared, piles },
    hues: huesOf(shape, parts, piles),
    members: membersOf(shape, piles),
    wholePictures: partition.axes.includes("H") && partition.axes.includes("W"),
    before: toneOf(input.x),
  };
}

/** The first answer comes in float64 and the next one from the GPU: sets are the same for both. */
export const sheetModel = (sets: SheetSets, outcome: Outcome): SheetModel => ({
  ...sets,
  outcome,
  after: toneOf(outcome.y),
});

/**
 * Sets of whole pictures have hues far apart. Where a picture has many sets, its hue goes round the
 * circle from one to the next, so that the same place has the same hue in all that share.
 */
function huesOf(shape: Shape4, partition: Partition | undefined, piles: Piles): Uint8Array {
  const hues = new Uint8Array(sizeOf(shape)).fill(GREY);
  if (!partition) return hues;
  const [, c, h, w] = shape;
  const turns = [
    partition.axes.includes("H") ? 0 : 1 / h,
    partition.axes.includes("W") ? 0 : 1 / w,
  ];
  const [dy, dx] = turns as [number, number];
  forEachCell(shape, ([i, j, y, x], index) => {
    const pile = piles.of[i * c + j] as number;
    hues[index] = hueIndex(hueOf(pile) + 300 * (y * dy + x * dx * (dy ? 0.8 : 1)));
  });
  return hues;
}

/** Pictures lie on one pile if any of their values share a set. */
export function pilesOf(shape: Shape4, partition: Partition | undefined): Piles {
  const pictures: Shape4 = [shape[0], shape[1], 1, 1];
  const { count, of } = setsOf(pictures, partition ?? { axes: [], groups: 1, split: 1 });
  const all: number[] = [];
  forEachCell(pictures, (cell) => all.push(of(cell)));
  return { count, of: all };
}

function membersOf(shape: Shape4, { count, of }: Piles): Int32Array[] {
  const plane = shape[2] * shape[3];
  const all = Array.from({ length: count }, (): number[] => []);
  for (const [picture, pile] of of.entries()) {
    for (let k = 0; k < plane; k++) all[pile]?.push(picture * plane + k);
  }
  return all.map((indices) => Int32Array.from(indices));
}

/** The relation of every value to a cell. */
export function relatedTo({ input, shared }: SheetModel, cell: Cell): Uint8Array {
  const relation = shared.relationTo(cell);
  const related = new Uint8Array(input.x.length);
  forEachCell(input.shape, (other, i) => {
    related[i] = relation(other);
  });
  return related;
}

/** What the page says of one cell. */
export interface CellFacts {
  readonly cell: Cell;
  readonly x: number;
  readonly y: number;
  readonly a: number;
  readonly b: number;
}

export function factsOf({ input, shared, outcome }: SheetModel, index: number): CellFacts {
  const cell = cellOf(input.shape, index);
  const set = shared.of(cell);
  const at = (values: ArrayLike<number>, i: number) => values[i] as number;
  return {
    cell,
    x: at(input.x, index),
    y: at(outcome.y, index),
    a: at(outcome.a, set),
    b: at(outcome.b, set),
  };
}
