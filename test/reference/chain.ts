// This file has what all gradients share, as plain float64 loops. dy is the gradient of y. The chain
//
//   u = normalized x, per group     du -> dx: the operation's Kind
//   a = u * (weight + weightOffset) + bias
//   t = max(a, threshold)
//   z = (1 + scale) * t + shift
//   y = activation(z)
//   result = skip + skipGate * (gate(y), or what masked elements become)
//
// is followed from the last line to the first. The gradient of a broadcast array is summed over the
// axes along which it was broadcast. `x` is the input of the norm: after a residual, the sum.

import { type AnyActivation, activationOf } from "../support/activations";
import { broadcastStrides, groupStrides, product, type Values, visit } from "../support/arrays";
import type { Kind, Numbers } from "./statistics";

export type Gradients = Record<string, Values>;
export type Gradient = (dy: Values, options: BackwardOptions) => Gradients;

/** The forward's options and inputs, under its names; each operation has its own of them. */
export interface BackwardOptions extends Tail, Gates {
  x: Values;
  /** Weights of the elements, and what those become that weigh nothing. */
  mask?: Values | undefined;
  fill?: number | "keep" | "apply" | undefined;
  /** What the norm works on, where x has a gate. */
  sum?: Values | undefined;
  /** Gets the result and the statistics that it was made with. */
  onForward?: ((made: Forward) => void) | undefined;
  /** The gradient that arrives at the sum of x and residual. */
  dSum?: Values | undefined;
  residualBias?: Values | undefined;
  /** The results that are wanted; all by default. */
  gradients?: readonly string[] | undefined;
  axes?: readonly number[] | undefined;
  keepdim?: boolean | undefined;
  correction?: number | undefined;
  dVariance?: Values | undefined;
  normalizedShape?: readonly number[] | undefined;
  channelAxis?: number | undefined;
  groups?: number | undefined;
  eps?: number | undefined;
  epsOn?: "variance" | "deviation" | undefined;
  p?: number | undefined;
  dim?: number | null | undefined;
  training?: boolean | undefined;
  useInputStats?: boolean | undefined;
  virtualBatchSize?: number | undefined;
  runningMean?: Values | undefined;
  runningVar?: Values | undefined;
  /** Of applyMoments; no other gradient takes statistics from outside, as a library's may. */
  mean?: Values | undefined;
  variance?: Values | undefined;
  rMax?: number | undefined;
  dMax?: number | undefined;
  size?: number | undefined;
  /** A number for localResponseNorm, [1] for dynamicTanh. */
  alpha?: number | Values | undefined;
  beta?: number | undefined;
  /** Of dynamicErf. */
  offset?: Values | undefined;
  k?: number | undefined;
  convention?: "torch" | "onnx" | undefined;
}

/** y * act(gate), or x * act(gate) before the norm; skip + skipGate * y. */
export interface Gates {
  gate?: Values | undefined;
  gateActivation?: AnyActivation | "none" | undefined;
  gateFirst?: boolean | undefined;
  skip?: Values | undefined;
  skipGate?: Values | undefined;
  residualGate?: Values | undefined;
}

export interface Forward {
  y: Values;
  means: (number | undefined)[];
  rstds: (number | undefined)[];
}

/** What follows the normalization. */
interface Tail {
  weight?: Values | undefined;
  weightOffset?: number | undefined;
  scaleOffset?: number | undefined;
  bias?: Values | undefined;
  threshold?: Values | undefined;
  scale?: Values | undefined;
  shift?: Values | undefined;
  activation?: AnyActivation | undefined;
  /** The slopes of prelu, which broadcast. */
  slope?: Values | undefined;
}

interface Normalization {
  /** x's shape as the axes mean it, where it is not x's own. */
  shape?: readonly number[] | undefined;
  axes: readonly number[];
  kind: Kind;
  /** How weight, bias and threshold broadcast, where it is not by their own shape. */
  align?: Align | undefined;
  /** Gradients of what the kind itself takes. */
  others?: ((du: Values) => Gradients) | undefined;
}

export type Align = (v?: Values) => Values | undefined;

/** All gradients of a normalization with what follows it. */
export function gradientsOf(dy: Values, options: BackwardOptions, how: Normalization): Gradients {
  const { mask, fill = 0 } = options;
  const x = options.sum ?? options.x;
  const { gate, gateActivation = "silu", gateFirst = false, skip, skipGate } = options;
  const z = spread(gate, x.shape, 0);
  const own = gateOf(gateActivation);
  const gated = z.map((v) => (gate ? own.value(v) : 1));
  const [before, after] = [gateFirst, !gateFirst].map(
    (here) => (i: number) => (here ? gated[i] : 1),
  );
  const skipGates = spread(skipGate, x.shape, 1);
  const groups = members(how.shape ?? x.shape, how.axes);
  const weights = spread(mask, x.shape, 1);
  const isMasked = (i: number) => weights[i] === 0;
  const isFilled = (i: number) => isMasked(i) && fill !== "apply";
  const values = elementsOf(options).data.map((v, i) => (isFilled(i) ? 0 : v));
  const weightsOf = (g: number) => taken(weights, groups[g]);
  const parts = groups.map((all, g) => how.kind(taken(values, all), g, mask && weightsOf(g)));
  const u = new Float64Array(x.data.length);
  parts.forEach((part, g) => {
    put(u, groups[g], part.u);
  });
  const normalized = { shape: x.shape, data: u };
  const atResult = Float64Array.from(dy.data, (d, i) => d * skipGates[i]);
  const arriving = {
    shape: dy.shape,
    data: atResult.map((d, i) => (isFilled(i) ? 0 : d * after(i))),
  };
  const { du, y, ...others } = throughTail(arriving, normalized, options, how.align);
  const filled = Float64Array.from(y.data, (v, i) => {
    if (!isFilled(i)) return v * after(i);
    return fill === "keep" ? x.data[i] : Number(fill);
  });
  const skips = spread(skip, x.shape, 0);
  options.onForward?.({
    y: { shape: x.shape, data: filled.map((v, i) => skips[i] + skipGates[i] * v) },
    means: parts.map((part) => part.mean),
    rstds: parts.map((part) => part.rstd),
  });
  const dx = new Float64Array(x.data.length);
  parts.forEach((part, g) => {
    put(dx, groups[g], part.back(taken(du.data, groups[g])));
  });
  const dGates = dx.map((d, i) => {
    if (isFilled(i)) return 0;
    return own.slope(z[i]) * (gateFirst ? d * x.data[i] : atResult[i] * y.data[i]);
  });
  dx.forEach((d, i) => {
    dx[i] = isFilled(i) ? (fill === "keep" ? atResult[i] : 0) : d * before(i);
  });
  const to = (of: Values | undefined, data: Values["data"]) =>
    of && summedTo(of, of, { shape: x.shape, data });
  const ofGates = present({
    dGate: to(gate, dGates),
    dSkip: to(skip, dy.data),
    dSkipGate: to(
      skipGate,
      filled.map((v, i) => v * dy.data[i]),
    ),
  });
  const dOthers = how.others?.(du);
  return finished({ dx: { shape: x.shape, data: dx }, ...others, ...dOthers, ...ofGates }, options);
}

const gateOf = (activation: AnyActivation | "none") =>
  activation === "none" ? { value: (v: number) => v, slope: () => 1 } : activationOf(activation);

/** What a norm works on: the sum, times a gate before it. */
export function elementsOf(options: Gates & { x: Values; sum?: Values | undefined }): Values {
  const { gate, gateActivation = "silu", gateFirst } = options;
  const { shape, data } = options.sum ?? options.x;
  const z = gateFirst && gate ? spread(gate, shape, 0) : undefined;
  const { value } = gateOf(gateActivation);
  return { shape, data: Float64Array.from(data, (v, i) => (z ? v * value(z[i]) : v)) };
}

/** What is added to the residual, times its gate. */
function throughResidual(
  { x, residualBias, residualGate }: BackwardOptions,
  dSum: Values,
): Gradients {
  const factors = spread(residualGate, x.shape, 1);
  const biases = spread(residualBias, x.shape, 0);
  const dx = { shape: x.shape, data: Float64Array.from(dSum.data, (d, i) => d * factors[i]) };
  const products = Float64Array.from(dSum.data, (d, i) => d * (x.data[i] + biases[i]));
  return present({
    dx,
    dResidualBias: residualBias && summedTo(residualBias, residualBias, dx),
    ...(residualGate && {
      dResidual: dSum,
      dResidualGate: summedTo(residualGate, residualGate, { shape: x.shape, data: products }),
    }),
  });
}

/** dx + dSum, dResidualBias = dx summed, and of all gradients those that are asked for. */
export function finished(all: Gradients, options: BackwardOptions): Gradients {
  const { x, dSum, gradients } = options;
  const sum = { shape: x.shape, data: all.dx.data.map((d, i) => d + (dSum?.data[i] ?? 0)) };
  const named = Object.entries({ ...all, ...throughResidual(options, sum) });
  return Object.fromEntries(named.filter(([name]) => gradients?.includes(name) ?? true));
}

/** du, and the gradients of what u is joined with on its way to y. */
function throughTail(
  dy: Values,
  u: Values,
  options: Tail,
  align: Align = (v) => v,
): Gradients & { du: Values; y: Values } {
  const { weightOffset = 0, scaleOffset = 1, scale, shift, activation } = options;
  const shape = u.shape;
  const onto = (v: Values | undefined, otherwise: number) => spread(v, shape, otherwise);
  const offset = options.weight ? weightOffset : 0;
  const weight = onto(align(options.weight), 1).map((w) => w + offset);
  const bias = onto(align(options.bias), 0);
  const threshold = onto(align(options.threshold), -Infinity);
  const scales = onto(scale, 0);
  const shifts = onto(shift, 0);
  const slopes = options.slope && onto(options.slope, 0);
  const slope = (v: number, i: number) =>
    activation ? activationOf(activation, slopes?.[i]).slope(v) : 1;

  const a = u.data.map((v, i) => v * weight[i] + bias[i]);
  const t = a.map((v, i) => Math.max(v, threshold[i]));
  const factor = (i: number) => (scale ? scaleOffset + scales[i] : 1);
  const z = t.map((v, i) => factor(i) * v + shifts[i]);

  const dz = z.map((v, i) => dy.data[i] * slope(v, i));
  const dt = dz.map((d, i) => factor(i) * d);
  const da = dt.map((d, i) => (a[i] < threshold[i] ? 0 : d)); // of NaN all
  const du = da.map((d, i) => weight[i] * d);

  const dWeight = da.map((d, i) => d * u.data[i]);
  const dThreshold = dt.map((d, i) => (a[i] < threshold[i] ? d : 0));
  const dScale = dz.map((d, i) => d * t[i]);
  const dSlope = z.map((v, i) => (v > 0 ? 0 : v * dy.data[i]));
  const to = (of: Values | undefined, data: Values["data"], aligned = of) =>
    of && aligned && summedTo(of, aligned, { shape, data });
  return {
    du: { shape, data: du },
    y: {
      shape,
      data: activation ? z.map((v, i) => activationOf(activation, slopes?.[i]).value(v)) : z,
    },
    ...present({
      dWeight: to(options.weight, dWeight, align(options.weight)),
      dBias: to(options.bias, da, align(options.bias)),
      dThreshold: to(options.threshold, dThreshold, align(options.threshold)),
      dScale: to(scale, dScale),
      dShift: to(shift, dz),
      dSlope: to(options.slope, dSlope),
    }),
  };
}

/** Without those that there are none of. */
export function present(all: Record<string, Values | undefined>): Gradients {
  return Object.fromEntries(Object.entries(all).filter(([, v]) => v)) as Gradients;
}

/** The indices of every group's elements, in order. */
export function members(shape: Numbers, axes: Numbers): number[][] {
  const groups = product(shape.filter((_, axis) => !axes.includes(axis)));
  const result = Array.from({ length: groups }, (): number[] => []);
  visit(shape, groupStrides(shape, axes), (i, g) => {
    result[g].push(i);
  });
  return result;
}

export const taken = (data: Values["data"], indices: Numbers) => indices.map((i) => data[i]);

export function put(data: Float64Array, indices: Numbers, values: Numbers): void {
  indices.forEach((i, k) => {
    data[i] = values[k];
  });
}

/** v for every element of the shape that it broadcasts to. */
export function spread(v: Values | undefined, shape: Numbers, otherwise: number): Float64Array {
  const result = new Float64Array(product(shape)).fill(otherwise);
  if (!v) return result;
  visit(shape, broadcastStrides(v.shape, shape), (i, k) => {
    result[i] = v.data[k];
  });
  return result;
}

/** The elements' gradients summed over what `aligned` was broadcast along, in the shape of `of`. */
export function summedTo(of: Values, aligned: Values, { shape, data }: Values): Values {
  const result = new Float64Array(of.data.length);
  visit(shape, broadcastStrides(aligned.shape, shape), (i, k) => {
    result[k] += data[i];
  });
  return { shape: of.shape, data: result };
}
