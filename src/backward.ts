// Plans for gradients: dx from dy and x, and sums for the gradients of parameters.

import { NO_ACTIVATION } from "./activations";
import { type Force, loosen, MOST_HELD, type Sharing, shareApply, shareMeasure } from "./choice";
import type { Module } from "./link";
import * as files from "./modules";
import type { Planes } from "./params";
import {
  elements,
  given,
  knownAt,
  lay,
  type Made,
  type Making,
  making,
  measuring,
  nothing,
  type Pass,
  type Plan,
  parameters,
  parametersVary,
  passOf,
  planesFor,
  planOf,
  reduced,
  reducedStatistics,
  sinkFor,
  sourceFrom,
  traffic,
  type Values,
  walking,
} from "./planner";
import { gradientOut, input, output, statisticsIn } from "./ports";
import type { Collected, Gradient, Layouts, Problem } from "./problem";
import type { Profile } from "./profile";
import type { Laid } from "./walk";

const READ = ["dy", "weight", "bias", "scale", "shift", "threshold"] as const;
const BOTH_HELD = MOST_HELD / 2; // x and its gradient

export function planBackward(problem: Problem, profile: Profile, force: Force = {}): Plan {
  const m = making(problem, profile, force);
  const at = planesFor(m, planesOf(problem));
  if (m.groups * m.count === 0) return planOf(m, nothing(at));
  const gradient = problem.gradient as Gradient;
  const dx = inputGradient(m, gradient, at[0]);
  const [planes, statisticsSize] = at;
  const passes = [...dx.passes];
  let { recordsSize } = dx;
  for (const parameter of gradient.parameters) {
    const own = parameterGradients(m, parameter, planes);
    passes.push(...own.passes);
    recordsSize = Math.max(recordsSize, own.recordsSize);
  }
  return planOf(m, { schedule: dx.schedule, passes, planes, statisticsSize, recordsSize });
}

/** Planes that passes hand on: sums always have a place, statistics unless they are the caller's. */
function planesOf({ given }: Problem): (keyof Planes)[] {
  return given ? ["first", "second"] : ["pivot", "delta", "factor", "first", "second"];
}

type DxPlan = Pick<Made, "schedule" | "passes" | "recordsSize">;

function inputGradient(m: Making, { through }: Gradient, planes: Planes): DxPlan {
  const { layouts, given, gradient } = m.problem;
  if (layouts.y === undefined) return statisticsAlone(m, planes);
  if (given?.as === "variance") {
    const constant = { files: [files.totalsNone], through: files.gradientConstant };
    return { schedule: "apply", passes: [applyPass(m, planes, constant)], recordsSize: 0 };
  }
  const later = (gradient?.parameters.length ?? 0) > 0;
  return fused(m, through, planes, later) ?? split(m, through, planes);
}

/** For the gradients of parameters, where nobody wants dx. */
function statisticsAlone(m: Making, planes: Planes): DxPlan {
  if (m.problem.given) return { schedule: "apply", passes: [], recordsSize: 0 };
  return { schedule: "split", ...reducedStatistics(m, planes) };
}

/** The files between y and the normalized x. */
const comingBack = (m: Making, sharing: Sharing): Module[] => [
  ...m.problem.kind.form,
  ...parameters(m, sharing),
  files.incoming,
  input("dy", sharing.walk, m.problem.layouts, m.native),
];

function dxPass(
  m: Making,
  laid: Laid,
  sharing: Sharing,
  statistics: readonly Module[],
  totals: readonly Module[],
  through: Module,
  values: Values,
): Pass {
  const { layouts } = m.problem;
  const { walk, held } = sharing;
  const modules = [
    ...walking(sharing),
    ...elements(m, sharing),
    ...statistics,
    ...comingBack(m, sharing),
    ...totals,
    through,
    output("y", walk, layouts, m.native),
    input("dSum", walk, layouts, m.native),
    held > 0 ? files.writeGradientHeld : files.writeGradientStreamed,
    files.backward,
  ];
  return passOf(m, "backward", sharing, modules, {
    ...values,
    constants: { ...parametersVary(sharing), ...values.constants },
    bytes: traffic(laid, layouts),
  });
}

const sumsTeam = ({ team }: Sharing) => (team > 1 ? files.teamSumsWorkgroup : files.teamSumsAlone);

/** Statistics, sums and dx in one pass, where one job a group keeps the device busy. */
function fused(m: Making, through: Module, planes: Planes, later: boolean): DxPlan | null {
  const { profile, force, problem } = m;
  const laid = lay(m, ["x", "y"], [...READ, "dSum"]);
  const wanted = shareMeasure(profile, laid, false, force, BOTH_HELD);
  if (force.split ?? (wanted.slices > 1 || loosen(laid.dims, force) !== laid.dims)) return null;
  const sharing = shareMeasure(profile, laid, true, force, BOTH_HELD);
  const written = planesFor(m, later ? planesOf(problem) : [])[0];
  const statistics = problem.given
    ? given(m, sharing, files.sinkNothing)
    : [files.sourceTerms, ...measuring(m, sharing, [sinkFor(written)])];
  const holds = sharing.held > 0;
  const constants: Values["constants"] = holds ? { HOLD: Number(problem.given !== null) } : {};
  const totals = holds
    ? [files.held, files.totalsHeld, sumsTeam(sharing)]
    : [files.totalsStreamed, files.termsInput, sumsTeam(sharing)];
  const values = { planes: written, source: sourceFrom(problem, planes), constants };
  const pass = dxPass(m, laid, sharing, statistics, totals, through, values);
  const schedule = sharing.walk.columns ? "column" : "row";
  return { schedule, passes: [pass], recordsSize: 0 };
}

interface Sums {
  readonly files: readonly Module[];
  readonly through: Module;
}

/** dx from statistics and sums that are there already. */
function applyPass(m: Making, planes: Planes, sums: Sums): Pass {
  const laid = lay(m, ["x", "y"], [...READ, "dSum"]);
  const loosened = { ...laid, dims: loosen(laid.dims, m.force) };
  const sharing = shareApply(m.profile, loosened, m.force);
  const statistics = given(m, sharing, files.sinkNothing);
  const reads = sums.files.includes(files.totalsPlanes) && m.problem.given !== null;
  const planesIn = reads ? [statisticsIn("planes", sharing.walk, "statistics")] : [];
  const values = { planes, source: sourceFrom(m.problem, planes) };
  return dxPass(m, laid, sharing, statistics, [...sums.files, ...planesIn], sums.through, values);
}

/** Statistics of slices and their merge, sums of slices and their merge, and dx from both. */
function split(m: Making, through: Module, planes: Planes): DxPlan {
  const measured = m.problem.given ? null : reducedStatistics(m, planes);
  const laid = lay(m, ["x"], READ);
  const sums = reduced(m, {
    laid,
    does: "sums",
    mostHeld: 0,
    results: ["stat"],
    at: {},
    records: files.sinkSumRecords,
    sink: [files.sinkSums],
    planes,
    stage: (sharing, sink) => [
      ...walking(sharing),
      ...elements(m, sharing),
      ...given(m, sharing, files.sinkNothing),
      ...comingBack(m, sharing),
      ...[files.totalsStreamed, files.termsInput, through, sumsTeam(sharing), ...sink],
      files.collect,
    ],
    values: (sharing) => ({
      source: sourceFrom(m.problem, planes),
      constants: parametersVary(sharing),
      bytes: traffic(laid, m.problem.layouts),
    }),
    merge: mergingSums,
  });
  const apply = applyPass(m, planes, { files: [files.totalsPlanes], through });
  return {
    schedule: "split",
    passes: [...(measured?.passes ?? []), ...sums.passes, apply],
    recordsSize: Math.max(measured?.recordsSize ?? 0, sums.recordsSize),
  };
}

const mergingSums = (sharing: Sharing, sink: readonly Module[]): Module[] => [
  ...walking(sharing),
  files.statisticsNone,
  files.totalsRecords,
  sumsTeam(sharing),
  ...sink,
  files.collect,
];

/** Sums over the axes along which parameters repeat. */
function parameterGradients(
  m: Making,
  { terms, reduced: along, first, second }: Collected,
  planes: Planes,
) {
  const { problem, profile, force, native } = m;
  const ofDx = terms === files.termsElements; // which is read as x
  const read: Layouts = ofDx ? { x: problem.layouts.y } : { ...problem.layouts, dSum: undefined };
  const layouts = { ...read, y: first?.stored, sum: second?.stored };
  const activation = ofDx ? NO_ACTIVATION : problem.activation;
  const own = making({ ...problem, reduced: along, layouts, activation }, profile, force);
  const laid = lay(own, ["x"], READ, ["y", "sum"]);
  return reduced(own, {
    laid,
    does: "parameters",
    mostHeld: 0,
    results: ["y", "sum"],
    at: { y: first?.stored.offset, sum: second?.stored.offset },
    records: files.sinkSumRecords,
    sink: [
      files.sinkGradients,
      gradientOut("first", first, native),
      gradientOut("second", second, native),
    ],
    stage: (sharing, sink) => [
      ...walking(sharing),
      ...elements(own, sharing, ofDx ? "y" : undefined),
      ...(ofDx ? [] : [...knownAt(own, sharing.walk), ...own.problem.kind.form, files.incoming]),
      ...parameters(own, sharing),
      ...(ofDx ? [] : [input("dy", sharing.walk, layouts, native)]),
      ...[files.statisticsNone, files.totalsStreamed, terms, sumsTeam(sharing), ...sink],
      files.collect,
    ],
    values: (sharing) => ({
      source: sourceFrom(problem, planes),
      constants: parametersVary(sharing),
      bytes: traffic(laid, layouts),
    }),
    merge: mergingSums,
  });
}
