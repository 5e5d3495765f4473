// This file turns a norm's statement into the problem of its gradients. All norms share it, and it
// knows none of them.

import { checkFloat } from "../../base/dtype";
import { fail, show } from "../../base/errors";
import type { Known, OptionTable } from "../../base/options";
import { sizeOf } from "../../base/shape";
import { type Direct, operation } from "../../operation/operation";
import { planBackward } from "../../plan/backward";
import type { GatedOperand, GradientTarget, ParameterSums } from "../../plan/problem";
import type { Call, Definition, OutputSpec } from "../../runtime/call";
import { type ArraySpec, bindingLayoutOf, type Tensor } from "../../runtime/tensor";
import { withDerivative } from "../../wgsl/activation_gradients";
import * as files from "../../wgsl/files";
import type { Fragment } from "../../wgsl/link";
import { checkParameter, checkStatistic, dtypeOf, specOf } from "./checks";
import { givenBy } from "./given";
import { checkClearable, checkTargets, gradientOutput, type Targets } from "./gradient_targets";
import { givenMean } from "./mean_pair";
import {
  type AnyNormOptions,
  groupedAxes,
  groupedStrides,
  inPlaceOf,
  layoutsOf,
  MEAN_AND_RSTD,
  type NormStatement,
  parametersOf,
  placedOutput,
  planOf,
  problemOf,
  type StateNorm,
  specsOf,
  statisticsArguments,
  statisticsShapeOf,
} from "./norm";
import {
  type Backward,
  type BackwardOptions,
  backwardOptions,
  type GradientName,
  type Gradients,
  gatesOf,
  type MeanAndRstd,
  type NormOptions,
  type PlacedGates,
} from "./options";
import { fullShape, type PlacedParameter, stridesAlong } from "./placement";

/** A norm's backward is a function that returns gradients. */
export interface NormBackward<Options> {
  <O extends Direct<Backward<Options>>>(
    dy: Tensor,
    options: Known<O, Backward<Options>>,
  ): Gradients<O>;
  readonly definition: Definition<Backward<Options>, unknown>;
}

/**
 * These files lead the gradient through the statistics. `dxSums` replaces the usual sums of g and g
 * u.
 */
export interface StatisticsGradient {
  readonly dx: Fragment;
  readonly dxSums?: Fragment;
  /** These summands give the gradients of bias and weight, where they are not the usual ones. */
  readonly weightSums?: Fragment;
}

/** Makes a backward of the norm's statement and of its table of options, if the norm has one. */
export function normBackward<Options extends AnyNormOptions>(
  name: string,
  state: StateNorm<Options>,
  through: (n: NormStatement) => StatisticsGradient,
  options?: OptionTable<Options>,
): NormBackward<Options> {
  const define = (dy: ArraySpec, o: Backward<Options>) => {
    checkFloat(name, dy.dtype, "dy has dtype");
    const x = checkParameter(name, "x", o.x, dy.shape);
    if (x === undefined) fail(name, "x is missing, expected the tensor that was normalized");
    // but for the options about its results, which no statement reads, these are the forward's;
    // a gradient passes a rounding as it is
    const own = { ...o, x: undefined, castBeforeWeight: undefined };
    const n = state(name, x, own as unknown as Options);
    return backwardCall(n, dy, x, o as never, through(n));
  };
  // which gradients a call returns follows from the options that it is given
  return operation({
    name,
    first: "dy",
    options: options && backwardOptions(options),
    define,
  }) as unknown as NormBackward<Options>;
}

/** These parameters have gradients. */
const PARAMETERS = [
  "weight",
  "bias",
  "scale",
  "shift",
  "threshold",
  "residualBias",
  "alpha",
  "offset",
  "slope",
] as const;

type ParameterName = (typeof PARAMETERS)[number] | GatedOperand;
type PlacedParameters = { readonly [K in ParameterName]?: PlacedParameter | undefined };

/** Returns the name of a gradient: "dWeight" for "weight". */
export const gradientName = (name: string) =>
  `d${name.charAt(0).toUpperCase()}${name.slice(1)}` as GradientName;

/** Checks the names of the gradients to compute. Without any, all possible ones are. */
export function checkGradients(
  op: string,
  asked: unknown,
  possible: readonly GradientName[],
): readonly GradientName[] {
  if (asked === undefined) return possible;
  const known = (name: GradientName) => possible.includes(name);
  if (!Array.isArray(asked) || asked.length === 0 || !Array.from(asked).every(known)) {
    fail(op, `gradients ${show(asked)}, expected some of ${possible.join(", ")} in an array`);
  }
  return asked;
}

/** These come from dx, or from the pass that writes it. */
const BESIDE_DX: readonly GradientName[] = [
  "dResidualBias",
  "dGate",
  "dSkipGate",
  "dResidual",
  "dResidualGate",
];

/** Returns the gradients to compute. */
function requestedGradients(
  { op, names }: NormStatement,
  asked: unknown,
  placed: PlacedParameters,
  pairs: readonly ParameterPair[],
): Set<GradientName> {
  const possible: GradientName[] = ["dx"];
  const others = pairs.map(({ names: [name] }) => name);
  for (const name of [...PARAMETERS, ...others]) {
    const constant = Object.hasOwn({ ...names }, name);
    if (placed[name] && !constant) possible.push(gradientName(name));
  }
  return new Set(checkGradients(op, asked, possible));
}

/** Returns the statistics that the forward saved, unless the norm takes others in their place. */
function savedStatistics(n: NormStatement, o: BackwardOptions) {
  const { op } = n;
  const shape = statisticsShapeOf(n);
  const names = n.statistics ?? MEAN_AND_RSTD;
  for (const name of MEAN_AND_RSTD as readonly (keyof MeanAndRstd)[]) {
    if (o[name] !== undefined && !names.includes(name)) {
      fail(op, `${name} is given, expected none: this norm has no such statistic`);
    }
  }
  if (n.given) return null;
  const mean = givenMean(op, o, shape);
  const rstd = checkStatistic(op, "rstd", o.rstd, shape);
  if (names.includes("mean") && !mean !== !rstd) {
    fail(op, `${rstd ? "mean" : "rstd"} is missing, expected both mean and rstd or none`);
  }
  if (rstd === undefined) return null;
  return givenBy(files.storedMeanRstd, { array: "rstd", argument: "rstd", spec: rstd }, mean);
}

/** Describes a parameter's gradient in its place. */
function gradientTarget(
  n: NormStatement,
  name: GradientName,
  { axes }: PlacedParameter,
  { shape, dtype, out, adds = false }: OutputSpec,
): GradientTarget {
  const spec = out ?? specOf(shape, dtype);
  const strides = stridesAlong(shape, spec.strides, axes, n.x.shape.length);
  return {
    tensorName: name,
    adds,
    layout: bindingLayoutOf(spec, groupedStrides(n, strides)),
  };
}

/** Groups gradients into passes: two parameters that repeat along the same axes share one. */
function parameterGradients(
  n: NormStatement,
  wanted: ReadonlySet<GradientName>,
  placed: PlacedParameters,
  targets: Targets,
  weightSums: Fragment | undefined,
  pairs: readonly ParameterPair[],
): { parameters: ParameterSums[]; outputs: Record<string, OutputSpec> } {
  const { reduced: sample } = groupedAxes(n);
  const outputs: Record<string, OutputSpec> = {};
  const target = (name: ParameterName | null) => {
    const parameter = name && placed[name];
    const gradient = name && gradientName(name);
    if (!gradient || !parameter || !wanted.has(gradient)) return undefined;
    const { shape, dtype } = parameter.spec;
    const spec = specOf(shape, dtypeOf(targets.out[gradient], dtype));
    const output = gradientOutput(n.op, targets, gradient, spec);
    outputs[gradient] = output;
    return gradientTarget(n, gradient, parameter, output);
  };
  const repeats = ({ layout }: GradientTarget) => sample.map((_, i) => layout.strides[i] === 0);
  const own: ParameterPair[] = weightSums
    ? [{ summands: weightSums, names: WEIGHTS.names }]
    : [WEIGHTS];
  const parameters = [...own, ...PARAMETER_PAIRS, ...pairs].flatMap(
    ({ names, ...sums }): ParameterSums[] => {
      const [first, second] = names.map(target);
      if (first && second && String(repeats(first)) === String(repeats(second))) {
        return [{ ...sums, reduced: repeats(first), first, second }];
      }
      return [
        ...(first ? [{ ...sums, reduced: repeats(first), first }] : []),
        ...(second ? [{ ...sums, reduced: repeats(second), second }] : []),
      ];
    },
  );
  return { parameters, outputs };
}

interface ParameterPair extends Pick<ParameterSums, "summands" | "role"> {
  readonly names: readonly [first: ParameterName, second: ParameterName | null];
}

const WEIGHTS: ParameterPair = {
  summands: files.parameterSumsWeights,
  names: ["bias", "weight"],
  role: "sharesSums",
};

const PARAMETER_PAIRS: readonly ParameterPair[] = [
  { summands: files.parameterSumsModulation, names: ["scale", "shift"] },
  { summands: files.parameterSumsThreshold, names: ["threshold", null] },
  { summands: files.parameterSumsBent, names: ["alpha", "offset"] },
  { summands: files.parameterSumsSlope, names: ["slope", null], role: "ofSlope" },
  { summands: files.parameterSumsElements, names: ["residualBias", null], role: "ofDx" },
];

/** Drops operands that no requested gradient depends on, such as a bias without an activation. */
function backwardOperands(
  { activation }: Pick<NormOptions, "activation">,
  placed: PlacedParameters,
  wanted: ReadonlySet<GradientName>,
  needsBias: boolean,
  needsResult: boolean,
): PlacedParameters {
  const { bias, shift, residualBias, alpha, offset, ...others } = placed;
  const active = activation !== undefined || needsResult;
  const biasMatters = needsBias || active || placed.threshold !== undefined || wanted.has("dScale");
  return {
    ...others,
    bias: biasMatters ? bias : undefined,
    shift: active ? shift : undefined,
  };
}

/** Returns the forward's sum, which differs from x where x has a gate. */
function sumOf({ op, x }: NormStatement, { sum }: BackwardOptions, gates?: PlacedGates) {
  const gated = gates?.operands.residualGate !== undefined;
  const spec = checkParameter(op, "sum", sum, x.shape);
  if (!spec === gated) {
    const expected = gated
      ? "the forward's, beside its x, with residualGate"
      : "none as x is the sum";
    fail(op, `sum is ${gated ? "missing" : "given without residualGate"}, expected ${expected}`);
  }
  return spec;
}

function backwardCall(
  n: NormStatement,
  dy: ArraySpec,
  x: ArraySpec,
  o: Omit<NormOptions, "out"> & BackwardOptions,
  { dx: through, dxSums, weightSums }: StatisticsGradient,
): Call<unknown> {
  const { op } = n;
  const dSum = checkParameter(op, "dSum", o.dSum, x.shape);
  const masked = o.mask?.place(n);
  if (masked?.rules.applies && n.kind?.over === "largest") {
    fail(op, 'fill "apply" with the largest value as norm, expected a number or "keep"');
  }
  const { residual, ...parameters } = parametersOf(n, o);
  const gates = gatesOf(n, o);
  const pairs = gates?.gradients ?? [];
  const sum = sumOf(n, o, gates);
  const placed: PlacedParameters = {
    ...parameters,
    ...{ alpha: n.alpha, offset: n.offset },
    ...gates?.differentiable,
  };
  const wanted = requestedGradients(n, o.gradients, placed, pairs);
  const targets = checkTargets(op, o, wanted);
  const { parameters: parameterSums, outputs } = parameterGradients(
    n,
    wanted,
    placed,
    targets,
    weightSums,
    pairs,
  );
  const inner = !wanted.has("dx"); // for dResidualBias, from what is not rounded
  const dtype = checkFloat(op, inner ? "f32" : (o.dtype ?? dtypeOf(targets.out.dx, x.dtype)));
  const dx = gradientOutput(op, targets, "dx", specOf(x.shape, dtype));
  const hasDx = !inner || BESIDE_DX.some((name) => wanted.has(name));
  const readsResult = gates?.readsResult((name) => wanted.has(name)) ?? false;
  const read = {
    x: fullShape(x),
    dy: fullShape(dy),
    ...backwardOperands(o, parameters, wanted, weightSums !== undefined, readsResult),
    dSum: dSum && fullShape(dSum),
    ...gates?.operands,
    ...(gates && { sum: sum && fullShape(sum), skip: undefined }),
    ...(wanted.has("dResidualGate") && { residualBias: parameters.residualBias }),
    ...masked?.operands,
  };
  const y = hasDx ? placedOutput(dx) : undefined;
  if (sizeOf(x.shape) === 0) {
    for (const [name, output] of Object.entries(outputs)) checkClearable(op, name, output);
  }
  // a group's weight is not among saved statistics, so these are measured again
  const all = savedStatistics(n, o);
  const saved = masked ? null : all;
  const problem = problemOf(n, o, layoutsOf(n, { ...read, y }), masked, gates);
  return {
    problem: {
      ...problem,
      given: saved?.statistics ?? problem.given,
      activation: withDerivative(problem.activation),
      inPlace: inPlaceOf("dx", dx, read),
      gradient: {
        dx: through,
        dxSums: dxSums ?? files.dxSumsUsual,
        sharesSums: dxSums === undefined,
        constant: n.given !== undefined,
        adds: dx.adds ?? false,
        parameterSums,
      },
    },
    plan: planOf(n, gates?.planBackward ?? planBackward),
    arrays: {
      ...specsOf(read, n.names),
      ...statisticsArguments({ ...n, runningUpdate: undefined }),
      ...saved?.arrays,
    },
    outputs: { ...outputs, ...(hasDx && { dx: { ...dx, inner } }) },
    statisticsShape: [],
    result: ({ outputs: { dx: own, ...others } }) => (own ? { dx: own, ...others } : others),
  };
}
