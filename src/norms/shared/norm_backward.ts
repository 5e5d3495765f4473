// From a norm's statement to the problem of its gradients. Shared by all norms; knows none of them.

import { checkDType } from "../../base/dtype";
import { fail, show } from "../../base/errors";
import { contiguous } from "../../base/shape";
import { operation } from "../../operation/operation";
import { planBackward } from "../../plan/backward";
import type { GivenStatistics, GradientTarget, ParameterSums } from "../../plan/problem";
import type { Call, CallResults, Definition, OutputSpec } from "../../runtime/call";
import type { ArraySpec, Tensor } from "../../runtime/tensor";
import { withDerivative } from "../../wgsl/activation_gradients";
import * as files from "../../wgsl/files";
import type { Fragment } from "../../wgsl/link";
import { checkParameter, checkStatistic, specOf } from "./checks";
import {
  groupedAxes,
  groupedStrides,
  layoutsOf,
  modulationOf,
  type NormStatement,
  originOf,
  problemOf,
  type StateNorm,
  statisticsArguments,
  statisticsShapeOf,
} from "./norm";
import type { Backward, BackwardOptions, GradientName, Gradients, NormOptions } from "./options";
import { broadcastTo } from "./parameters";
import { fullShape, type PlacedParameter, stridesAlong } from "./placement";

/** A norm's gradients as a function. */
export interface NormBackward<Options> {
  <O extends Backward<Options>>(dy: Tensor, options: O): Gradients<O>;
  readonly definition: Definition<Backward<Options>, unknown>;
}

/** The file by which the gradient goes through the statistics of a norm's kind; what is summed for it, where unusual. */
export type StatisticsGradient = Fragment | readonly [Fragment, sums: Fragment];

export function normBackward<Options extends NormOptions>(
  name: string,
  state: StateNorm<Options>,
  through: (n: NormStatement) => StatisticsGradient,
): NormBackward<Options> {
  const define = (dy: ArraySpec, o: Backward<Options>) => {
    const x = checkParameter(name, "x", o.x, dy.shape);
    if (x === undefined) fail(name, "x is missing, expected the tensor that was normalized");
    const n = state(name, x, { ...o, x: undefined } as unknown as Options);
    return backwardCall(n, dy, x, o as unknown as NormOptions & BackwardOptions, through(n));
  };
  return operation({ name, first: "dy", define }) as unknown as NormBackward<Options>;
}

const GRADIENT_NAMES = {
  weight: "dWeight",
  bias: "dBias",
  scale: "dScale",
  shift: "dShift",
  residualBias: "dResidualBias",
  threshold: "dThreshold",
  alpha: "dAlpha",
} as const;

type ParameterName = keyof typeof GRADIENT_NAMES;
type PlacedParameters = { readonly [K in ParameterName]?: PlacedParameter };

/** The gradients to compute; dx too where that of a residual's bias is made of it. */
function requestedGradients(
  op: string,
  asked: unknown,
  placed: PlacedParameters,
): Set<GradientName> {
  const possible: GradientName[] = ["dx"];
  for (const [name, gradient] of Object.entries(GRADIENT_NAMES)) {
    if (placed[name as ParameterName]) possible.push(gradient);
  }
  if (asked === undefined) return new Set(possible);
  const all = Array.isArray(asked) ? asked : [asked];
  for (const name of all) {
    if (!possible.includes(name)) {
      fail(op, `gradients ${show(asked)}, expected some of ${possible.join(", ")}`);
    }
  }
  return new Set(all);
}

/** The statistics that the forward saved. */
function savedStatistics(n: NormStatement, o: BackwardOptions) {
  const { op } = n;
  const shape = statisticsShapeOf(n);
  const names: readonly string[] = n.statistics ?? ["mean", "rstd"];
  const usual = ["mean", "rstd"].filter((name) => names.includes(name));
  const saved = (["mean", "rstd"] as const).map((name) => {
    if (o[name] !== undefined && !names.includes(name)) {
      fail(op, `${name} is given, expected none: this norm has no such statistic`);
    }
    return checkStatistic(op, name, o[name], shape);
  });
  const [mean, rstd] = saved;
  const missing = usual.filter((name) => !saved[name === "mean" ? 0 : 1]);
  if (missing.length > 0 && missing.length < usual.length) {
    fail(op, `${missing} is missing, expected both mean and rstd or none`);
  }
  if (rstd === undefined) return null;
  const given: GivenStatistics = {
    file: files.storedMeanRstd,
    mean: mean ? originOf(mean) : null,
    spread: originOf(rstd),
  };
  return { given, arrays: { mean, rstd }, argumentNames: { spread: "rstd" } };
}

/** A gradient: dense, in its parameter's shape. */
function gradientTarget(
  n: NormStatement,
  name: ParameterName,
  { spec, axes }: PlacedParameter,
): GradientTarget {
  const { shape, dtype } = spec;
  const strides = stridesAlong(shape, contiguous(shape), axes, n.x.shape.length);
  return {
    tensorName: GRADIENT_NAMES[name],
    layout: { strides: groupedStrides(n, strides), offset: 0, dtype },
  };
}

/** Gradients of two parameters that repeat along the same axes come from one pass. */
function parameterGradients(
  n: NormStatement,
  wanted: ReadonlySet<GradientName>,
  placed: PlacedParameters,
): { parameters: ParameterSums[]; outputs: Record<string, OutputSpec> } {
  const { reduced: sample } = groupedAxes(n);
  const outputs: Record<string, OutputSpec> = {};
  const target = (name: ParameterName | null) => {
    const parameter = name && placed[name];
    if (!name || !parameter || !wanted.has(GRADIENT_NAMES[name])) return undefined;
    const { spec } = parameter;
    outputs[GRADIENT_NAMES[name]] = { shape: spec.shape, dtype: spec.dtype };
    return gradientTarget(n, name, parameter);
  };
  const repeats = ({ layout }: GradientTarget) => sample.map((_, i) => layout.strides[i] === 0);
  const parameters = PARAMETER_PAIRS.flatMap(({ summands, names }): ParameterSums[] => {
    const [first, second] = names.map(target);
    if (first && second && String(repeats(first)) === String(repeats(second))) {
      return [{ summands, reduced: repeats(first), first, second }];
    }
    return [
      ...(first ? [{ summands, reduced: repeats(first), first }] : []),
      ...(second ? [{ summands, reduced: repeats(second), second }] : []),
    ];
  });
  return { parameters, outputs };
}

const PARAMETER_PAIRS: readonly {
  readonly summands: Fragment;
  readonly names: readonly [first: ParameterName, second: ParameterName | null];
}[] = [
  { summands: files.parameterSumsWeights, names: ["bias", "weight"] },
  { summands: files.parameterSumsModulation, names: ["scale", "shift"] },
  { summands: files.parameterSumsThreshold, names: ["threshold", null] },
  { summands: files.parameterSumsAlpha, names: ["alpha", null] },
  { summands: files.parameterSumsElements, names: ["residualBias", null] },
];

function backwardCall(
  n: NormStatement,
  dy: ArraySpec,
  x: ArraySpec,
  o: NormOptions & BackwardOptions,
  way: StatisticsGradient,
): Call<unknown> {
  const { op, weight, bias, threshold, alpha } = n;
  const [through, sums = files.dxSumsUsual] = [way].flat();
  const dtype = checkDType(op, o.dtype ?? x.dtype);
  const dSum = checkParameter(op, "dSum", o.dSum, x.shape);
  const residualBias = broadcastTo(op, "residualBias", o.residualBias, x);
  const modulation = modulationOf(n, o);
  const placed: PlacedParameters = { weight, bias, threshold, alpha, residualBias, ...modulation };
  const wanted = requestedGradients(op, o.gradients, placed);
  const { parameters, outputs } = parameterGradients(n, wanted, placed);
  const hasDx = wanted.has("dx") || wanted.has("dResidualBias");
  const active = o.activation !== undefined;
  // what only the activation's argument, the threshold's or dScale depend on is not read without them
  const biasMatters = active || threshold !== undefined || wanted.has("dScale");
  const read = {
    x: fullShape(x),
    dy: fullShape(dy),
    weight,
    bias: biasMatters ? bias : undefined,
    scale: placed.scale,
    shift: active ? placed.shift : undefined,
    threshold,
    dSum: dSum && fullShape(dSum),
    y: hasDx ? fullShape(specOf(x.shape, dtype)) : undefined,
  };
  const saved = n.given ? null : savedStatistics(n, o);
  const others = statisticsArguments({ ...n, runningUpdate: undefined });
  const problem = problemOf(n, o, layoutsOf(n, read));
  const specs = Object.entries(read).flatMap(([name, p]) =>
    p && name !== "y" ? [[name, p.spec]] : [],
  );
  const result = ({ outputs: made }: CallResults) => {
    const { y, ...others } = made;
    return y ? { dx: y, ...others } : others;
  };
  return {
    problem: {
      ...problem,
      given: saved?.given ?? problem.given,
      activation: withDerivative(problem.activation),
      gradient: {
        dx: through,
        dxSums: sums,
        constant: n.given !== undefined,
        parameterSums: parameters,
      },
    },
    plan: planBackward,
    arrays: { ...Object.fromEntries(specs), ...others.arrays, ...saved?.arrays },
    argumentNames: { ...others.argumentNames, ...saved?.argumentNames, y: "dx" },
    outputs: {
      ...outputs,
      ...(hasDx && { y: { shape: x.shape, dtype, inner: !wanted.has("dx") } }), // for dResidualBias
    },
    statisticsShape: [],
    result,
  };
}
