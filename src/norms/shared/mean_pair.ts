// A mean is given as a pair, pivot + delta, or as one number. Callers hand back the pair that a
// forward, `moments` or `mergeMoments` gave them.

import { fail, show } from "../../base/errors";
import { contiguous, isContiguous, sizeOf } from "../../base/shape";
import { strideOfStatistics } from "../../plan/plan";
import { checkParameter, checkStatistic, specOf } from "./checks";
import type { GivenArgument } from "./given";

/** Checks a mean's pair, contiguous f32: the pivots [...], then the deltas, as [2, ...]. */
function checkMeanPair(op: string, given: unknown, shape: readonly number[]) {
  const both = [2, ...shape];
  if (given === true) {
    const strides = [strideOfStatistics(sizeOf(shape)), ...contiguous(shape)]; // as results have it
    return { ...specOf(both), strides };
  }
  const spec = checkParameter(op, "meanPair", given, both);
  if (spec && !isContiguous(shape, spec.strides.slice(1))) {
    fail(op, `meanPair has strides ${show(spec.strides)}, expected two contiguous tensors`);
  }
  if (spec && spec.dtype !== "f32") fail(op, `meanPair has dtype ${spec.dtype}, expected f32`);
  return spec;
}

/** Checks a given mean: its pair, or where there is none one number per group. */
export function givenMean(
  op: string,
  o: { readonly mean?: unknown; readonly meanPair?: unknown },
  shape: readonly number[],
  f32 = false,
): GivenArgument | undefined {
  const mean = checkStatistic(op, "mean", o.mean, shape, f32);
  const both = checkMeanPair(op, o.meanPair, shape);
  if (both) return { array: "mean", argument: "meanPair", spec: both, pair: true };
  return mean && { array: "mean", argument: "mean", spec: mean };
}
