// Plans for gradients: dx from dy and x, and sums for the gradients of parameters.

import { NO_ACTIVATION } from "./activations";
import {
  type Force,
  loosen,
  MOST_HELD,
  type Sharing,
  shareApply,
  shareWhole,
  splits,
} from "./choice";
import { applyPass as forwardPass } from "./forward";
import type { Module } from "./link";
import * as files from "./modules";
import { NO_PLANES, NONE, type Planes } from "./params";
import {
  elements,
  given,
  handing,
  knownAt,
  measuring,
  parameters,
  parametersVary,
  sinkFor,
  sourceFrom,
  summing,
  walking,
} from "./parts";
import {
  dense,
  fits,
  larger,
  lay,
  type Made,
  type Making,
  making,
  nothing,
  type Pass,
  PLAIN,
  type Plan,
  passOf,
  placesOf,
  planesFor,
  planOf,
  rebound,
  tooMany,
  traffic,
  type Values,
} from "./planner";
import { gradientOut, input, output, statisticsIn } from "./ports";
import type { Collected, Gradient, Layouts, Problem } from "./problem";
import type { Profile } from "./profile";
import { intoPlanes, reduced, reducedStatistics } from "./reduction";
import { sizeOf } from "./shape";
import type { Laid } from "./walk";

const READ = ["dy", "weight", "bias", "scale", "shift", "threshold"] as const;
const BOTH_HELD = MOST_HELD / 2; // x and its gradient

/** Gradients on their way: what is in planes, and what is still to be done. */
interface Stage {
  readonly m: Making;
  readonly planes: Planes;
  /** Statistics are in planes already. */
  readonly known: boolean;
  /** Statistics do not depend on x. */
  readonly constant: boolean;
}

export function planBackward(problem: Problem, profile: Profile, force: Force = {}): Plan {
  const m = making(problem, profile, force);
  const [planes, statisticsSize] = planesFor(m, [...handing(problem), "first", "second"]);
  const at = { planes, statisticsSize };
  if (m.groups * m.count === 0) return planOf(m, nothing([planes, statisticsSize]));
  const constant = problem.gradient?.constant ?? false;
  const direct = assembled({ m, planes, known: false, constant });
  if (fits(m, direct)) return planOf(m, { ...at, ...direct });
  const steps = stepByStep(m, planes, constant);
  return fits(m, steps) ? planOf(m, { ...at, ...steps }) : tooMany(m);
}

type Part = Pick<Made, "schedule" | "passes" | "scratch">;

function assembled(stage: Stage): Part {
  const { m, planes } = stage;
  const dx = inputGradient(stage);
  const others = m.problem.gradient?.parameters.map((p) => parameterGradients(m, p, planes)) ?? [];
  return {
    schedule: dx.schedule,
    passes: [...dx.passes, ...others.flatMap(({ passes }) => passes)],
    scratch: [dx, ...others].map(({ scratch }) => scratch).reduce(larger),
  };
}

/**
 * Where there are more arrays than a pass can have: statistics go into planes, and what the activation got and
 * the gradient there are passes of their own.
 */
function stepByStep(m: Making, planes: Planes, constant: boolean): Part {
  const { problem, profile, force } = m;
  const { layouts } = problem;
  const statistics = intoPlanes(m, planes);
  const active = problem.activation !== NO_ACTIVATION;
  const before = active ? { ...layouts, shift: undefined, dy: dense(problem) } : layouts;
  const after: Problem = { ...problem, given: null, layouts: before, activation: NO_ACTIVATION };
  const rest = assembled({ m: making(after, profile, force), planes, known: true, constant });
  const size = 4 * sizeOf(problem.shape);
  return {
    schedule: "split",
    passes: [
      ...statistics.passes,
      ...(active ? activationPasses(m, planes) : []),
      ...rest.passes.map((pass) => (active ? rebound(pass, "dy", "dz") : pass)),
    ],
    scratch: { ...larger(statistics.scratch, rest.scratch), z: size, dz: size },
  };
}

/** z, what the activation got, and the gradient there. */
function activationPasses({ problem, profile, force }: Making, planes: Planes): Pass[] {
  const { x, dy, weight, bias, scale, shift, threshold } = problem.layouts;
  const y = dense(problem);
  const ahead: Problem = {
    ...problem,
    given: null,
    activation: NO_ACTIVATION,
    layouts: { x, y, weight, bias, scale, shift, threshold },
  };
  const source = sourceFrom(ahead, planes);
  const toZ = forwardPass(making(ahead, profile, force), { source }, files.sinkNothing);
  const back: Problem = { ...problem, ...PLAIN, layouts: { x: y, dy, y } };
  const toDz = slopePass(making(back, profile, force));
  return [rebound(toZ, "y", "z"), rebound(rebound(toDz, "x", "z"), "y", "dz")];
}

/** dy times the activation's slope at x. */
function slopePass(m: Making): Pass {
  const { layouts } = m.problem;
  const laid = lay(m, ["x", "y"], ["dy"]);
  const sharing = shareApply(m.profile, laid, m.force);
  const modules = [
    ...walking(sharing),
    ...elements(m, sharing),
    ...given(m, sharing, files.sinkNothing),
    ...comingBack(m, sharing),
    ...[files.totalsNone, files.writeActivationGradient, files.backward],
    output("y", sharing.walk, layouts, m.native),
  ];
  const bytes = traffic(laid, layouts);
  return passOf(m, "backward", sharing, modules, { constants: parametersVary(sharing), bytes });
}

function inputGradient(stage: Stage): Part {
  const { m, planes, known, constant } = stage;
  const { layouts, gradient } = m.problem;
  if (known && layouts.y && layouts.dSum) return addedLast(stage);
  if (layouts.y === undefined) return known ? NO_PASSES : statisticsAlone(m, planes);
  const { through, parameters } = gradient as Gradient;
  if (constant) {
    const sums = { files: [files.totalsNone], through };
    return { schedule: "apply", passes: [applyPass(m, planes, sums)], scratch: {} };
  }
  const later = parameters.length > 0;
  return (known ? null : fused(m, through, planes, later)) ?? split(m, through, planes, known);
}

/** dx without what arrives at the sum, which is a pass of its own. */
function addedLast(stage: Stage): Part {
  const { problem, profile, force } = stage.m;
  const { dSum, y, ...others } = problem.layouts;
  const between = dense(problem);
  const without: Problem = { ...problem, layouts: { ...others, y: between } };
  const own = inputGradient({ ...stage, m: making(without, profile, force) });
  const adding: Problem = {
    ...problem,
    ...PLAIN,
    activation: NO_ACTIVATION,
    layouts: { x: between, residual: dSum, y },
  };
  const add = forwardPass(making(adding, profile, force), {}, files.sinkNothing);
  return {
    ...own,
    passes: [
      ...own.passes.map((pass) => rebound(pass, "y", "dx0")),
      rebound(rebound(add, "x", "dx0"), "residual", "dSum"),
    ],
    scratch: { ...own.scratch, dx0: 4 * sizeOf(problem.shape) },
  };
}

const NO_PASSES: Part = { schedule: "apply", passes: [], scratch: {} };

/** For the gradients of parameters, where nobody wants dx. */
function statisticsAlone(m: Making, planes: Planes): Part {
  if (m.problem.given) return NO_PASSES;
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

/** Statistics, sums and dx in one pass, where one job a group keeps the device busy. */
function fused(m: Making, through: Module, planes: Planes, later: boolean): Part | null {
  const { profile, force, problem } = m;
  const laid = lay(m, ["x", "y"], [...READ, "dSum"]);
  if (splits(profile, laid, force)) return null;
  const sharing = shareWhole(profile, laid, force, BOTH_HELD);
  if (sharing === null) return null;
  const written = later ? { ...planes, first: NONE, second: NONE } : NO_PLANES;
  const statistics = problem.given
    ? given(m, sharing, files.sinkNothing)
    : [files.sourceTerms, ...measuring(m, sharing, [sinkFor(written)])];
  const holds = sharing.held > 0;
  const constants: Values["constants"] = holds ? { HOLD: Number(problem.given !== null) } : {};
  const totals = holds
    ? [files.held, files.totalsHeld, ...summing(m, sharing)]
    : [files.totalsStreamed, files.termsInput, ...summing(m, sharing)];
  const values = { planes: written, source: sourceFrom(problem, planes), constants };
  const pass = dxPass(m, laid, sharing, statistics, totals, through, values);
  const schedule = sharing.walk.columns ? "column" : "row";
  return { schedule, passes: [pass], scratch: {} };
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
  const planesIn = reads ? [statisticsIn("planes", sharing.walk, "f32", "statistics")] : [];
  const values = { planes, source: sourceFrom(m.problem, planes) };
  return dxPass(m, laid, sharing, statistics, [...sums.files, ...planesIn], sums.through, values);
}

/** Statistics of slices and their merge, sums of slices and their merge, and dx from both. */
function split(m: Making, through: Module, planes: Planes, known: boolean): Part {
  const measured = m.problem.given || known ? null : reducedStatistics(m, planes);
  const laid = lay(m, ["x"], READ);
  const sums = reduced(m, {
    laid,
    does: "sums",
    direct: m.problem.given !== null, // else it would read the buffer that it writes
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
      ...[files.totalsStreamed, files.termsInput, through, ...summing(m, sharing), ...sink],
      files.collect,
    ],
    values: (sharing) => ({
      source: sourceFrom(m.problem, planes),
      constants: parametersVary(sharing),
      bytes: traffic(laid, m.problem.layouts),
    }),
    merge: mergingSums(m),
  });
  const apply = applyPass(m, planes, { files: [files.totalsPlanes], through });
  return {
    schedule: "split",
    passes: [...(measured?.passes ?? []), ...sums.passes, apply],
    scratch: larger(measured?.scratch ?? {}, sums.scratch),
  };
}

const mergingSums = (m: Making) => (sharing: Sharing, sink: readonly Module[]) => [
  ...walking(sharing),
  files.statisticsNone,
  files.totalsRecords,
  ...summing(m, sharing),
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
    direct: true,
    mostHeld: 0,
    results: ["y", "sum"],
    at: placesOf({ y: first?.stored, sum: second?.stored }),
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
      ...[files.statisticsNone, files.totalsStreamed, terms, ...summing(own, sharing), ...sink],
      files.collect,
    ],
    values: (sharing) => ({
      source: sourceFrom(problem, planes),
      constants: parametersVary(sharing),
      bytes: traffic(laid, layouts),
    }),
    merge: mergingSums(m),
  });
}
