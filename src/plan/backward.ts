// This file plans gradients: dx from dy and x, and sums for the gradients of parameters.

import { sizeOf } from "../base/shape";
import { NO_ACTIVATION } from "../wgsl/activations";
import * as files from "../wgsl/files";
import { bindingsOf } from "../wgsl/link";
import { activationPasses, isOfSlope } from "./activation_passes";
import type { PlanningProfile } from "./device_profile";
import { dxPass } from "./dx_pass";
import { applyPass as forwardPass, type Way } from "./forward";
import {
  arraysForLaterPasses,
  givenStatistics,
  statisticsSource,
  storeFragments,
} from "./fragments";
import { dxWithRowSums } from "./gradient_rows";
import { dxWithSegmentSums } from "./gradient_segments";
import {
  BACKWARD_REGISTER_VECTORS,
  canFuseWithDx,
  commonAxes,
  DX_ARRAYS,
  DX_INPUTS,
  dxSumFragments,
  dxSumPasses,
  dxSumsInOnePass,
  dxWithParameterSums,
  loadRegisters,
  parameterSumPasses,
  statisticsFragments,
  storedSumFragments,
  sumsOverCommonAxes,
  weightAndBiasSums,
} from "./gradient_sums";
import { type Partition, partitionElementwise, partitionUnsplit } from "./heuristics";
import type { PlanOverrides } from "./overrides";
import type { ReductionPasses } from "./partials";
import { contiguousF32, layoutPass, NO_NORM, withTensors } from "./pass";
import {
  emptyPlan,
  firstThatFits,
  fitsBindings,
  largerScratch,
  offsetsFor,
  type Pass,
  type PassList,
  type Plan,
  type PlanState,
  planState,
  toPlan,
} from "./plan";
import type { GradientRules, Layouts, ParameterSums, Problem } from "./problem";
import { measureStatistics, storeStatistics } from "./two_stage";
import { NO_OFFSETS, NONE, type StatisticsOffsets } from "./uniform_fields";

/** A stage of a backward says which values earlier passes have stored already. */
interface BackwardStage {
  readonly m: PlanState;
  readonly offsets: StatisticsOffsets;
  /** Earlier passes have written the statistics to statistics arrays. */
  readonly hasStatistics: boolean;
  /** The statistics do not depend on x. */
  readonly constant: boolean;
}

export function planBackward(
  problem: Problem,
  profile: PlanningProfile,
  overrides: PlanOverrides = {},
): Plan {
  return planGradients(planState(problem, profile, overrides), [inUsualPasses, inSmallPasses]);
}

/** Plans gradients by the first of these ways that fits the device. */
export function planGradients(m: PlanState, ways: readonly Way[]): Plan {
  const isEmpty = m.groups * m.count === 0;
  return toPlan(m, isEmpty ? emptyPlan(placeStatistics(m)) : firstThatFits(m, ways));
}

const placeStatistics = (m: PlanState) =>
  offsetsFor(m, [...arraysForLaterPasses(m.problem), "first", "second"]);

function withPlaces(
  { problem, profile, overrides }: PlanState,
  plan: (stage: BackwardStage) => PassSequence | null,
) {
  const m = planState(addingAsSum(problem), profile, overrides);
  const [offsets, statisticsSize] = placeStatistics(m);
  const constant = rulesOf(problem).constant;
  const made = plan({ m, offsets, hasStatistics: false, constant });
  return made && { offsets, statisticsSize, ...made };
}

/** Plans gradients where no pass has too many arrays. */
export const inUsualPasses: Way = (m) => withPlaces(m, allGradients);

const inSmallPasses: Way = (m) => withPlaces(m, allInSmallPasses);

const rulesOf = ({ gradient }: Problem) => gradient as GradientRules;

const isOfDx = ({ role }: ParameterSums) => role === "ofDx";

/** Returns a problem whose dx is added to the values in its place, which thus are its dSum. */
function addingAsSum(problem: Problem): Problem {
  const { layouts, inPlace } = problem;
  const { adds, parameterSums, ...rules } = rulesOf(problem);
  if (!adds || layouts.dSum || parameterSums.some(isOfDx)) return problem;
  return {
    ...problem,
    layouts: { ...layouts, dSum: layouts.y },
    inPlace: { ...inPlace, dSum: "dx" },
    gradient: { ...rules, parameterSums, adds: false },
  };
}

type PassSequence = Pick<PassList, "schedule" | "passes" | "scratch">;

const writesDx = ({ fragments }: Pass) =>
  bindingsOf(fragments).some(({ tensorName, type }) => tensorName === "dx" && type === "storage");

const overwrites = ({ problem }: PlanState) => Object.keys(problem.inPlace).length > 0;

function allGradients(stage: BackwardStage): PassSequence | null {
  const { m, offsets } = stage;
  const dx = dxPasses(stage);
  if (dx === null) return null;
  const apart = isApart(stage);
  const dxArrays = apart ? DX_APART : { x: "dx" };
  const others: (ReductionPasses & { readonly afterDx: boolean })[] = [];
  for (const p of rulesOf(m.problem).parameterSums) {
    if (p === dx.parameterSums) continue;
    const from = isOfDx(p) ? layoutsOfDx(m.problem, apart) : undefined;
    const sums = parameterSumPasses(m, p, offsets, from);
    if (sums === null) return null;
    const { passes, scratch } = sums;
    const named = from ? passes.map((pass) => withTensors(pass, dxArrays)) : passes;
    others.push({ passes: named, scratch, afterDx: isOfDx(p) && !apart });
  }
  const passesOf = (afterDx: boolean) =>
    others.flatMap((other) => (other.afterDx === afterDx ? other.passes : []));
  // the others read what dx overwrites
  const end = overwrites(m) ? dx.passes.findIndex(writesDx) : dx.passes.length;
  return {
    schedule: dx.schedule,
    passes: [
      ...dx.passes.slice(0, end),
      ...passesOf(false),
      ...dx.passes.slice(end),
      ...passesOf(true),
    ],
    scratch: [dx, ...others].map(({ scratch }) => scratch).reduce(largerScratch),
  };
}

/**
 * Plans a backward whose arrays are more than a pass can bind. The statistics go into statistics
 * arrays. The activation's input and the gradient there get passes of their own.
 */
function allInSmallPasses(stage: BackwardStage): PassSequence | null {
  const { m, offsets } = stage;
  const { problem, profile, overrides } = m;
  const { layouts } = problem;
  const statistics = storeStatistics(m, offsets);
  const active = problem.activation !== NO_ACTIVATION;
  const passed = { shift: undefined, slope: undefined, dy: contiguousF32(problem) };
  const before = active ? { ...layouts, ...passed } : layouts;
  const inPlace = active ? { ...problem.inPlace, dy: undefined } : problem.inPlace;
  const { parameterSums, ...rules } = rulesOf(problem);
  const through = active ? activationPasses(m, offsets) : NO_PASSES;
  const after: Problem = {
    ...problem,
    given: null,
    layouts: before,
    activation: NO_ACTIVATION,
    inPlace,
    gradient: { ...rules, parameterSums: parameterSums.filter((p) => !isOfSlope(p)) },
  };
  const known = { ...stage, m: planState(after, profile, overrides), hasStatistics: true };
  const rest = allGradients(known);
  if (statistics === null || through === null || rest === null) return null;
  const size = 4 * sizeOf(problem.shape);
  return {
    schedule: "split",
    passes: [
      ...statistics.passes,
      ...through.passes,
      ...rest.passes.map((pass) => (active ? withTensors(pass, { dy: "dz" }) : pass)),
    ],
    scratch: {
      ...[statistics, through, rest].map(({ scratch }) => scratch).reduce(largerScratch),
      ...{ z: size, dz: size },
    },
  };
}

/** These passes write dx, and in some plans the gradients of parameters as well. */
interface DxPasses extends PassSequence {
  readonly parameterSums?: ParameterSums;
}

function dxPasses(stage: BackwardStage): DxPasses | null {
  const { m, offsets, hasStatistics, constant } = stage;
  const { layouts } = m.problem;
  if (isApart(stage)) return dxThenAdd(stage);
  if (constant) return layouts.y ? { schedule: "apply", ...dxFromStored(stage) } : NO_PASSES;
  const withSums = hasStatistics || !layouts.y ? null : dxWithSums(m, offsets);
  if (withSums) return withSums;
  const sumsLater = overwrites(m) && !rulesOf(m.problem).parameterSums.every(isOfDx);
  const alone = hasStatistics || layouts.y === undefined || sumsLater;
  const whole = alone ? null : dxInOnePass(m, offsets);
  const rereads =
    whole === null || whole.passes.every(({ partition }) => partition.registerVectors === 0);
  const shares =
    (m.overrides.fuseParameterGradients ?? rereads) ? fuseParameterGradients(stage) : null;
  return shares ?? whole ?? (layouts.y ? dxInSteps(stage) : sequence(statisticsPasses(stage)));
}

/**
 * Returns whether dx has a pass of its own that adds what is added to the norm's own gradient: where
 * that takes too many arrays, and where the sum of dx must be of values neither rounded nor added to.
 */
function isApart({ m: { problem }, hasStatistics }: BackwardStage): boolean {
  const { y, dSum } = problem.layouts;
  const { adds, parameterSums } = rulesOf(problem);
  if (y === undefined) return false;
  const exact = y.dtype === "f32" && !adds;
  return dSum && (hasStatistics || adds) ? true : !exact && parameterSums.some(isOfDx);
}

/** These tensors lie behind the arrays of a pass that reads dx in f32. */
const DX_APART = { x: "dx0", residual: "dSum" };

/** Returns the layouts of a pass that reads dx. */
const layoutsOfDx = (problem: Problem, apart: boolean): Layouts =>
  apart ? { x: contiguousF32(problem), residual: problem.layouts.dSum } : { x: problem.layouts.y };

/** Plans the norm's own gradient in f32, and a pass that adds to it and writes dx. */
function dxThenAdd(stage: BackwardStage): DxPasses | null {
  const { problem, profile, overrides } = stage.m;
  const { dSum, y, ...others } = problem.layouts;
  const { adds, ...rules } = rulesOf(problem);
  const layouts = layoutsOfDx(problem, true);
  const own = dxPasses({
    ...stage,
    m: planState(
      {
        ...problem,
        inPlace: {},
        gradient: { ...rules, adds: false },
        layouts: { ...others, y: layouts.x },
      },
      profile,
      overrides,
    ),
  });
  if (own === null) return null;
  const adding: Problem = {
    ...problem,
    ...NO_NORM,
    inPlace: { residual: problem.inPlace.dSum && "y", residualBias: adds ? "y" : undefined },
    activation: NO_ACTIVATION,
    layouts: { ...layouts, residualBias: adds ? y : undefined, y },
  };
  const add = forwardPass(planState(adding, profile, overrides), {});
  return {
    ...own,
    passes: [
      ...own.passes.map((pass) => withTensors(pass, { dx: "dx0" })),
      withTensors(add, { ...DX_APART, y: "dx" }),
    ],
    scratch: { ...own.scratch, dx0: 4 * sizeOf(problem.shape) },
  };
}

const NO_PASSES: PassSequence = { schedule: "apply", passes: [], scratch: {} };

/** Joins passes that run one after the other and share scratch, if none of them is missing. */
function sequence(...parts: readonly (ReductionPasses | null)[]): PassSequence | null {
  const all = parts.filter((part) => part !== null);
  if (all.length < parts.length) return null;
  return {
    schedule: "split",
    passes: all.flatMap(({ passes }) => passes),
    scratch: all.map(({ scratch }) => scratch).reduce(largerScratch),
  };
}

/** Plans the statistics into statistics arrays, unless they are given or stored already. */
const statisticsPasses = ({ m, offsets, hasStatistics }: BackwardStage): ReductionPasses | null =>
  m.problem.given || hasStatistics ? NO_PASSES : measureStatistics(m, offsets);

/** Plans statistics and dx sums into statistics arrays. */
function dxSumsFirst(stage: BackwardStage): ReductionPasses | null {
  const { m, offsets, hasStatistics } = stage;
  const alone = hasStatistics ? null : dxSumsInOnePass(m, offsets);
  if (alone !== null) return { passes: [alone], scratch: {} };
  return sequence(statisticsPasses(stage), dxSumPasses(m, offsets));
}

/** Plans statistics, dx sums and dx in one pass, if one job per group keeps the device busy. */
function dxInOnePass(m: PlanState, offsets: StatisticsOffsets): PassSequence | null {
  const { problem } = m;
  const { parameterSums } = rulesOf(problem);
  const layout = layoutPass(m, DX_ARRAYS, DX_INPUTS);
  const partition = partitionUnsplit(m, layout, BACKWARD_REGISTER_VECTORS);
  if (partition === null) return null;
  const later = parameterSums.length > 0;
  const written = later ? { ...offsets, first: NONE, second: NONE } : NO_OFFSETS;
  const statistics = statisticsFragments(m, partition, storeFragments(m, written));
  const constants = loadRegisters(m, partition);
  const values = { offsets: written, source: statisticsSource(problem, offsets), constants };
  const pass = dxPass(m, layout, partition, statistics, dxSumFragments(m, partition), values);
  const schedule = partition.nest.columns ? "column" : "row";
  return { schedule, passes: [pass], scratch: {} };
}

/**
 * Plans dx from stored statistics, with stored dx sums unless the statistics do not depend on x.
 */
function dxApplyPass({ m, offsets, constant }: BackwardStage): Pass {
  const layout = layoutPass(m, DX_ARRAYS, DX_INPUTS);
  // an element fits any binding
  const partition = partitionElementwise(m, layout) as Partition;
  const totals = constant
    ? [files.sumNone]
    : [files.sumArrays, ...storedSumFragments(m, partition)];
  const values = { offsets, source: statisticsSource(m.problem, offsets) };
  return dxPass(
    m,
    layout,
    partition,
    givenStatistics(m, partition),
    [files.loadForSumsNone, ...totals],
    values,
  );
}

const dxFromStored = (stage: BackwardStage): ReductionPasses => ({
  passes: [dxApplyPass(stage)],
  scratch: {},
});

/** Plans statistics and dx sums in passes of their own, usually slices and a merge, and then dx. */
const dxInSteps = (stage: BackwardStage): PassSequence | null =>
  sequence(dxSumsFirst(stage), dxFromStored(stage));

/**
 * Plans a pass that writes dx and sums for the gradients of weight and bias, where groups keep the
 * device busy: over segments of a group, or over rows that stay in registers.
 */
function dxWithSums(m: PlanState, offsets: StatisticsOffsets): DxPasses | null {
  const parameterSums = weightAndBiasSums(m);
  if (!parameterSums || m.overrides.fuseParameterGradients !== undefined) return null;
  const { sharesSums, parameterSums: all } = rulesOf(m.problem);
  const others = all.filter((p) => p !== parameterSums);
  const later = !others.every(isOfDx);
  if (later && overwrites(m)) return null;
  const stores = others.length > 0 ? { ...offsets, first: NONE, second: NONE } : NO_OFFSETS;
  const ways = sharesSums ? [dxWithSegmentSums, dxWithRowSums] : [dxWithRowSums];
  for (const plan of ways) {
    const part = plan(m, parameterSums, stores);
    if (part === null || !fitsBindings(m, part)) continue;
    const schedule = part.passes[0]?.partition.nest.columns ? "column" : "row";
    return { schedule, ...part, parameterSums };
  }
  return null;
}

/**
 * Plans dx and the gradients of weight and bias with shared reads: both use one set of sums, or one
 * traversal of x and dy gives both.
 */
function fuseParameterGradients(stage: BackwardStage): DxPasses | null {
  const { m, offsets } = stage;
  const parameterSums = weightAndBiasSums(m);
  if (parameterSums === undefined) return null;
  const wantsDx = m.problem.layouts.y !== undefined;
  const axes = commonAxes(m, parameterSums);
  const passes = () => {
    if (axes === null) return [dxSumsFirst(stage), dxWithParameterSums(m, parameterSums, offsets)];
    const sums = sumsOverCommonAxes(m, parameterSums, axes, offsets);
    return [statisticsPasses(stage), sums, ...(wantsDx ? [dxFromStored(stage)] : [])];
  };
  if (axes === null && !(wantsDx && canFuseWithDx(m, parameterSums))) return null;
  const part = sequence(...passes());
  return part && fitsBindings(m, part) ? { ...part, parameterSums } : null;
}
