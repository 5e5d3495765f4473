// From a norm's statement to the problem of its gradients. Shared by all norms; knows none of them.

import { checkDType } from "../../base/dtype";
import { fail, show } from "../../base/errors";
import { contiguous } from "../../base/shape";
import {
  type Call,
  type Definition,
  type Made,
  type Output,
  operation,
} from "../../operation/operation";
import { planBackward } from "../../plan/backward";
import type { Collected, Given, Target } from "../../plan/problem";
import type { Spec, Tensor } from "../../runtime/tensor";
import { withSlope } from "../../wgsl/activation_gradients";
import * as files from "../../wgsl/files";
import type { Module } from "../../wgsl/link";
import { checkParameter, checkStatistic, specOf } from "./checks";
import {
  arraysOf,
  heldAs,
  layoutsOf,
  modulationOf,
  type Normalization,
  type Placed,
  problemOf,
  type Statement,
  splitAxes,
  splitStrides,
  statShapeOf,
  stridesAlong,
  whole,
} from "./norm";
import type { Backward, BackwardOptions, GradientName, Gradients, NormOptions } from "./options";
import { broadcastTo } from "./parameters";

/** A norm's gradients as a function. */
export interface NormGradient<Options> {
  <O extends Backward<Options>>(dy: Tensor, options: O): Gradients<O>;
  readonly definition: Definition<Backward<Options>, unknown>;
}

/** The file by which the gradient goes through the statistics of a norm's kind; what is summed for it, where unusual. */
export type Through = Module | readonly [Module, sums: Module];

export function gradient<Options extends NormOptions>(
  name: string,
  state: Statement<Options>,
  through: (n: Normalization) => Through,
): NormGradient<Options> {
  const define = (dy: Spec, o: Backward<Options>) => {
    const x = checkParameter(name, "x", o.x, dy.shape);
    if (x === undefined) fail(name, "x is missing, expected the tensor that was normalized");
    const n = state(name, x, { ...o, x: undefined } as unknown as Options);
    return gradients(n, dy, x, o as unknown as NormOptions & BackwardOptions, through(n));
  };
  return operation({ name, first: "dy", define }) as unknown as NormGradient<Options>;
}

const NAMES = {
  weight: "dWeight",
  bias: "dBias",
  scale: "dScale",
  shift: "dShift",
  residualBias: "dResidualBias",
  threshold: "dThreshold",
  alpha: "dAlpha",
} as const;

type ParameterName = keyof typeof NAMES;
type Placing = { readonly [K in ParameterName]?: Placed };

/** The gradients to compute; dx too where that of a residual's bias is made of it. */
function wantedOf(op: string, asked: unknown, placed: Placing): Set<GradientName> {
  const possible: GradientName[] = ["dx"];
  for (const [name, gradient] of Object.entries(NAMES)) {
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
function savedOf(n: Normalization, o: BackwardOptions) {
  const { op } = n;
  const shape = statShapeOf(n);
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
  const given: Given = {
    file: files.storedMeanRstd,
    mean: mean ? heldAs(mean) : null,
    spread: heldAs(rstd),
  };
  return { given, arrays: { mean, rstd }, slots: { spread: "rstd" } };
}

/** A gradient: dense, in its parameter's shape. */
function targetOf(n: Normalization, name: ParameterName, { spec, axes }: Placed): Target {
  const { shape, dtype } = spec;
  const strides = stridesAlong(shape, contiguous(shape), axes, n.x.shape.length);
  return { slot: NAMES[name], stored: { strides: splitStrides(n, strides), offset: 0, dtype } };
}

/** Gradients of two parameters that repeat along the same axes come from one pass. */
function collected(
  n: Normalization,
  wanted: ReadonlySet<GradientName>,
  placed: Placing,
): { parameters: Collected[]; outputs: Record<string, Output> } {
  const { reduced: sample } = splitAxes(n);
  const outputs: Record<string, Output> = {};
  const target = (name: ParameterName | null) => {
    const parameter = name && placed[name];
    if (!name || !parameter || !wanted.has(NAMES[name])) return undefined;
    const { spec } = parameter;
    outputs[NAMES[name]] = { shape: spec.shape, dtype: spec.dtype };
    return targetOf(n, name, parameter);
  };
  const repeats = ({ stored }: Target) => sample.map((_, i) => stored.strides[i] === 0);
  const parameters = PAIRS.flatMap(({ terms, names }): Collected[] => {
    const [first, second] = names.map(target);
    if (first && second && String(repeats(first)) === String(repeats(second))) {
      return [{ terms, reduced: repeats(first), first, second }];
    }
    return [
      ...(first ? [{ terms, reduced: repeats(first), first }] : []),
      ...(second ? [{ terms, reduced: repeats(second), second }] : []),
    ];
  });
  return { parameters, outputs };
}

const PAIRS: readonly {
  readonly terms: Module;
  readonly names: readonly [first: ParameterName, second: ParameterName | null];
}[] = [
  { terms: files.parameterSumsWeights, names: ["bias", "weight"] },
  { terms: files.parameterSumsModulation, names: ["scale", "shift"] },
  { terms: files.parameterSumsThreshold, names: ["threshold", null] },
  { terms: files.parameterSumsAlpha, names: ["alpha", null] },
  { terms: files.parameterSumsElements, names: ["residualBias", null] },
];

function gradients(
  n: Normalization,
  dy: Spec,
  x: Spec,
  o: NormOptions & BackwardOptions,
  way: Through,
): Call<unknown> {
  const { op, weight, bias, threshold, alpha } = n;
  const [through, sums = files.dxSumsUsual] = [way].flat();
  const dtype = checkDType(op, o.dtype ?? x.dtype);
  const dSum = checkParameter(op, "dSum", o.dSum, x.shape);
  const residualBias = broadcastTo(op, "residualBias", o.residualBias, x);
  const modulation = modulationOf(n, o);
  const placed: Placing = { weight, bias, threshold, alpha, residualBias, ...modulation };
  const wanted = wantedOf(op, o.gradients, placed);
  const { parameters, outputs } = collected(n, wanted, placed);
  const hasDx = wanted.has("dx") || wanted.has("dResidualBias");
  const active = o.activation !== undefined;
  // what only the activation's argument, the threshold's or dScale depend on is not read without them
  const biasMatters = active || threshold !== undefined || wanted.has("dScale");
  const read = {
    x: whole(x),
    dy: whole(dy),
    weight,
    bias: biasMatters ? bias : undefined,
    scale: placed.scale,
    shift: active ? placed.shift : undefined,
    threshold,
    dSum: dSum && whole(dSum),
    y: hasDx ? whole(specOf(x.shape, dtype)) : undefined,
  };
  const saved = n.given ? null : savedOf(n, o);
  const others = arraysOf({ ...n, track: undefined });
  const problem = problemOf(n, o, layoutsOf(n, read));
  const specs = Object.entries(read).flatMap(([name, p]) =>
    p && name !== "y" ? [[name, p.spec]] : [],
  );
  const result = ({ outputs: made }: Made) => {
    const { y, ...others } = made;
    return y ? { dx: y, ...others } : others;
  };
  return {
    problem: {
      ...problem,
      given: saved?.given ?? problem.given,
      activation: withSlope(problem.activation),
      gradient: {
        through,
        sums,
        constant: n.given !== undefined,
        parameters,
      },
    },
    plan: planBackward,
    arrays: { ...Object.fromEntries(specs), ...others.arrays, ...saved?.arrays },
    slots: { ...others.slots, ...saved?.slots, y: "dx" },
    outputs: {
      ...outputs,
      ...(hasDx && { y: { shape: x.shape, dtype, inner: !wanted.has("dx") } }), // for dResidualBias
    },
    statShape: [],
    result,
  };
}
