// This file finds the groups of a problem: the statistics of each element, and the error of sums in
// its group.

import { summed } from "../reference/family";
import { validElements, validMoments } from "../reference/masked";
import { moments } from "../reference/norms";
import { broadcastStrides, groupStrides, type Values, visit } from "./arrays";
import type { Inputs, Problem } from "./problem";
import { gateFactors, sumSize, ungated } from "./tolerance_gates";
import { UNIT } from "./units";

export interface Groups {
  variance: Values["data"];
  spread: Float64Array;
  /** How far the sums with a residual may be off. */
  offset: Float64Array;
  of: (f: (i: number, group: number) => void) => void; // every element of x with its group
  /** Those of which y is normalized; undefined: all. */
  valid?: readonly boolean[] | undefined;
}

export function groupsOf({ operation, options, inputs }: Problem): Groups {
  const { shape, axes } = operation.grouping(inputs.x.shape, options);
  const { residual, residualBias }: Partial<Inputs> = operation.kind === "gradient" ? {} : inputs;
  const gates = inputs.residualGate ?? inputs.gate;
  const joined = residual || residualBias || gates;
  const problem = { operation, options, inputs };
  const { data } = gates ? ungated(problem).inputs.x : summed(inputs.x, { residual, residualBias });
  const factors = gates && options.gateFirst ? gateFactors(problem) : undefined;
  const { mask } = inputs;
  const valid = mask && options.fill !== "apply" ? validElements(inputs.x, mask) : undefined;
  const { mean, variance } = mask
    ? validMoments({ shape: inputs.x.shape, data }, mask, { shape, axes })
    : momentsOf({ shape, data }, axes);
  const strides = groupStrides(shape, axes);
  const spread = new Float64Array(mean.length);
  const offset = new Float64Array(mean.length);
  const of: Groups["of"] = (f) => visit(shape, strides, f);
  of((i, g) => {
    if (valid && !valid[i]) return;
    spread[g] = Math.max(spread[g], Math.abs(data[i] - mean[g]));
    if (!joined) return;
    const sizes = gates
      ? 2 * sumSize(problem, i) * Math.abs(factors?.[i] ?? 1) +
        (factors ? 8 * Math.abs(data[i]) : 0)
      : added([inputs.x, residual, residualBias], inputs.x, i);
    offset[g] = Math.max(offset[g], 2 * UNIT * sizes);
  });
  spread.forEach((most, g) => {
    const deviation = Math.sqrt(variance[g]);
    spread[g] = most > 5 * deviation ? 2 * most : Math.max(most, 4 * deviation);
  });
  return { variance, spread, offset, of, valid };
}

function momentsOf(x: Values, axes: readonly number[]) {
  const { mean, variance } = moments(x, { axes });
  return { mean: mean.data, variance: variance.data };
}

/** Sum of the absolute values at element i of x. */
export function added(
  arrays: readonly (Values | undefined)[],
  { shape }: Values,
  i: number,
): number {
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

/** How often values occur: equal ones add up in one direction. */
export const repetition = ({ data }: Values) => Math.max(1, data.length / new Set(data).size);
