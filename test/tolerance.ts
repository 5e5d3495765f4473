/**
 * How far a float32 result may be from the float64 reference. The rules are in units of the rounding
 * error 2^-24 of a quantity that the operation really handles, not of the result alone:
 *
 * - Statistics are sums of x - K with K inside the data. Each difference is rounded relative to the
 *   group's spread max |x - mean|, never to the offset, and sums are blocked; the requirement is 2e-6 =
 *   33.6 units for a deviation of 1, whose spread is 4 to 5: STEPS = 8 of the spread, which counts
 *   as 4 deviations at least.
 * - An element further off than 5 deviations dominates the sums: every addition beside it is rounded
 *   relative to it, and in one direction. With 32 additions in a row that makes 16 units in rstd, so that
 *   such a spread counts twice.
 * - The mean itself, the bias and the last additions are rounded relative to their own size.
 * - A device may flush subnormals to zero: FLUSH of every value in, and of every result.
 */
import { groupStrides, type Values, visit } from "./arrays";
import { isGiven, type Problem, referenceOf } from "./problems";
import { moments } from "./reference";

export const UNIT = 2 ** -24;
const STEPS = 8;
const OWN = 4;
const FLUSH = 2 ** -126;

export interface Expected extends Values {
  readonly tolerance: Float64Array;
}

interface Groups {
  variance: Values["data"];
  spread: Float64Array;
  of: (f: (i: number, group: number) => void) => void; // every element of x with its group
}

type Rule = (problem: Problem, groups: Groups, value: number, i: number) => number;

const RULES: Record<string, Rule> = {
  mean: (problem, { spread }, m, g) =>
    isGiven(problem) ? 0 : UNIT * (STEPS * spread[g] + OWN * Math.abs(m)) + 2 * FLUSH,
  variance: (_, groups, v, g) => v * ofVariance(groups, g) + 2 * FLUSH,
  std: (_, groups, s, g) =>
    s * (ofVariance(groups, g) / 2 + OWN * UNIT) + Math.min(Math.sqrt(2 * FLUSH), (2 * FLUSH) / s),
  rstd(problem, groups, r, g) {
    const { eps = 1e-5 } = problem.options;
    const v = groups.variance[g];
    const share = isGiven(problem) ? 0 : v / (v + eps);
    return r * (OWN * UNIT + (share * ofVariance(groups, g)) / 2);
  },
  // (1 - momentum) * old + momentum * new; examples that share a channel are averaged
  runningMean: (problem, groups, m, c) =>
    ofRunning(problem, m, c, "runningMean", (g) => STEPS * UNIT * groups.spread[g], groups),
  runningVar: (problem, groups, v, c) =>
    ofRunning(
      problem,
      v,
      c,
      "runningVar",
      (g) => 2 * groups.variance[g] * ofVariance(groups, g),
      groups,
    ),
};

export function expected(problem: Problem): Record<string, Expected> {
  const results = referenceOf(problem);
  const groups = groupsOf(problem);
  const { kind, name: operation, tolerance: own } = problem.operation;
  return Object.fromEntries(
    Object.entries(results).map(([name, values]) => {
      if (name === "y" && kind === "norm") {
        const tolerance = own
          ? Float64Array.from(values.data, (y) => own(y, problem.options) + FLUSH)
          : ofNormalized(problem, groups, values);
        return [name, { ...values, tolerance: flushed(problem, values, tolerance) }];
      }
      const rule = RULES[name === "y" ? operation : name];
      const tolerance = Float64Array.from(values.data, (v, i) => rule(problem, groups, v, i));
      return [name, { ...values, tolerance }];
    }),
  );
}

/** An input that is flushed is missing with the factor that it has in y. */
function flushed({ inputs }: Problem, y: Values, tolerance: Float64Array): Float64Array {
  const { data } = inputs.x;
  return tolerance.map((t, i) => t + (data[i] === 0 ? 0 : FLUSH * Math.abs(y.data[i] / data[i])));
}

function groupsOf({ operation, options, inputs }: Problem): Groups {
  const { shape, axes } = operation.grouping(inputs.x.shape, options);
  const { data } = inputs.x;
  const { mean, variance } = moments({ shape, data }, { axes });
  const strides = groupStrides(shape, axes);
  const spread = new Float64Array(mean.data.length);
  const of: Groups["of"] = (f) => visit(shape, strides, f);
  of((i, g) => {
    spread[g] = Math.max(spread[g], Math.abs(data[i] - mean.data[g]));
  });
  spread.forEach((most, g) => {
    const deviation = Math.sqrt(variance.data[g]);
    spread[g] = most > 5 * deviation ? 2 * most : Math.max(most, 4 * deviation);
  });
  return { variance: variance.data, spread, of };
}

/** Relative: every deviation is off by steps of the spread. */
function ofVariance({ spread, variance }: Groups, g: number): number {
  if (variance[g] === 0) return 0;
  return UNIT * (OWN + (2 * STEPS * spread[g]) / Math.sqrt(variance[g]));
}

/** y = (x - mean) * rstd * weight + bias: steps of the largest such product in the group. */
function ofNormalized(problem: Problem, groups: Groups, y: Values): Float64Array {
  const { weight, bias } = problem.inputs;
  const { eps = 1e-5 } = problem.options;
  const w = weight ? largest(weight.data) : 1;
  const b = bias ? largest(bias.data) : 0;
  const tolerance = Float64Array.from(y.data, (v) => OWN * UNIT * (Math.abs(v) + b) + FLUSH);
  if (isGiven(problem)) {
    return tolerance.map((own, i) => own + STEPS * UNIT * (Math.abs(y.data[i]) + b));
  }
  const scale = problem.operation.scale ?? ((v: number) => 1 / Math.sqrt(v + eps));
  groups.of((i, g) => {
    const rstd = scale(groups.variance[g], problem.options);
    tolerance[i] += w * rstd * (STEPS * UNIT * groups.spread[g] + 2 * FLUSH);
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

function largest(data: Values["data"]): number {
  let most = 0;
  for (const v of data) most = Math.max(most, Math.abs(v));
  return most;
}
