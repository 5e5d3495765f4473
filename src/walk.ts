// How a kernel goes through memory: which dimension lies along a pack, which is the run of the inner
// loop, which are walked outside it. Turns element strides into the units that the shaders count in.

import type { Dim, Operand } from "./problem";

export type ParamModule = "param/f32" | "param/f32_gather4" | "param/f32x4";
export type Bases = { readonly [K in Operand]: number };

/** Where each operand starts, in elements, and which there are. */
export interface Origin {
  readonly at: Bases;
  readonly has: ReadonlySet<Operand>;
}

export const NOWHERE: Origin = {
  at: { x: 0, y: 0, weight: 0, bias: 0, stat: 0 },
  has: new Set<Operand>(),
};

export interface Walk {
  readonly columns: boolean; // a pack spans neighbouring groups (else neighbours of one group)
  readonly width: 1 | 4; // elements of a pack
  readonly param: ParamModule;
  readonly kept: readonly Dim[]; // strides in the shader's units, innermost last
  readonly segments: readonly Dim[]; // reduced dimensions outside the run
  readonly run: Dim;
  readonly groups: number; // columns: packs of groups
  readonly groupPacks: number;
  readonly steps: { readonly [K in "weight" | "bias" | "stat"]: number };
  readonly bases: Bases;
  readonly paramsVary: boolean; // weight or bias change within a run
}

export const POINT: Dim = { size: 1, reduced: true, x: 0, y: 0, weight: 0, bias: 0, stat: 0 };

const product = (dims: readonly Dim[]) => dims.reduce((n, d) => n * d.size, 1);

/** True where the innermost dimension in x's memory is kept. */
export const prefersColumns = (dims: readonly Dim[]) => dims.at(-1)?.reduced === false;

/** The dimension whose neighbours share a pack. */
function packDim(dims: readonly Dim[], columns: boolean): Dim | undefined {
  return dims.findLast((d) => d.reduced !== columns);
}

/** True where four neighbours can be read and written at once. */
export function canPack(dims: readonly Dim[], origin: Origin, columns: boolean): boolean {
  const along = packDim(dims, columns);
  if (along === undefined || along.size % 4 !== 0) return false;
  return arePacked(["x", "y"], dims, origin, along);
}

/** True where each of the arrays that exist has four neighbours of `along` in one aligned pack. */
function arePacked(names: Operand[], dims: readonly Dim[], { at, has }: Origin, along: Dim) {
  return names.every(
    (name) =>
      !has.has(name) ||
      (along[name] === 1 &&
        at[name] % 4 === 0 &&
        dims.every((d) => d === along || d[name] % 4 === 0)),
  );
}

export function walkOf(dims: readonly Dim[], origin: Origin, columns: boolean, width: 1 | 4): Walk {
  const { at } = origin;
  const along = packDim(dims, columns) ?? POINT;
  const beside = width === 4 && arePacked(["weight", "bias"], dims, origin, along);
  const param = beside ? "param/f32x4" : width === 4 ? "param/f32_gather4" : "param/f32";
  const paramUnit = param === "param/f32x4" ? 4 : 1;
  const inPacks = (d: Dim): Dim => {
    const [size, skip] = d === along ? [d.size / width, width] : [d.size, 1];
    return {
      size,
      reduced: d.reduced,
      x: (d.x * skip) / width,
      y: (d.y * skip) / width,
      weight: (d.weight * skip) / paramUnit,
      bias: (d.bias * skip) / paramUnit,
      stat: d.stat * skip,
    };
  };
  const reduced = dims.filter((d) => d.reduced).map(inPacks);
  const kept = dims.filter((d) => !d.reduced).map(inPacks);
  const run = reduced.at(-1) ?? POINT;
  return {
    columns,
    width,
    param,
    kept,
    segments: reduced.slice(0, -1),
    run,
    groups: product(kept),
    groupPacks: product(reduced),
    steps: { weight: along.weight, bias: along.bias, stat: columns ? along.stat : 0 },
    bases: {
      x: at.x / width,
      y: at.y / width,
      weight: at.weight / paramUnit,
      bias: at.bias / paramUnit,
      stat: at.stat,
    },
    paramsVary: run.weight !== 0 || run.bias !== 0,
  };
}
