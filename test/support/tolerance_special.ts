// These tolerances are for gradients of operations that are no norm of moments or magnitudes.

import { largest, product, type Values } from "./arrays";
import { type Problem, without } from "./problem";
import { channelOf } from "./random_options";
import { forwardOf, largestWeight } from "./tolerance_forward";
import { FLUSH, SCALE, UNIT } from "./units";

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

/** dy - exp(y) sum(dy) */
export const ofLogSoftmax: Special = (problem) => {
  const { data } = problem.inputs.dy;
  const most = largest(data);
  const sum = most * Math.sqrt(countOf(problem));
  return Float64Array.from(u(problem), (y, i) => {
    const units = 8 + 2 * SCALE * (1 + Math.abs(y));
    return UNIT * (4 * Math.abs(data[i]) + Math.exp(y) * sum * units) + FLUSH * (most + 2);
  });
};

/** Natural sizes: see globalResponseNormBackward in backward.ts, |x| <= G. */
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
  const natural = terms[name] * most * Math.sqrt(count);
  return values.data.map((v) => UNIT * (SCALE * natural + 2 * Math.abs(v)) + FLUSH) as Float64Array;
};

/** Powers are good to SCALE units and more, and each element is in `size` windows. */
export const ofLocalResponse: Special = (problem, _, values) => {
  const { options, inputs } = problem;
  const { size = 1, beta = 0.75 } = options;
  const ranges = Math.min(size, inputs.x.shape[channelOf(inputs.x.shape, options)]);
  const factor = largest(
    u(problem).map((y, i) => (inputs.x.data[i] === 0 ? 1 : y / inputs.x.data[i])),
  );
  const natural = largest(inputs.dy.data) * factor * (1 + 2 * beta * ranges);
  return values.data.map(() => 2 * SCALE * UNIT * natural + FLUSH) as Float64Array;
};
