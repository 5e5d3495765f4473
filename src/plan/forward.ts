// This file plans y from x, and statistics alone.

import { sizeOf } from "../base/shape";
import { NO_ACTIVATION } from "../wgsl/activations";
import * as files from "../wgsl/files";
import type { Fragment } from "../wgsl/link";
import { storeOperand } from "./bindings";
import {
  arraysForLaterPasses,
  epilogueFragments,
  givenStatistics,
  inputFragments,
  loopFragments,
  measuredStatistics,
  parametersVary,
  statisticsSource,
  storeFragments,
} from "./fragments";
import {
  type Partition,
  partitionElementwise,
  partitionUnsplit,
  REGISTER_VECTORS,
} from "./heuristics";
import type { PassLayout } from "./loop_nest";
import { EPILOGUE_OPERANDS, INPUT_OPERANDS } from "./operands";
import {
  contiguousF32,
  layoutPass,
  makePass,
  NO_NORM,
  type PassValues,
  trafficBytes,
  withTensors,
} from "./pass";
import {
  emptyPlan,
  firstThatFits,
  offsetsFor,
  type Pass,
  type PassList,
  type PassPurpose,
  type Planner,
  type PlanState,
  planState,
  STATISTIC_ARRAY,
  toPlan,
} from "./plan";
import type { Problem } from "./problem";
import { storeStatistics, withStoredStatistics } from "./two_stage";

const VECTORIZED = ["x", "y", "sum"] as const;
const FLEXIBLE = [...INPUT_OPERANDS, ...EPILOGUE_OPERANDS, "gate", "skip", "skipGate"] as const;

/** A way makes passes, or returns null where an array does not fit a binding. */
export type Way = (m: PlanState) => PassList | null;

/** Returns the planner of y by the first of these ways that fits the device. */
export const planBy =
  (ways: readonly Way[]): Planner =>
  (problem, profile, overrides = {}) => {
    const m = planState(problem, profile, overrides);
    if (m.groups * m.count === 0) return toPlan(m, emptyPlan(offsetsToWrite(m, false)));
    return toPlan(m, firstThatFits(m, ways));
  };

export const normPasses: Way = (m) =>
  m.problem.given ? applyGiven(m) : (hasY(m) && inOnePass(m)) || inSeveralPasses(m);

/**
 * Plans the sum with the residual in a pass of its own as well, where that still does not suffice.
 */
function withSumApart(m: PlanState): PassList | null {
  const { x, residual, residualBias, sum, ...others } = m.problem.layouts;
  const summed = contiguousF32(m.problem); // f32, so that all plans normalize equal values
  const inPlace = Object.entries(m.problem.inPlace);
  const adding: Problem = {
    ...m.problem,
    ...NO_NORM,
    inPlace: Object.fromEntries(inPlace.filter(([, output]) => output === "sum")),
    layouts: { x, residual, residualBias, y: summed, sum },
    activation: NO_ACTIVATION,
  };
  const norm: Problem = {
    ...m.problem,
    layouts: { ...others, x: summed },
    inPlace: { ...m.problem.inPlace, x: undefined },
  };
  const add = applyGiven(planState(adding, m.profile, m.overrides)).passes;
  const rest = inSeveralPasses(planState(norm, m.profile, m.overrides));
  if (rest === null) return null;
  return {
    ...rest,
    passes: [
      ...add.map((pass) => withTensors(pass, { y: "summed" })),
      ...rest.passes.map((pass) => withTensors(pass, { x: "summed" })),
    ],
    scratch: { ...rest.scratch, summed: 4 * sizeOf(m.problem.shape) },
  };
}

const hasY = ({ problem }: PlanState) => problem.layouts.y !== undefined;

/** Places the statistics that are written: those for the caller and those for later passes. */
function offsetsToWrite(m: PlanState, split: boolean) {
  const { results, runningUpdate, mask } = m.problem;
  const names = new Set(results.map((name) => STATISTIC_ARRAY[name]));
  if (runningUpdate !== null) names.add("mean").add("variance");
  if (runningUpdate !== null && mask) names.add("count");
  if (split && hasY(m)) for (const name of arraysForLaterPasses(m.problem)) names.add(name);
  return offsetsFor(m, names);
}

/** Plans the pass that writes y, with statistics that it measures or that are given. */
function yPass(
  m: PlanState,
  does: PassPurpose,
  layout: PassLayout,
  partition: Partition,
  statistics: Fragment[],
  values: PassValues,
): Pass {
  const { layouts } = m.problem;
  const { nest, registerVectors } = partition;
  const fragments = [
    ...loopFragments(partition),
    ...inputFragments(m, partition),
    ...statistics,
    ...m.problem.kind.apply,
    ...epilogueFragments(m, partition),
    storeOperand("y", nest, layouts, m.nativeF16, "y", m.problem.kind.bytes),
    storeOperand("sum", nest, layouts, m.nativeF16),
    registerVectors > 0 ? files.writeRegisters : files.writeStreamed,
    files.resultPlain,
    files.kernelNormalize,
  ];
  const constants = parametersVary(partition);
  return makePass(m, does, partition, fragments, {
    ...values,
    constants,
    bytes: trafficBytes(layout, layouts),
  });
}

/** Plans y from stored or given statistics. */
export function applyPass(m: PlanState, values: PassValues, store?: readonly Fragment[]): Pass {
  const layout = layoutPass(m, VECTORIZED, FLEXIBLE);
  // an element fits any binding
  const partition = partitionElementwise(m, layout) as Partition;
  return yPass(m, "apply", layout, partition, givenStatistics(m, partition, store), values);
}

/** Plans a call with given statistics: it reads x once and writes y once. */
function applyGiven(m: PlanState): PassList {
  const [offsets, statisticsSize] = offsetsToWrite(m, false);
  const values = { offsets, source: statisticsSource(m.problem, offsets) };
  const passes = [applyPass(m, values, storeFragments(m, offsets))];
  return { schedule: "apply", passes, offsets, statisticsSize, scratch: {} };
}

/** Plans statistics and y in one pass, if one job per group keeps the device busy. */
function inOnePass(m: PlanState): PassList | null {
  const layout = layoutPass(m, VECTORIZED, FLEXIBLE);
  const partition = partitionUnsplit(m, layout, REGISTER_VECTORS);
  if (partition === null) return null;
  const [offsets, statisticsSize] = offsetsToWrite(m, false);
  const statistics = measuredStatistics(m, partition, storeFragments(m, offsets));
  const read = [files.sourceSummands, ...statistics];
  const pass = yPass(m, "normalize", layout, partition, read, { offsets });
  return { schedule: scheduleOf([pass]), passes: [pass], offsets, statisticsSize, scratch: {} };
}

/** Names the way of passes that measure, of which there may be one alone. */
const scheduleOf = (passes: readonly Pass[]) => {
  if (passes.length > 1) return "split";
  return passes[0]?.partition.nest.columns ? "column" : "row";
};

/**
 * Plans statistics into statistics arrays, then y from these: where one pass would leave the device
 * idle, and for calls with more arrays than one pass can bind.
 */
export function inSeveralPasses(m: PlanState): PassList | null {
  const [offsets, statisticsSize] = offsetsToWrite(m, true);
  const stored = storeStatistics(m, offsets);
  if (stored === null) return null;
  const known = withStoredStatistics(m);
  const source = statisticsSource(known.problem, offsets);
  const applies = hasY(m) ? [applyPass(known, { source })] : [];
  const passes = [...stored.passes, ...applies];
  return { ...stored, schedule: scheduleOf(passes), passes, offsets, statisticsSize };
}

/** Calls with more arrays than the passes of one way can bind go the next one. */
export const USUAL_WAYS: readonly Way[] = [normPasses, inSeveralPasses, withSumApart];

export const planForward: Planner = /* @__PURE__ */ planBy(USUAL_WAYS);
