// Plans for what depends on a window along one axis, the reduced one: elements one by one, no statistics.

import * as files from "../wgsl/files";
import { loadOperand, storeOperand } from "./bindings";
import type { DeviceProfile } from "./device_profile";
import { inputFragments, loopFragments } from "./fragments";
import { partitionElementwise } from "./heuristics";
import { prefersColumns } from "./loop_nest";
import type { PlanOverrides } from "./overrides";
import {
  emptyPlan,
  layoutPass,
  makePass,
  offsetsFor,
  type Plan,
  planState,
  toPlan,
  trafficBytes,
} from "./pass";
import type { Problem } from "./problem";

export function planSlidingWindow(
  problem: Problem,
  profile: DeviceProfile,
  overrides: PlanOverrides = {},
): Plan {
  const m = planState(problem, profile, overrides);
  const offsets = offsetsFor(m, []);
  const { window, layouts } = problem;
  if (m.groups * m.count === 0 || window === undefined) return toPlan(m, emptyPlan(offsets));
  const [before, after] = [window.before, window.after].map((n) => Math.min(n, m.count));
  const plain = layoutPass(m, ["x", "y"], ["dy", "dSum"]);
  const at = Object.entries(plain.extents).map(([name, place]) => {
    return [name, name === "x" || name === "dSum" ? { ...place, halo: { before, after } } : place];
  });
  const layout = { ...plain, at: Object.fromEntries(at) };
  // packs lie across the window, never along it
  const across = overrides.columns ?? prefersColumns(layout.dims);
  const partition = partitionElementwise(
    profile,
    layout,
    across ? overrides : { ...overrides, vectorWidth: 1 },
  );
  const { nest } = partition;
  const modules = [
    ...loopFragments(partition),
    ...inputFragments(m, partition),
    files.statisticsNone,
    files.lrnWindow,
    window.write,
    loadOperand("dy", nest, layouts, m.nativeF16),
    loadOperand("dSum", nest, layouts, m.nativeF16),
    storeOperand("y", nest, layouts, m.nativeF16),
    files.kernelNormalize,
  ];
  const whole = { windowBefore: window.before, windowAfter: window.after };
  const real = { alpha: window.alpha };
  const bytes = trafficBytes(layout, layouts);
  const passes = [makePass(m, "apply", partition, modules, { uints: whole, floats: real, bytes })];
  return toPlan(m, {
    schedule: "apply",
    passes,
    offsets: offsets[0],
    statisticsSize: 0,
    scratch: {},
  });
}
