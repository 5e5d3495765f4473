// From an operation's checked arguments to its problem. Shared by all norms; knows none of them.

import { fail, show } from "../errors";
import type { KindName } from "../kinds";
import { type Arrays, type Call, type Definition, type Made, operation } from "../operation";
import type { Problem, Statistic, Track } from "../problem";
import { contiguous, type Layout, overlapsItself, sizeOf } from "../shape";
import { layoutOf, type Spec, Tensor } from "../tensor";

/** A weight or bias argument: `true` stands for one of the usual shape, for planning on paper. */
export type Parameter = Tensor | true;

/** y, and with `stats: true` the statistics it was made with. */
export interface WithStats {
  readonly y: Tensor;
  /** One value a group, without the reduced axes. */
  readonly mean: Tensor;
  /** 1 / sqrt(variance + eps), one value a group. */
  readonly rstd: Tensor;
}

export interface OutputOptions {
  /** Receives y; it may be x itself (in place). */
  out?: Tensor;
  /** Return `{ y, mean, rstd }` instead of y. */
  stats?: boolean;
}

type Output<O> = O extends { stats: true }
  ? WithStats
  : O extends { stats: false }
    ? Tensor
    : O extends { stats: boolean }
      ? Tensor | WithStats
      : Tensor;

/** An operation whose result depends on `stats`. */
export interface Norm<Options extends OutputOptions> {
  <O extends Options>(x: Tensor, options: O): Output<O>;
  readonly definition: Definition<Options, Tensor | WithStats>;
}

export const norm = <Options extends OutputOptions>(
  definition: Definition<Options, Tensor | WithStats>,
): Norm<Options> => operation(definition) as Norm<Options>;

/** A parameter with its strides along each axis of x. */
export interface Placed {
  readonly spec: Spec;
  readonly strides: readonly number[];
}

export interface Normalization {
  readonly op: string;
  readonly x: Spec;
  readonly kind?: KindName; // moments by default
  readonly reduced: readonly boolean[];
  readonly groups?: { readonly axis: number; readonly count: number }; // split that axis in two
  readonly weight?: Placed;
  readonly bias?: Placed;
  readonly eps: number;
  readonly exponent?: number;
  readonly weightOffset?: number;
  readonly output: OutputOptions;
  readonly given?: { readonly mean: Spec; readonly variance: Spec };
  readonly track?: { readonly mean: Spec; readonly variance: Spec; readonly momentum: number };
}

export const specOf = (shape: readonly number[]): Spec => {
  return { shape, strides: contiguous(shape), offset: 0, dtype: "f32" };
};

export function checkEps(op: string, eps: unknown): number {
  if (typeof eps !== "number" || !(eps >= 0) || eps === Number.POSITIVE_INFINITY) {
    fail(op, `eps ${show(eps)}, expected a finite number that is not negative`);
  }
  return eps;
}

/** A parameter of exactly this shape. */
export function checkParameter(
  op: string,
  name: string,
  given: unknown,
  shape: readonly number[],
): Spec | undefined {
  if (given === undefined || given === null) return undefined;
  if (given === true) return specOf(shape);
  if (!(given instanceof Tensor)) fail(op, `${name} is ${show(given)}, expected a tensor`);
  if (String(given.shape) !== String(shape)) {
    fail(op, `${name} has shape ${show(given.shape)}, expected ${show(shape)}`);
  }
  return given;
}

function checkOut(op: string, out: unknown, shape: readonly number[]): Spec | undefined {
  const spec = checkParameter(op, "out", out, shape);
  if (spec && overlapsItself(spec.shape, spec.strides)) {
    fail(op, `out has strides ${show(spec.strides)}, expected elements that do not overlap`);
  }
  return spec;
}

function isInPlace(x: Spec, out: Spec | undefined): boolean {
  if (!(x instanceof Tensor && out instanceof Tensor) || x.buffer !== out.buffer) return false;
  const same = (a: number, i: number) => x.shape[i] === 1 || a === out.strides[i];
  return x.offset === out.offset && x.strides.every(same);
}

/** Row-major strides of the statistics over the kept axes, 0 along the reduced ones. */
function statStrides(shape: readonly number[], reduced: readonly boolean[]): number[] {
  return contiguous(shape.map((size, i) => (reduced[i] ? 1 : size))).map((stride, i) =>
    reduced[i] ? 0 : stride,
  );
}

/** Every axis list with `axis` in two: groups (kept) and the channels of one (reduced). */
function grouped(n: Normalization, strides: readonly number[]): readonly number[] {
  if (n.groups === undefined) return strides;
  const { axis, count } = n.groups;
  const each = n.x.shape[axis] / count;
  return strides.toSpliced(axis, 1, strides[axis] * each, strides[axis]);
}

function groupedAxes(n: Normalization): { shape: readonly number[]; reduced: readonly boolean[] } {
  const { shape } = n.x;
  if (n.groups === undefined) return { shape, reduced: n.reduced };
  const { axis, count } = n.groups;
  return {
    shape: shape.toSpliced(axis, 1, count, shape[axis] / count),
    reduced: n.reduced.toSpliced(axis, 1, false, true),
  };
}

function trackOf(n: Normalization, keptShape: readonly number[]): Track | null {
  if (n.track === undefined) return null;
  const { mean, variance, momentum } = n.track;
  return {
    instances: sizeOf(keptShape) / mean.shape[0],
    momentum,
    meanOffset: layoutOf(mean).offset,
    varOffset: layoutOf(variance).offset,
  };
}

function checkCount(op: string, shape: readonly number[], reduced: readonly boolean[]): void {
  const kept = sizeOf(shape.filter((_, i) => !reduced[i]));
  if (kept > 0 && sizeOf(shape.filter((_, i) => reduced[i])) === 0) {
    fail(op, `shape ${show(shape)} has no elements to take statistics over, expected at least one`);
  }
}

export function normalization(n: Normalization): Call<Tensor | WithStats> {
  const { op, x, output } = n;
  const out = checkOut(op, output.out, x.shape);
  const { shape, reduced } = groupedAxes(n);
  if (output.stats) checkCount(op, shape, reduced);
  const statShape = shape.filter((_, i) => !reduced[i]);
  const layout = ({ spec, strides }: Placed): Layout => layoutOf(spec, grouped(n, strides));
  const target = out ?? specOf(x.shape);
  const problem: Problem = {
    op,
    kind: n.kind ?? "moments",
    shape,
    reduced,
    layouts: {
      x: layout({ spec: x, strides: x.strides }),
      y: layout({ spec: target, strides: target.strides }),
      stat: { strides: statStrides(shape, reduced), offset: 0 },
      ...(n.weight && { weight: layout(n.weight) }),
      ...(n.bias && { bias: layout(n.bias) }),
    },
    given: n.given
      ? { mean: layoutOf(n.given.mean).offset, variance: layoutOf(n.given.variance).offset }
      : null,
    results: output.stats ? ["mean", "rstd"] : [],
    inPlace: isInPlace(x, out),
    eps: n.eps,
    correction: 0,
    exponent: n.exponent ?? 0,
    weightOffset: n.weightOffset ?? 0,
    track: trackOf(n, statShape),
  };
  const running = n.given ?? n.track;
  const arrays: Arrays = {
    x,
    out,
    weight: n.weight?.spec,
    bias: n.bias?.spec,
    runningMean: running?.mean,
    runningVar: running?.variance,
  };
  const result = ({ y, statistics: { mean, rstd } }: Made) =>
    output.stats ? { y, mean, rstd } : y;
  return { problem, arrays, statShape, result };
}

/** The same for an operation that gives y and nothing else. */
export function plain(n: Omit<Normalization, "output">, out: Tensor | undefined): Call<Tensor> {
  return { ...normalization({ ...n, output: { out } }), result: ({ y }) => y };
}

/** Statistics alone, of which one may go into a tensor of the caller's. */
export function statistics<R>(
  op: string,
  x: Spec,
  reduced: readonly boolean[],
  o: {
    results: readonly Statistic[];
    keepdim?: boolean;
    out?: unknown;
    correction?: number;
    result: (made: Made["statistics"], count: number) => R;
  },
): Call<R> {
  const { shape } = x;
  checkCount(op, shape, reduced);
  const keptShape = shape.map((size, i) => (reduced[i] ? 1 : size));
  const statShape = o.keepdim ? keptShape : shape.filter((_, i) => !reduced[i]);
  const out = checkOut(op, o.out, statShape);
  const strides = out ? outStrides(out, reduced, o.keepdim) : statStrides(shape, reduced);
  const problem: Problem = {
    op,
    kind: "moments",
    shape,
    reduced,
    layouts: { x: layoutOf(x), stat: { strides, offset: out ? layoutOf(out).offset : 0 } },
    given: null,
    results: o.results,
    inPlace: false,
    eps: 0,
    correction: o.correction ?? 0,
    exponent: 0,
    weightOffset: 0,
    track: null,
  };
  const count = sizeOf(shape.filter((_, i) => reduced[i]));
  return { problem, arrays: { x, out }, statShape, result: (m) => o.result(m.statistics, count) };
}

function outStrides(out: Spec, reduced: readonly boolean[], keepdim?: boolean): number[] {
  if (keepdim) return out.strides.map((stride, i) => (reduced[i] ? 0 : stride));
  let next = 0;
  return reduced.map((r) => (r ? 0 : out.strides[next++]));
}
