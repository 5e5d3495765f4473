// These tolerances bound how far y may be from the float64 reference, by the rules in tolerance.ts.

import { summed } from "../reference/family";
import { type AnyActivation, nameOf } from "./activations";
import { broadcastStrides, largest, type Values, visit } from "./arrays";
import { type Inputs, isGiven, type Problem, referenceOf, without } from "./problem";
import { gateFactors, sumSize, ungated } from "./tolerance_gates";
import type { Groups } from "./tolerance_groups";
import { FLUSH, OWN, STEPS, UNIT } from "./units";

/** The gate's factor of an element is off by some units of itself, as an exponential's is. */
const GATE_UNITS = 16;

/** What gates and a skip make of the tolerance of the norm's result. */
export function ofResult(problem: Problem, groups: Groups, y: Values): Float64Array {
  const { gate, skip, skipGate, residualGate, mask, x } = problem.inputs;
  if (!gate && !skip && !residualGate) return ofKept(problem, ofUngated(problem, groups, y));
  const plain = ungated(problem);
  const own = referenceOf(plain).y;
  const tolerance = ofUngated(plain, groups, own);
  const result = referenceOf(without(problem, "skip", "skipGate")).y;
  const [factors, gates] = [gateFactors(problem), spread(skipGate, x.shape, 1)];
  const skips = spread(skip, x.shape, 0);
  const weights = spread(mask, x.shape, 1);
  return tolerance.map((t, i) => {
    const filled = weights[i] === 0 && problem.options.fill !== "apply";
    const after = problem.options.gateFirst ? 1 : Math.abs(factors[i]);
    const size = Math.abs(result.data[i]);
    const before = filled ? 4 * UNIT * sumSize(problem, i) : after * t + GATE_UNITS * UNIT * size;
    const g = Math.abs(gates[i]);
    return g * before + 2 * UNIT * (g * size + Math.abs(skips[i])) + 2 * FLUSH;
  });
}

/** Masked elements that stay are the sum of x and what is added to it, whose terms may cancel. */
function ofKept(problem: Problem, tolerance: Float64Array): Float64Array {
  const { mask, x } = problem.inputs;
  if (!mask || problem.options.fill !== "keep") return tolerance;
  const weights = spread(mask, x.shape, 1);
  return tolerance.map((t, i) => (weights[i] === 0 ? 4 * UNIT * sumSize(problem, i) + FLUSH : t));
}

/** weight * xhat + bias, then modulation, then the activation. */
function ofUngated(problem: Problem, groups: Groups, y: Values): Float64Array {
  const { scale, shift } = problem.inputs;
  const { activation } = problem.options;
  const plain = without(problem, "scale", "scaleOffset", "shift", "activation");
  const a = scale || shift || activation ? referenceOf(plain).y : y;
  const tolerance = ofAffine(plain, groups, a);
  return finishedTolerance(problem, a, tolerance, y);
}

/** From what the modulation gets, and how far that may be off, to the same of y. */
export function finishedTolerance(
  { inputs: { scale, shift }, options: { activation, scaleOffset = 1 } }: Problem,
  a: Values,
  tolerance: Float64Array,
  y: Values,
): Float64Array {
  const result = tolerance.slice();
  const factors = spread(scale, a.shape, 0);
  const terms = spread(shift, a.shape, 0);
  if (scale || shift) {
    result.forEach((t, i) => {
      const factor = scale ? Math.abs(scaleOffset + factors[i]) : 1;
      const size = factor * Math.abs(a.data[i]) + Math.abs(terms[i]);
      result[i] = factor * t + OWN * UNIT * size + FLUSH;
    });
  }
  if (!activation) return result;
  return result.map((t, i) => {
    const z = (scale ? scaleOffset + factors[i] : 1) * a.data[i] + terms[i];
    const steep = steepness(activation, Math.abs(z) + t);
    return steep * t + UNIT * (Math.abs(y.data[i]) * unitsOf(activation, z)) + FLUSH;
  });
}

/** What follows the normalization. */
export const TAIL = [
  ...["weight", "bias", "threshold", "scale", "scaleOffset", "shift", "activation"],
] as const;

/** The largest slope of an activation for arguments of this size: GELU's, but for a square. */
export const steepness = (activation: AnyActivation | undefined, size: number) =>
  activation && nameOf(activation) === "relu2" ? Math.max(1, 2 * size) : activation ? 1.13 : 1;

/** An exponential is off by as many units as its argument is large, and GELU's is of the square. */
function unitsOf(activation: AnyActivation, z: number): number {
  return nameOf(activation) === "relu" ? 1 : 12 + (z < 0 ? 8 * Math.min(z * z, 100) : 0);
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
  const bare = without(problem, ...TAIL);
  const u = operation.forward ? forwardOf(bare) : referenceOf(bare).y;
  const { residual, residualBias } = inputs;
  const x = operation.forward ? inputs.x.data : summed(inputs.x, { residual, residualBias }).data;
  const least = new Int32Array(groups.spread.length).fill(-1);
  const most = least.slice();
  groups.of((i, g) => {
    if (groups.valid && !groups.valid[i]) return;
    if (least[g] < 0 || x[i] < x[least[g]]) least[g] = i;
    if (most[g] < 0 || x[i] > x[most[g]]) most[g] = i;
  });
  return Float64Array.from(least, (low, g) => {
    const high = most[g];
    if (high < 0) return ofZeros;
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

/** An input that is flushed is missing with the factor that it has in y. */
function flushed(x: Values, y: Values, tolerance: Float64Array): Float64Array {
  const { data } = x;
  return tolerance.map((t, i) => t + (data[i] === 0 ? 0 : FLUSH * Math.abs(y.data[i] / data[i])));
}
