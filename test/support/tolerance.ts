// Tolerances bound how far a result may be from the float64 reference. The rules count in units of
// the rounding error 2^-24 of a quantity that the operation handles, not of the result alone:
//
// - Statistics are sums of x - K with K inside the data. Each difference is rounded relative to
//   the group's spread max |x - mean|, never to the offset, and sums are blocked; the requirement
//   is 2e-6 = 33.6 units for a deviation of 1, whose spread is 4 to 5: STEPS = 8 of the spread,
//   which counts as 4 deviations at least.
// - An element further off than 5 deviations dominates the sums: every addition beside it is
//   rounded relative to it, and in one direction. With 32 additions in a row that makes 16 units
//   in rstd, so that such a spread counts twice.
// - The mean itself, the bias and the last additions are rounded relative to their own size.
// - x + residual is rounded relative to |x| + |residual|, the offset too: the sum is an f32. Where
//   that is more than a deviation, the f32 sums have another deviation, or none.
// - A device may flush subnormals to zero: FLUSH of every value in, and of every result.
// - A result in f16 or bf16 may be off by half a step more; and what is as large as can be,
//   infinite.

import { type Expected, isGiven, type Problem, referenceOf, typeOf } from "./problem";
import { ofResult } from "./tolerance_forward";
import { sumSize } from "./tolerance_gates";
import { expectedGradients } from "./tolerance_gradients";
import { added, type Groups, groupsOf } from "./tolerance_groups";
import { FLUSH, OWN, STEPS, UNIT } from "./units";

type Rule = (problem: Problem, groups: Groups, value: number, i: number) => number;

const RULES: Record<string, Rule> = {
  mean: (problem, { spread, offset }, m, g) =>
    isGiven(problem) ? 0 : UNIT * (STEPS * spread[g] + OWN * Math.abs(m)) + offset[g] + 2 * FLUSH,
  variance: (_, groups, v, g) => v * ofVariance(groups, g) + groups.offset[g] ** 2 + 2 * FLUSH,
  std: (_, groups, s, g) =>
    s * (ofVariance(groups, g) / 2 + OWN * UNIT) + Math.min(Math.sqrt(2 * FLUSH), (2 * FLUSH) / s),
  rstd(problem, groups, r, g) {
    const { eps = 1e-5 } = problem.options;
    if (problem.operation.tolerance) return r * (2 * STEPS * UNIT + 2 * groups.offset[g] * r);
    const own = r * OWN * UNIT;
    const v = groups.variance[g];
    if (isGiven(problem) || v === 0) return own;
    if (problem.options.epsOn === "deviation") return own + r * ofVariance(groups, g);
    if (groups.offset[g] > 0) return own + ofDeviation(groups, g, (s) => (s * s + eps) ** -0.5);
    return own + (r * (v / (v + eps)) * ofVariance(groups, g)) / 2;
  },
  count: (_, __, n) => UNIT * STEPS * n,
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
      (g) => 2 * (groups.variance[g] * ofVariance(groups, g) + groups.offset[g] ** 2),
      groups,
    ),
  sum: (problem, _, __, i) => {
    const { x, residual, residualBias, residualGate } = problem.inputs;
    const size = residualGate ? 2 * sumSize(problem, i) : added([x, residual, residualBias], x, i);
    return 2 * UNIT * size + FLUSH;
  },
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

/** Relative: every deviation is off by steps of the spread. */
function ofVariance({ spread, variance, offset }: Groups, g: number): number {
  if (variance[g] === 0) return 0;
  const steps = 2 * STEPS * UNIT * spread[g] + 2 * offset[g];
  return OWN * UNIT + steps / Math.sqrt(variance[g]);
}

/**
 * Sums with a large residual may round deviations to anything between 0 and a multiple of them, so
 * that only the least and the most deviation bound what is computed from one.
 */
function ofDeviation(
  { spread, variance, offset }: Groups,
  g: number,
  of: (deviation: number) => number,
): number {
  const s = Math.sqrt(variance[g]);
  const steps = STEPS * UNIT * spread[g] + (OWN / 2) * UNIT * s + offset[g];
  const [least, most] = [Math.max(0, s - steps), s + steps];
  return Math.max(of(least) - of(s), of(s) - of(most));
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
