// What is to be computed, as pure data, and axis collapse: which dimensions really matter.
// Knows neither a named norm nor a GPU object.

import type { DType } from "../base/dtype";
import { entryAt } from "../base/entry";
import type { Layout } from "../base/shape";
import type { Activation } from "../wgsl/activations";
import type { Fragment } from "../wgsl/link";
import type { StatisticKind } from "../wgsl/statistics";
import { OPERANDS, type Operand, type StatisticsInput, type StridedName } from "./operands";

export const MAX_DIMS_A_SIDE = 8; // kept, and reduced

/** Results that hold one value a group. */
export type Statistic = "mean" | "variance" | "std" | "rstd" | "r" | "d" | "pivot" | "delta";

/** Where an array's elements lie and what they are. */
export interface ArrayLayout extends Layout {
  readonly dtype: DType;
}

export type Layouts = { readonly [K in Operand]?: ArrayLayout | undefined };

export interface Problem {
  readonly op: string;
  readonly kind: StatisticKind;
  readonly shape: readonly number[];
  readonly reduced: readonly boolean[]; // one an axis: elements along it share statistics
  readonly layouts: Layouts;
  readonly statisticsLayout: Layout; // of each statistic that the caller gets
  readonly given: GivenStatistics | null; // statistics of earlier data; null: they are measured
  readonly results: readonly Statistic[]; // statistics that the caller gets
  readonly inPlace: boolean;
  readonly activation: Activation;
  readonly uniforms: Readonly<Record<string, number>>; // what the norm's files read: eps, an exponent, ...
  readonly runningUpdate: RunningUpdate | null;
  readonly gradient: GradientRules | null; // dx from dy instead of y from x
}

/** Where a contiguous array of statistics starts, in elements. */
export type ArrayOrigin = Pick<ArrayLayout, "offset" | "dtype">;

/** An array of the caller's: the shaders' name, and that of the argument. */
export interface GivenArray extends ArrayOrigin {
  readonly array: StatisticsInput;
  readonly argument: string;
}

/** Statistics in arrays of the caller's. */
export interface GivenStatistics {
  readonly file: Fragment; // makes a normalizer of them
  readonly mean: GivenArray | null; // null: the statistic has none
  readonly factor: GivenArray | null; // what the normalizer's factor is made of
}

/** Running statistics to be updated in place. */
export interface RunningUpdate {
  readonly file: Fragment;
  readonly instances: number; // groups that share a channel, the leading kept axis
  readonly by: "average" | "order" | "cumulative"; // as one batch, or as batches in order
  readonly momentum: number; // weight of the new value
  readonly meanStart: number; // elements
  readonly varianceStart: number;
}

export interface GradientRules {
  /** How the gradient goes through the statistics. */
  readonly dx: Fragment;
  /** Two sums over a group that dx needs. */
  readonly dxSums: Fragment;
  /** The two are the sums of g and g u, which the gradients of weight and bias are made of, too. */
  readonly sharesSums: boolean;
  /** They do not depend on x. */
  readonly constant: boolean;
  /** Sums over all axes along which the parameters repeat. */
  readonly parameterSums: readonly ParameterSums[];
}

/** Gradients of one or two parameters that repeat along the same axes. */
export interface ParameterSums {
  readonly summands: Fragment;
  /** "sharesSums": of g and g u, as dx needs them; "ofDx": of dx itself; else of neither. */
  readonly role?: "sharesSums" | "ofDx";
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
  const { kind, activation, given, runningUpdate, gradient, ...plain } = problem;
  return JSON.stringify([
    plain,
    kind.name,
    activation.name,
    given && { ...given, file: given.file.name },
    runningUpdate && { ...runningUpdate, file: runningUpdate.file.name },
    gradient && {
      ...gradient,
      dx: gradient.dx.name,
      dxSums: gradient.dxSums.name,
      parameterSums: gradient.parameterSums.map((p) => ({ ...p, summands: p.summands.name })),
    },
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
    .map((size, i) => {
      return { size, reduced: entryAt(reduced, i), ...forEachArray((name) => stride(name, i)) };
    })
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
