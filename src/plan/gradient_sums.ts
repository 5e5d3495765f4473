// This file plans sums over gradients: the two dx sums, and the gradients of parameters.

import { sizeOf } from "../base/shape";
import { NO_ACTIVATION } from "../wgsl/activations";
import * as files from "../wgsl/files";
import type { Fragment } from "../wgsl/link";
import { loadOperand, loadStored, storeGradient, storeOperand } from "./bindings";
import {
  epilogueFragments,
  givenStatistics,
  inputFragments,
  loopFragments,
  measuredStatistics,
  overPartials,
  parametersVary,
  statisticsSource,
  storedStatistics,
  storeStatisticsFragments,
  teamFragment,
} from "./fragments";
import { type Partition, partitionUnsplit, REGISTER_VECTORS } from "./heuristics";
import { EPILOGUE_OPERANDS, type Operand } from "./operands";
import type { MergeTarget, ReductionPasses } from "./partials";
import { extentsOf, layoutPass, makePass, type PassValues, trafficBytes } from "./pass";
import { type Pass, type PassPurpose, type PlanState, planState } from "./plan";
import type { GradientRules, Layouts, ParameterSums, Problem } from "./problem";
import { reductionPasses } from "./two_stage";
import type { StatisticsOffsets } from "./uniform_fields";

/**
 * A backward reads these operands beside x, on the way from dy to the gradient at the normalized x.
 */
const BACKWARD_INPUTS = [
  ...["dy", "residual", "residualBias", "mask", "gate", "skipGate"],
  ...EPILOGUE_OPERANDS,
] as const;

/** The pass that writes dx goes through these in vectors; most are written where there are gates. */
export const DX_ARRAYS: readonly Operand[] = [
  "x",
  "y",
  "dGate",
  "skip",
  "dSkipGate",
  "dResidual",
  "dResidualGate",
];

/** It reads these beside them. */
export const DX_INPUTS = [...BACKWARD_INPUTS, "dSum", "branch", "residualGate"] as const;

export const BACKWARD_REGISTER_VECTORS = REGISTER_VECTORS / 2; // x and its gradient

/**
 * Lists the files that read stored dx sums. Where statistics are not given, normalizerAt already
 * brings the buffer along.
 */
export const storedSumFragments = ({ problem }: PlanState, { nest }: Partition): Fragment[] => [
  files.storedSums,
  ...(problem.given ? [loadStored(nest)] : []),
];

const STORE_SUMS: readonly Fragment[] = [files.storeStatisticsBuffer, files.storeSumsArrays];

/** Lists the files that lead from dy back to the normalized x. */
export const backpropFragments = (m: PlanState, partition: Partition): Fragment[] => [
  ...m.problem.kind.apply,
  ...epilogueFragments(m, partition),
  files.chain,
  files.gradientPlain,
  loadOperand("dy", partition.nest, m.problem.layouts, m.nativeF16),
];

const STREAMED: readonly Fragment[] = [
  files.loadForSumsNone,
  files.sumStreamed,
  files.gradientShare,
];

/** Lists the files that form the dx sums of a job's elements, from registers or from memory. */
export function dxSumFragments(m: PlanState, partition: Partition): Fragment[] {
  const { dxSums, dx } = m.problem.gradient as GradientRules;
  const read =
    partition.registerVectors > 0
      ? [files.registers, files.loadForSumsRegisters, files.sumRegisters]
      : [...STREAMED, files.parameterSumsInput];
  return [...read, dxSums, dx, teamFragment(m, partition)];
}

/** Lists the files that measure and store statistics, or that read the caller's. */
export const statisticsFragments = (
  m: PlanState,
  partition: Partition,
  store: readonly Fragment[],
): Fragment[] =>
  m.problem.given
    ? givenStatistics(m, partition)
    : [files.sourceSummands, ...measuredStatistics(m, partition, store)];

/** Says whether this pass must load its registers: measured elements are in registers already. */
export const loadRegisters = (
  { problem }: PlanState,
  { registerVectors }: Partition,
): PassValues["constants"] =>
  registerVectors > 0 ? { LOAD_REGISTERS: Number(problem.given !== null) } : {};

const mergeSumFragments =
  (m: PlanState, layouts: Layouts = {}) =>
  (partition: Partition, store: readonly Fragment[]) => [
    ...loopFragments(partition),
    files.statisticsNone,
    files.loadForSumsNone,
    overPartials(files.sumPartials),
    loadOperand("weight", partition.nest, layouts, m.nativeF16),
    teamFragment(m, partition),
    ...store,
    files.kernelGradientSums,
  ];

/** Sends sums into statistics arrays. `weight` multiplies the sums of slices, where it is given. */
function sumsToArrays(
  m: PlanState,
  offsets: StatisticsOffsets,
  { weight }: Layouts = {},
): MergeTarget {
  return {
    along: ["statistics"],
    reads: weight ? ["weight"] : [],
    extents: extentsOf({ weight }),
    store: STORE_SUMS,
    offsets,
    merge: mergeSumFragments(m, { weight }),
  };
}

/** Sends sums into the gradients of parameters. */
export function sumsToGradients(m: PlanState, { first, second }: ParameterSums): MergeTarget {
  return {
    along: ["dFirst", "dSecond"],
    extents: extentsOf({ dFirst: first?.layout, dSecond: second?.layout }),
    store: [
      files.storeSumsGradients,
      storeGradient("dFirst", first, m.nativeF16),
      storeGradient("dSecond", second, m.nativeF16),
    ],
    merge: mergeSumFragments(m),
  };
}

/** Restates the problem as sums along other axes, with the gradients of parameters as results. */
export function sumAlong(
  { problem, profile, overrides }: PlanState,
  along: readonly boolean[],
  { first, second }: ParameterSums,
  layouts: Layouts,
): PlanState {
  const results = { dFirst: first?.layout, dSecond: second?.layout };
  return planState(
    { ...problem, reduced: along, layouts: { ...layouts, ...results } },
    profile,
    overrides,
  );
}

/**
 * Plans statistics and dx sums into statistics arrays in one pass, if one job per group keeps the
 * device busy.
 */
export function dxSumsInOnePass(m: PlanState, offsets: StatisticsOffsets): Pass | null {
  const layout = layoutPass(m, ["x"], BACKWARD_INPUTS);
  const partition = partitionUnsplit(m, layout, BACKWARD_REGISTER_VECTORS);
  if (partition === null) return null;
  const fragments = [
    ...loopFragments(partition),
    ...inputFragments(m, partition),
    ...statisticsFragments(m, partition, storeStatisticsFragments(m)),
    ...backpropFragments(m, partition),
    ...dxSumFragments(m, partition),
    ...STORE_SUMS,
    files.kernelGradientSums,
  ];
  return makePass(m, "sums", partition, fragments, {
    offsets,
    source: statisticsSource(m.problem, offsets),
    constants: { ...parametersVary(partition), ...loadRegisters(m, partition) },
    bytes: trafficBytes(layout, m.problem.layouts),
  });
}

/** This describes two sums over elements of x and dy, and their targets. */
interface SumSpec {
  readonly does: PassPurpose;
  readonly results: readonly MergeTarget[];
  /** These files form the two summands of an element. */
  readonly fragments: (partition: Partition) => readonly Fragment[];
  readonly vectorized?: readonly Operand[];
  readonly inputs?: readonly Operand[]; // what it reads beside them
  readonly direct?: boolean;
  readonly values?: PassValues;
}

function sumPasses(
  m: PlanState,
  offsets: StatisticsOffsets,
  sums: SumSpec,
): ReductionPasses | null {
  const { results, vectorized = ["x"], inputs = BACKWARD_INPUTS, direct = false } = sums;
  const along = results.flatMap((result) => result.along);
  const layout = layoutPass(m, vectorized, inputs, along);
  return reductionPasses(m, {
    layout,
    does: sums.does,
    direct,
    maxRegisterVectors: 0,
    targets: results,
    partials: overPartials(files.storeSumsPartials),
    stage: (partition, store) => [
      ...loopFragments(partition),
      ...inputFragments(m, partition),
      ...sums.fragments(partition),
      ...[...STREAMED, teamFragment(m, partition), ...store, files.kernelGradientSums],
    ],
    values: (partition) => ({
      source: statisticsSource(m.problem, offsets),
      constants: parametersVary(partition),
      bytes: trafficBytes(layout, m.problem.layouts),
      ...sums.values,
    }),
  });
}

/** Plans dx sums into statistics arrays, from statistics that are given or stored already. */
export const dxSumPasses = (m: PlanState, offsets: StatisticsOffsets): ReductionPasses | null =>
  sumPasses(m, offsets, {
    does: "sums",
    direct: m.problem.given !== null, // otherwise it would read the buffer that it writes
    results: [sumsToArrays(m, offsets)],
    fragments: (partition) => [
      ...givenStatistics(m, partition),
      ...backpropFragments(m, partition),
      ...dxSumFragments(m, partition),
    ],
  });

/**
 * Returns how many elements must share a partial. A partial weighs as much as four elements and is
 * read twice.
 */
export const minSharedElements = ({ overrides }: PlanState) =>
  overrides.fuseParameterGradients ? 2 : 32;

/** Returns the sums for the gradients of weight and bias. */
export const weightAndBiasSums = ({ problem }: PlanState): ParameterSums | undefined =>
  problem.gradient?.parameterSums.find(({ role }) => role === "sharesSums");

const elementsAlong = ({ shape }: Problem, along: readonly boolean[]) =>
  sizeOf(shape.filter((_, i) => along[i]));

/**
 * Returns the axes along which neither the statistics nor weight and bias change. Sums along these
 * axes are parts of the gradients of weight and bias and, times the weight, parts of the dx sums.
 * Returns null if these axes have too few elements.
 */
export function commonAxes(m: PlanState, collected: ParameterSums): readonly boolean[] | null {
  const { gradient, reduced, layouts, shape } = m.problem;
  if (!gradient?.sharesSums) return null;
  const repeats = (i: number) => shape[i] === 1 || (layouts.weight?.strides[i] ?? 0) === 0;
  const both = reduced.map((r, i) => r && collected.reduced[i] === true && repeats(i));
  return elementsAlong(m.problem, both) >= minSharedElements(m) ? both : null;
}

/**
 * Plans the sums along common axes once, for the dx sums and for the gradients of weight and bias.
 */
export function sumsOverCommonAxes(
  m: PlanState,
  collected: ParameterSums,
  both: readonly boolean[],
  offsets: StatisticsOffsets,
): ReductionPasses | null {
  const { layouts } = m.problem;
  const own = sumAlong(m, both, collected, { ...layouts, dSum: undefined });
  const totals = layouts.y ? [sumsToArrays(own, offsets, layouts)] : [];
  return sumPasses(own, offsets, {
    does: "sums",
    results: [...totals, sumsToGradients(own, collected)],
    fragments: (partition) => [
      ...givenStatistics(own, partition),
      ...backpropFragments(own, partition),
      files.parameterSumsAffine,
    ],
  });
}

/**
 * Returns whether enough elements share a weight for one pass to write dx and sum the weight's
 * gradient.
 */
export const canFuseWithDx = (m: PlanState, { reduced }: ParameterSums): boolean =>
  m.problem.layouts.dSum === undefined && elementsAlong(m.problem, reduced) >= minSharedElements(m);

/**
 * Plans one pass that writes dx and sums for the gradients of weight and bias, so that x and dy are
 * read once for both.
 */
export function dxWithParameterSums(
  m: PlanState,
  collected: ParameterSums,
  offsets: StatisticsOffsets,
): ReductionPasses | null {
  const { layouts } = m.problem;
  const { dx } = m.problem.gradient as GradientRules;
  const own = sumAlong(m, collected.reduced, collected, layouts);
  return sumPasses(own, offsets, {
    does: "backward",
    results: [sumsToGradients(own, collected)],
    vectorized: DX_ARRAYS,
    inputs: DX_INPUTS,
    fragments: (partition) => [
      ...storedStatistics(own, partition.nest),
      ...storedSumFragments(own, partition),
      ...backpropFragments(own, partition),
      ...[files.statisticsNone, files.parameterSumsDx, files.throughPlain, dx],
      storeOperand("y", partition.nest, layouts, own.nativeF16, "dx"),
      loadOperand("dSum", partition.nest, layouts, own.nativeF16),
    ],
    values: { offsets, uniforms: { count: m.count } },
  });
}

/**
 * Plans sums over the axes along which parameters repeat, in passes of their own. With `dx`, its
 * layouts, these are sums of dx, which the passes read as x.
 */
export function parameterSumPasses(
  m: PlanState,
  collected: ParameterSums,
  offsets: StatisticsOffsets,
  dx?: Layouts,
): ReductionPasses | null {
  const { summands, reduced: along } = collected;
  const { problem, profile, overrides } = m;
  const { y, ...others } = problem.layouts;
  const from: Problem = dx
    ? { ...problem, layouts: dx, activation: NO_ACTIVATION, mask: null, gates: null }
    : { ...problem, layouts: { ...others, dSum: undefined } };
  const own = sumAlong(planState(from, profile, overrides), along, collected, from.layouts);
  return sumPasses(own, offsets, {
    does: "parameters",
    direct: true,
    results: [sumsToGradients(own, collected)],
    fragments: (partition) => [
      ...(dx
        ? epilogueFragments(own, partition)
        : [...storedStatistics(own, partition.nest), ...backpropFragments(own, partition)]),
      ...[files.statisticsNone, summands],
    ],
  });
}
