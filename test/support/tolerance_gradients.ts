// A gradient may be off from the float64 reference by STEPS = 8 units of 2^-24 of its natural size,
//
//   dx: factor * max|weight| * max|1 + scale| * max|dy|, the factor of xhat in x (rstd) per group;
//   of a parameter, a sum of `count` terms: the largest term that is usual * sqrt(count).
//
// - Means that the forward saved are rounded to f32, so that xhat is off by |mean| * rstd units.
// - An error of an activation's argument is an error of its slope: natural sizes grow by that of
//   the argument.
// - Where xhat is larger than 4, as beside an outlier, the terms with it are larger than usual.
// - Terms of the same sign are rounded relative to their sum.
// - Sums of equal dy are rounded in one direction at each addition, so that dx counts twice there.
// - Sums of dx are sums of stored values, each off by half a step.

import { along } from "../reference/family";
import { type AnyActivation, nameOf } from "./activations";
import { largest, product, resolveAxis, type Values } from "./arrays";
import { type Expected, type Options, type Problem, referenceOf, typeOf, without } from "./problem";
import {
  factorsOf,
  finishedTolerance,
  forwardOf,
  largestWeight,
  ofAffine,
  spread,
  steepness,
  TAIL,
} from "./tolerance_forward";
import { gateFactors, gateSlope, sumOf, ungated } from "./tolerance_gates";
import { type Groups, groupsOf, repetition } from "./tolerance_groups";
import { FLUSH, STEPS, UNIT } from "./units";

/** Natural sizes. */
interface Sizes {
  /** Of dy behind the activation, at z. */
  dz: number;
  /** Of 1 + scale. */
  modulation: number;
  weight: number;
  /** Of xhat, and of what the modulation gets. */
  u: number;
  a: number;
  /** Of x where the slope of dynamicTanh is not gone. */
  alpha: number;
  /** How much the argument of the activation weighs. */
  bend: number;
  /** Of dx, a group. */
  dx: Float64Array;
  /** Beyond rounding: what rounded means cost. */
  ratio: Float64Array;
}

export function expectedGradients(problem: Problem): Record<string, Expected> {
  const results = referenceOf(problem);
  const own = problem.operation.forward?.gradientTolerance;
  return Object.fromEntries(
    Object.entries(results).map(([name, values]): [string, Expected] => {
      const tolerance = own?.(problem, name, values) ?? usual(problem, name, values);
      return [name, { ...values, tolerance, dtype: typeOf(problem, name) }];
    }),
  );
}

function usual(problem: Problem, name: string, values: Values): Float64Array {
  const groups = groupsOf(problem);
  const sizes = sizesOf(problem, groups);
  return name === "dx" || name === "dResidual"
    ? ofInput(problem, groups, sizes, values, name)
    : ofParameter(problem, sizes, name, values);
}

/** What gates multiply gradients by, at most: what arrives at the norm's result, and at its input. */
function gatesOf(problem: Problem) {
  const { skipGate, residualGate } = problem.inputs;
  const factor = problem.inputs.gate ? largest(gateFactors(problem)) : 1;
  const { gateFirst } = problem.options;
  return {
    result: (skipGate ? largest(skipGate.data) : 1) * (gateFirst ? 1 : factor),
    skip: skipGate ? largest(skipGate.data) : 1,
    element: gateFirst ? factor : 1,
    residual: residualGate ? largest(residualGate.data) : 1,
    slope: gateSlope(problem),
  };
}

function sizesOf(gated: Problem, groups: Groups): Sizes {
  const problem = ungated(gated);
  const gates = gatesOf(gated);
  const { inputs, options } = problem;
  const { dy, scale, shift, bias } = inputs;
  const weight = largestWeight(problem);
  const { scaleOffset = 1 } = options;
  const modulation = scale ? largest(scale.data.map((s) => scaleOffset + s)) : 1;
  const u = largest(forwardOf(bare(problem)).data);
  const a = u * weight + (bias ? largest(bias.data) : 0);
  const argument = modulation * a + (shift ? largest(shift.data) : 0);
  const dz = largest(dy.data) * gates.result * steepness(options.activation, argument);
  const factors = factorsOf(problem, groups);
  const outliers = Math.max(1, u / 4);
  const directions = repetition(dy) === dy.data.length && dy.data.length > 1 ? 2 : 1; // all equal
  return {
    dz,
    modulation,
    weight,
    u,
    a,
    alpha: inputs.alpha ? 0.5 / inputs.alpha.data[0] : 0,
    bend: options.activation ? Math.max(1, argument) : 1,
    dx: factors.map((factor) => factor * weight * modulation * dz * outliers * directions),
    ratio: ratiosOf(problem, groups, factors),
  };
}

const bare = (problem: Problem) => without(problem, ...TAIL);

/** 1 + |mean| / deviation, where means are saved ones; and where a gate has rounded x. */
function ratiosOf(
  { inputs: { mean, rstd } }: Problem,
  { offset }: Groups,
  factors: Float64Array,
): Float64Array {
  return factors.map((factor, g) => {
    const saved = mean && rstd ? Math.abs(mean.data[g]) : 0;
    return 1 + (saved + offset[g] / (2 * UNIT)) * factor;
  });
}

/** A dy may be flushed before its factors make it larger. */
const gain = (size: number, { dz }: Sizes) => (dz > 0 ? Math.max(1, size / dz) : 1);

function ofInput(
  problem: Problem,
  groups: Groups,
  sizes: Sizes,
  dx: Values,
  name: string,
): Float64Array {
  const { dSum } = problem.inputs;
  const { element, residual } = gatesOf(problem);
  const gate = name === "dx" ? residual : 1;
  const tolerance = new Float64Array(dx.data.length);
  const through = throughNorm(problem.options, groups, dx);
  groups.of((i, g) => {
    const own = Math.abs(dx.data[i]) + gate * (dSum ? Math.abs(dSum.data[i]) : 0);
    const natural = gate * element * sizes.dx[g] * sizes.ratio[g] * sizes.bend * through;
    tolerance[i] =
      STEPS * UNIT * natural + 2 * UNIT * own + 2 * STEPS * gain(natural, sizes) * FLUSH;
  });
  return tolerance;
}

/**
 * Of the largest element the gradient is that of the whole norm, a sum of sqrt(count); the logarithm
 * of a power is rounded too.
 */
function throughNorm({ p }: Options, { spread: all }: Groups, dx: Values): number {
  if (p === 3) return 8;
  return p === Infinity ? Math.sqrt(dx.data.length / all.length) : 1;
}

/** The largest term that is usual. */
function termOf(name: string, s: Sizes, problem: Problem): number {
  const { x, dy, dSum, residualBias } = problem.inputs;
  const gates = gatesOf(problem);
  const ofResult = largest(forwardOf(without(ungated(problem), "fill", "mask")).data);
  const arriving = largest(dy.data);
  const ofSum = largest(s.dx) * gates.element + (dSum ? largest(dSum.data) : 0);
  if (name === "dSkip") return arriving;
  if (name === "dSkipGate") {
    const fill = Number(problem.options.fill) || largest(sumOf(problem).data);
    return arriving * Math.max(4, ofResult * (gates.result / gates.skip || 1), fill);
  }
  if (name === "dGate") {
    const { gateFirst } = problem.options;
    const ofInput = largest(s.dx) * largest(sumOf(problem).data);
    return gates.slope * (gateFirst ? ofInput : arriving * gates.skip * Math.max(4, ofResult));
  }
  if (name === "dResidualGate") {
    return ofSum * (largest(x.data) + (residualBias ? largest(residualBias.data) : 0));
  }
  if (name === "dResidualBias") return gates.residual * ofSum;
  if (name === "dWeight") return s.dz * s.modulation * Math.max(1, s.u / 4);
  if (name === "dScale") return s.dz * Math.max(s.a, s.weight);
  if (name === "dShift" || name === "dSlope") return s.dz; // bend is the size of a slope's factor
  if (name === "dAlpha") return s.dz * s.weight * s.alpha;
  return s.dz * s.modulation;
}

function ofParameter(problem: Problem, sizes: Sizes, name: string, values: Values): Float64Array {
  const { x } = problem.inputs;
  const count = product(x.shape) / Math.max(1, values.data.length);
  const usual = termOf(name, sizes, problem) * largest(sizes.ratio) * sizes.bend;
  const term = usual * Math.sqrt(count * repetition(problem.inputs.dy));
  return Float64Array.from(values.data, (v) => {
    return STEPS * UNIT * (term + Math.abs(v)) + count * gain(usual, sizes) * FLUSH;
  });
}

const KINKS: Partial<Record<string, readonly number[]>> = {
  relu: [0],
  leakyRelu: [0],
  relu6: [0, 6],
  hardswish: [-3, 3],
  hardSigmoid: [-3, 3],
};

const kinksOf = (activation: AnyActivation | undefined) =>
  (activation && KINKS[nameOf(activation)]) ?? [];

/** Elements at which rounding decides on which side of a bend they are. */
export function undecided(gated: Problem): number[] {
  const problem = ungated(gated);
  const { inputs, options } = problem;
  const kinks = kinksOf(options.activation);
  const { threshold } = inputs;
  if (kinks.length === 0 && !threshold) return [];
  const groups = groupsOf(gated);
  const plain = without(problem, "scale", "scaleOffset", "shift", "activation", "threshold");
  const a = forwardOf(plain);
  const off = withSaved(problem, groups, ofAffine(forwardProblem(plain), groups, a));
  const near = new Set<number>();
  if (threshold) {
    const axis = resolveAxis(inputs.x.shape, options.channelAxis ?? 1);
    const least = spread(along(threshold, inputs.x.shape, axis), inputs.x.shape, 0);
    a.data.forEach((v, i) => {
      if (Math.abs(v - least[i]) <= off[i]) near.add(i);
    });
  }
  const identity = { ...problem, options: { ...options, activation: undefined } };
  const before = forwardOf(without(problem, "activation"));
  const within = finishedTolerance(identity, a, off, before);
  before.data.forEach((z, i) => {
    if (kinks.some((kink) => Math.abs(z - kink) <= within[i])) near.add(i);
  });
  return [...near];
}

const forwardProblem = (problem: Problem): Problem => ({
  ...problem,
  operation: problem.operation.forward ?? problem.operation,
});

/** What the saved means are rounded by. */
function withSaved(problem: Problem, groups: Groups, off: Float64Array): Float64Array {
  const { mean } = problem.inputs;
  if (!mean || problem.operation.needs?.includes("mean")) return off;
  const factors = factorsOf(problem, groups);
  const w = largestWeight(problem);
  const result = off.slice();
  groups.of((i, g) => {
    result[i] += 2 * UNIT * Math.abs(mean.data[g]) * factors[g] * w;
  });
  return result;
}
