// The float64 reference of every operation that a program of the site may call: those of the tests, and the few
// that the tests state elsewhere. Arrays are Values; all else are the arguments of the call.

import { BACKWARD } from "../../test/reference/backward";
import { spread } from "../../test/reference/chain";
import { FORWARD } from "../../test/reference/family";
import { normalizeImage } from "../../test/reference/image";
import { maskedForward, maskedReduction } from "../../test/reference/masked";
import * as reference from "../../test/reference/norms";
import { otherAxes, resolveAxes, type Values } from "../../test/support/arrays";

type Options = Readonly<Record<string, unknown>> & { readonly mask?: Values };
/** Gets the arguments, and what the library returned, where a result is a part of the question. */
export type Reference = (first: never, options: never, result: never) => unknown;

/** The axes that share a mean, of the norms that the site shows with a mask. */
function groupingOf(x: Values, { axes, normalizedShape }: Options) {
  const trailing = [normalizedShape ?? []].flat().length;
  const last = x.shape.map((_, axis) => axis).slice(x.shape.length - trailing);
  const own = Array.isArray(axes) ? resolveAxes(x.shape, axes) : last;
  return { shape: x.shape, axes: own };
}

interface GivenGate {
  readonly values: Values;
  readonly first: boolean;
  readonly activation?: { readonly name: string; readonly numbers?: object };
}

interface GivenSkip {
  readonly values: Values;
  readonly gate?: Values;
}

interface Gated {
  readonly gate?: GivenGate;
  readonly skip?: GivenSkip;
  readonly residualGate?: GivenGate;
}

/** Gates and skips are objects here, and arrays under names of their own in the references. */
function withGates(options: Options & Gated = {}): Options {
  const { gate, skip, residualGate, ...others } = options;
  const { name = "silu", numbers } = gate?.activation ?? {};
  return {
    ...others,
    ...(gate && {
      gate: gate.values,
      gateFirst: gate.first,
      gateActivation: numbers ? { name, ...numbers } : name,
    }),
    ...(skip && { skip: skip.values, skipGate: skip.gate }),
    ...(residualGate && { residualGate: residualGate.values }),
  } as Options;
}

const maskable = ([name, forward]: [string, (x: Values, options: never) => unknown]) => [
  name,
  (x: Values, given: Options & Gated = {}) => {
    const options = withGates(given);
    return (options.mask ?? given.gate ?? given.skip ?? given.residualGate)
      ? maskedForward(name, x, options, groupingOf(x, options))
      : forward(x, options as never);
  },
];

const { mean, variance, std, moments } = reference;

const reduction = ([name, reduce]: [string, (x: Values, options: never) => unknown]) => [
  name,
  (x: Values, options: Options = {}) =>
    options.mask ? maskedReduction(name, x, options) : reduce(x, options as never),
];

const gradient = ([name, backward]: [string, (dy: Values, options: never) => unknown]) => [
  name,
  (dy: Values, options: Options & Gated) => backward(dy, withGates(options) as never),
];

interface Part {
  readonly mean: Values;
  readonly variance: Values;
  readonly count: number;
}

/** Chan, Golub and LeVeque's merge of two parts. */
function merged(a: Part, b: Part): Part {
  const count = a.count + b.count;
  const each = (of: (i: number, delta: number) => number): Values => ({
    shape: a.mean.shape,
    data: Float64Array.from(a.mean.data, (mean, i) => of(i, b.mean.data[i] - mean)),
  });
  const share = b.count / count;
  return {
    count,
    mean: each((i, delta) => a.mean.data[i] + delta * share),
    variance: each(
      (i, delta) =>
        (a.count * a.variance.data[i] + b.count * b.variance.data[i]) / count +
        delta ** 2 * share * (1 - share),
    ),
  };
}

const squares = (tensors: readonly Values[]) =>
  tensors.flatMap(({ data }) => [...data]).reduce((sum, v) => sum + v * v, 0);

const norm = (tensors: readonly Values[]): Values => ({
  shape: [],
  data: Float64Array.of(Math.sqrt(squares(tensors))),
});

interface Given {
  readonly axes: readonly number[];
  readonly mean: Values;
  readonly rstd: Values;
  readonly weight?: Values;
  readonly bias?: Values;
  readonly eps?: number;
}

/** (x - bias) / (weight + eps^2) / rstd + mean */
function denormalize(x: Values, o: Given): Values {
  const kept = (v: Values): Values => {
    const axes = resolveAxes(x.shape, o.axes);
    return { data: v.data, shape: x.shape.map((size, i) => (axes.includes(i) ? 1 : size)) };
  };
  const [mean, rstd] = [spread(kept(o.mean), x.shape, 0), spread(kept(o.rstd), x.shape, 1)];
  const [weight, bias] = [spread(o.weight, x.shape, 1), spread(o.bias, x.shape, 0)];
  const eps = o.weight ? (o.eps ?? 1e-5) ** 2 : 0;
  const y = Float64Array.from(
    x.data,
    (v, i) => (v - bias[i]) / (weight[i] + eps) / rstd[i] + mean[i],
  );
  return { shape: x.shape, data: y };
}

type Folded = Readonly<Record<"weight" | "bias" | "mean" | "variance" | "gamma" | "beta", Values>>;

function foldBatchNorm(o: Folded & { readonly eps?: number }) {
  const factor = o.variance.data.map(
    (v: number, c: number) => o.gamma.data[c] / Math.sqrt(v + (o.eps ?? 1e-5)),
  );
  const each = o.weight.data.length / factor.length;
  return {
    weight: {
      shape: o.weight.shape,
      data: Float64Array.from(o.weight.data, (w, i) => w * factor[Math.floor(i / each)]),
    },
    bias: {
      shape: o.bias.shape,
      data: Float64Array.from(
        o.bias.data,
        (b, c) => (b - o.mean.data[c]) * factor[c] + o.beta.data[c],
      ),
    },
  };
}

/** The moments of all ranks are the result of an exchange, whose merge has its own comparison. */
function syncBatchNorm(x: Values, options: Options, { moments }: { readonly moments: Part }) {
  const axes = otherAxes(x.shape, [1]);
  return FORWARD.applyMoments(x, { ...options, ...moments, axes } as never);
}

interface Saved {
  readonly x: Values;
  readonly r?: Values;
}

/** With r and d from the forward they are constants: the gradient of a norm whose weight is r. */
function batchRenormBackward(dy: Values, o: Saved) {
  if (!o.r) return BACKWARD.batchRenormBackward(dy, o);
  const { dx } = BACKWARD.batchNormBackward(dy, { x: o.x, training: true, weight: o.r });
  return { dx };
}

export const REFERENCES: Readonly<Record<string, Reference>> = {
  ...Object.fromEntries(Object.entries(FORWARD).map(maskable)),
  ...Object.fromEntries(Object.entries(BACKWARD).map(gradient)),
  ...Object.fromEntries(Object.entries({ mean, variance, std, moments }).map(reduction)),
  batchRenormBackward,
  mergeMoments: (parts: readonly Part[]) => parts.reduce(merged),
  globalNorm: norm,
  clipGradNorm: norm,
  denormalize,
  foldBatchNorm,
  normalizeImage,
  syncBatchNorm,
};
