// The pass that writes dx is put together here, whatever brings statistics and dx sums along.

import * as files from "../wgsl/files";
import type { Fragment } from "../wgsl/link";
import { loadOperand, storeOperand } from "./bindings";
import { inputFragments, loopFragments, parametersVary } from "./fragments";
import { backpropFragments } from "./gradient_sums";
import type { Partition } from "./heuristics";
import type { PassLayout } from "./loop_nest";
import { makePass, type PassValues, trafficBytes } from "./pass";
import type { Pass, PlanState } from "./plan";
import type { GradientRules } from "./problem";

export function dxPass(
  m: PlanState,
  layout: PassLayout,
  partition: Partition,
  statistics: readonly Fragment[],
  totals: readonly Fragment[],
  values: PassValues,
  kernel: Fragment = files.kernelBackward,
): Pass {
  const { layouts } = m.problem;
  const { nest, registerVectors } = partition;
  const fragments = [
    ...loopFragments(partition),
    ...inputFragments(m, partition),
    ...statistics,
    ...backpropFragments(m, partition),
    ...totals,
    files.throughPlain,
    (m.problem.gradient as GradientRules).dx,
    storeOperand("y", nest, layouts, m.nativeF16, "dx"),
    loadOperand("dSum", nest, layouts, m.nativeF16),
    registerVectors > 0 ? files.writeDxRegisters : files.writeDxStreamed,
    kernel,
  ];
  return makePass(m, "backward", partition, fragments, {
    ...values,
    constants: { ...parametersVary(partition), ...values.constants },
    bytes: trafficBytes(layout, layouts),
  });
}
