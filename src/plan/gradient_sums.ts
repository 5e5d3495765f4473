// Sums over gradients: the two totals that dx needs, and the gradients of parameters.

import { sizeOf } from "../base/shape";
import { NO_ACTIVATION } from "../wgsl/activations";
import * as files from "../wgsl/files";
import type { Module } from "../wgsl/link";
import { gradientOut, input, output, statisticsIn } from "./bindings";
import {
  elements,
  given,
  INTO_PLANES,
  knownAt,
  measuring,
  parameters,
  parametersVary,
  sourceFrom,
  summing,
  walking,
} from "./fragments";
import { MOST_HELD, type Sharing, shareWhole, splits } from "./heuristics";
import {
  lay,
  type Making,
  making,
  type Pass,
  passOf,
  placesOf,
  traffic,
  type Values,
} from "./pass";
import type { Collected, Gradient, Layouts, Operand, Problem } from "./problem";
import { type Reduced, type Result, reduced } from "./two_stage";
import type { Planes } from "./uniforms";

/** What is read beside x on the way from dy to the gradient at the normalized x. */
export const READ = ["dy", "weight", "bias", "scale", "shift", "threshold"] as const;
export const BOTH_HELD = MOST_HELD / 2; // x and its gradient

/** Reads totals from planes, which knownAt does of statistics that are not given. */
export const totalsIn = ({ problem }: Making, { walk }: Sharing): Module[] => [
  files.storedSums,
  ...(problem.given ? [statisticsIn("planes", walk, "f32", "statistics")] : []),
];

const INTO_TOTALS: readonly Module[] = [files.storeStatisticsBuffer, files.storeSumsArrays];

/** The files between y and the normalized x. */
export const comingBack = (m: Making, sharing: Sharing): Module[] => [
  ...m.problem.kind.form,
  ...parameters(m, sharing),
  files.chain,
  input("dy", sharing.walk, m.problem.layouts, m.native),
];

/** What makes totals of a job's elements, from registers or from memory. */
export function totalling(m: Making, sharing: Sharing): Module[] {
  const { sums, through } = m.problem.gradient as Gradient;
  const read =
    sharing.held > 0
      ? [files.registers, files.sumRegisters]
      : [files.sumStreamed, files.parameterSumsInput];
  return [...read, sums, through, ...summing(m, sharing)];
}

/** Statistics of the pass's own, which go into the sink, or the caller's. */
export const knowing = (m: Making, sharing: Sharing, sink: readonly Module[]): Module[] =>
  m.problem.given ? given(m, sharing) : [files.sourceSummands, ...measuring(m, sharing, sink)];

/** Held elements are in registers already where they were measured. */
export const holding = ({ problem }: Making, { held }: Sharing): Values["constants"] =>
  held > 0 ? { HOLD: Number(problem.given !== null) } : {};

const mergingSums =
  (m: Making, layouts: Layouts = {}) =>
  (sharing: Sharing, sink: readonly Module[]) => [
    ...walking(sharing),
    files.statisticsNone,
    files.sumPartials,
    input("weight", sharing.walk, layouts, m.native),
    ...summing(m, sharing),
    ...sink,
    files.kernelGradientSums,
  ];

/** Totals go into planes; `weight`: by which the sums of slices are to be multiplied. */
function intoTotals(m: Making, planes: Planes, { weight }: Layouts = {}): Result {
  return {
    along: ["stat"],
    reads: weight ? ["weight"] : [],
    at: placesOf({ weight }),
    sink: INTO_TOTALS,
    planes,
    merge: mergingSums(m, { weight }),
  };
}

/** Sums are the gradients of parameters. */
function intoGradients(m: Making, { first, second }: Collected): Result {
  return {
    along: ["y", "sum"],
    at: placesOf({ y: first?.stored, sum: second?.stored }),
    sink: [
      files.storeSumsGradients,
      gradientOut("first", first, m.native),
      gradientOut("second", second, m.native),
    ],
    merge: mergingSums(m),
  };
}

/** The problem as sums along other axes, whose results lie as y and sum. */
function summedAlong(
  { problem, profile, force }: Making,
  along: readonly boolean[],
  { first, second }: Collected,
  layouts: Layouts,
): Making {
  const results = { y: first?.stored, sum: second?.stored };
  return making(
    { ...problem, reduced: along, layouts: { ...layouts, ...results } },
    profile,
    force,
  );
}

/** Statistics and totals into planes: by one pass, where one job a group keeps the device busy. */
export function totalsAlone(m: Making, planes: Planes): Pass | null {
  const laid = lay(m, ["x"], READ);
  if (splits(m.profile, laid, m.force)) return null;
  const sharing = shareWhole(m.profile, laid, m.force, BOTH_HELD);
  if (sharing === null) return null;
  const modules = [
    ...walking(sharing),
    ...elements(m, sharing),
    ...knowing(m, sharing, INTO_PLANES),
    ...comingBack(m, sharing),
    ...totalling(m, sharing),
    ...INTO_TOTALS,
    files.kernelGradientSums,
  ];
  return passOf(m, "sums", sharing, modules, {
    planes,
    source: sourceFrom(m.problem, planes),
    constants: { ...parametersVary(sharing), ...holding(m, sharing) },
    bytes: traffic(laid, m.problem.layouts),
  });
}

/** Two sums over elements of x and dy, and what becomes of them. */
interface Sums {
  readonly does: Pass["does"];
  readonly results: readonly Result[];
  /** What makes the two summands of an element. */
  readonly files: (sharing: Sharing) => readonly Module[];
  readonly packed?: readonly Operand[];
  readonly slot?: string; // the tensor that x is, where it is another
  readonly direct?: boolean;
  readonly values?: Values;
}

function summed(m: Making, planes: Planes, sums: Sums): Reduced {
  const { results, packed = ["x"], slot, direct = false } = sums;
  const along = results.flatMap((result) => result.along);
  const laid = lay(m, packed, READ, along);
  return reduced(m, {
    laid,
    does: sums.does,
    direct,
    mostHeld: 0,
    results,
    records: files.storeSumsPartials,
    stage: (sharing, sink) => [
      ...walking(sharing),
      ...elements(m, sharing, slot),
      ...sums.files(sharing),
      ...[files.sumStreamed, ...summing(m, sharing), ...sink, files.kernelGradientSums],
    ],
    values: (sharing) => ({
      source: sourceFrom(m.problem, planes),
      constants: parametersVary(sharing),
      bytes: traffic(laid, m.problem.layouts),
      ...sums.values,
    }),
  });
}

/** Totals into planes, where the statistics are in planes already, or given. */
export const totalsApart = (m: Making, planes: Planes): Reduced =>
  summed(m, planes, {
    does: "sums",
    direct: m.problem.given !== null, // else it would read the buffer that it writes
    results: [intoTotals(m, planes)],
    files: (sharing) => [...given(m, sharing), ...comingBack(m, sharing), ...totalling(m, sharing)],
  });

/** Elements that have to share a record, which weighs as much as four of them and is read twice. */
const leastShared = ({ force }: Making) => (force.together ? 2 : 32);

/** The gradients of weight and bias. */
export const ofWeights = ({ problem }: Making): Collected | undefined =>
  problem.gradient?.parameters.find(({ terms }) => terms === files.parameterSumsWeights);

const extentOf = ({ shape }: Problem, along: readonly boolean[]) =>
  sizeOf(shape.filter((_, i) => along[i]));

/**
 * Axes along which neither the statistics nor weight and bias change: sums along these are parts of the totals,
 * times the weight, and of the gradients of weight and bias. Null where there is not enough of them.
 */
export function sharedAxes(m: Making, collected: Collected): readonly boolean[] | null {
  const { gradient, reduced, layouts, shape } = m.problem;
  if (gradient?.sums !== files.dxSumsUsual) return null;
  const repeats = (i: number) => shape[i] === 1 || (layouts.weight?.strides[i] ?? 0) === 0;
  const both = reduced.map((r, i) => r && collected.reduced[i] && repeats(i));
  return extentOf(m.problem, both) >= leastShared(m) ? both : null;
}

/** The sums along shared axes, once for totals and for the gradients of weight and bias. */
export function sumsShared(
  m: Making,
  collected: Collected,
  both: readonly boolean[],
  planes: Planes,
): Reduced {
  const { layouts } = m.problem;
  const own = summedAlong(m, both, collected, { ...layouts, dSum: undefined });
  const totals = layouts.y ? [intoTotals(own, planes, layouts)] : [];
  return summed(own, planes, {
    does: "sums",
    results: [...totals, intoGradients(own, collected)],
    files: (sharing) => [
      ...given(own, sharing),
      ...comingBack(own, sharing),
      files.parameterSumsAffine,
    ],
  });
}

/** Whether enough elements share a weight for dx to be made along with its gradient. */
export const canPair = (m: Making, { reduced }: Collected): boolean =>
  m.problem.layouts.dSum === undefined && extentOf(m.problem, reduced) >= leastShared(m);

/** dx, and on the way the sums for the gradients of weight and bias, so that x and dy are read once for both. */
export function dxPaired(m: Making, collected: Collected, planes: Planes): Reduced {
  const { layouts } = m.problem;
  const { through } = m.problem.gradient as Gradient;
  const own = summedAlong(m, collected.reduced, collected, { ...layouts, dSum: layouts.y });
  return summed(own, planes, {
    does: "backward",
    results: [intoGradients(own, collected)],
    packed: ["x", "dSum"],
    files: (sharing) => [
      ...knownAt(own, sharing.walk),
      ...totalsIn(own, sharing),
      ...comingBack(own, sharing),
      ...[files.statisticsNone, files.parameterSumsDx, through],
      output("dSum", sharing.walk, own.problem.layouts, own.native, "y"),
    ],
    values: { planes, real: { count: m.count } },
  });
}

/** Sums over the axes along which parameters repeat, in a pass of their own. */
export function parametersAlone(m: Making, collected: Collected, planes: Planes): Reduced {
  const { terms, reduced: along } = collected;
  const { problem, profile, force } = m;
  const ofDx = terms === files.parameterSumsElements; // which is read as x
  const { y, ...others } = problem.layouts;
  const from: Problem = ofDx
    ? { ...problem, layouts: { x: y }, activation: NO_ACTIVATION }
    : { ...problem, layouts: { ...others, dSum: undefined } };
  const own = summedAlong(making(from, profile, force), along, collected, from.layouts);
  return summed(own, planes, {
    does: "parameters",
    direct: true,
    results: [intoGradients(own, collected)],
    slot: ofDx ? "y" : undefined,
    files: (sharing) => [
      ...(ofDx
        ? parameters(own, sharing)
        : [...knownAt(own, sharing.walk), ...comingBack(own, sharing)]),
      ...[files.statisticsNone, terms],
    ],
  });
}
