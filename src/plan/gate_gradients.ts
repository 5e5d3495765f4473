// This file plans gradients where there are gates or a skip. The norm's own gradient is planned as
// everywhere; passes around it lead through what comes before and after the norm, and sum.

import { sizeOf } from "../base/shape";
import { NO_ACTIVATION } from "../wgsl/activations";
import * as files from "../wgsl/files";
import { planBackward } from "./backward";
import { loadOperand } from "./bindings";
import { planForward } from "./forward";
import { epilogueFragments } from "./fragments";
import {
  FILL_APPLIES,
  FILL_IS_FINITE,
  FILL_IS_ZERO,
  fillOfPass,
  gateRules,
  pointwisePass,
  pointwiseProblem,
  renameTensors,
} from "./gating";
import { sumAlong, sumPasses, sumsToGradients } from "./gradient_sums";
import type { Operand } from "./operands";
import { contiguousF32, withTensors } from "./pass";
import {
  largerScratch,
  type Pass,
  type Plan,
  type Planner,
  type PlanState,
  planState,
  type Scratch,
  tooFarApart,
  toPlan,
} from "./plan";
import type {
  ArrayLayout,
  GateRules,
  GradientRules,
  InPlace,
  Layouts,
  ParameterSums,
  Problem,
} from "./problem";
import { NO_OFFSETS } from "./uniform_fields";

/** An array of a pass has a layout and the tensor behind it. */
interface Source {
  readonly layout: ArrayLayout | undefined;
  readonly tensor: string;
}

type Sources = { readonly [K in Operand]?: Source | undefined };

const layoutsOf = (sources: Sources): Layouts =>
  Object.fromEntries(Object.entries(sources).map(([name, source]) => [name, source?.layout]));

const tensorsOf = (sources: Sources): Record<string, string> =>
  Object.fromEntries(
    Object.entries(sources).flatMap(([name, source]) => (source ? [[name, source.tensor]] : [])),
  );

/** The passes so far, with what they need beside the arrays of the call. */
interface Parts {
  readonly passes: Pass[];
  scratch: Scratch;
  statisticsSize: number;
}

const PLAIN = ["sharesSums", "ofDx", "ofSlope", undefined];

export const planGatedBackward: Planner = (problem, profile, overrides = {}): Plan => {
  const m = planState(problem, profile, overrides);
  const { gradient, layouts } = problem;
  const { parameterSums, adds } = gradient as GradientRules;
  if (m.groups * m.count === 0)
    return planBackward({ ...problem, gates: null }, profile, overrides);
  const gates = problem.gates as GateRules;
  const parts: Parts = { passes: [], scratch: {}, statisticsSize: 0 };
  const f32 = contiguousF32(problem);
  const size = 4 * sizeOf(problem.shape);
  const sumsOf = (role: ParameterSums["role"]) => parameterSums.filter((p) => p.role === role);
  const own = (name: Operand): Source | undefined =>
    layouts[name] && { layout: layouts[name], tensor: name };
  const scratch = (tensor: string): Source => {
    parts.scratch = largerScratch(parts.scratch, { [tensor]: size });
    return { layout: f32, tensor };
  };
  const usualFill = fillOfPass(m, FILL_IS_FINITE);
  const pointwise = (from: Sources, into: Source, inPlace: InPlace = {}, fill = usualFill) => {
    const tensors = { ...tensorsOf(from), y: into.tensor };
    const all = { ...layoutsOf(from), y: into.layout };
    parts.passes.push(pointwisePass(m, all, inPlace, tensors, fill));
    return into;
  };
  const plan = (one: Problem, planner: Planner, names: Record<string, string>) => {
    const made = planner(one, profile, overrides);
    parts.passes.push(...made.passes.map((pass) => renameTensors(pass, names)));
    parts.scratch = largerScratch(parts.scratch, made.scratch);
    parts.statisticsSize = Math.max(parts.statisticsSize, made.statisticsSize);
    return made;
  };
  const sums = (p: ParameterSums, from: Sources, rules: GateRules, fill = FILL_IS_FINITE) => {
    const made = gateSumPasses(m, p, from, rules, fill);
    parts.passes.push(...made.passes);
    parts.scratch = largerScratch(parts.scratch, made.scratch);
  };
  // a bias sums what its gate lets through: the second sum
  const asSecond = ({ first, ...p }: ParameterSums): ParameterSums => ({
    ...p,
    ...(first && { second: first }),
  });
  const open = gateRules(NO_ACTIVATION, false); // its gate multiplies as it is

  const { first, behind } = gates;
  const [gateBefore, gateAfter] = first ? [own("gate"), undefined] : [undefined, own("gate")];
  const [residualGate, skipGate, dy] = [own("residualGate"), own("skipGate"), own("dy")];
  const input = own(layouts.sum ? "sum" : "x") as Source;
  const fillOfGate = problem.mask?.applies ? FILL_IS_FINITE : FILL_IS_ZERO;

  // what the gate multiplies before the norm
  const { y } = layouts;
  const plainSums = parameterSums.filter(({ role }) => PLAIN.includes(role) && role !== "ofDx");
  const ofSum = [...sumsOf("residual"), ...sumsOf("residualGate"), ...sumsOf("ofDx")];
  const [ofGate, ofSkipGate] = [sumsOf("gate"), sumsOf("skipGate")];
  const needsSum = y !== undefined || ofSum.length > 0 || (first && ofGate.length > 0);
  const needsResult = (gateAfter && ofGate.length > 0) || ofSkipGate.length > 0;
  const needsNorm = needsSum || plainSums.length > 0;
  const element =
    gateBefore && (needsNorm || needsResult)
      ? pointwise({ x: input, gate: gateBefore }, scratch("element"))
      : input;

  for (const p of sumsOf("skip")) sums(asSecond(p), { x: dy, dy }, open);

  // what comes after the norm
  if (needsResult) {
    const {
      dy: _,
      dSum,
      sum,
      gate,
      skip,
      residualGate: __,
      skipGate: ___,
      residualBias,
      ...read
    } = layouts;
    const forward: Problem = {
      ...problem,
      gates: null,
      gradient: null,
      inPlace: {},
      layouts: { ...read, x: element.layout, y: f32 },
    };
    const ungated = scratch("ungated");
    plan(forward, planForward, { x: element.tensor, y: ungated.tensor });
    if (gateAfter) {
      const from = { x: ungated, dy, gate: gateAfter, skipGate };
      for (const p of ofGate) sums(p, from, behind, fillOfGate);
    }
    const result =
      gateAfter && ofSkipGate.length > 0
        ? pointwise({ x: ungated, gate: gateAfter }, scratch("gated"))
        : ungated;
    for (const p of ofSkipGate) sums(p, { x: result, dy, gate: skipGate }, open);
  }
  const behindGates =
    (gateAfter ?? skipGate) && needsNorm
      ? pointwise({ x: dy, gate: gateAfter, skipGate }, scratch("dGated"))
      : (dy as Source);

  // the norm, and what comes before it
  const dx: Source = { layout: y, tensor: "dx" };
  const sumsApart = ofSum.length > 0 && (first || y === undefined);
  const apart = residualGate !== undefined || sumsApart || (first && adds);
  const [dResidual] = sumsOf("residual").map((p) => p.first);
  const toResidual = dResidual && { layout: dResidual.layout, tensor: dResidual.tensorName };
  const direct = toResidual && !dResidual.adds && toResidual.layout.dtype === "f32";
  const dInput = !apart || !needsSum ? dx : direct ? toResidual : scratch("dInput");
  const intoDx = dInput === dx;
  const dElement = first && needsSum ? scratch("dElement") : dInput;
  if (needsNorm) {
    const { sum, gate, skip, residualGate: _, skipGate: __, residualBias, dSum, ...read } = layouts;
    const { x, dy: overDy, dSum: overDSum } = problem.inPlace;
    const inPlace: InPlace =
      intoDx && !first ? { x, dSum: overDSum, dy: behindGates === dy ? overDy : undefined } : {};
    const norm: Problem = {
      ...problem,
      gates: null,
      inPlace: Object.fromEntries(Object.entries(inPlace).filter(([, to]) => to)),
      layouts: {
        ...read,
        x: element.layout,
        dy: behindGates.layout,
        dSum: first ? undefined : dSum,
        y: needsSum ? dElement.layout : undefined,
      },
      gradient: {
        ...(gradient as GradientRules),
        adds: intoDx && !first && adds,
        parameterSums: [...plainSums, ...(apart || first ? [] : sumsOf("ofDx"))],
      },
    };
    plan(norm, planBackward, {
      x: element.tensor,
      dy: behindGates.tensor,
      dx: dElement.tensor,
    });
  }
  if (first && needsSum) {
    for (const p of ofGate)
      sums(p, { x: input, dy: dElement, gate: gateBefore }, behind, fillOfGate);
    const over = intoDx && problem.inPlace.dSum ? { skip: "y" } : {};
    if (y || ofSum.length > 0) {
      pointwise({ x: dElement, gate: gateBefore, skip: own("dSum") }, dInput, over);
    }
  }
  if (!apart) return finished(m, parts);
  const from = { x: own("x"), residualBias: own("residualBias"), dy: dInput, gate: residualGate };
  const { residualBias: _, ...gateOnly } = from;
  for (const p of sumsOf("residualGate")) sums(p, from, open);
  for (const p of sumsOf("ofDx")) sums(asSecond(p), gateOnly, open);
  /** Writes a gradient, times a gate, or adds it to the values there. */
  const send = (weight: Source | undefined, into: Source, added: boolean) => {
    const skip = added ? into : undefined;
    pointwise({ x: dInput, weight, skip }, into, added ? { skip: "y" } : {}, fillOfSum(problem));
  };
  if (toResidual && !direct) send(undefined, toResidual, dResidual.adds);
  if (y) send(residualGate, dx, adds);
  return finished(m, parts);
};

/**
 * Returns what becomes of a masked element's gradient that a gate before the norm multiplies: it is 0
 * where only the norm has read the element.
 */
const fillOfSum = ({ mask, kind, layouts: { dSum } }: Problem) =>
  dSum || mask?.constants(kind).FILL !== FILL_IS_ZERO ? FILL_APPLIES : FILL_IS_ZERO;

const finished = (m: PlanState, parts: Parts): Plan =>
  toPlan(m, { ...parts, schedule: "split", offsets: NO_OFFSETS });

/** Plans the sums for a gate, or for what it multiplies. */
function gateSumPasses(
  m: PlanState,
  p: ParameterSums,
  from: Sources,
  rules: GateRules,
  fill: number,
) {
  const problem = pointwiseProblem(m, layoutsOf(from), rules, fill);
  const state = planState(problem, m.profile, m.overrides);
  const own = sumAlong(state, p.reduced, p, problem.layouts);
  const made = sumPasses(own, NO_OFFSETS, {
    does: "parameters",
    direct: true,
    results: [sumsToGradients(own, p)],
    fragments: (partition) => [
      ...epilogueFragments(own, partition),
      loadOperand("dy", partition.nest, own.problem.layouts, own.nativeF16),
      files.statisticsNone,
      files.gateSums,
    ],
  });
  if (made === null) return tooFarApart(m);
  return { ...made, passes: made.passes.map((pass) => withTensors(pass, tensorsOf(from))) };
}
