// This file finds the groups of a problem: the statistics of each element, and the error of sums in
// its group.

import { summed } from "../reference/family";
import { moments } from "../reference/norms";
import { broadcastStrides, groupStrides, type Values, visit } from "./arrays";
import type { Inputs, Problem } from "./problem";
import { UNIT } from "./units";

export interface Groups {
  variance: Values["data"];
  spread: Float64Array;
  /** How far the sums with a residual may be off. */
  offset: Float64Array;
  of: (f: (i: number, group: number) => void) => void; // every element of x with its group
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
