// This file plans the way back through an activation in passes of its own, for backwards whose
// arrays are more than a pass can bind.

import { NO_ACTIVATION } from "../wgsl/activations";
import * as files from "../wgsl/files";
import { storeOperand } from "./bindings";
import { applyPass as forwardPass } from "./forward";
import {
  givenStatistics,
  inputFragments,
  loopFragments,
  parametersVary,
  statisticsSource,
} from "./fragments";
import { backpropFragments, parameterSumPasses } from "./gradient_sums";
import { type Partition, partitionElementwise } from "./heuristics";
import type { ReductionPasses } from "./partials";
import { contiguousF32, layoutPass, makePass, NO_NORM, trafficBytes, withTensors } from "./pass";
import { type Pass, type PlanState, planState } from "./plan";
import type { ParameterSums, Problem } from "./problem";
import type { StatisticsOffsets } from "./uniform_fields";

export const isOfSlope = ({ role }: ParameterSums) => role === "ofSlope";

/**
 * Plans the sums for the slopes of the activation, and two passes: one writes z, the activation's
 * input, the other the gradient at z.
 */
export function activationPasses(
  { problem, profile, overrides }: PlanState,
  offsets: StatisticsOffsets,
): ReductionPasses | null {
  const { dy, dSum, slope, ...read } = problem.layouts;
  const y = contiguousF32(problem);
  const ahead: Problem = {
    ...problem,
    given: null,
    activation: NO_ACTIVATION,
    layouts: { ...read, y },
  };
  const source = statisticsSource(ahead, offsets);
  const toZ = forwardPass(planState(ahead, profile, overrides), { source });
  const { mask, ordinal } = read;
  const layouts = { x: y, dy, slope, mask, ordinal, y };
  const back: Problem = { ...problem, ...NO_NORM, mask: problem.mask, layouts };
  const atZ = planState(back, profile, overrides);
  const passes = [
    withTensors(toZ, { y: "z" }),
    withTensors(activationGradientPass(atZ), { x: "z", dx: "dz" }),
  ];
  const slopes = problem.gradient?.parameterSums.find(isOfSlope);
  if (!slopes) return { passes, scratch: {} };
  const sums = parameterSumPasses(atZ, slopes, offsets);
  const named = sums?.passes.map((pass) => withTensors(pass, { x: "z" }));
  return sums && named ? { passes: [...passes, ...named], scratch: sums.scratch } : null;
}

/** Plans the pass that multiplies dy by the activation's slope at x. */
function activationGradientPass(m: PlanState): Pass {
  const { layouts } = m.problem;
  const layout = layoutPass(m, ["x", "y"], ["dy", "slope", "mask"]);
  // an element fits any binding
  const partition = partitionElementwise(m, layout) as Partition;
  const fragments = [
    ...loopFragments(partition),
    ...inputFragments(m, partition),
    ...givenStatistics(m, partition),
    ...backpropFragments(m, partition),
    ...[files.loadForSumsNone, files.sumNone, files.writeDxActivationGradient],
    files.kernelBackward,
    storeOperand("y", partition.nest, layouts, m.nativeF16, "dx"),
  ];
  const bytes = trafficBytes(layout, layouts);
  return makePass(m, "backward", partition, fragments, {
    constants: parametersVary(partition),
    bytes,
  });
}
