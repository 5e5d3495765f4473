// From an operation's checked arguments to its problem. Shared by all norms; knows none of them.

import { fail, show } from "../../base/errors";
import { contiguous, sizeOf } from "../../base/shape";
import { type Call, type Definition, type Made, operation } from "../../operation/operation";
import { planForward } from "../../plan/forward";
import type {
  Given,
  Held,
  Layouts,
  Problem,
  Renorm,
  Statistic,
  Stored,
  Track,
} from "../../plan/problem";
import { layoutOf, type Spec, type Tensor } from "../../runtime/tensor";
import type { Module } from "../../wgsl/link";
import { type Kind, MOMENTS } from "../../wgsl/statistics";
import { checkActivation, checkOut, isInPlace, specOf } from "./checks";
import type { NormOptions, NormResult } from "./options";
import { broadcastTo } from "./parameters";

/** A parameter, the axis of x that each of its axes lies along, and its strides along all of x's. */
export interface Placed {
  readonly spec: Spec;
  readonly axes: readonly number[];
  readonly strides: readonly number[];
}

/** Along an axis where its length is 1 it repeats. */
export function placed(spec: Spec, axes: readonly number[], rank: number): Placed {
  return { spec, axes, strides: stridesAlong(spec.shape, spec.strides, axes, rank) };
}

export function stridesAlong(
  shape: readonly number[],
  strides: readonly number[],
  axes: readonly number[],
  rank: number,
): number[] {
  const all = new Array<number>(rank).fill(0);
  axes.forEach((axis, k) => {
    if (shape[k] !== 1) all[axis] = strides[k];
  });
  return all;
}

/** An axis in two: parts (kept) and what belongs to one (reduced). */
export interface Split {
  readonly axis: number;
  readonly count: number;
}

/** What a norm says about itself, beside the options that all share. */
export interface Normalization {
  readonly op: string;
  readonly x: Spec;
  readonly kind?: Kind; // moments by default
  readonly reduced: readonly boolean[];
  readonly split?: Split;
  readonly weight?: Placed;
  readonly bias?: Placed;
  readonly threshold?: Placed;
  readonly shift?: Placed; // instead of the option
  readonly alpha?: Placed; // the given factor, where it has a gradient
  readonly eps: number;
  readonly exponent?: number;
  readonly weightOffset?: number;
  /** The statistics that it can return, with the names of the arguments that bring them back. */
  readonly statistics?: readonly Statistic[]; // mean and rstd by default
  /** Statistics that are not x's own, and the arguments' names. */
  readonly given?: {
    readonly file: Module;
    readonly mean?: Spec;
    readonly spread?: Spec;
    readonly names?: { readonly mean?: string; readonly spread?: string };
  };
  readonly track?: {
    readonly file: Module;
    readonly mean: Spec;
    readonly variance: Spec;
    readonly momentum: number;
    readonly by?: Track["by"];
  };
  readonly renorm?: Renorm;
  /** Further arrays that the shaders read, by their names. */
  readonly arrays?: Readonly<Record<string, Spec>>;
}

/** States a norm for an x and options. */
export type Statement<O> = (op: string, x: Spec, options: O) => Normalization;

/** A norm as a function; its result depends on `stats` and `residualOut`. */
export interface Norm<Options, S> {
  <O extends Options>(
    x: Tensor,
    ...options: Partial<Options> extends Options ? [O?] : [O]
  ): NormResult<O, S>;
  readonly definition: Definition<Options, unknown> & { readonly statistics?: S }; // never there
}

export function norm<Options extends NormOptions, S>(
  name: string,
  state: Statement<Options>,
): Norm<Options, S> {
  const define = (x: Spec, o: Options) => normalization(state(name, x, o), o);
  return operation({ name, define }) as unknown as Norm<Options, S>;
}

/** Row-major strides of the statistics over the kept axes, 0 along the reduced ones. */
export function statStrides(shape: readonly number[], reduced: readonly boolean[]): number[] {
  return contiguous(shape.map((size, i) => (reduced[i] ? 1 : size))).map((stride, i) =>
    reduced[i] ? 0 : stride,
  );
}

/** Strides along x's axes, with the split axis in two. */
export function splitStrides({ split, x }: Normalization, strides: readonly number[]) {
  if (split === undefined) return strides;
  const { axis, count } = split;
  const each = x.shape[axis] / count;
  return strides.toSpliced(axis, 1, strides[axis] * each, strides[axis]);
}

export function splitAxes({ split, x, reduced }: Normalization) {
  const { shape } = x;
  if (split === undefined) return { shape, reduced };
  const { axis, count } = split;
  return {
    shape: shape.toSpliced(axis, 1, count, shape[axis] / count),
    reduced: reduced.toSpliced(axis, 1, false, true),
  };
}

function trackOf({ track }: Normalization, keptShape: readonly number[]): Track | null {
  if (track === undefined) return null;
  const { file, mean, variance, momentum, by = "average" } = track;
  return {
    file,
    instances: sizeOf(keptShape) / mean.shape[0],
    by,
    momentum,
    meanOffset: layoutOf(mean).offset,
    varOffset: layoutOf(variance).offset,
  };
}

export function checkCount(
  op: string,
  shape: readonly number[],
  reduced: readonly boolean[],
): void {
  const kept = sizeOf(shape.filter((_, i) => !reduced[i]));
  if (kept > 0 && sizeOf(shape.filter((_, i) => reduced[i])) === 0) {
    fail(op, `shape ${show(shape)} has no elements to take statistics over, expected at least one`);
  }
}

/** Where a dense array starts. */
export function heldAs(spec: Spec): Held {
  const { offset, dtype } = layoutOf(spec);
  return { offset, dtype };
}

const givenOf = ({ given }: Normalization): Given | null =>
  given
    ? {
        file: given.file,
        mean: given.mean ? heldAs(given.mean) : null,
        spread: given.spread ? heldAs(given.spread) : null,
      }
    : null;

const NO_ARRAYS: Pick<Call<unknown>, "arrays" | "slots"> = { arrays: {}, slots: {} };

/** The arguments that hold statistics which are not x's own, and the shaders' names of them. */
export function arraysOf({
  given,
  track,
  arrays,
}: Pick<Normalization, "given" | "track" | "arrays">) {
  if (!given && !track && !arrays) return NO_ARRAYS; // most calls
  const { mean = "mean", spread = "spread" } = given?.names ?? {};
  return {
    arrays: {
      ...arrays,
      ...(given && { [mean]: given.mean, [spread]: given.spread }),
      ...(track && { runningMean: track.mean, runningVar: track.variance }),
    },
    slots: { ...(given && { mean, spread }) },
  };
}

/** The operands of a call that lie along x: those given, with their strides. */
export function layoutsOf(
  n: Normalization,
  operands: Readonly<Record<string, Placed | undefined>>,
): Layouts {
  const entries = Object.entries(operands).flatMap(([name, placed]): [string, Stored][] =>
    placed ? [[name, layoutOf(placed.spec, splitStrides(n, placed.strides))]] : [],
  );
  return Object.fromEntries(entries);
}

/** Modulation, which all norms have. */
export const modulationOf = ({ op, x, shift }: Normalization, o: NormOptions) => ({
  scale: broadcastTo(op, "scale", o.scale, x),
  shift: shift ?? broadcastTo(op, "shift", o.shift, x),
});

/** What forward and backward have in common. */
export function problemOf(n: Normalization, o: NormOptions, layouts: Layouts): Problem {
  const { shape, reduced } = splitAxes(n);
  return {
    op: n.op,
    kind: n.kind ?? MOMENTS,
    shape,
    reduced,
    layouts,
    stat: { strides: statStrides(shape, reduced), offset: 0 },
    given: givenOf(n),
    results: [],
    inPlace: false,
    activation: checkActivation(n.op, o.activation),
    eps: n.eps,
    correction: 0,
    exponent: n.exponent ?? 0,
    weightOffset: n.weightOffset ?? 0,
    track: null,
    renorm: n.renorm ?? null,
    gradient: null,
  };
}

export const statShapeOf = (n: Normalization): number[] => {
  const { shape, reduced } = splitAxes(n);
  return shape.filter((_, i) => !reduced[i]);
};

/** An array of x's shape. */
export const whole = (spec: Spec): Placed => ({
  spec,
  axes: spec.shape.map((_, i) => i),
  strides: spec.strides,
});

const specsOf = (placed: Readonly<Record<string, Placed | undefined>>) =>
  Object.fromEntries(Object.entries(placed).map(([name, p]) => [name, p?.spec]));

export function normalization(n: Normalization, o: NormOptions): Call<unknown> {
  const { op, x, weight, bias, threshold } = n;
  const { dtype, out } = checkOut(op, o, x);
  const operands = {
    x: whole(x),
    residual: broadcastTo(op, "residual", o.residual, x),
    residualBias: broadcastTo(op, "residualBias", o.residualBias, x),
    weight,
    bias,
    threshold,
    ...modulationOf(n, o),
  };
  const y = out ?? specOf(x.shape, dtype);
  const sum = o.residualOut ? whole(specOf(x.shape, x.dtype)) : undefined;
  const problem = problemOf(n, o, layoutsOf(n, { ...operands, y: whole(y), sum }));
  if (o.stats) checkCount(op, problem.shape, problem.reduced);
  const { arrays, slots } = arraysOf(n);
  const statShape = statShapeOf(n);
  const asked = o.stats ? (n.statistics ?? (["mean", "rstd"] as const)) : [];
  const result = ({ outputs, statistics }: Made) => {
    if (!o.stats && !o.residualOut) return outputs.y;
    return { ...outputs, ...statistics };
  };
  return {
    problem: {
      ...problem,
      results: asked,
      inPlace: isInPlace(x, out),
      track: trackOf(n, statShape),
    },
    plan: planForward,
    arrays: { ...specsOf(operands), ...arrays },
    slots,
    outputs: {
      y: { shape: x.shape, dtype, out },
      ...(sum && { sum: { shape: x.shape, dtype: x.dtype } }),
    },
    statShape,
    result,
  };
}
