// A loop nest is the order in which a kernel visits memory: the dimension along which a vector
// lies, the inner loop, and the outer loops. This file also turns strides in elements into the
// units that the shaders count in.

import { sizeOf } from "../base/shape";
import type { Operand, OperandAccess, StridedName } from "./operands";
import { type Dim, forEachArray } from "./problem";

/** An array may be larger than a binding; passes then bind a range of it. */
interface ArrayExtent {
  readonly offset: number; // elements
  readonly bytes: number; // bytes of an element
  readonly beyond?: number; // elements that a place touches behind its first one
  readonly halo?: Halo;
}

export type ArrayExtents = { readonly [K in Operand]?: ArrayExtent };

/** The layout of a pass has its dimensions, the start of each array, and the ways to read it. */
export interface PassLayout {
  readonly dims: readonly Dim[];
  readonly extents: ArrayExtents;
  /** These arrays are read in vectors of four, or no array is. */
  readonly vectorized: readonly Operand[];
  /** These arrays are read in vectors of four where elements are neighbours, else one by one. */
  readonly flexible: readonly Operand[];
}

/**
 * A halo is the number of elements that are read before and after an element, along the inner loop.
 */
interface Halo {
  readonly before: number;
  readonly after: number;
}

export interface LoopNest extends OperandAccess {
  readonly columns: boolean; // a vector lies across neighbouring groups (else in one group)
  readonly kept: readonly Dim[]; // strides in the shader's units, innermost last
  readonly outer: readonly Dim[]; // reduced dimensions around the inner loop
  readonly inner: Dim;
  readonly laneStride: Dim; // strides from lane to lane; size: the untiled inner loop
  readonly base: Dim; // each operand's start; size: elements of the untiled inner loop up to there
  readonly groups: number; // columns: vectors of groups
  readonly groupVectors: number;
  readonly extents: ArrayExtents; // extents in the shader's units
}

export const UNIT_DIM: Dim = { size: 1, reduced: true, ...forEachArray(() => 0) };

export const countOf = (dims: readonly Dim[]): number => sizeOf(dims.map(({ size }) => size));

/** Returns whether the innermost dimension in x's memory is kept. */
export const prefersColumns = (dims: readonly Dim[]) => dims.at(-1)?.reduced === false;

/** Returns the dimension along which a vector lies. */
function vectorDim(dims: readonly Dim[], columns: boolean): Dim | undefined {
  return dims.findLast((d) => d.reduced !== columns);
}

/** Returns whether four neighbours along a dimension lie in one aligned vector. */
const isVectorized = (name: Operand, { dims, extents }: PassLayout, along: Dim) =>
  along[name] === 1 &&
  (extents[name]?.offset ?? 0) % 4 === 0 &&
  dims.every((d) => d === along || d[name] % 4 === 0);

/** Returns whether four neighbours can be read and written at once. */
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
  const inVectors = (d: Dim): Dim => {
    const [size, skip] = d === along ? [d.size / width, width] : [d.size, 1];
    return { size, reduced: d.reduced, ...forEachArray((name) => (d[name] * skip) / unit(name)) };
  };
  const reduced = dims.filter((d) => d.reduced).map(inVectors);
  const kept = dims.filter((d) => !d.reduced).map(inVectors);
  const run = reduced.at(-1) ?? UNIT_DIM;
  const arrays = Object.entries(extents).map(([key, { offset, bytes, beyond = 0, halo }]) => {
    const name = key as Operand;
    const apart = unit(name) === 1 ? (width - 1) * along[name] : 0; // the last lane
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
