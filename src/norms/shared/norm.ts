// From an operation's checked arguments to its problem. Shared by all norms; knows none of them.

import { fail, show } from "../../base/errors";
import { contiguous, sizeOf } from "../../base/shape";
import { operation } from "../../operation/operation";
import { planForward } from "../../plan/forward";
import type {
  ArrayLayout,
  ArrayOrigin,
  GivenStatistics,
  Layouts,
  Problem,
  Renorm,
  RunningUpdate,
  Statistic,
} from "../../plan/problem";
import type { Call, CallResults, Definition } from "../../runtime/call";
import { type ArraySpec, bindingLayoutOf, type Tensor } from "../../runtime/tensor";
import type { Fragment } from "../../wgsl/link";
import { MOMENTS, type StatisticKind } from "../../wgsl/statistics";
import { checkActivation, checkOut, isInPlace, specOf } from "./checks";
import type { NormOptions, NormResult } from "./options";
import { broadcastTo } from "./parameters";
import { fullShape, type PlacedParameter } from "./placement";

/** An axis in two: parts (kept) and what belongs to one (reduced). */
export interface AxisGroups {
  readonly axis: number;
  readonly count: number;
}

/** What a norm says about itself, beside the options that all share. */
export interface NormStatement {
  readonly op: string;
  readonly x: ArraySpec;
  readonly kind?: StatisticKind; // moments by default
  readonly reduced: readonly boolean[];
  readonly groups?: AxisGroups;
  readonly weight?: PlacedParameter;
  readonly bias?: PlacedParameter;
  readonly threshold?: PlacedParameter;
  readonly shift?: PlacedParameter; // instead of the option
  readonly alpha?: PlacedParameter; // the given factor, where it has a gradient
  readonly eps: number;
  readonly exponent?: number;
  readonly weightOffset?: number;
  /** The statistics that it can return, with the names of the arguments that bring them back. */
  readonly statistics?: readonly Statistic[]; // mean and rstd by default
  /** Statistics that are not x's own, and the arguments' names. */
  readonly given?: {
    readonly file: Fragment;
    readonly mean?: ArraySpec;
    readonly spread?: ArraySpec;
    readonly names?: { readonly mean?: string; readonly spread?: string };
  };
  readonly runningUpdate?: {
    readonly file: Fragment;
    readonly mean: ArraySpec;
    readonly variance: ArraySpec;
    readonly momentum: number;
    readonly by?: RunningUpdate["by"];
  };
  readonly renorm?: Renorm;
  /** Further arrays that the shaders read, by their names. */
  readonly arrays?: Readonly<Record<string, ArraySpec>>;
}

/** States a norm for an x and options. */
export type StateNorm<O> = (op: string, x: ArraySpec, options: O) => NormStatement;

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
  state: StateNorm<Options>,
): Norm<Options, S> {
  const define = (x: ArraySpec, o: Options) => forwardCall(state(name, x, o), o);
  return operation({ name, define }) as unknown as Norm<Options, S>;
}

/** Row-major strides of the statistics over the kept axes, 0 along the reduced ones. */
export function statisticsStrides(shape: readonly number[], reduced: readonly boolean[]): number[] {
  return contiguous(shape.map((size, i) => (reduced[i] ? 1 : size))).map((stride, i) =>
    reduced[i] ? 0 : stride,
  );
}

/** Strides along x's axes, with the split axis in two. */
export function groupedStrides({ groups, x }: NormStatement, strides: readonly number[]) {
  if (groups === undefined) return strides;
  const { axis, count } = groups;
  const each = x.shape[axis] / count;
  return strides.toSpliced(axis, 1, strides[axis] * each, strides[axis]);
}

export function groupedAxes({ groups, x, reduced }: NormStatement) {
  const { shape } = x;
  if (groups === undefined) return { shape, reduced };
  const { axis, count } = groups;
  return {
    shape: shape.toSpliced(axis, 1, count, shape[axis] / count),
    reduced: reduced.toSpliced(axis, 1, false, true),
  };
}

function runningUpdateOf(
  { runningUpdate }: NormStatement,
  keptShape: readonly number[],
): RunningUpdate | null {
  if (runningUpdate === undefined) return null;
  const { file, mean, variance, momentum, by = "average" } = runningUpdate;
  return {
    file,
    instances: sizeOf(keptShape) / mean.shape[0],
    by,
    momentum,
    meanStart: bindingLayoutOf(mean).offset,
    varianceStart: bindingLayoutOf(variance).offset,
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
export function originOf(spec: ArraySpec): ArrayOrigin {
  const { offset, dtype } = bindingLayoutOf(spec);
  return { offset, dtype };
}

const givenStatisticsOf = ({ given }: NormStatement): GivenStatistics | null =>
  given
    ? {
        file: given.file,
        mean: given.mean ? originOf(given.mean) : null,
        spread: given.spread ? originOf(given.spread) : null,
      }
    : null;

const NO_ARRAYS: Pick<Call<unknown>, "arrays" | "argumentNames"> = {
  arrays: {},
  argumentNames: {},
};

/** The arguments that hold statistics which are not x's own, and the shaders' names of them. */
export function statisticsArguments({
  given,
  runningUpdate,
  arrays,
}: Pick<NormStatement, "given" | "runningUpdate" | "arrays">) {
  if (!given && !runningUpdate && !arrays) return NO_ARRAYS; // most calls
  const { mean = "mean", spread = "spread" } = given?.names ?? {};
  return {
    arrays: {
      ...arrays,
      ...(given && { [mean]: given.mean, [spread]: given.spread }),
      ...(runningUpdate && { runningMean: runningUpdate.mean, runningVar: runningUpdate.variance }),
    },
    argumentNames: { ...(given && { mean, spread }) },
  };
}

/** The operands of a call that lie along x: those given, with their strides. */
export function layoutsOf(
  n: NormStatement,
  operands: Readonly<Record<string, PlacedParameter | undefined>>,
): Layouts {
  const entries = Object.entries(operands).flatMap(([name, placed]): [string, ArrayLayout][] =>
    placed ? [[name, bindingLayoutOf(placed.spec, groupedStrides(n, placed.strides))]] : [],
  );
  return Object.fromEntries(entries);
}

/** Modulation, which all norms have. */
export const modulationOf = ({ op, x, shift }: NormStatement, o: NormOptions) => ({
  scale: broadcastTo(op, "scale", o.scale, x),
  shift: shift ?? broadcastTo(op, "shift", o.shift, x),
});

/** What forward and backward have in common. */
export function problemOf(n: NormStatement, o: NormOptions, layouts: Layouts): Problem {
  const { shape, reduced } = groupedAxes(n);
  return {
    op: n.op,
    kind: n.kind ?? MOMENTS,
    shape,
    reduced,
    layouts,
    statisticsLayout: { strides: statisticsStrides(shape, reduced), offset: 0 },
    given: givenStatisticsOf(n),
    results: [],
    inPlace: false,
    activation: checkActivation(n.op, o.activation),
    eps: n.eps,
    correction: 0,
    exponent: n.exponent ?? 0,
    weightOffset: n.weightOffset ?? 0,
    runningUpdate: null,
    renorm: n.renorm ?? null,
    gradient: null,
  };
}

export const statisticsShapeOf = (n: NormStatement): number[] => {
  const { shape, reduced } = groupedAxes(n);
  return shape.filter((_, i) => !reduced[i]);
};

const specsOf = (placed: Readonly<Record<string, PlacedParameter | undefined>>) =>
  Object.fromEntries(Object.entries(placed).map(([name, p]) => [name, p?.spec]));

export function forwardCall(n: NormStatement, o: NormOptions): Call<unknown> {
  const { op, x, weight, bias, threshold } = n;
  const { dtype, out } = checkOut(op, o, x);
  const operands = {
    x: fullShape(x),
    residual: broadcastTo(op, "residual", o.residual, x),
    residualBias: broadcastTo(op, "residualBias", o.residualBias, x),
    weight,
    bias,
    threshold,
    ...modulationOf(n, o),
  };
  const y = out ?? specOf(x.shape, dtype);
  const sum = o.residualOut ? fullShape(specOf(x.shape, x.dtype)) : undefined;
  const problem = problemOf(n, o, layoutsOf(n, { ...operands, y: fullShape(y), sum }));
  if (o.stats) checkCount(op, problem.shape, problem.reduced);
  const { arrays, argumentNames } = statisticsArguments(n);
  const statShape = statisticsShapeOf(n);
  const asked = o.stats ? (n.statistics ?? (["mean", "rstd"] as const)) : [];
  const result = ({ outputs, statistics }: CallResults) => {
    if (!o.stats && !o.residualOut) return outputs.y;
    return { ...outputs, ...statistics };
  };
  return {
    problem: {
      ...problem,
      results: asked,
      inPlace: isInPlace(x, out),
      runningUpdate: runningUpdateOf(n, statShape),
    },
    plan: planForward,
    arrays: { ...specsOf(operands), ...arrays },
    argumentNames,
    outputs: {
      y: { shape: x.shape, dtype, out },
      ...(sum && { sum: { shape: x.shape, dtype: x.dtype } }),
    },
    statisticsShape: statShape,
    result,
  };
}
