// A problem states a call as pure data. This file also merges its axes into few dimensions. It
// knows neither a named norm nor a GPU object.

import type { DType } from "../base/dtype";
import { entryAt } from "../base/entry";
import type { Layout } from "../base/shape";
import type { Activation } from "../wgsl/activations";
import type { Fragment } from "../wgsl/link";
import type { StatisticKind } from "../wgsl/statistics";
import {
  GATE_OPERANDS,
  OPERANDS,
  type Operand,
  type OperandAccess,
  type StridedName,
} from "./operands";
import type { StatisticsSource } from "./uniform_fields";

export const MAX_DIMS_A_SIDE = 8; // kept dimensions, and reduced ones

/**
 * These results have one value per group. A mean's pair has two, all pivots and then all deltas;
 * exact sums have four words, each in an array of its own.
 */
export type Statistic =
  | "mean"
  | "variance"
  | "std"
  | "rstd"
  | "r"
  | "d"
  | "count"
  | "meanPair"
  | "exactSums";

/** A layout says where the elements of an array lie and what type they have. */
export interface ArrayLayout extends Layout {
  readonly dtype: DType;
}

export type Layouts = { readonly [K in Operand]?: ArrayLayout | undefined };

export interface Problem {
  readonly op: string;
  readonly kind: StatisticKind;
  readonly shape: readonly number[];
  readonly reduced: readonly boolean[]; // one flag per axis: elements along it share statistics
  readonly layouts: Layouts;
  readonly statisticsLayout: Layout; // layout of each statistic for the caller
  readonly given: GivenStatistics | null; // statistics of earlier data; null: they are measured
  readonly results: readonly Statistic[]; // statistics for the caller
  readonly inPlace: InPlace;
  readonly activation: Activation;
  readonly uniforms: Readonly<Record<string, number>>; // values for the norm's files
  readonly runningUpdate: RunningUpdate | null;
  readonly gradient: GradientRules | null; // not null: the result is dx from dy instead of y from x
  readonly mask: MaskRules | null; // not null: the operand "mask" weighs the elements
  readonly gates: GateRules | null; // not null: there are gates, or a skip
}

/** A pass for a problem has this loop nest. */
export interface PassNest extends OperandAccess {
  readonly nativeF16: boolean;
}

/** Rules say what an option changes in all passes. They come with a function of the option's own. */
interface FileRules {
  readonly key: string; // their text
  /** Returns the files of a pass, of which these rules replace some. */
  readonly replaced: (
    problem: Problem,
    fragments: readonly Fragment[],
    nest: PassNest,
  ) => readonly Fragment[];
}

/** These are the rules of gates and skips (gating.ts). */
export interface GateRules extends FileRules {
  readonly operands: readonly Operand[]; // those of the uniform block
  readonly first: boolean; // the gate comes before the norm
  readonly behind: GateRules; // the rules of the same gate after a norm
}

/** These are the rules of a mask (masking.ts). */
export interface MaskRules extends FileRules {
  readonly applies: boolean; // masked elements are normalized, too
  /** Lists the files that read the weights of elements. */
  readonly weights: (
    problem: Problem,
    nest: OperandAccess,
    nativeF16: boolean,
  ) => readonly Fragment[];
  /** Returns values of overrides. */
  readonly constants: (kind: StatisticKind) => Readonly<Record<string, number>>;
}

/** These operands lie exactly where an output does (its name in the shaders), which overwrites them. */
export type InPlace = { readonly [K in Operand]?: string | undefined };

/** A contiguous array starts at this element. */
export type ArrayOrigin = Pick<ArrayLayout, "offset" | "dtype">;

/** These statistics come from the caller's arrays (given.ts). */
export interface GivenStatistics {
  readonly key: readonly unknown[]; // what tells them from others, as JSON has it
  readonly starts: Partial<StatisticsSource>; // first elements
  /** Lists the files that derive a normalizer from them. */
  readonly fragments: (nest: OperandAccess) => readonly Fragment[];
}

/** Running statistics are updated in place. */
export interface RunningUpdate {
  readonly file: Fragment; // updates them in a pass of its own
  readonly own: Fragment; // or where the statistics of a channel are stored
  readonly instances: number; // groups that share a channel, the leading kept axis
  readonly by: "average" | "order" | "cumulative"; // as one batch, or batches in order
  readonly momentum: number; // weight of the new value
  readonly meanStart: number; // first element
  readonly varianceStart: number;
}

export interface GradientRules {
  /** This file leads the gradient through the statistics. */
  readonly dx: Fragment;
  /** This file states the two sums over a group that dx needs. */
  readonly dxSums: Fragment;
  /** The two are the sums of g and g u, which the gradients of weight and bias need as well. */
  readonly sharesSums: boolean;
  /** The statistics do not depend on x. */
  readonly constant: boolean;
  /** dx is added to the values in its place. */
  readonly adds: boolean;
  /** These sums are taken over all axes along which the parameters repeat. */
  readonly parameterSums: readonly ParameterSums[];
}

/** One or two parameters repeat along these axes; their gradients are sums over them. */
export interface ParameterSums {
  readonly summands: Fragment;
  /**
   * The role says what is summed. "sharesSums" sums g and g u, as dx needs them; "ofDx" sums dx
   * itself, and "ofSlope" the activation's input; an operand's name sums for a gate or a skip;
   * without a role it is none of these.
   */
  readonly role?: "sharesSums" | "ofDx" | "ofSlope" | GatedOperand;
  readonly reduced: readonly boolean[];
  readonly first?: GradientTarget;
  readonly second?: GradientTarget;
}

/** These operands have gradients where there are gates. */
export type GatedOperand = "gate" | "skip" | "skipGate" | "residualGate" | "residual";

export interface GradientTarget {
  readonly tensorName: string;
  readonly adds: boolean; // the gradient is added to the values there
  readonly layout: ArrayLayout;
}

/** A dimension of a problem has a size and the stride of each operand along it, in elements. */
export type Dim = { readonly size: number; readonly reduced: boolean } & {
  readonly [K in StridedName]: number;
};

/**
 * Writes the problem as text, for every call. Files appear by name, because a replacer of
 * JSON.stringify would be slow.
 */
export function problemKey(problem: Problem): string {
  const { kind, activation, given, runningUpdate, gradient, mask, gates, ...plain } = problem;
  return JSON.stringify([
    plain,
    kind.name,
    activation.name,
    mask?.key,
    gates?.key,
    given?.key,
    runningUpdate && { ...runningUpdate, file: runningUpdate.file.name },
    gradient && {
      ...gradient,
      dx: gradient.dx.name,
      dxSums: gradient.dxSums.name,
      parameterSums: gradient.parameterSums.map((p) => ({ ...p, summands: p.summands.name })),
    },
  ]);
}

/** Returns one value for every operand and for the statistics. */
export function forEachArray<T>(value: (name: StridedName) => T): {
  readonly [K in StridedName]: T;
} {
  const names = [...OPERANDS, ...GATE_OPERANDS, "statistics" as const];
  const entries = names.map((name) => [name, value(name)] as const);
  return Object.fromEntries(entries) as { [K in StridedName]: T };
}

/** Returns the problem's dimensions, outermost in x's memory first, without those of length 1. */
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

// A broadcast dimension goes outermost: it must not hide a contiguous one.
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
