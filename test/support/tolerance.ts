/**
 * How far a result may be from the float64 reference. The rules are in units of the rounding error
 * 2^-24 of a quantity that the operation really handles, not of the result alone:
 *
 * - Statistics are sums of x - K with K inside the data. Each difference is rounded relative to the
 *   group's spread max |x - mean|, never to the offset, and sums are blocked; the requirement is 2e-6 =
 *   33.6 units for a deviation of 1, whose spread is 4 to 5: STEPS = 8 of the spread, which counts
 *   as 4 deviations at least.
 * - An element further off than 5 deviations dominates the sums: every addition beside it is rounded
 *   relative to it, and in one direction. With 32 additions in a row that makes 16 units in rstd, so that
 *   such a spread counts twice.
 * - The mean itself, the bias and the last additions are rounded relative to their own size.
 * - x + residual is rounded relative to |x| + |residual|, the offset too: the sum is an f32.
 * - A device may flush subnormals to zero: FLUSH of every value in, and of every result.
 * - A result in f16 or bf16 may be off by half a step more; and what is as large as can be, infinite.
 */
import type { DType } from "../../src/index";
import { summed } from "../reference/family";
import { moments } from "../reference/norms";
import type { Activation } from "./activations";
import { broadcastStrides, groupStrides, type Values, visit } from "./arrays";
import { type Inputs, isGiven, type Options, type Problem, referenceOf, typeOf } from "./problems";
import { step } from "./storage";
import { expectedGradients } from "./tolerance_gradients";

export const UNIT = 2 ** -24;
export const STEPS = 8;
export const OWN = 4;
export const FLUSH = 2 ** -126;

export interface Expected extends Values {
  /** Of the f32 that is rounded to what is stored. */
  readonly tolerance: Float64Array;
  readonly dtype: DType;
}

export interface Groups {
  variance: Values["data"];
  spread: Float64Array;
  /** How far the sums with a residual may be off. */
  offset: Float64Array;
  of: (f: (i: number, group: number) => void) => void; // every element of x with its group
}

type Rule = (problem: Problem, groups: Groups, value: number, i: number) => number;

const RULES: Record<string, Rule> = {
  mean: (problem, { spread, offset }, m, g) =>
    isGiven(problem) ? 0 : UNIT * (STEPS * spread[g] + OWN * Math.abs(m)) + offset[g] + 2 * FLUSH,
  variance: (_, groups, v, g) => v * ofVariance(groups, g) + 2 * FLUSH,
  std: (_, groups, s, g) =>
    s * (ofVariance(groups, g) / 2 + OWN * UNIT) + Math.min(Math.sqrt(2 * FLUSH), (2 * FLUSH) / s),
  rstd(problem, groups, r, g) {
    const { eps = 1e-5 } = problem.options;
    if (problem.operation.tolerance) return r * (2 * STEPS * UNIT + 2 * groups.offset[g] * r);
    const v = groups.variance[g];
    const share = isGiven(problem) ? 0 : v / (v + eps);
    return r * (OWN * UNIT + (share * ofVariance(groups, g)) / 2);
  },
  // (1 - momentum) * old + momentum * new; examples that share a channel are averaged
  runningMean: (problem, groups, m, c) =>
    ofRunning(
      problem,
      m,
      c,
      "runningMean",
      (g) => STEPS * UNIT * groups.spread[g] + groups.offset[g],
      groups,
    ),
  runningVar: (problem, groups, v, c) =>
    ofRunning(
      problem,
      v,
      c,
      "runningVar",
      (g) => 2 * groups.variance[g] * ofVariance(groups, g),
      groups,
    ),
  sum: ({ inputs: { x, residual, residualBias } }, _, __, i) =>
    2 * UNIT * added([x, residual, residualBias], x, i) + FLUSH,
};

export function expected(problem: Problem): Record<string, Expected> {
  if (problem.operation.kind === "gradient") return expectedGradients(problem);
  const groups = groupsOf(problem);
  const { kind, name: operation } = problem.operation;
  return Object.fromEntries(
    Object.entries(referenceOf(problem)).map(([name, values]): [string, Expected] => {
      const dtype = typeOf(problem, name);
      if (name === "y" && kind === "norm") {
        return [name, { ...values, tolerance: ofResult(problem, groups, values), dtype }];
      }
      const rule = RULES[name === "y" ? operation : name];
      const tolerance = Float64Array.from(values.data, (v, i) => rule(problem, groups, v, i));
      return [name, { ...values, tolerance, dtype }];
    }),
  );
}

/** Sum of the absolute values at element i of x. */
function added(arrays: readonly (Values | undefined)[], { shape }: Values, i: number): number {
  return arrays.reduce((all, values) => {
    return values ? all + Math.abs(values.data[partner(values.shape, shape, i)]) : all;
  }, 0);
}

/** Where the element of a broadcast array is that lies at element i. */
function partner(own: readonly number[], shape: readonly number[], i: number): number {
  const strides = broadcastStrides(own, shape);
  let rest = i;
  let at = 0;
  for (let axis = shape.length - 1; axis >= 0; axis--) {
    at += (rest % shape[axis]) * strides[axis];
    rest = Math.floor(rest / shape[axis]);
  }
  return at;
}

/** An input that is flushed is missing with the factor that it has in y. */
function flushed(x: Values, y: Values, tolerance: Float64Array): Float64Array {
  const { data } = x;
  return tolerance.map((t, i) => t + (data[i] === 0 ? 0 : FLUSH * Math.abs(y.data[i] / data[i])));
}

export function groupsOf({ operation, options, inputs }: Problem): Groups {
  const { shape, axes } = operation.grouping(inputs.x.shape, options);
  const { residual, residualBias }: Partial<Inputs> = operation.kind === "gradient" ? {} : inputs;
  const joined = residual || residualBias;
  const { data } = summed(inputs.x, { residual, residualBias });
  const { mean, variance } = moments({ shape, data }, { axes });
  const strides = groupStrides(shape, axes);
  const spread = new Float64Array(mean.data.length);
  const offset = new Float64Array(mean.data.length);
  const of: Groups["of"] = (f) => visit(shape, strides, f);
  of((i, g) => {
    spread[g] = Math.max(spread[g], Math.abs(data[i] - mean.data[g]));
    if (!joined) return;
    const sizes = added([inputs.x, residual, residualBias], inputs.x, i);
    offset[g] = Math.max(offset[g], 2 * UNIT * sizes);
  });
  spread.forEach((most, g) => {
    const deviation = Math.sqrt(variance.data[g]);
    spread[g] = most > 5 * deviation ? 2 * most : Math.max(most, 4 * deviation);
  });
  return { variance: variance.data, spread, offset, of };
}

/** Relative: every deviation is off by steps of the spread. */
function ofVariance({ spread, variance, offset }: Groups, g: number): number {
  if (variance[g] === 0) return 0;
  const steps = 2 * STEPS * UNIT * spread[g] + 2 * offset[g];
  return OWN * UNIT + steps / Math.sqrt(variance[g]);
}

/** The operation without these options and inputs: y before what they do. */
export function without(problem: Problem, ...names: string[]): Problem {
  const drop = (from: object) =>
    Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)));
  const { options, inputs } = problem;
  return { ...problem, options: drop(options) as Options, inputs: drop(inputs) as Inputs };
}

/** weight * xhat + bias, then modulation, then the activation. */
function ofResult(problem: Problem, groups: Groups, y: Values): Float64Array {
  const { scale, shift } = problem.inputs;
  const { activation } = problem.options;
  const plain = without(problem, "scale", "shift", "activation");
  const a = scale || shift || activation ? referenceOf(plain).y : y;
  const tolerance = ofAffine(plain, groups, a);
  return finishedTolerance(problem, a, tolerance, y);
}

/** From what the modulation gets, and how far that may be off, to the same of y. */
export function finishedTolerance(
  { inputs: { scale, shift }, options: { activation } }: Problem,
  a: Values,
  tolerance: Float64Array,
  y: Values,
): Float64Array {
  const result = tolerance.slice();
  const factors = spread(scale, a.shape, 0);
  const terms = spread(shift, a.shape, 0);
  if (scale || shift) {
    result.forEach((t, i) => {
      const factor = Math.abs(1 + factors[i]);
      const size = factor * Math.abs(a.data[i]) + Math.abs(terms[i]);
      result[i] = factor * t + OWN * UNIT * size + FLUSH;
    });
  }
  if (!activation) return result;
  return result.map((t, i) => {
    const z = (1 + factors[i]) * a.data[i] + terms[i];
    return STEEPEST * t + UNIT * Math.abs(y.data[i]) * unitsOf(activation, z) + FLUSH;
  });
}

/** The largest slope of any activation, GELU's. */
export const STEEPEST = 1.13;

/** An exponential is off by as many units as its argument is large, and GELU's is of the square. */
function unitsOf(activation: Activation, z: number): number {
  return activation === "relu" ? 1 : 12 + (z < 0 ? 8 * Math.min(z * z, 100) : 0);
}

/** v for every element of the shape that it broadcasts to. */
export function spread(
  v: Values | undefined,
  shape: readonly number[],
  otherwise: number,
): Float64Array {
  const result = new Float64Array(shape.reduce((all, d) => all * d, 1)).fill(otherwise);
  if (!v) return result;
  visit(shape, broadcastStrides(v.shape, shape), (i, k) => {
    result[i] = v.data[k];
  });
  return result;
}

/** weight * xhat + bias */
export function ofAffine(problem: Problem, groups: Groups, a: Values): Float64Array {
  const { tolerance: own, even } = problem.operation;
  const { x } = problem.inputs;
  if (!own) return flushed(x, a, ofNormalized(problem, groups, a));
  const sizes = even ? referenceOf(positive(problem)).y : a;
  const tolerance = Float64Array.from(sizes.data, (size) => own(size, problem.options) + FLUSH);
  return flushed(x, a, withOffsets(problem, groups, tolerance));
}

/** The problem of the absolute values: where nothing cancels, the terms' sizes add up. */
function positive(problem: Problem): Problem {
  const inputs = Object.entries(problem.inputs).map(([name, { shape, data }]) => {
    return [name, { shape, data: data.map(Math.abs) }];
  });
  return { ...without(problem, "threshold"), inputs: Object.fromEntries(inputs) };
}

/** What sums with a residual are off by, times the factor of x. */
function withOffsets(problem: Problem, groups: Groups, tolerance: Float64Array): Float64Array {
  if (groups.offset.every((t) => t === 0)) return tolerance;
  const w = largestWeight(problem);
  const factors = factorsOf(problem, groups);
  const result = tolerance.slice();
  groups.of((i, g) => {
    result[i] += 4 * w * factors[g] * groups.offset[g];
  });
  return result;
}

/**
 * What x is multiplied by in each group: by its variance, or where no mean is taken away the slope of
 * xhat between its least and its largest element.
 */
export function factorsOf(problem: Problem, groups: Groups): Float64Array {
  const { operation, options, inputs } = problem;
  const { eps = 1e-5, rMax = Infinity } = options;
  const scale = operation.scale ?? ((v: number) => 1 / Math.sqrt(v + eps));
  const given = isGiven(problem) ? (inputs.runningVar ?? inputs.variance).data : null;
  if (given) return groups.spread.map((_, g) => 1 / Math.sqrt(given[g % given.length] + eps));
  if (operation.tolerance) return slopesOf(problem, groups, scale(0, options));
  return Float64Array.from(groups.variance, (v) => {
    return Math.min(scale(v, options), rMax / Math.sqrt(v + eps));
  });
}

function slopesOf(problem: Problem, groups: Groups, ofZeros: number): Float64Array {
  const { operation, inputs } = problem;
  const bare = without(problem, "weight", "bias", "threshold", "scale", "shift", "activation");
  const u = operation.forward ? forwardOf(bare) : referenceOf(bare).y;
  const { residual, residualBias } = inputs;
  const x = operation.forward ? inputs.x.data : summed(inputs.x, { residual, residualBias }).data;
  const least = new Int32Array(groups.spread.length).fill(-1);
  const most = least.slice();
  groups.of((i, g) => {
    if (least[g] < 0 || x[i] < x[least[g]]) least[g] = i;
    if (most[g] < 0 || x[i] > x[most[g]]) most[g] = i;
  });
  return Float64Array.from(least, (low, g) => {
    const high = most[g];
    if (x[low] !== x[high]) return Math.abs((u.data[high] - u.data[low]) / (x[high] - x[low]));
    return Math.abs(u.data[low] / x[low]) || ofZeros;
  });
}

/** What the operation of a gradient made of its x, which has any residual in it. */
export function forwardOf(problem: Problem): Values {
  const { forward = problem.operation } = problem.operation;
  const { dy, dSum, mean, rstd, residualBias, ...own } = problem.inputs;
  const moments = forward.needs?.includes("mean") ? { mean } : {};
  const inputs = { ...own, ...moments } as Inputs;
  return referenceOf({ ...problem, operation: forward, inputs }).y;
}

export function largestWeight({
  inputs: { weight },
  options: { weightOffset = 0 },
}: Problem): number {
  return weight ? largest(weight.data.map((w) => w + weightOffset)) : 1;
}

/** y = (x - mean) * rstd * weight + bias: steps of the largest such product in the group. */
function ofNormalized(problem: Problem, groups: Groups, y: Values): Float64Array {
  const { bias } = problem.inputs;
  const { eps = 1e-5 } = problem.options;
  const w = largestWeight(problem);
  const b = bias ? largest(bias.data) : 0;
  const tolerance = Float64Array.from(y.data, (v) => OWN * UNIT * (Math.abs(v) + b) + FLUSH);
  if (isGiven(problem)) {
    const own = tolerance.map((t, i) => t + STEPS * UNIT * (Math.abs(y.data[i]) + b));
    return withOffsets(problem, groups, own);
  }
  const scale = problem.operation.scale ?? ((v: number) => 1 / Math.sqrt(v + eps));
  groups.of((i, g) => {
    const rstd = scale(groups.variance[g], problem.options);
    const off = STEPS * UNIT * groups.spread[g] + 4 * groups.offset[g] + 2 * FLUSH;
    tolerance[i] += w * rstd * off;
  });
  return tolerance;
}

function ofRunning(
  problem: Problem,
  value: number,
  channel: number,
  name: string,
  step: (g: number) => number,
  { spread }: Groups,
): number {
  if (isGiven(problem)) return 0; // untouched
  const old = problem.inputs[name];
  let worst = 0;
  for (let g = channel; g < spread.length; g += old.data.length) worst = Math.max(worst, step(g));
  return OWN * UNIT * (Math.abs(value) + Math.abs(old.data[channel])) + worst + 2 * FLUSH;
}

export function largest(data: Values["data"]): number {
  let most = 0;
  for (const v of data) most = Math.max(most, Math.abs(v));
  return most;
}

/** What storing may add: half a step, that of the next power of two where the f32 may have got there. */
export const ofStorage = (value: number, tolerance: number, dtype: DType): number =>
  dtype === "f32" ? 0 : step(Math.abs(value) + tolerance, dtype) / 2;
