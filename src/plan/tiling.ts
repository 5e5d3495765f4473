// Windows: no dispatch can bind more of an array than the device allows, and none should run for long. A walk
// that is larger is cut into boxes of its dimensions: dispatches of one pipeline, each with parameters and
// windows of its own. A window is what a box touches of an array, from a multiple of 256 bytes on.

import { entryAt } from "../base/entry";
import { countOf, type LoopNest, UNIT_DIM } from "./loop_nest";
import type { Operand } from "./operands";
import { type Dim, forEachArray } from "./problem";

const BINDING_ALIGNMENT = 256; // bytes: a binding may start at its multiples on every device
const MAX_TILE_VECTORS = 2 ** 23; // of a dispatch, 256 MiB to and from memory: Windows stops a GPU after 2 s

/** Bytes of an array, from those on to which it would be bound as a whole. */
interface BindingRange {
  readonly offset: number;
  readonly size: number;
}

export type BindingRanges = { readonly [K in string]?: BindingRange };

/** Sizes along the dimensions of a walk, in the order of `dimsIn`. */
export type TileSize = readonly number[];

const nestDims = ({ kept, outer, inner }: LoopNest): readonly Dim[] => [...kept, ...outer, inner];

/** Steps in an array from the first to the last of so many places along each dimension. */
const spanOf = ({ extents }: LoopNest, dims: readonly Dim[], name: Operand) =>
  dims.reduce((n, d) => n + (d.size - 1) * d[name], extents[name]?.beyond ?? 0);

const extentsIn = ({ extents }: LoopNest) =>
  Object.entries(extents).map(([name, { bytes, halo: { before, after } = NO_HALO }]) => {
    return { name: name as Operand, bytes, before, after };
  });

const NO_HALO = { before: 0, after: 0 };

/**
 * Sizes of boxes that lie within so many bytes of every array. `whole`: no group is cut; null where that cannot be.
 * `from`: boxes to be cut further, instead of the whole walk.
 */
export function tileSizeFor(
  nest: LoopNest,
  limit: number,
  whole: boolean,
  from?: TileSize,
): TileSize | null {
  const dims = nestDims(nest).map((d, i) => {
    const uncut = from?.[i] ?? d.size;
    return { ...d, size: uncut, uncut, can: !(whole && d.reduced) };
  });
  for (const { name, bytes, before, after } of extentsIn(nest)) {
    const around = (before + after) * nest.inner[name];
    const most = Math.floor((limit - BINDING_ALIGNMENT) / bytes) - 1 - around; // wherever a window starts
    for (;;) {
      const over = spanOf(nest, dims, name) - most;
      if (!(over > 0)) break;
      const reach = (d: (typeof dims)[number]) => (d.can ? (d.size - 1) * d[name] : 0);
      const far = dims.reduce((a, b) => (reach(b) > reach(a) ? b : a));
      if (reach(far) === 0) return null;
      far.size -= Math.min(far.size - 1, Math.ceil(over / far[name]));
    }
  }
  for (const d of dims) {
    if (d.can)
      d.size = Math.max(
        1,
        Math.min(d.size, Math.floor((d.size * MAX_TILE_VECTORS) / countOf(dims))),
      );
  }
  return dims.map(({ size, uncut }) => Math.ceil(uncut / Math.ceil(uncut / size))); // of about one size
}

/** What of a walk lies in the box that starts there. */
export function tileOf(nest: LoopNest, tileSize: TileSize, origin: TileSize = []): LoopNest {
  const dims = nestDims(nest);
  const sized = dims.map((d, i) => {
    return { ...d, size: Math.min(entryAt(tileSize, i), d.size - (origin[i] ?? 0)) };
  });
  const [kept, reduced] = [sized.slice(0, nest.kept.length), sized.slice(nest.kept.length)];
  return {
    ...nest,
    kept,
    outer: reduced.slice(0, -1),
    inner: entryAt(reduced, reduced.length - 1),
    base: {
      ...UNIT_DIM,
      size: 1 + (origin.at(-1) ?? 0),
      ...forEachArray((name) =>
        dims.reduce((n, d, i) => n + (origin[i] ?? 0) * d[name], nest.base[name]),
      ),
    },
    groups: countOf(kept),
    groupVectors: countOf(reduced),
  };
}

/** A walk in boxes, and each of these in slices of so many packs. */
export interface Tiling {
  readonly nest: LoopNest;
  readonly tileSize: TileSize;
  readonly sliceVectors: number;
}

/** The work of one dispatch. */
export interface Tile {
  readonly nest: LoopNest; // places count from where the windows start
  readonly slices: number;
  readonly firstSlice: number; // among all of a group
  readonly ranges: BindingRanges; // none: arrays are bound as a whole
}

/** All of a walk, box by box; the slices of a group are numbered through. */
export function tilesOf({ nest, tileSize, sliceVectors }: Tiling): Tile[] {
  const dims = nestDims(nest);
  const origins = dims.reduce<TileSize[]>(
    (all, { size }, i) =>
      all.flatMap((origin) => {
        const step = entryAt(tileSize, i);
        const steps = Array.from({ length: Math.ceil(size / step) }, (_, k) => k * step);
        return steps.map((at) => [...origin, at]);
      }),
    [[]],
  );
  let next = 0;
  return origins.map((origin) => {
    if (origin.slice(nest.kept.length).every((at) => at === 0)) next = 0; // other groups
    const part = tileOf(nest, tileSize, origin);
    const slices = Math.ceil(part.groupVectors / sliceVectors);
    const firstSlice = next;
    next += slices;
    return {
      slices,
      firstSlice,
      ...(origins.length > 1 ? withRanges(part) : { nest: part, ranges: {} }),
    };
  });
}

/** A part of a walk through windows. */
function withRanges(part: LoopNest): Pick<Tile, "nest" | "ranges"> {
  const dims = nestDims(part);
  const { inner, laneStride } = part;
  const base = { ...part.base };
  const room = laneStride.size - (base.size - 1 + inner.size); // behind the box, along the run
  const ranges: { [K in Operand]?: BindingRange } = {};
  for (const { name, bytes, ...halo } of extentsIn(part)) {
    const before = Math.min(halo.before, base.size - 1);
    const around = before + Math.min(halo.after, room);
    const first = (base[name] - before * inner[name]) * bytes;
    const last = first + (spanOf(part, dims, name) + around * inner[name]) * bytes;
    const offset = first - (first % BINDING_ALIGNMENT);
    ranges[name] = { offset, size: Math.ceil((last + bytes - offset) / 4) * 4 };
    Object.assign(base, { [name]: base[name] - offset / bytes });
  }
  return { nest: { ...part, base }, ranges };
}

export const sliceCount = (tiles: readonly Tile[]): number => {
  const last = entryAt(tiles, tiles.length - 1);
  return last.firstSlice + last.slices;
};
