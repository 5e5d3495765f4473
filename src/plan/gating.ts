// This file has what gates and skips change in a pass: they read more arrays, and some shader files
// take the places of others. It comes with the gate, so that pages without gates do not have it.

import { sizeOf } from "../base/shape";
import { type Activation, NO_ACTIVATION } from "../wgsl/activations";
import * as files from "../wgsl/files";
import type { Fragment, ShaderFile } from "../wgsl/link";
import { loadOperand, storeOperand } from "./bindings";
import { applyPass, inSeveralPasses, normPasses, planForward, type Way } from "./forward";
import { GATE_OPERANDS, OPERANDS, type Operand } from "./operands";
import { contiguousF32, NO_NORM, withTensors } from "./pass";
import { type Pass, type PassList, type PlanState, planState } from "./plan";
import type { GateRules, InPlace, Layouts, MaskRules, PassNest, Problem } from "./problem";

/** What loop/operands.wgsl has of its last operand stands for those of gates as well. */
const LAST_OPERAND = /[\w .+*]*\bpartials\b[\w .+*:]*/g;

/** The list of operands has those of gates behind the others. */
export const OPERANDS_OF_GATES: ShaderFile = /* @__PURE__ */ withOperands(
  files.operands,
  GATE_OPERANDS,
);

function withOperands(list: ShaderFile, names: readonly string[]): ShaderFile {
  const text = list.text.replace(LAST_OPERAND, (line) =>
    [line, ...names.map((name) => line.replaceAll("partials", name))].join(",\n"),
  );
  return { ...list, name: `${list.name} of gates`, text };
}

const isOfActivation = ({ name }: ShaderFile) => /\/activation(_slope)?\//.test(name);

/**
 * Returns the files of an activation with names of the gate's own, and those that call it. A call may
 * have the same activation beside the gate, with other numbers. The names are found in the text, since
 * published files have short ones.
 */
function factorFiles({ files: all, numbers }: Activation, first: boolean) {
  const own = all.filter(isOfActivation);
  const text = own.map((file) => file.text).join();
  const names = [...text.matchAll(/\bfn (\w+)/g)].map(([, name]) => name);
  const [, type] = /\bfn \w+\(\w+: *\w+, *\w+: *(\w+)\)/.exec(text) ?? [];
  const [, struct] = /\bstruct (\w+)/.exec(files.gateFactor.text) ?? [];
  const renamed = (file: ShaderFile): ShaderFile => ({
    ...file,
    name: `${file.name} of the gate`,
    text: file.text
      .replace(/\bparams\.(alpha|beta)\b/g, (_, number) => `GATE_${number.toUpperCase()}`)
      .replace(/\w+/g, (word) =>
        word === type ? `${struct}` : names.includes(word) ? `${word}_gate` : word,
      ),
  });
  const { alpha = 1, beta = 0 } = numbers ?? {};
  const constants = { GATE_ALPHA: alpha, GATE_BETA: beta, GATE_FIRST: Number(first) };
  const isSlope = ({ name }: ShaderFile) => name.startsWith("backward/");
  const others = all.filter((file) => !isOfActivation(file));
  const factor = own.filter((file) => !isSlope(file)).map(renamed);
  return {
    factor: [{ ...renamed(files.gateFactor), constants }, ...factor, ...others],
    slope: [renamed(files.gateSlope), ...own.filter(isSlope).map(renamed)],
  };
}

const WITH_GATES = [...OPERANDS, ...GATE_OPERANDS];

/** Returns what a gate with this activation, and skips, change. */
export function gateRules(activation: Activation, first: boolean): GateRules {
  let made: ReturnType<typeof factorFiles> | undefined; // only a new plan needs the files
  const replacements = (problem: Problem, nest: PassNest): Record<string, readonly Fragment[]> => {
    made ??= factorFiles(activation, first);
    const { factor, slope } = made;
    const load = (name: Operand) => loadOperand(name, nest, problem.layouts, nest.nativeF16);
    const store = (name: Operand, as: string = name) =>
      storeOperand(name, nest, problem.layouts, nest.nativeF16, as);
    const gate = [load("gate"), ...factor];
    const masked = problem.mask ? [] : [files.gateUnmasked];
    const through = problem.mask ? files.maskThrough : files.gateThroughUnmasked;
    const gated = [...gate, ...masked, load("skipGate")];
    const before = first ? [files.gateElementsGated, ...gate] : [files.gateElementsSum];
    const own: readonly (readonly [usual: ShaderFile, ...own: readonly Fragment[]])[] = [
      [files.operands, OPERANDS_OF_GATES],
      problem.gradient
        ? [files.elements, files.gateElementsGradient, files.gateReached, ...gate, ...masked]
        : [files.elements, files.gateSum, load("residualGate"), ...before],
      [files.resultPlain, files.gateResult, files.gateGated, load("skip"), ...gated],
      [files.gradientPlain, files.gateDy, ...gated],
      [files.writeDxRegisters, files.gateWriteDxRegisters],
      [
        files.throughPlain,
        ...[files.gateThrough, files.gateGated, through, ...slope],
        ...[load("residualGate"), load("branch"), store("dGate"), store("skip", "dSkip")],
        ...[store("dSkipGate"), store("dResidual"), store("dResidualGate")],
      ],
    ];
    return Object.fromEntries(own.map(([usual, ...others]) => [usual.name, others]));
  };
  const rules = {
    key: JSON.stringify([activation.name, activation.numbers, first]),
    operands: WITH_GATES,
    first,
    replaced: (problem: Problem, fragments: readonly Fragment[], nest: PassNest) => {
      const others = replacements(problem, nest);
      return fragments.flatMap((file) => others[file.name] ?? [file]);
    },
    get behind(): GateRules {
      return first ? gateRules(activation, false) : rules;
    },
  };
  return rules;
}

/** Gates and skips take passes of their own where one pass cannot bind all arrays. */
export const GATED_WAYS: readonly Way[] = [normPasses, inSeveralPasses, inParts];

/** Returns the rules with this value in the place of what masked elements become. */
const filledBy = (mask: MaskRules, fill: number): MaskRules => ({
  ...mask,
  constants: (kind) => ({ ...mask.constants(kind), FILL: fill }),
});

// mask/rules.wgsl has these numbers
const FILL_KEEPS = 1;
const FILL_APPLIES = 2;

/** Returns rules by which a gate multiplies masked elements, too, but for what is not finite. */
export const allFinite = (mask: MaskRules | null) => mask && filledBy(mask, FILL_APPLIES);

/** Returns the pass with other names of tensors. */
export const renameTensors = (pass: Pass, names: Readonly<Record<string, string>>): Pass => ({
  ...pass,
  fragments: pass.fragments.map((fragment) => {
    const { arrays, tensorNames } = fragment;
    if (!arrays?.length) return fragment;
    const renamed = arrays.map(([array]) => {
      const tensor = tensorNames?.[array] ?? array;
      return [array, names[tensor] ?? tensor];
    });
    return { ...fragment, tensorNames: Object.fromEntries(renamed) };
  }),
});

/** Returns a problem without a norm, which has these arrays and the mask's. */
function pointwiseProblem(
  { problem }: PlanState,
  layouts: Layouts,
  gates: GateRules,
  fill: number,
): Problem {
  const { mask, ordinal } = problem.layouts;
  const masked = fill !== FILL_APPLIES && problem.mask;
  return {
    ...problem,
    ...NO_NORM,
    ...(masked && { mask: filledBy(masked, fill) }),
    gates,
    gradient: null,
    activation: NO_ACTIVATION,
    uniforms: {},
    layouts: { ...layouts, ...(masked && { mask, ordinal }) },
  };
}

/** Returns what becomes of a masked element that a gate does not multiply: it stays as it is. */
const fillOfPass = ({ problem: { mask } }: PlanState) =>
  mask?.applies ? FILL_APPLIES : FILL_KEEPS;

/** Plans a pass over elements that are not normalized. */
export function pointwisePass(
  m: PlanState,
  layouts: Layouts,
  inPlace: InPlace,
  tensors: Readonly<Record<string, string>>,
): Pass {
  const { behind } = m.problem.gates as GateRules;
  const plain = pointwiseProblem(m, layouts, behind, fillOfPass(m));
  const state = planState({ ...plain, inPlace }, m.profile, m.overrides);
  return withTensors(applyPass(state, {}), tensors);
}

const outputsTo = (inPlace: InPlace, output: string): InPlace =>
  Object.fromEntries(Object.entries(inPlace).filter(([, to]) => to === output));

/** Plans what comes before the norm, the norm itself, and what comes after it. */
function inParts(m: PlanState): PassList {
  const { problem, profile, overrides } = m;
  const { layouts, inPlace } = problem;
  const { x, residual, residualBias, residualGate, gate, skip, skipGate, sum, y, ...others } =
    layouts;
  const { first } = problem.gates as GateRules;
  const [gateBefore, gateAfter] = first ? [gate, undefined] : [undefined, gate];
  const summed: Layouts = { x, residual, residualBias, sum };
  const scratch = contiguousF32(problem);
  const before = (gateBefore ?? residualGate) !== undefined;
  const after = y !== undefined && (gateAfter ?? skip ?? skipGate) !== undefined;
  const [toSum, toY] = [outputsTo(inPlace, "sum"), outputsTo(inPlace, "y")];
  const elements =
    before &&
    pointwisePass(m, { ...summed, residualGate, gate: gateBefore, y: scratch }, toSum, {
      y: "element",
    });
  const norm: Problem = {
    ...problem,
    gates: null,
    layouts: { ...others, ...(before ? { x: scratch } : summed), y: after ? scratch : y },
    inPlace: before ? { ...(!after && toY), x: undefined } : { ...toSum, ...(!after && toY) },
  };
  const made = planForward(norm, profile, overrides);
  const names = { ...(before && { x: "element" }), ...(after && { y: "ungated" }) };
  const results =
    after &&
    pointwisePass(
      m,
      { x: scratch, gate: gateAfter, skip, skipGate, y },
      { ...toY, x: undefined },
      { x: "ungated" },
    );
  const size = 4 * sizeOf(problem.shape);
  return {
    ...made,
    schedule: "split",
    passes: [
      ...(elements ? [elements] : []),
      ...made.passes.map((pass) => renameTensors(pass, names)),
      ...(results ? [results] : []),
    ],
    scratch: {
      ...made.scratch,
      ...(before && { element: size }),
      ...(after && { ungated: size }),
    },
  };
}
