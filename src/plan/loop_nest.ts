// How a kernel goes through memory: which dimension lies along a pack, which is the run of the inner
// loop, which are walked outside it. Turns element strides into the units that the shaders count in.

import { sizeOf } from "../base/shape";
import type { Operand, StridedName } from "./operands";
import { type Dim, forEachArray } from "./problem";

/** An array that may be larger than a binding: passes see windows of it. */
interface ArrayExtent {
  readonly offset: number; // elements
  readonly bytes: number; // of an element
  readonly beyond?: number; // elements that are touched behind the place of one
  readonly halo?: Halo;
}

export type ArrayExtents = { readonly [K in Operand]?: ArrayExtent };

/** The arrays of one pass: dimensions, where each starts, and how each may be read. */
export interface PassLayout {
  readonly op: string;
  readonly dims: readonly Dim[];
  readonly extents: ArrayExtents;
  /** Four neighbours at once, or nothing is. */
  readonly vectorized: readonly Operand[];
  /** Four at once where they are neighbours, else one by one. */
  readonly flexible: readonly Operand[];
}

/** How many places along the run are read before and after one. */
interface Halo {
  readonly before: number;
  readonly after: number;
}

/** A whole pack, its elements one by one, one that is the same for all of them, or packs of one. */
export type Access = "vector" | "gather" | "same" | "single";

export interface LoopNest {
  readonly columns: boolean; // a pack spans neighbouring groups (else neighbours of one group)
  readonly vectorWidth: 1 | 4; // elements of a pack
  readonly kept: readonly Dim[]; // strides in the shader's units, innermost last
  readonly outer: readonly Dim[]; // reduced dimensions outside the run
  readonly inner: Dim;
  readonly laneStride: Dim; // strides from one element of a pack to the next; the size of the whole run
  readonly base: Dim; // where each operand starts; its size: places of the run up to there
  readonly groups: number; // columns: packs of groups
  readonly groupVectors: number;
  readonly access: { readonly [K in StridedName]: Access };
  readonly extents: ArrayExtents; // the same in the shader's units
}

export const UNIT_DIM: Dim = { size: 1, reduced: true, ...forEachArray(() => 0) };

export const countOf = (dims: readonly Dim[]): number => sizeOf(dims.map(({ size }) => size));

/** True where the innermost dimension in x's memory is kept. */
export const prefersColumns = (dims: readonly Dim[]) => dims.at(-1)?.reduced === false;

/** The dimension whose neighbours share a pack. */
function vectorDim(dims: readonly Dim[], columns: boolean): Dim | undefined {
  return dims.findLast((d) => d.reduced !== columns);
}

/** True where four neighbours along a dimension lie in one aligned pack. */
const isVectorized = (name: Operand, { dims, extents }: PassLayout, along: Dim) =>
  along[name] === 1 &&
  (extents[name]?.offset ?? 0) % 4 === 0 &&
  dims.every((d) => d === along || d[name] % 4 === 0);

/** True where four neighbours can be read and written at once. */
export function canVectorize(layout: PassLayout, columns: boolean): boolean {
  const along = vectorDim(layout.dims, columns);
  if (along === undefined || along.size % 4 !== 0) return false;
  return layout.vectorized.every((name) => isVectorized(name, layout, along));
}

export function loopNestOf(layout: PassLayout, columns: boolean, width: 1 | 4): LoopNest {
  const { dims, extents, vectorized, flexible } = layout;
  const along = vectorDim(dims, columns) ?? UNIT_DIM;
  const whole = new Set<StridedName>(vectorized);
  for (const name of flexible) if (isVectorized(name, layout, along)) whole.add(name);
  const access = forEachArray((name) => {
    if (width === 1) return "single";
    if (whole.has(name)) return "vector";
    return along[name] === 0 ? "same" : "gather";
  });
  const unit = (name: StridedName) => (access[name] === "vector" ? width : 1);
  const inPacks = (d: Dim): Dim => {
    const [size, skip] = d === along ? [d.size / width, width] : [d.size, 1];
    return { size, reduced: d.reduced, ...forEachArray((name) => (d[name] * skip) / unit(name)) };
  };
  const reduced = dims.filter((d) => d.reduced).map(inPacks);
  const kept = dims.filter((d) => !d.reduced).map(inPacks);
  const run = reduced.at(-1) ?? UNIT_DIM;
  const arrays = Object.entries(extents).map(([key, { offset, bytes, beyond = 0, halo }]) => {
    const name = key as Operand;
    const apart = unit(name) === 1 ? (width - 1) * along[name] : 0; // the last of a pack read one by one
    const place = { offset: offset / unit(name), bytes: bytes * unit(name), halo };
    return [name, { ...place, beyond: beyond + apart }];
  });
  const places: ArrayExtents = Object.fromEntries(arrays);
  return {
    columns,
    vectorWidth: width,
    kept,
    outer: reduced.slice(0, -1),
    inner: run,
    laneStride: { ...along, size: run.size },
    base: {
      ...UNIT_DIM,
      ...forEachArray((name) => (name === "statistics" ? 0 : (places[name]?.offset ?? 0))),
    },
    groups: countOf(kept),
    groupVectors: countOf(reduced),
    access,
    extents: places,
  };
}
