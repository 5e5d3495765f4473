// Statistics may be given instead of measured. The norms that allow it bring this file along.

import { entryAt } from "../../base/entry";
import { type GivenArray, statisticsFrom } from "../../plan/given";
import type { StatisticsInput } from "../../plan/operands";
import type { GivenStatistics } from "../../plan/problem";
import type { CallArrays } from "../../runtime/call";
import { type ArraySpec, bindingLayoutOf } from "../../runtime/tensor";
import type { Fragment } from "../../wgsl/link";

/** A given array of statistics has a name in the shaders, the name of its argument, and a place. */
export interface GivenArgument {
  readonly array: StatisticsInput;
  readonly argument: string;
  readonly spec: ArraySpec;
  /** The array is a mean's pair: all pivots, then all deltas. */
  readonly pair?: boolean;
}

/** Given statistics have the arguments with them. */
export interface GivenArguments {
  readonly statistics: GivenStatistics;
  readonly arrays: CallArrays;
}

/** Returns a given array with its first elements. */
export function givenArray(
  role: "mean" | "factor",
  { array, argument, spec, pair }: GivenArgument,
): GivenArray {
  const { offset, dtype, strides } = bindingLayoutOf(spec);
  const delta = pair && { delta: offset + entryAt(strides, 0) };
  return { array, argument, dtype, starts: { [role]: offset, ...delta } };
}

/**
 * States statistics that this file derives from the caller's arrays: a mean, if there is one, and
 * the source of the factor.
 */
export function givenBy(
  file: Fragment,
  factor?: GivenArgument,
  mean?: GivenArgument,
): GivenArguments {
  const all = [mean, factor].flatMap((one) => (one ? [one] : []));
  return {
    statistics: statisticsFrom(
      file,
      mean && givenArray("mean", mean),
      factor && givenArray("factor", factor),
    ),
    arrays: Object.fromEntries(all.map(({ argument, spec }) => [argument, spec])),
  };
}
