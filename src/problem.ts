// What is to be computed, as pure data, and axis collapse: which dimensions really matter.
// Knows neither a named norm nor a GPU object.

import type { KindName } from "./kinds";
import type { Layout } from "./shape";

/** The arrays that an element of x has a partner in. */
export const MAX_DIMS_A_SIDE = 8; // kept, and reduced

export type Operand = "x" | "y" | "weight" | "bias" | "stat";

/** Results that hold one value a group. */
export type Statistic = "mean" | "variance" | "std" | "rstd";

export interface Problem {
  readonly op: string;
  readonly kind: KindName; // of statistic
  readonly shape: readonly number[];
  readonly reduced: readonly boolean[]; // one an axis: elements along it share statistics
  readonly layouts: { readonly [K in Operand]?: Layout }; // stat: of the results' planes
  readonly given: Given | null; // statistics of earlier data; null: they are measured
  readonly results: readonly Statistic[]; // statistics that the caller gets
  readonly inPlace: boolean;
  readonly eps: number;
  readonly correction: number; // variance and std: n - correction
  readonly exponent: number; // of a p-norm
  readonly weightOffset: number; // what weights are stored relative to
  readonly track: Track | null; // running statistics to update
}

/** Mean and variance in buffers of the caller's: element offsets. */
export interface Given {
  readonly mean: number;
  readonly variance: number;
}

export interface Track {
  readonly instances: number; // groups that share a channel, the leading kept axis
  readonly momentum: number; // weight of the new value
  readonly meanOffset: number;
  readonly varOffset: number; // elements
}

/** One dimension of a problem: its size and each operand's stride along it, in elements. */
export type Dim = { readonly size: number; readonly reduced: boolean } & {
  readonly [K in Operand]: number;
};

/** The problem's dimensions, outermost in x's memory first, length-1 ones dropped. */
export function dimsOf(problem: Problem): Dim[] {
  const stride = (name: Operand, i: number) => problem.layouts[name]?.strides[i] ?? 0;
  return problem.shape
    .map((size, i) => ({
      size,
      reduced: problem.reduced[i],
      x: stride("x", i),
      y: stride("y", i),
      weight: stride("weight", i),
      bias: stride("bias", i),
      stat: problem.reduced[i] ? 0 : stride("stat", i),
    }))
    .filter((dim) => dim.size !== 1)
    .sort((a, b) => reach(b) - reach(a));
}

// a broadcast dimension goes outermost: it must not hide a contiguous one
const reach = (dim: Dim) => (dim.x === 0 ? Number.MAX_SAFE_INTEGER : dim.x);

/** Merges neighbours that are both reduced or both kept and contiguous in every operand named. */
export function collapse(dims: readonly Dim[], operands: readonly Operand[]): Dim[] {
  const merged: Dim[] = [];
  for (const dim of dims) {
    const outer = merged.at(-1);
    const joins =
      outer !== undefined &&
      outer.reduced === dim.reduced &&
      operands.every((name) => outer[name] === dim.size * dim[name]);
    if (joins) merged[merged.length - 1] = { ...dim, size: outer.size * dim.size };
    else merged.push(dim);
  }
  return merged;
}
