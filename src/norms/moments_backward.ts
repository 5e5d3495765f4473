// These operations lead gradients that arrive at statistics back to x.

import { checkFloat, type FloatDType } from "../base/dtype";
import { fail, show } from "../base/errors";
import { ANY, FLAG, NUMBER, type OptionTable } from "../base/options";
import { checkAxes } from "../base/shape";
import { operation } from "../operation/operation";
import type { Planner } from "../plan/plan";
import { planReductionGradient } from "../plan/renamed";
import type { Call, CallArrays } from "../runtime/call";
import { type ArraySpec, bindingLayoutOf, type Tensor } from "../runtime/tensor";
import { storedShare } from "../wgsl/files";
import {
  DEVIATION_GRADIENT,
  GIVEN_FACTOR,
  MEAN_GRADIENT,
  MOMENTS_GRADIENT,
  VARIANCE_GRADIENT,
} from "../wgsl/statistics";
import type { MomentsOptions, VarianceOptions } from "./moments";
import { arrayOf, checkStatistic, dtypeOf, specOf } from "./shared/checks";
import { givenBy } from "./shared/given";
import { checkTargets, gradientOutput } from "./shared/gradient_targets";
import {
  inPlaceOf,
  layoutsOf,
  type NormStatement,
  placedOutput,
  problemOf,
  specsOf,
} from "./shared/norm";
import { MASK, type PlacedMask, type TensorArgument } from "./shared/options";
import { fullShape, stridesAlong } from "./shared/placement";

interface GradientOptions {
  /** x is the tensor whose statistic was taken. The mean's gradient needs its shape and dtype alone. */
  x: TensorArgument;
  /** The dtype is the storage type of dx. Default: as `out`, or else as x. */
  dtype?: FloatDType | undefined;
  /** This tensor receives dx, alone or by its name; it may be x itself (in place). */
  out?: Tensor | true | { readonly dx?: Tensor | true | undefined } | undefined;
  /** With true dx is added to the values in the tensor of `out`. */
  accumulate?: boolean | undefined;
}

/** The gradient of a statistic has the gradient at x. */
export interface InputGradient {
  readonly dx: Tensor;
}

export type MeanBackwardOptions = MomentsOptions & GradientOptions;
export type VarianceBackwardOptions = Omit<VarianceOptions, "out"> & GradientOptions;
export type MomentsBackwardOptions = MeanBackwardOptions & {
  /** dVariance is the gradient that arrives at the variance, in the shape of dMean. */
  dVariance: TensorArgument;
};

const MEAN_OPTIONS: OptionTable<MeanBackwardOptions> = {
  axes: ANY,
  keepdim: FLAG,
  mask: MASK,
  x: ANY,
  dtype: ANY,
  out: ANY,
  accumulate: FLAG,
};
const VARIANCE_OPTIONS: OptionTable<VarianceBackwardOptions> = {
  ...MEAN_OPTIONS,
  correction: NUMBER,
};
const BOTH_OPTIONS: OptionTable<MomentsBackwardOptions> = { ...MEAN_OPTIONS, dVariance: ANY };

/** Returns x, the reduced axes and the shape of a statistic. */
function reductionOf(op: string, o: MeanBackwardOptions) {
  if (o.x === undefined || o.x === true) {
    fail(
      op,
      `x is ${o.x ? "true" : "missing"}, expected the tensor that was reduced, or its shape`,
    );
  }
  const x = arrayOf(op, "x", o.x, []);
  const reduced = checkAxes(op, o.axes, x.shape.length);
  const keepdim = x.shape.map((size, i) => (reduced[i] ? 1 : size));
  return { x, reduced, shape: o.keepdim ? keepdim : x.shape.filter((_, i) => !reduced[i]) };
}

/** Checks a gradient that arrives at a statistic, which is f32 as all statistics are. */
function checkArriving(op: string, name: string, given: unknown, shape: readonly number[]) {
  const spec = checkStatistic(op, name, given, shape, true);
  return spec ?? fail(op, `${name} is missing, expected a tensor of shape ${show(shape)}`);
}

/** Makes the call of a norm whose result is the gradient at x, or added to values in its place. */
function dxCall(
  n: NormStatement,
  o: GradientOptions,
  plan: Planner,
  arrays: CallArrays,
  masked: PlacedMask | undefined,
  dtypeOfX = n.x.dtype,
): Call<InputGradient> {
  const { op, x } = n;
  const targets = checkTargets(op, o, new Set(["dx"]));
  const dtype = checkFloat(op, o.dtype ?? dtypeOf(targets.out.dx, dtypeOfX));
  const dx = gradientOutput(op, targets, "dx", specOf(x.shape, dtype));
  const y = placedOutput(dx);
  const read = { x: fullShape(x) };
  const placed = { ...read, ...masked?.operands, shift: dx.adds ? y : undefined, y };
  return {
    problem: {
      ...problemOf(n, {}, layoutsOf(n, placed), masked),
      inPlace: { ...inPlaceOf("dx", dx, read), ...(dx.adds && { shift: "dx" }) },
    },
    plan,
    arrays: { ...arrays, ...specsOf({ ...masked?.operands }) },
    outputs: { dx },
    statisticsShape: [],
    result: ({ outputs }) => outputs as unknown as InputGradient, // the only output
  };
}

const planMean = /* @__PURE__ */ planReductionGradient({ x: "dy" });
const planVariance = /* @__PURE__ */ planReductionGradient({ dVariance: "dy" });
const planBoth = /* @__PURE__ */ planReductionGradient({});

/**
 * Computes the gradient of `mean` as `{ dx }`: dx = dy / n, for each of the n elements of a group,
 * with a mask w dy / W. Here and below masked elements have a dx of 0.
 *
 * dy: the mean's shape, contiguous f32. Throws NormError without x, for a dy of another shape and
 * for unknown axes.
 */
export const meanBackward = /* @__PURE__ */ operation({
  name: "meanBackward",
  first: "dy",
  options: MEAN_OPTIONS,
  define(given: ArraySpec, o: MeanBackwardOptions) {
    const op = "meanBackward";
    const { x, reduced, shape } = reductionOf(op, o);
    const dy = checkArriving(op, "dy", given, shape);
    const axes = reduced.flatMap((r, i) => (r && !o.keepdim ? [] : [i]));
    const strides = stridesAlong(dy.shape, dy.strides, axes, x.shape.length);
    const { offset, dtype } = dy;
    const n: NormStatement = {
      op,
      x: { shape: x.shape, strides, offset, dtype }, // dy repeats along the reduced axes
      reduced,
      eps: 0,
      ...(o.mask ? { kind: MEAN_GRADIENT } : { kind: GIVEN_FACTOR, given: givenBy(storedShare) }),
    };
    return dxCall(n, o, planMean, { dy }, o.mask?.place({ op, x, on: dy }), x.dtype);
  },
});

function varianceBackwardOf(name: "varianceBackward" | "stdBackward") {
  return operation({
    name,
    first: "dy",
    options: VARIANCE_OPTIONS,
    define(given: ArraySpec, o: VarianceBackwardOptions) {
      const { x, reduced, shape } = reductionOf(name, o);
      const dy = checkArriving(name, "dy", given, shape);
      const n: NormStatement = {
        op: name,
        x,
        kind: name === "stdBackward" ? DEVIATION_GRADIENT : VARIANCE_GRADIENT,
        reduced,
        eps: 0,
        uniforms: { correction: o.correction ?? 1, renormSecond: bindingLayoutOf(dy).offset },
      };
      return dxCall(n, o, planVariance, { x, dy }, o.mask?.place(n));
    },
  });
}

/**
 * Computes the gradient of `variance` as `{ dx }`: dx = 2 dy (x - mean) / (n - correction), with a
 * mask 2 w dy (x - mean) / (W - correction).
 *
 * dy: the variance's shape, contiguous f32. Throws NormError as `meanBackward` does, and for a
 * correction that is not a number.
 */
export const varianceBackward = /* @__PURE__ */ varianceBackwardOf("varianceBackward");

/**
 * Computes the gradient of `std` as `{ dx }`: dx = dy (x - mean) / (n - correction) / std, and 0
 * where std is 0, as PyTorch. Throws NormError as `varianceBackward` does.
 */
export const stdBackward = /* @__PURE__ */ varianceBackwardOf("stdBackward");

/**
 * Computes the gradient of `moments` as `{ dx }`: dx = dMean / n + 2 dVariance (x - mean) / n, of
 * the gradients that arrive at the mean (the first argument) and at the population variance; with a
 * mask that times w, and W for n.
 *
 * dMean, dVariance: the shape of the moments, contiguous f32. Throws NormError as `meanBackward`
 * does.
 */
export const momentsBackward = /* @__PURE__ */ operation({
  name: "momentsBackward",
  first: "dMean",
  options: BOTH_OPTIONS,
  define(given: ArraySpec, o: MomentsBackwardOptions) {
    const op = "momentsBackward";
    const { x, reduced, shape } = reductionOf(op, o);
    const dMean = checkArriving(op, "dMean", given, shape);
    const dVariance = checkArriving(op, "dVariance", o.dVariance, shape);
    const n: NormStatement = {
      op,
      x,
      kind: MOMENTS_GRADIENT,
      reduced,
      eps: 0,
      uniforms: {
        renormFirst: bindingLayoutOf(dMean).offset,
        renormSecond: bindingLayoutOf(dVariance).offset,
      },
    };
    return dxCall(n, o, planBoth, { x, dMean, dVariance }, o.mask?.place(n));
  },
});
