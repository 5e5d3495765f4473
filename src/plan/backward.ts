// Plans for gradients: dx from dy and x, and sums for the gradients of parameters.

import { sizeOf } from "../base/shape";
import { NO_ACTIVATION } from "../wgsl/activations";
import * as files from "../wgsl/files";
import type { Module } from "../wgsl/link";
import { input, output } from "./bindings";
import type { Profile } from "./device_profile";
import { applyPass as forwardPass } from "./forward";
import {
  elements,
  given,
  handing,
  parametersVary,
  sinkFor,
  sourceFrom,
  walking,
} from "./fragments";
import {
  BOTH_HELD,
  canPair,
  comingBack,
  dxPaired,
  holding,
  knowing,
  ofWeights,
  parametersAlone,
  READ,
  sharedAxes,
  sumsShared,
  totalling,
  totalsAlone,
  totalsApart,
  totalsIn,
} from "./gradient_sums";
import { type Force, loosen, type Sharing, shareApply, shareWhole, splits } from "./heuristics";
import type { Laid } from "./loop_nest";
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
  planesFor,
  planOf,
  rebound,
  tooMany,
  traffic,
  type Values,
} from "./pass";
import type { Collected, Gradient, Problem } from "./problem";
import { intoPlanes, type Reduced, reducedStatistics } from "./two_stage";
import { NO_PLANES, NONE, type Planes } from "./uniforms";

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
  const { collects, ...dx } = inputGradient(stage);
  const parameters = m.problem.gradient?.parameters.filter((p) => p !== collects) ?? [];
  const others = parameters.map((p) => parametersAlone(m, p, planes));
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
  const toZ = forwardPass(making(ahead, profile, force), { source });
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
    ...given(m, sharing),
    ...comingBack(m, sharing),
    ...[files.sumNone, files.writeActivationGradient, files.kernelBackward],
    output("y", sharing.walk, layouts, m.native),
  ];
  const bytes = traffic(laid, layouts);
  return passOf(m, "backward", sharing, modules, { constants: parametersVary(sharing), bytes });
}

/** dx, and gradients of parameters that come with it. */
interface WithDx extends Part {
  readonly collects?: Collected;
}

function inputGradient(stage: Stage): WithDx {
  const { m, planes, known, constant } = stage;
  const { layouts } = m.problem;
  if (known && layouts.y && layouts.dSum) return addedLast(stage);
  if (constant) return layouts.y ? { schedule: "apply", ...applied(stage) } : NO_PASSES;
  const whole = known || layouts.y === undefined ? null : fused(m, planes);
  const rereads = whole === null || whole.passes.every(({ sharing }) => sharing.held === 0);
  const shares = (m.force.together ?? rereads) ? together(stage) : null;
  return shares ?? whole ?? (layouts.y ? split(stage) : inTurn(statisticsFirst(stage)));
}

/** dx without what arrives at the sum, which is a pass of its own. */
function addedLast(stage: Stage): Part {
  const { problem, profile, force } = stage.m;
  const { dSum, y, ...others } = problem.layouts;
  const between = dense(problem);
  const gradient = { ...(problem.gradient as Gradient), parameters: [] };
  const without: Problem = { ...problem, gradient, layouts: { ...others, y: between } };
  const own = inputGradient({ ...stage, m: making(without, profile, force) });
  const adding: Problem = {
    ...problem,
    ...PLAIN,
    activation: NO_ACTIVATION,
    layouts: { x: between, residual: dSum, y },
  };
  const add = forwardPass(making(adding, profile, force), {});
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

/** Passes one after the other, which share scratch. */
const inTurn = (...parts: readonly Reduced[]): Part => ({
  schedule: "split",
  passes: parts.flatMap(({ passes }) => passes),
  scratch: parts.map(({ scratch }) => scratch).reduce(larger),
});

/** Statistics in planes, where they are neither given nor there already. */
const statisticsFirst = ({ m, planes, known }: Stage): Reduced =>
  m.problem.given || known ? NO_PASSES : reducedStatistics(m, planes);

/** Statistics and totals in planes. */
function totalsFirst(stage: Stage): Reduced {
  const { m, planes, known } = stage;
  const alone = known ? null : totalsAlone(m, planes);
  if (alone !== null) return { passes: [alone], scratch: {} };
  return inTurn(statisticsFirst(stage), totalsApart(m, planes));
}

function dxPass(
  m: Making,
  laid: Laid,
  sharing: Sharing,
  statistics: readonly Module[],
  totals: readonly Module[],
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
    (m.problem.gradient as Gradient).through,
    output("y", walk, layouts, m.native),
    input("dSum", walk, layouts, m.native),
    held > 0 ? files.writeDxRegisters : files.writeDxStreamed,
    files.kernelBackward,
  ];
  return passOf(m, "backward", sharing, modules, {
    ...values,
    constants: { ...parametersVary(sharing), ...values.constants },
    bytes: traffic(laid, layouts),
  });
}

/** Statistics, totals and dx in one pass, where one job a group keeps the device busy. */
function fused(m: Making, planes: Planes): Part | null {
  const { profile, force, problem } = m;
  const { parameters } = problem.gradient as Gradient;
  const laid = lay(m, ["x", "y"], [...READ, "dSum"]);
  if (splits(profile, laid, force)) return null;
  const sharing = shareWhole(profile, laid, force, BOTH_HELD);
  if (sharing === null) return null;
  const later = parameters.length > 0;
  const written = later ? { ...planes, first: NONE, second: NONE } : NO_PLANES;
  const statistics = knowing(m, sharing, sinkFor(written));
  const constants = holding(m, sharing);
  const values = { planes: written, source: sourceFrom(problem, planes), constants };
  const pass = dxPass(m, laid, sharing, statistics, totalling(m, sharing), values);
  const schedule = sharing.walk.columns ? "column" : "row";
  return { schedule, passes: [pass], scratch: {} };
}

/** dx from statistics that are there already, and totals where these depend on x. */
function applyPass({ m, planes, constant }: Stage): Pass {
  const laid = lay(m, ["x", "y"], [...READ, "dSum"]);
  const loosened = { ...laid, dims: loosen(laid.dims, m.force) };
  const sharing = shareApply(m.profile, loosened, m.force);
  const totals = constant ? [files.sumNone] : [files.sumArrays, ...totalsIn(m, sharing)];
  const values = { planes, source: sourceFrom(m.problem, planes) };
  return dxPass(m, laid, sharing, given(m, sharing), totals, values);
}

const applied = (stage: Stage): Reduced => ({ passes: [applyPass(stage)], scratch: {} });

/** Statistics and totals in passes of their own, of slices and their merge as a rule, and dx from both. */
const split = (stage: Stage): Part => inTurn(totalsFirst(stage), applied(stage));

/** dx and the gradients of weight and bias from the same reads: as the same sums, or both on one way through x and dy. */
function together(stage: Stage): WithDx | null {
  const { m, planes } = stage;
  const collects = ofWeights(m);
  if (collects === undefined) return null;
  const wantsDx = m.problem.layouts.y !== undefined;
  const axes = sharedAxes(m, collects);
  const passes = () => {
    if (axes === null) return [totalsFirst(stage), dxPaired(m, collects, planes)];
    const sums = sumsShared(m, collects, axes, planes);
    return [statisticsFirst(stage), sums, ...(wantsDx ? [applied(stage)] : [])];
  };
  if (axes === null && !(wantsDx && canPair(m, collects))) return null;
  const part = inTurn(...passes());
  return fits(m, part) ? { ...part, collects } : null;
}
