// What is to be computed, as pure data, and axis collapse: which dimensions really matter.
// Knows neither a named norm nor a GPU object.

import type { DType } from "../base/dtype";
import type { Layout } from "../base/shape";
import type { Activation } from "../wgsl/activations";
import type { Fragment } from "../wgsl/link";
import type { StatisticKind } from "../wgsl/statistics";

export const MAX_DIMS_A_SIDE = 8; // kept, and reduced

/** The arrays that an element of x has a partner in, in the order of the shaders' Dim. */
export const OPERANDS = [
  "x",
  "y",
  "dy",
  "residual",
  "sum",
  "weight",
  "bias",
  "scale",
  "shift",
  "residualBias",
  "threshold",
  "dSum",
] as const;

export type Operand = (typeof OPERANDS)[number];

/** Operands, and the statistics, of which there is one value a group. */
export type StridedName = Operand | "statistics";

/** Results that hold one value a group. */
export type Statistic = "mean" | "variance" | "std" | "rstd" | "r" | "d" | "pivot" | "delta";

/** Where an array's elements lie and what they are. */
export interface ArrayLayout extends Layout {
  readonly dtype: DType;
}

export type Layouts = { readonly [K in Operand]?: ArrayLayout };

export interface Problem {
  readonly op: string;
  readonly kind: StatisticKind; // of statistic
  readonly shape: readonly number[];
  readonly reduced: readonly boolean[]; // one an axis: elements along it share statistics
  readonly layouts: Layouts;
  readonly statisticsLayout: Layout; // of the results' planes
  readonly given: GivenStatistics | null; // statistics of earlier data; null: they are measured
  readonly results: readonly Statistic[]; // statistics that the caller gets
  readonly inPlace: boolean;
  readonly activation: Activation;
  readonly eps: number;
  readonly correction: number; // variance and std: n - correction
  readonly exponent: number; // of a p-norm
  readonly weightOffset: number; // what weights are stored relative to
  readonly runningUpdate: RunningUpdate | null; // running statistics to update
  readonly renorm: Renorm | null;
  readonly gradient: GradientRules | null; // dx from dy instead of y from x
  readonly window?: NeighbourWindow; // around each element along the reduced axis
  readonly merging?: Merging; // of statistics with others
}

export interface Merging {
  readonly share: number; // of the others; the momentum of running statistics
  readonly count: number; // elements that the others are of
  readonly scale?: number; // of the variance
}

export interface NeighbourWindow {
  readonly before: number;
  readonly after: number;
  readonly alpha: number; // factor of the sum of squares
  readonly write: Fragment;
}

/** Where a dense array of statistics starts, in elements. */
export type ArrayOrigin = Pick<ArrayLayout, "offset" | "dtype">;

/** Statistics in buffers of the caller's. */
export interface GivenStatistics {
  readonly file: Fragment; // what is known from them
  readonly mean: ArrayOrigin | null; // null: there is none
  readonly spread: ArrayOrigin | null;
}

export interface RunningUpdate {
  readonly file: Fragment;
  readonly instances: number; // groups that share a channel, the leading kept axis
  readonly by: "average" | "order" | "cumulative"; // as one batch, or as batches in order
  readonly momentum: number; // weight of the new value
  readonly meanStart: number;
  readonly varianceStart: number; // elements
}

/** Batch renormalization: element offsets, and bounds; of the saved r and d there are no bounds. */
export interface Renorm {
  readonly file: Fragment;
  readonly ports: readonly ["runningMean" | "d", "runningVar" | "r"];
  readonly later: Fragment; // where planes have it
  readonly mean: number; // of the running statistics, or d
  readonly variance: number; // or r
  readonly most: { readonly gain: number; readonly offset: number };
}

export interface GradientRules {
  /** How the gradient goes through the statistics. */
  readonly dx: Fragment;
  /** What dx needs to know of all elements of a group. */
  readonly dxSums: Fragment;
  /** They do not depend on x. */
  readonly constant: boolean;
  /** Sums over all axes along which the parameters repeat. */
  readonly parameterSums: readonly ParameterSums[];
}

/** Gradients of one or two parameters that repeat along the same axes. */
export interface ParameterSums {
  readonly summands: Fragment;
  readonly reduced: readonly boolean[];
  readonly first?: GradientTarget;
  readonly second?: GradientTarget;
}

export interface GradientTarget {
  readonly tensorName: string;
  readonly layout: ArrayLayout;
}

/** One dimension of a problem: its size and each operand's stride along it, in elements. */
export type Dim = { readonly size: number; readonly reduced: boolean } & {
  readonly [K in StridedName]: number;
};

/** The problem as text, made with every call: files by their names, which a replacer would do slowly. */
export function problemKey(problem: Problem): string {
  const { kind, activation, given, runningUpdate, renorm, gradient, window, ...plain } = problem;
  return JSON.stringify([
    plain,
    kind.name,
    activation.name,
    given && { ...given, file: given.file.name },
    runningUpdate && { ...runningUpdate, file: runningUpdate.file.name },
    renorm && { ...renorm, file: renorm.file.name, later: renorm.later.name },
    gradient && {
      ...gradient,
      dx: gradient.dx.name,
      dxSums: gradient.dxSums.name,
      parameterSums: gradient.parameterSums.map((p) => ({ ...p, summands: p.summands.name })),
    },
    window && { ...window, write: window.write.name },
  ]);
}

/** The same value for every operand. */
export function forEachArray<T>(value: (name: StridedName) => T): {
  readonly [K in StridedName]: T;
} {
  const entries = [...OPERANDS, "statistics" as const].map((name) => [name, value(name)] as const);
  return Object.fromEntries(entries) as { [K in StridedName]: T };
}

/** The problem's dimensions, outermost in x's memory first, length-1 ones dropped. */
export function dimsOf({ shape, reduced, layouts, statisticsLayout }: Problem): Dim[] {
  const stride = (name: StridedName, i: number) =>
    (name === "statistics" ? statisticsLayout : layouts[name])?.strides[i] ?? 0;
  return shape
    .map((size, i) => ({ size, reduced: reduced[i], ...forEachArray((name) => stride(name, i)) }))
    .filter((dim) => dim.size !== 1)
    .sort((a, b) => sortStride(b) - sortStride(a));
}

// a broadcast dimension goes outermost: it must not hide a contiguous one
const sortStride = (dim: Dim) => (dim.x === 0 ? Number.MAX_SAFE_INTEGER : dim.x);

/** Merges neighbours that are both reduced or both kept and contiguous in every operand named. */
export function collapse(dims: readonly Dim[], operands: readonly StridedName[]): Dim[] {
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
