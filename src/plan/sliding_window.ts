// This file plans operations on a window along one axis, the reduced one. They work element by
// element and have no statistics.

import * as files from "../wgsl/files";
import { loadOperand, storeOperand } from "./bindings";
import type { PlanningProfile } from "./device_profile";
import { inputFragments, loopFragments } from "./fragments";
import { partitionElementwise } from "./heuristics";
import { prefersColumns } from "./loop_nest";
import type { PlanOverrides } from "./overrides";
import { layoutPass, makePass, trafficBytes } from "./pass";
import { emptyPlan, offsetsFor, type Plan, planState, tooFarApart, toPlan } from "./plan";
import type { Problem } from "./problem";

export function planSlidingWindow(
  problem: Problem,
  profile: PlanningProfile,
  overrides: PlanOverrides = {},
): Plan {
  const m = planState(problem, profile, overrides);
  const placed = offsetsFor(m, []);
  const { layouts, kind, uniforms } = problem;
  if (m.groups * m.count === 0 || kind.write === undefined) return toPlan(m, emptyPlan(placed));
  const reach = (n = 0) => Math.min(n, m.count);
  const [before, after] = [reach(uniforms.windowBefore), reach(uniforms.windowAfter)];
  const plain = layoutPass(m, ["x", "y"], ["dy", "dSum"]);
  const { x, dSum } = plain.extents;
  const extents = {
    ...plain.extents,
    ...(x && { x: { ...x, halo: { before, after } } }),
    // an element is in the windows of those that have it before or after them
    ...(dSum && { dSum: { ...dSum, halo: { before: after, after: before } } }),
  };
  const layout = { ...plain, extents };
  // Vectors lie across the window, never along it.
  const across = overrides.columns ?? prefersColumns(layout.dims);
  const own: PlanOverrides = across ? overrides : { ...overrides, vectorWidth: 1 };
  const partition = partitionElementwise({ profile, overrides: own }, layout) ?? tooFarApart(m);
  const { nest } = partition;
  const fragments = [
    ...loopFragments(partition),
    ...inputFragments(m, partition),
    files.statisticsNone,
    files.lrnWindow,
    kind.write,
    loadOperand("dy", nest, layouts, m.nativeF16),
    loadOperand("dSum", nest, layouts, m.nativeF16),
    storeOperand("y", nest, layouts, m.nativeF16),
    files.kernelNormalize,
  ];
  const bytes = trafficBytes(layout, layouts);
  const passes = [makePass(m, "apply", partition, fragments, { bytes })];
  const [offsets] = placed;
  return toPlan(m, { schedule: "apply", passes, offsets, statisticsSize: 0, scratch: {} });
}
