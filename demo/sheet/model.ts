// What the sheet draws: the tensor, its sets as colours and piles, and the tones of its values.

import { type Cell, cellOf, forEachCell, type Shape4, sizeOf } from "../base/shape";
import type { Outcome } from "../engine/engine";
import { type Partition, setsOf } from "../norms/partition";
import type { Preset } from "../norms/presets";
import { type SharedSets, sharedSets } from "../norms/sets";
import type { Input } from "../sources/input";
import { GREY } from "./colours";
import type { Piles } from "./layout";
import { type Tone, toneOf } from "./tiles";

export interface SheetModel {
  readonly input: Input;
  readonly preset: Preset;
  readonly partition: Partition;
  readonly outcome: Outcome;
  readonly shared: SharedSets;
  readonly sets: Int32Array;
  readonly piles: Piles;
  /** The values of each pile, by index. */
  readonly members: readonly Int32Array[];
  /** A pile is one set, or each pixel through it is one. */
  readonly wholePictures: boolean;
  readonly before: Tone;
  readonly after: Tone;
}

export function sheetModel(
  input: Input,
  preset: Preset,
  partition: Partition,
  outcome: Outcome,
): SheetModel {
  const { shape } = input;
  const shared = sharedSets(shape, preset, partition);
  const sets = new Int32Array(sizeOf(shape)).fill(GREY);
  if (shared.disjoint) {
    forEachCell(shape, (cell, i) => {
      sets[i] = shared.of(cell);
    });
  }
  const piles = pilesOf(shape, shared.disjoint ? partition : undefined);
  return {
    ...{ input, preset, partition, outcome, shared, sets, piles },
    members: membersOf(shape, piles),
    wholePictures: partition.axes.includes("H") && partition.axes.includes("W"),
    before: toneOf(input.x),
    after: toneOf(outcome.y),
  };
}

/** Pictures lie on one pile if any of their values share a set. */
function pilesOf(shape: Shape4, partition: Partition | undefined): Piles {
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
