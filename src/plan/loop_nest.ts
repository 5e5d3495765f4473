// How a kernel goes through memory: which dimension lies along a pack, which is the run of the inner
// loop, which are walked outside it. Turns element strides into the units that the shaders count in.

import { sizeOf } from "../base/shape";
import { type Dim, each, type Operand, type Stepped } from "./problem";

/** An array that may be larger than a binding: passes see windows of it. */
export interface Place {
  readonly offset: number; // elements
  readonly bytes: number; // of an element
  readonly beyond?: number; // elements that are touched behind the place of one
  readonly halo?: Halo;
}

export type Places = { readonly [K in Operand]?: Place };

/** The arrays of one pass: dimensions, where each starts, and how each may be read. */
export interface Laid {
  readonly op: string;
  readonly dims: readonly Dim[];
  readonly at: Places;
  /** Four neighbours at once, or nothing is. */
  readonly packed: readonly Operand[];
  /** Four at once where they are neighbours, else one by one. */
  readonly loose: readonly Operand[];
}

/** How many places along the run are read before and after one. */
export interface Halo {
  readonly before: number;
  readonly after: number;
}

/** A whole pack, its elements one by one, one that is the same for all of them, or packs of one. */
export type Access = "pack" | "gather" | "same" | "single";

export interface Walk {
  readonly columns: boolean; // a pack spans neighbouring groups (else neighbours of one group)
  readonly width: 1 | 4; // elements of a pack
  readonly kept: readonly Dim[]; // strides in the shader's units, innermost last
  readonly segments: readonly Dim[]; // reduced dimensions outside the run
  readonly run: Dim;
  readonly along: Dim; // strides from one element of a pack to the next; the size of the whole run
  readonly base: Dim; // where each operand starts; its size: places of the run up to there
  readonly groups: number; // columns: packs of groups
  readonly groupPacks: number;
  readonly access: { readonly [K in Stepped]: Access };
  readonly arrays: Places; // the same in the shader's units
}

export const POINT: Dim = { size: 1, reduced: true, ...each(() => 0) };

export const countOf = (dims: readonly Dim[]): number => sizeOf(dims.map(({ size }) => size));

/** True where the innermost dimension in x's memory is kept. */
export const prefersColumns = (dims: readonly Dim[]) => dims.at(-1)?.reduced === false;

/** The dimension whose neighbours share a pack. */
function packDim(dims: readonly Dim[], columns: boolean): Dim | undefined {
  return dims.findLast((d) => d.reduced !== columns);
}

/** True where four neighbours along a dimension lie in one aligned pack. */
const isPacked = (name: Operand, { dims, at }: Laid, along: Dim) =>
  along[name] === 1 &&
  (at[name]?.offset ?? 0) % 4 === 0 &&
  dims.every((d) => d === along || d[name] % 4 === 0);

/** True where four neighbours can be read and written at once. */
export function canPack(laid: Laid, columns: boolean): boolean {
  const along = packDim(laid.dims, columns);
  if (along === undefined || along.size % 4 !== 0) return false;
  return laid.packed.every((name) => isPacked(name, laid, along));
}

export function walkOf(laid: Laid, columns: boolean, width: 1 | 4): Walk {
  const { dims, at, packed, loose } = laid;
  const along = packDim(dims, columns) ?? POINT;
  const whole = new Set<Stepped>(packed);
  for (const name of loose) if (isPacked(name, laid, along)) whole.add(name);
  const access = each((name) => {
    if (width === 1) return "single";
    if (whole.has(name)) return "pack";
    return along[name] === 0 ? "same" : "gather";
  });
  const unit = (name: Stepped) => (access[name] === "pack" ? width : 1);
  const inPacks = (d: Dim): Dim => {
    const [size, skip] = d === along ? [d.size / width, width] : [d.size, 1];
    return { size, reduced: d.reduced, ...each((name) => (d[name] * skip) / unit(name)) };
  };
  const reduced = dims.filter((d) => d.reduced).map(inPacks);
  const kept = dims.filter((d) => !d.reduced).map(inPacks);
  const run = reduced.at(-1) ?? POINT;
  const arrays = Object.entries(at).map(([key, { offset, bytes, beyond = 0, halo }]) => {
    const name = key as Operand;
    const apart = unit(name) === 1 ? (width - 1) * along[name] : 0; // the last of a pack read one by one
    const place = { offset: offset / unit(name), bytes: bytes * unit(name), halo };
    return [name, { ...place, beyond: beyond + apart }];
  });
  const places: Places = Object.fromEntries(arrays);
  return {
    columns,
    width,
    kept,
    segments: reduced.slice(0, -1),
    run,
    along: { ...along, size: run.size },
    base: { ...POINT, ...each((name) => (name === "stat" ? 0 : (places[name]?.offset ?? 0))) },
    groups: countOf(kept),
    groupPacks: countOf(reduced),
    access,
    arrays: places,
  };
}
