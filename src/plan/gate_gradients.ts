// This file plans gradients where there are gates or a skip. The pass that writes dx leads through
// what comes before and after the norm as well, and writes the gradients of gates on the way; those
// that repeat are summed afterwards.

import { sizeOf } from "../base/shape";
import { NO_ACTIVATION } from "../wgsl/activations";
import * as files from "../wgsl/files";
import { inUsualPasses, planBackward, planGradients } from "./backward";
import { planForward, type Way } from "./forward";
import { allFinite, pointwisePass, renameTensors } from "./gating";
import { parameterSumPasses } from "./gradient_sums";
import type { Operand } from "./operands";
import type { ReductionPasses } from "./partials";
import { contiguousF32, NO_NORM, withTensors } from "./pass";
import {
  emptyPlan,
  largerScratch,
  type PassList,
  type Planner,
  type PlanState,
  planState,
  tooFarApart,
} from "./plan";
import type {
  ArrayLayout,
  GatedOperand,
  GateRules,
  GradientRules,
  GradientTarget,
  InPlace,
  Layouts,
  ParameterSums,
  Problem,
} from "./problem";
import { NO_OFFSETS } from "./uniform_fields";

export const planGatedBackward: Planner = (problem, profile, overrides = {}) =>
  planGradients(planState(problem, profile, overrides), [inNormPasses, inStages]);

/** The pass that writes dx writes the gradients of these with the strides of an operand. */
const RESULTS: Readonly<Record<GatedOperand, Operand>> = {
  gate: "dGate",
  skip: "skip",
  skipGate: "dSkipGate",
  residual: "dResidual",
  residualGate: "dResidualGate",
};

const resultOf = ({ role = "ofDx" }: ParameterSums): Operand | undefined =>
  RESULTS[role as GatedOperand];

const rulesOf = ({ gradient }: Problem) => gradient as GradientRules;

/** Values of each element go to their target: as they are, in sums, or added to what is there. */
type Target = ParameterSums & { readonly array: Operand; readonly first: GradientTarget };

/** Returns dx as such a target. */
const dxTarget = ({ shape }: Problem, layout: ArrayLayout, adds: boolean): Target => ({
  array: "y",
  summands: files.parameterSumsElements,
  reduced: shape.map(() => false),
  first: { tensorName: "dx", layout, adds },
});

/** Lists the targets of gates, and dx where a gate must multiply what is neither rounded nor added to. */
function targetsOf(problem: Problem): Target[] {
  const { adds, parameterSums } = rulesOf(problem);
  const { y, residualGate } = problem.layouts;
  const rounds = y?.dtype !== "f32" && parameterSums.some(({ role }) => role === "ofDx");
  const ofGates = parameterSums.flatMap((p) => {
    const array = resultOf(p);
    return array && p.first ? [{ ...p, first: p.first, array }] : [];
  });
  const isApart = y && residualGate && (adds || rounds);
  return isApart ? [...ofGates, dxTarget(problem, y, adds)] : ofGates;
}

/** Plans sums of the elements of an array. */
function sumsOf(m: PlanState, { array, ...p }: Target, x: ArrayLayout, tensor: string) {
  const own = { ...p, summands: files.parameterSumsElements };
  const { passes, scratch }: ReductionPasses =
    parameterSumPasses(m, own, NO_OFFSETS, { x }) ?? tooFarApart(m);
  return { passes: passes.map((pass) => withTensors(pass, { x: tensor })), scratch };
}

const eachOf = ({ first }: Target) => `each ${first.tensorName}`;

/** Plans all gradients in the passes of the norm's own. */
const inNormPasses: Way = (m) => {
  const { problem, profile, overrides } = m;
  const { shape, layouts, inPlace } = problem;
  const { x, sum, y, ...read } = layouts;
  const rules = rulesOf(problem);
  const plain = rules.parameterSums.filter((p) => !resultOf(p));
  const targets = targetsOf(problem);
  const isDirect = ({ array, first, reduced }: Target) =>
    y && array !== "y" && !first.adds && reduced.every((r, i) => !r || shape[i] === 1);
  const direct = targets.filter(isDirect);
  const others = targets.filter((target) => !isDirect(target));
  const isOfDy = ({ array }: Target) => array === "skip";
  const [ofDy, later] = [others.filter(isOfDy), others.filter((one) => !isOfDy(one))];
  const f32 = contiguousF32(problem);
  const apart = later.some(({ array }) => array === "y");
  const branch = sum && targets.some(({ array }) => array === "dResidualGate") ? x : undefined;
  const places = sum ? { ...inPlace, x: inPlace.sum, branch: branch && inPlace.x } : inPlace;
  const own: Problem = {
    ...problem,
    inPlace: apart ? {} : present({ ...places, sum: undefined }),
    layouts: {
      ...{ ...read, x: sum ?? x, branch, y },
      ...Object.fromEntries(direct.map(({ array, first }) => [array, first.layout])),
      ...Object.fromEntries(later.map(({ array }) => [array, f32])),
    },
    gradient: { ...rules, adds: rules.adds && !apart, parameterSums: plain },
  };
  const isNothing = !y && plain.length === 0;
  const made = isNothing ? NOTHING : inUsualPasses(planState(own, profile, overrides));
  if (made === null) return null;
  const names = {
    ...(sum && { x: "sum", branch: "x" }),
    ...Object.fromEntries(later.map((target) => [target.first.tensorName, eachOf(target)])),
  };
  const before = ofDy.map((target) => sumsOf(m, target, layouts.dy as ArrayLayout, "dy"));
  const after = later.map((target) => sumsOf(m, target, f32, eachOf(target)));
  const size = 4 * sizeOf(shape);
  return {
    ...made,
    passes: [
      ...before.flatMap(({ passes }) => passes),
      ...made.passes.map((pass) => renameTensors(pass, names)),
      ...after.flatMap(({ passes }) => passes),
    ],
    scratch: {
      ...[made, ...before, ...after].map(({ scratch }) => scratch).reduce(largerScratch),
      ...Object.fromEntries(later.map((target) => [eachOf(target), size])),
    },
  };
};

const NOTHING: PassList = /* @__PURE__ */ emptyPlan([NO_OFFSETS, 0]);

const present = (inPlace: InPlace): InPlace =>
  Object.fromEntries(Object.entries(inPlace).filter(([, output]) => output));

/** An array of a stage has a layout and the tensor behind it. */
interface Source {
  readonly layout: ArrayLayout;
  readonly tensor: string;
}

type Sources = { readonly [K in Operand]?: Source | undefined };

const layoutsOf = (sources: Sources): Layouts =>
  Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, source?.layout]));

const tensorsOf = (sources: Sources): Record<string, string> =>
  Object.fromEntries(
    Object.entries(sources).flatMap(([name, source]) => (source ? [[name, source.tensor]] : [])),
  );

const sourcesOf = (layouts: Layouts): Sources =>
  Object.fromEntries(
    Object.entries(layouts).flatMap(([name, layout]) =>
      layout ? [[name, { layout, tensor: name }]] : [],
    ),
  );

/** Around gates alone there is no norm. */
const THROUGH_NOTHING = {
  dx: files.dxIdentity,
  dxSums: files.dxSumsUsual,
  sharesSums: false,
  constant: true,
} as const;

const planGates: Planner = (problem, profile, overrides = {}) =>
  planGradients(planState(problem, profile, overrides), [inNormPasses]);

/**
 * Plans gates one after the other and the norm's own gradient between them, where all arrays are more
 * than a pass can bind.
 */
const inStages: Way = (m) => {
  const { problem, profile, overrides } = m;
  const { x, sum, dy, dSum, gate, skip, skipGate, ...others } = sourcesOf(problem.layouts);
  const { y, residual, residualGate, residualBias, ...parameters } = others;
  const { mask, ordinal } = parameters;
  const { first, behind } = problem.gates as GateRules;
  const rules = rulesOf(problem);
  const parts: PassList[] = [];
  const sizes: Record<string, number> = {};
  const scratch = (tensor: string): Source => {
    sizes[tensor] = 4 * sizeOf(problem.shape);
    return { layout: contiguousF32(problem), tensor };
  };
  const run = (one: Problem, planner: Planner, from: Sources, into?: Source) => {
    const names: Record<string, string> = {
      ...tensorsOf(from),
      ...(into && { y: into.tensor, dx: into.tensor }),
    };
    const isLast = into?.tensor === "dx";
    const places = Object.entries(problem.inPlace).filter(
      ([name]) => isLast && names[name] === name,
    );
    const { gradient } = one;
    const own: Problem = {
      ...one,
      inPlace: Object.fromEntries(places),
      layouts: { ...layoutsOf(from), y: into?.layout },
      gradient: gradient && { ...gradient, adds: gradient.adds && isLast },
    };
    const made = planner(own, profile, overrides);
    parts.push({ ...made, passes: made.passes.map((pass) => renameTensors(pass, names)) });
    return into as Source;
  };
  const around = (from: Sources, into: Source, sums: readonly ParameterSums[], given = problem) => {
    const uniforms = { fill: given.uniforms.fill ?? 0 };
    const gradient = { ...rules, ...THROUGH_NOTHING, parameterSums: sums };
    const { mask: masked, gates } = given;
    const stage = {
      ...NO_NORM,
      activation: NO_ACTIVATION,
      mask: masked,
      gates,
      uniforms,
      gradient,
    };
    return run({ ...problem, ...stage }, planGates, { ...from, mask, ordinal }, into);
  };
  const having = (...roles: readonly ParameterSums["role"][]) =>
    rules.parameterSums.filter(({ role }) => roles.includes(role));
  const sumsFrom = ({ layout, tensor }: Source, role: GatedOperand) => {
    const wanted = targetsOf(problem).filter(({ array }) => array === RESULTS[role]);
    for (const target of wanted) parts.push({ ...NOTHING, ...sumsOf(m, target, layout, tensor) });
  };

  const [before, after] = first ? [gate, undefined] : [undefined, gate];
  const [arriving, input] = [dy, sum ?? x] as [Source, Source];
  sumsFrom(arriving, "skip");
  let element = input;
  if (before) {
    element = scratch("element");
    const from = { x: input, gate: before, y: element };
    const pass = pointwisePass(m, layoutsOf(from), {}, tensorsOf(from));
    parts.push({ ...NOTHING, passes: [pass] });
  }
  let gradient = arriving;
  if (after || skipGate) {
    const wanted = having("skipGate", ...(after ? (["gate"] as const) : []));
    const plain = { ...problem, gates: null, gradient: null };
    const read = { ...parameters, x: element };
    const result = wanted.length > 0 ? run(plain, planForward, read, scratch("ungated")) : gradient;
    const from = { x: result, dy: gradient, gate: after, skipGate };
    gradient = around(from, scratch("behind"), wanted, { ...problem, gates: behind });
  }
  const plain = rules.parameterSums.filter((p) => !resultOf(p) && p.role !== "ofDx");
  if (y || plain.length > 0) {
    const isLast = !before && !residualGate;
    const into = y && (isLast ? { ...y, tensor: "dx" } : scratch("dElement"));
    const parameterSums = isLast ? [...plain, ...having("ofDx")] : plain;
    const norm = { ...problem, gates: null, gradient: { ...rules, parameterSums } };
    const from = { ...parameters, x: element, dy: gradient, dSum: before ? undefined : dSum };
    gradient = run(norm, planBackward, from, into);
  }
  if (y && before) {
    const into = residualGate ? scratch("dInput") : { ...y, tensor: "dx" };
    const sums = having("gate", ...(residualGate ? [] : (["ofDx"] as const)));
    gradient = around({ x: input, dy: gradient, gate: before, dSum }, into, sums);
  }
  if (y && residualGate) {
    sumsFrom(gradient, "residual");
    const from = { x, sum: gradient, dy: gradient, residualGate, residualBias };
    const given = { ...problem, gates: behind, mask: allFinite(problem.mask) };
    around(from, { ...y, tensor: "dx" }, having("residualGate", "ofDx"), given);
  }
  return {
    ...NOTHING,
    schedule: "split",
    passes: parts.flatMap(({ passes }) => passes),
    scratch: [sizes, ...parts.map((one) => one.scratch)].reduce(largerScratch),
    statisticsSize: Math.max(0, ...parts.map((one) => one.statisticsSize)),
  };
};
