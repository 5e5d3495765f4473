// A tile is the part of a loop nest that one dispatch covers. No dispatch can bind more of an array
// than the device allows, and none should run for long, so a larger nest is cut into tiles along
// its dimensions. They are dispatches of one pipeline, each with its own uniforms and binding
// ranges. A binding range has the elements of an array that a tile touches, from a multiple of 256
// bytes on.

import { entryAt } from "../base/entry";
import { countOf, type LoopNest, UNIT_DIM } from "./loop_nest";
import type { Operand } from "./operands";
import { type Dim, forEachArray } from "./problem";

export const BINDING_ALIGNMENT = 256; // bytes: every device allows a binding to start at its multiples
const MAX_TILE_VECTORS = 2 ** 23; // per dispatch, 256 MiB of traffic: Windows stops a GPU after 2 s

/** A binding range is a range of bytes, relative to the start of the array's binding. */
interface BindingRange {
  readonly offset: number;
  readonly size: number;
}

export type BindingRanges = { readonly [K in string]?: BindingRange };

/** A tile size has one size per dimension of a loop nest, in the order of `nestDims`. */
export type TileSize = readonly number[];

const nestDims = ({ kept, outer, inner }: LoopNest): readonly Dim[] => [...kept, ...outer, inner];

/**
 * Returns the distance, in units of the shader, between the first and the last element of a tile.
 */
const spanOf = ({ extents }: LoopNest, dims: readonly Dim[], name: Operand) =>
  dims.reduce((n, d) => n + (d.size - 1) * d[name], extents[name]?.beyond ?? 0);

const extentsIn = ({ extents }: LoopNest) =>
  Object.entries(extents).map(([name, { bytes, halo: { before, after } = NO_HALO }]) => {
    return { name: name as Operand, bytes, before, after };
  });

const NO_HALO = { before: 0, after: 0 };

/**
 * Returns the size of tiles whose binding ranges are within the limit. With `whole` no group is
 * cut, and the result is null if that is impossible. `from` is a tile size to cut further, instead
 * of the whole nest.
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
    const most = Math.floor((limit - BINDING_ALIGNMENT) / bytes) - 1 - around; // for any start
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
  return dims.map(({ size, uncut }) => Math.ceil(uncut / Math.ceil(uncut / size))); // even sizes
}

/** Returns the tile of a loop nest at this origin. */
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

/** A tiling cuts a loop nest into tiles, and each group of a tile into slices. */
export interface Tiling {
  readonly nest: LoopNest;
  readonly tileSize: TileSize;
  readonly sliceVectors: number;
}

/** A tile is the work of one dispatch. */
export interface Tile {
  readonly nest: LoopNest; // offsets count from the start of the binding ranges
  readonly slices: number;
  readonly firstSlice: number; // its first slice among all slices of a group
  readonly ranges: BindingRanges; // empty: arrays are bound as a whole
}

/**
 * Returns all tiles of a loop nest. Slices are numbered across tiles, so that the merge pass does
 * not change.
 */
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

/** Returns the tile with its binding ranges, and offsets within these. */
function withRanges(part: LoopNest): Pick<Tile, "nest" | "ranges"> {
  const dims = nestDims(part);
  const { inner, laneStride } = part;
  const base = { ...part.base };
  const room = laneStride.size - (base.size - 1 + inner.size); // behind the tile
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

/** Returns into how many tiles a group is cut. */
export const tilesPerGroup = ({ nest, tileSize }: Pick<Tiling, "nest" | "tileSize">): number =>
  nestDims(nest).reduce(
    (n, { reduced, size }, i) => (reduced ? n * Math.ceil(size / entryAt(tileSize, i)) : n),
    1,
  );

export const sliceCount = (tiles: readonly Tile[]): number => {
  const last = entryAt(tiles, tiles.length - 1);
  return last.firstSlice + last.slices;
};
