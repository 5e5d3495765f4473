// This file plans statistics of integers, which are sums of whole numbers: the same bits in every
// plan and on every device. The results are these sums, or moments that follow from them.

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
  type Planner,
  type PlanState,
  planState,
  STATISTIC_ARRAY,
  tooFarApart,
  toPlan,
} from "./plan";
import type { Problem } from "./problem";
import { reductionPasses } from "./two_stage";
import type { StatisticsOffsets } from "./uniform_fields";

/** Returns what makes every element of a type a whole number that is not negative. */
export const shiftOf = (dtype: DType | undefined) => (dtype === "i8" ? 128 : 0);

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

/** What is stored of exact sums: files, and the arrays that they write. */
interface ExactStore {
  readonly files: (shift: number) => readonly Fragment[];
  readonly arrays: (results: Problem["results"]) => readonly (keyof StatisticsOffsets)[];
}

const MOMENTS: ExactStore = {
  files: (shift) => [
    files.storeStatisticsBuffer,
    { ...files.storeExactArrays, constants: { SHIFT: shift } },
  ],
  arrays: (results) => results.map((name) => STATISTIC_ARRAY[name]),
};

const SUMS: ExactStore = {
  files: () => [files.storeExactSums],
  arrays: () => ["pivot", "first", "second"], // the deltas come after the pivots
};

export const planExactMoments: Planner = (problem, profile, overrides) =>
  planExact(MOMENTS, problem, profile, overrides);

/** Plans the result exactSums, of elements that `shiftOf` has made not negative. */
export const planExactSums: Planner = (problem, profile, overrides) =>
  planExact(SUMS, problem, profile, overrides);

function planExact(
  kind: ExactStore,
  problem: Problem,
  profile: PlanningProfile,
  overrides: PlanOverrides = {},
): Plan {
  const { layouts, results } = problem;
  const m = planState(problem, profile, overrides);
  const placed = offsetsFor(m, kind.arrays(results));
  if (m.groups * m.count === 0) return toPlan(m, emptyPlan(placed));
  const [offsets, statisticsSize] = placed;
  const shift = shiftOf(layouts.x?.dtype);
  const layout = layoutPass(m, ["x"], []);
  const source = { ...files.exactElements, constants: { LEAST: shift } };
  const arrays = kind.files(shift);
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
