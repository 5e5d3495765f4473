// These tolerances are for gradients of operations that are no norm of moments or magnitudes.

import { spread } from "../reference/chain";
import { maskedMoments } from "../reference/masked";
import { groupStrides, largest, product, type Values, visit } from "./arrays";
import { type Problem, without } from "./problem";
import { channelOf } from "./random_options";
import { forwardOf, largestWeight } from "./tolerance_forward";
import { groupsOf, repetition } from "./tolerance_groups";
import { FLUSH, OWN, SCALE, STEPS, UNIT } from "./units";

type Special = (problem: Problem, name: string, values: Values) => Float64Array | undefined;

const u = (problem: Problem) => forwardOf(without(problem, "weight", "bias")).data;

/** Elements of a group. */
function countOf({ operation, options, inputs: { x } }: Problem): number {
  const { shape, axes } = operation.grouping(x.shape, options);
  return product(axes.map((axis) => shape[axis]));
}

/** y (dy - sum(dy y)): exponentials are off by as many units as their arguments are large. */
export const ofSoftmax: Special = (problem) => {
  const most = largest(problem.inputs.dy.data);
  const usual = SCALE + 4 * Math.log(countOf(problem));
  return Float64Array.from(u(problem), (y) => {
    const argument = Math.abs(Math.log(Math.max(y, 1e-45)));
    return 2 * most * (UNIT * y * (usual + 4 * argument) + FLUSH) + 2 * FLUSH;
  });
};

/** dy - exp(y) sum(dy), which is a sum of sqrt(count) unless dy have one sign. */
export const ofLogSoftmax: Special = (problem) => {
  const { data } = problem.inputs.dy;
  const most = largest(data);
  const usual = most * Math.sqrt(countOf(problem));
  const sums = sumsOf(problem, data);
  return Float64Array.from(u(problem), (y, i) => {
    const units = 8 + 2 * SCALE * (1 + Math.abs(y));
    const sum = Math.max(usual, Math.abs(sums[i]));
    return UNIT * (4 * Math.abs(data[i]) + Math.exp(y) * sum * units) + FLUSH * (most + 2);
  });
};

/**
 * Natural sizes: slopes of erf are at most 1.13 and gone where |alpha x + offset| is beyond 4; an
 * argument is rounded, by units of which its slope changes by at most as many.
 */
export const ofErf: Special = (problem, name, { data }) => {
  const { x, dy, alpha, offset } = problem.inputs;
  const steep = Math.abs(alpha.data[0]);
  const far = 4 + Math.abs(offset?.data[0] ?? 0);
  const slope = 1.13 * largestWeight(problem);
  const terms: Record<string, number> = {
    dx: steep * slope,
    dOffset: slope,
    dAlpha: (slope * far) / steep,
  };
  const { [name]: own = 1 } = terms;
  const natural = largest(dy.data) * own * (name === "dBias" ? 1 : far);
  const count = product(x.shape) / Math.max(1, data.length);
  const sum = natural * Math.sqrt(count * (name === "dx" ? 1 : repetition(dy)));
  const missing = (2 + count * (1 + own)) * FLUSH;
  return Float64Array.from(data, (v) => STEPS * UNIT * (sum + Math.abs(v)) + missing);
};

/**
 * Of a mean's, dy / n; of a variance's, x - mean times a factor a group, which a deviation's has the
 * error of the deviation in.
 */
export const ofReduction: Special = (problem, _, { data }) => {
  const { operation, options, inputs } = problem;
  const name = operation.forward?.name;
  const groups = groupsOf(problem);
  const { x, mask } = inputs;
  const weights = mask && spread(mask, x.shape, 1);
  const counts = mask
    ? maskedMoments(x, { mask, axes: options.axes }).count.data
    : groups.variance.map(() => countOf(problem));
  const { correction = 1 } = options;
  const arriving = (inputs.dVariance ?? inputs.dy).data;
  const factor = groups.variance.map((v, g) => {
    if (name === "mean") return 0;
    const rest = name === "moments" ? counts[g] : Math.max(0, counts[g] - correction);
    const deviation = Math.sqrt((v * counts[g]) / rest);
    const each = name === "std" ? deviation && 1 / deviation : 2;
    return (Math.abs(arriving[g]) * each) / rest;
  });
  const tolerance = new Float64Array(data.length);
  groups.of((i, g) => {
    const { spread: most, variance } = groups;
    const deviation = name === "std" && variance[g] > 0 ? most[g] / Math.sqrt(variance[g]) : 0;
    const own = (OWN + 2 * STEPS * deviation) * Math.abs(data[i]);
    const weight = weights?.[i] ?? 1;
    if (weight === 0) return; // masked elements have a gradient of 0
    const share = inputs.dMean ? (weight * Math.abs(inputs.dMean.data[g])) / counts[g] : 0;
    const through = weight * factor[g] * (STEPS * UNIT * most[g] + 2 * FLUSH);
    tolerance[i] = through + UNIT * (own + OWN * share) + 2 * FLUSH;
  });
  return tolerance;
};

/** The sum over the group of each element. */
function sumsOf({ operation, options, inputs: { x } }: Problem, data: Values["data"]) {
  const { shape, axes } = operation.grouping(x.shape, options);
  const strides = groupStrides(shape, axes);
  const sums = new Float64Array(data.length);
  visit(shape, strides, (i, g) => {
    sums[g] += data[i];
  });
  const result = new Float64Array(data.length);
  visit(shape, strides, (i, g) => {
    result[i] = sums[g];
  });
  return result;
}

/**
 * Natural sizes: see globalResponseNormBackward in backward.ts, |x| <= G. Equal dy add up in one
 * direction.
 */
export const ofGlobalResponse: Special = (problem, name, values) => {
  const { x, dy } = problem.inputs;
  const most = largest(dy.data);
  const normalized = u(problem).map((y, i) => y - x.data[i]);
  const gain = largest(normalized.map((v, i) => (x.data[i] === 0 ? 0 : v / x.data[i])));
  const terms: Record<string, number> = {
    dx: 1 + largestWeight(problem) * (gain + gain ** 2),
    dWeight: largest(normalized),
    dBias: 1,
  };
  const count = product(x.shape) / Math.max(1, values.data.length);
  const natural = terms[name] * most * Math.sqrt(count * Math.min(count, repetition(dy)));
  const missing = (1 + count * terms[name]) * FLUSH; // each dy may be flushed
  return values.data.map(
    (v) => UNIT * (SCALE * natural + 2 * Math.abs(v)) + missing,
  ) as Float64Array;
};

/**
 * Powers are good to SCALE units and more, and each element is in `size` windows. The terms of these
 * may be flushed before they are multiplied by x.
 */
export const ofLocalResponse: Special = (problem) => {
  const { options, inputs } = problem;
  const { size = 1, beta = 0.75, alpha = 1e-4 } = options;
  const ranges = Math.min(size, inputs.x.shape[channelOf(inputs.x.shape, options)]);
  const factor = largest(
    u(problem).map((y, i) => (inputs.x.data[i] === 0 ? 1 : y / inputs.x.data[i])),
  );
  const natural = largest(inputs.dy.data) * factor * (1 + 2 * beta * ranges);
  const factorOfTerms = (2 * beta * alpha * ranges) / size;
  return Float64Array.from(inputs.x.data, (x) => {
    return 2 * SCALE * UNIT * natural + (1 + factorOfTerms * Math.abs(x)) * FLUSH;
  });
};
