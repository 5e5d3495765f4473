// GlobalResponseNorm takes the magnitude of each channel relative to those of all channels. It is
// composed of smaller operations.

import { ANY, checkOptions, EPS, type Known, type OptionTable } from "../base/options";
import { composed } from "../operation/composed";
import { contextOf, type Direct, operation } from "../operation/operation";
import type { ArraySpec, Tensor } from "../runtime/tensor";
import { dxIdentity, dxMeanMagnitude, resultWeighed } from "../wgsl/files";
import { GIVEN_FACTOR, MEAN_MAGNITUDE, NORM_2 } from "../wgsl/statistics";
import { channelParameter, checkChannelsApart } from "./shared/channels";
import { identityNorm, scaledByRatio } from "./shared/elementwise";
import { checkTargets, TARGET_OPTIONS, type TargetOptions } from "./shared/gradient_targets";
import { type NormStatement, norm } from "./shared/norm";
import { checkGradients, normBackward } from "./shared/norm_backward";
import {
  type GradientName,
  type Gradients,
  MASK,
  type Mask,
  type NormOptions,
  type TensorArgument,
} from "./shared/options";
import { statisticsCall } from "./shared/statistics";

export interface GlobalResponseNormOptions extends Direct<Pick<NormOptions, "out" | "dtype">> {
  /** The weight is gamma, with one value per channel: [C]. Default: ones. */
  weight?: Tensor | undefined;
  /** The bias is beta, with one value per channel: [C]. Default: zeros. */
  bias?: Tensor | undefined;
  /** eps is added to the mean of the channels' magnitudes. Default 1e-6. */
  eps?: number | undefined;
  /** The channels lie along this axis, negative from the end. Default 1 (NCHW); -1 is NHWC. */
  channelAxis?: number | undefined;
  /** The mask, of `maskOf` or `lengthsOf`, says which elements count, and how much. */
  mask?: Mask | undefined;
}

const PARAMETERS = { weight: ANY, bias: ANY, eps: EPS, channelAxis: ANY, mask: MASK };

const FORWARD_OPTIONS: OptionTable<GlobalResponseNormOptions> = {
  ...PARAMETERS,
  out: ANY,
  dtype: ANY,
};

const OP = "globalResponseNorm";
const BACKWARD = "globalResponseNormBackward";

type MagnitudeOptions = Pick<GlobalResponseNormOptions, "channelAxis" | "mask">;

/** Computes the Euclidean norm of each example's channel, the other axes with length 1. */
const magnitudesFor = (op: string) =>
  operation({
    name: op,
    define(x: ArraySpec, { channelAxis, mask }: MagnitudeOptions) {
      const { axis } = checkChannelsApart(op, x, channelAxis);
      const reduced = x.shape.map((_, i) => i !== 0 && i !== axis);
      const result = (made: { mean: Tensor }) => made.mean; // norms are in the place of means
      return statisticsCall(op, x, reduced, {
        kind: NORM_2,
        mask,
        keepdim: true,
        results: ["mean"],
        result,
      });
    },
  });

const channelMagnitudes = /* @__PURE__ */ magnitudesFor(OP);
const channelMagnitudesAgain = /* @__PURE__ */ magnitudesFor(BACKWARD);

interface RelativeOptions extends NormOptions {
  weight?: TensorArgument | undefined;
  eps?: number | undefined;
  channelAxis?: number | undefined;
}

/** Divides magnitudes by their mean, times gamma. */
function relativeState(op: string, x: ArraySpec, o: RelativeOptions): NormStatement {
  const { axis } = checkChannelsApart(op, x, o.channelAxis);
  return {
    op,
    x,
    kind: MEAN_MAGNITUDE,
    reduced: x.shape.map((_, i) => i === axis),
    parameters: { weight: channelParameter(op, "weight", o.weight, x, axis) },
    eps: o.eps ?? 1e-6,
    statistics: [],
  };
}

const relative = /* @__PURE__ */ norm<RelativeOptions, unknown>(OP, relativeState);
const relativeAgain = /* @__PURE__ */ norm<RelativeOptions, unknown>(BACKWARD, relativeState);
const relativeBackward = /* @__PURE__ */ normBackward(BACKWARD, relativeState, () => ({
  dx: dxMeanMagnitude,
}));

interface PlainOptions extends NormOptions {
  bias?: TensorArgument | undefined;
  channelAxis?: number | undefined;
}

/** Computes x (1 + scale) + beta. */
function plainState(op: string, x: ArraySpec, o: PlainOptions): NormStatement {
  const { axis } = checkChannelsApart(op, x, o.channelAxis);
  const shift = channelParameter(op, "bias", o.bias, x, axis);
  return { ...identityNorm(op, x), parameters: { shift } };
}

const plain = /* @__PURE__ */ norm<PlainOptions, unknown>(OP, plainState);
/** The gradient of a norm reaches elements in proportion to their weights. */
const scaleByRatio = /* @__PURE__ */ norm<Parameters<typeof scaledByRatio>[2], unknown>(
  BACKWARD,
  (op, x, o) => ({ ...scaledByRatio(op, x, o), kind: { ...GIVEN_FACTOR, weighed: resultWeighed } }),
);
const sum = /* @__PURE__ */ norm(BACKWARD, identityNorm);
const plainBackward = /* @__PURE__ */ normBackward(BACKWARD, plainState, () => ({
  dx: dxIdentity,
}));

/**
 * Computes y = gamma (x N) + beta + x with N = G / (mean(G) + eps), where G is the Euclidean norm
 * of each example's channel over all other axes, and its mean is over the channels. With a mask G^2
 * = sum(w x^2) of the valid elements; the mean is over all channels, of which those without a valid
 * element have a G of 0.
 *
 * x: [N, C, ...], or channels on any other axis but the first; weight (gamma) and bias (beta): [C].
 * Several passes. Throws NormError for parameters of another length and a negative eps.
 * Source: Woo et al. 2023, "ConvNeXt V2".
 */
export function globalResponseNorm(x: Tensor, o: GlobalResponseNormOptions = {}): Tensor {
  const context = contextOf(OP, "x", x);
  const known = checkOptions(OP, o, FORWARD_OPTIONS);
  const { weight, bias, eps, channelAxis, mask, out, dtype } = known;
  return composed(context, ({ run }) => {
    const g = run(channelMagnitudes, x, { channelAxis, mask });
    const scale = run(relative, g, { weight, eps, channelAxis }) as Tensor;
    return run(plain, x, { scale, bias, channelAxis, mask, out, dtype }) as Tensor;
  });
}

type Some = { readonly [K in GradientName]?: Tensor };

export interface GlobalResponseNormBackwardOptions
  extends Omit<GlobalResponseNormOptions, "out" | "dtype">,
    Direct<TargetOptions> {
  x: Tensor;
}

const BACKWARD_OPTIONS: OptionTable<GlobalResponseNormBackwardOptions> = {
  ...PARAMETERS,
  x: ANY,
  ...TARGET_OPTIONS,
};

/**
 * Computes the gradients of `globalResponseNorm`, given x. `gradients`, `out` and `accumulate` are
 * those of all backwards. Throws NormError as `globalResponseNorm` does.
 */
export function globalResponseNormBackward<O extends GlobalResponseNormBackwardOptions>(
  dy: Tensor,
  o: Known<O, GlobalResponseNormBackwardOptions>,
): Gradients<O> {
  const context = contextOf(BACKWARD, "dy", dy);
  const options: GlobalResponseNormBackwardOptions = checkOptions(BACKWARD, o, BACKWARD_OPTIONS);
  const { x, weight, bias, eps, channelAxis, mask, ...given } = options;
  const names: GradientName[] = ["dx"];
  if (weight) names.push("dWeight");
  if (bias) names.push("dBias");
  const wanted = new Set(checkGradients(BACKWARD, given.gradients, names));
  const { out, adds } = checkTargets(BACKWARD, given, wanted);
  // each step computes what is wanted, and what a later one needs for that
  const ofRelative = (["dx", "dWeight"] as const).filter((name) => wanted.has(name));
  const ofPlain: GradientName[] = wanted.has("dx") ? ["dx"] : [];
  if (ofRelative.length > 0) ofPlain.push("dScale");
  if (wanted.has("dBias")) ofPlain.push("dShift");
  const into = (name: GradientName, target: unknown) =>
    target ? { out: { [name]: target as Tensor }, accumulate: adds } : {};
  const gradients = composed(context, ({ run }): Some => {
    const g = run(channelMagnitudesAgain, x, { channelAxis, mask });
    const scale = run(relativeAgain, g, { weight, eps, channelAxis }) as Tensor;
    const dtype = "f32"; // it is a summand of dx
    const own = { x, scale, bias, channelAxis, mask, dtype } as const;
    const toPlain = { ...own, ...into("dShift", out.dBias) };
    const made = run(plainBackward, dy, { ...toPlain, gradients: ofPlain });
    const { dx: direct, dScale, dShift } = made as Some;
    const dBias = dShift && { dBias: dShift };
    if (!dScale) return { ...dBias };
    const toRelative = { x: g, weight, eps, channelAxis, ...into("dWeight", out.dWeight) };
    const inner = run(relativeBackward, dScale, { ...toRelative, gradients: ofRelative });
    const { dx: dG, ...dWeight } = inner as Some;
    if (!direct || !dG) return { ...dWeight, ...dBias };
    if (adds && out.dx) run(sum, direct, { residual: out.dx, out: direct });
    const ratio = { numerator: dG, denominator: g, shift: direct, mask };
    const dx = run(scaleByRatio, x, { ...ratio, out: out.dx }) as Tensor;
    return { dx, ...dWeight, ...dBias };
  });
  return gradients as Gradients<O>; // which these are follows from the options
}
