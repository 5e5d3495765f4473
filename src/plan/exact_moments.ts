// This file plans statistics of integers, which are sums of whole numbers: the same bits in every
// plan and on every device.

import type { DType } from "../base/dtype";
import * as files from "../wgsl/files";
import type { Fragment, ShaderFile } from "../wgsl/link";
import type { PlanningProfile } from "./device_profile";
import { inputFragments, loopFragments, overPartials, teamFragment } from "./fragments";
import type { Partition } from "./heuristics";
import type { PlanOverrides } from "./overrides";
import { layoutPass, trafficBytes } from "./pass";
import {
  emptyPlan,
  offsetsFor,
  type Plan,
  type PlanState,
  planState,
  STATISTIC_ARRAY,
  tooFarApart,
  toPlan,
} from "./plan";
import type { Problem } from "./problem";
import { reductionPasses } from "./two_stage";

/** Returns what makes every element of a type a whole number that is not negative. */
const shiftOf = (dtype: DType | undefined) => (dtype === "i8" ? 128 : 0);

function lanesFile({ nest: { columns, vectorWidth } }: Partition): ShaderFile {
  if (vectorWidth === 1) return files.exactScalar;
  return columns ? files.exactColumns4 : files.exactRows4;
}

const sharedFiles = (m: PlanState, partition: Partition): Fragment[] => [
  ...loopFragments(partition),
  teamFragment(m, partition),
  lanesFile(partition),
  files.exactSums,
  files.kernelStatistics,
];

export function planExactMoments(
  problem: Problem,
  profile: PlanningProfile,
  overrides: PlanOverrides = {},
): Plan {
  const { layouts, results } = problem;
  const m = planState(problem, profile, overrides);
  const placed = offsetsFor(
    m,
    results.map((name) => STATISTIC_ARRAY[name]),
  );
  if (m.groups * m.count === 0) return toPlan(m, emptyPlan(placed));
  const [offsets, statisticsSize] = placed;
  const shift = shiftOf(layouts.x?.dtype);
  const layout = layoutPass(m, ["x"], []);
  const source = { ...files.exactElements, constants: { LEAST: shift } };
  const arrays = [
    files.storeStatisticsBuffer,
    { ...files.storeExactArrays, constants: { SHIFT: shift } },
  ];
  const made = reductionPasses(m, {
    layout,
    does: "measure",
    direct: true,
    maxRegisterVectors: 0,
    targets: [
      {
        along: ["statistics"],
        extents: {},
        store: arrays,
        offsets,
        merge: (partition, store) => [
          ...sharedFiles(m, partition),
          overPartials(files.exactPartials),
          ...store,
        ],
      },
    ],
    partials: overPartials(files.storeExactPartials),
    stage: (partition, store) => [
      ...sharedFiles(m, partition),
      ...inputFragments(m, partition),
      source,
      ...store,
    ],
    values: () => ({ bytes: trafficBytes(layout, layouts) }),
  });
  if (made === null) return tooFarApart(m);
  const { columns } = made.passes[0]?.partition.nest ?? {};
  const schedule = made.passes.length > 1 ? "split" : columns ? "column" : "row";
  return toPlan(m, { ...made, schedule, offsets, statisticsSize });
}
