// Windows: no dispatch can bind more of an array than the device allows, and none should run for long. A walk
// that is larger is cut into boxes of its dimensions: dispatches of one pipeline, each with parameters and
// windows of its own. A window is what a box touches of an array, from a multiple of 256 bytes on.

import { sizeOf } from "../base/shape";
import { countOf, POINT, type Walk } from "./loop_nest";
import { type Dim, each, type Operand } from "./problem";

const STEP = 256; // bytes: a binding may start at its multiples on every device
const MOST_PACKS = 2 ** 23; // of a dispatch, 256 MiB to and from memory: Windows stops a GPU after 2 s

/** Bytes of an array, from those on to which it would be bound as a whole. */
export interface Window {
  readonly offset: number;
  readonly size: number;
}

export type Windows = { readonly [K in string]?: Window };

/** Sizes along the dimensions of a walk, in the order of `dimsIn`. */
export type Box = readonly number[];

const dimsIn = ({ kept, segments, run }: Walk): readonly Dim[] => [...kept, ...segments, run];

/** Steps in an array from the first to the last of so many places along each dimension. */
const reach = ({ arrays }: Walk, dims: readonly Dim[], box: Box, name: Operand) =>
  dims.reduce((n, d, i) => n + (box[i] - 1) * d[name], arrays[name]?.beyond ?? 0);

const arraysIn = ({ arrays }: Walk) =>
  Object.entries(arrays).map(([name, { bytes, halo: { before, after } = ALONE }]) => {
    return { name: name as Operand, bytes, before, after };
  });

const ALONE = { before: 0, after: 0 };

/**
 * Sizes of boxes that lie within so many bytes of every array. `whole`: no group is cut; null where that cannot be.
 * `from`: boxes to be cut further, instead of the whole walk.
 */
export function boxOf(walk: Walk, limit: number, whole: boolean, from?: Box): Box | null {
  const dims = dimsIn(walk);
  const uncut = from ?? dims.map(({ size }) => size);
  const box = [...uncut];
  const can = dims.map(({ reduced }) => !(whole && reduced));
  for (const { name, bytes, before, after } of arraysIn(walk)) {
    const around = (before + after) * walk.run[name];
    const most = Math.floor((limit - STEP) / bytes) - 1 - around; // wherever a window starts
    for (;;) {
      const over = reach(walk, dims, box, name) - most;
      if (!(over > 0)) break;
      const far = dims.map((d, i) => (can[i] ? (box[i] - 1) * d[name] : 0));
      const i = far.indexOf(Math.max(...far));
      if (far[i] === 0) return null;
      box[i] -= Math.min(box[i] - 1, Math.ceil(over / dims[i][name]));
    }
  }
  for (const [i, size] of box.entries()) {
    if (can[i]) box[i] = Math.max(1, Math.min(size, Math.floor((size * MOST_PACKS) / sizeOf(box))));
  }
  return box.map((size, i) => Math.ceil(uncut[i] / Math.ceil(uncut[i] / size))); // of about one size
}

/** What of a walk lies in the box that starts there. */
export function partOf(walk: Walk, box: Box, origin: Box = box.map(() => 0)): Walk {
  const dims = dimsIn(walk);
  const sized = dims.map((d, i) => ({ ...d, size: Math.min(box[i], d.size - origin[i]) }));
  const [kept, reduced] = [sized.slice(0, walk.kept.length), sized.slice(walk.kept.length)];
  return {
    ...walk,
    kept,
    segments: reduced.slice(0, -1),
    run: reduced[reduced.length - 1],
    base: {
      ...POINT,
      size: 1 + origin[origin.length - 1],
      ...each((name) => dims.reduce((n, d, i) => n + origin[i] * d[name], walk.base[name])),
    },
    groups: countOf(kept),
    groupPacks: countOf(reduced),
  };
}

/** A walk in boxes, and each of these in slices of so many packs. */
export interface Cut {
  readonly walk: Walk;
  readonly box: Box;
  readonly slicePacks: number;
}

/** The work of one dispatch. */
export interface Tile {
  readonly walk: Walk; // places count from where the windows start
  readonly slices: number;
  readonly firstSlice: number; // among all of a group
  readonly windows: Windows; // none: arrays are bound as a whole
}

/** All of a walk, box by box; the slices of a group are numbered through. */
export function tilesOf({ walk, box, slicePacks }: Cut): Tile[] {
  const dims = dimsIn(walk);
  const origins = dims.reduce<Box[]>(
    (all, { size }, i) =>
      all.flatMap((origin) => {
        const steps = Array.from({ length: Math.ceil(size / box[i]) }, (_, k) => k * box[i]);
        return steps.map((step) => [...origin, step]);
      }),
    [[]],
  );
  let next = 0;
  return origins.map((origin) => {
    if (origin.slice(walk.kept.length).every((at) => at === 0)) next = 0; // other groups
    const part = partOf(walk, box, origin);
    const slices = Math.ceil(part.groupPacks / slicePacks);
    const firstSlice = next;
    next += slices;
    return {
      slices,
      firstSlice,
      ...(origins.length > 1 ? seen(part) : { walk: part, windows: {} }),
    };
  });
}

/** A part of a walk through windows. */
function seen(part: Walk): Pick<Tile, "walk" | "windows"> {
  const dims = dimsIn(part);
  const { run, along } = part;
  const base = { ...part.base };
  const room = along.size - (base.size - 1 + run.size); // behind the box, along the run
  const sizes = dims.map(({ size }) => size);
  const windows: { [K in Operand]?: Window } = {};
  for (const { name, bytes, ...halo } of arraysIn(part)) {
    const before = Math.min(halo.before, base.size - 1);
    const around = before + Math.min(halo.after, room);
    const first = (base[name] - before * run[name]) * bytes;
    const last = first + (reach(part, dims, sizes, name) + around * run[name]) * bytes;
    const offset = first - (first % STEP);
    windows[name] = { offset, size: Math.ceil((last + bytes - offset) / 4) * 4 };
    Object.assign(base, { [name]: base[name] - offset / bytes });
  }
  return { walk: { ...part, base }, windows };
}

export const slicesIn = (tiles: readonly Tile[]): number => {
  const last = tiles[tiles.length - 1];
  return last.firstSlice + last.slices;
};
