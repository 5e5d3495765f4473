// These norms work on weights, not on activations.

import { entryAt } from "../base/entry";
import { fail, show } from "../base/errors";
import { ANY, EPS, type OptionTable } from "../base/options";
import { checkAxesOr, checkAxis, sameShape } from "../base/shape";
import { operation } from "../operation/operation";
import type { ArraySpec, Tensor } from "../runtime/tensor";
import { dxMoments, dxNorm2 } from "../wgsl/files";
import { NORM_2 } from "../wgsl/statistics";
import { arrayOf } from "./shared/checks";
import { type NormStatement, norm } from "./shared/norm";
import { normBackward } from "./shared/norm_backward";
import {
  COMMON_OPTIONS,
  type MeanAndRstd,
  NORM_OPTIONS,
  type NormOptions,
  type TensorArgument,
} from "./shared/options";
import { placeParameter } from "./shared/placement";
import { statisticsCall } from "./shared/statistics";

export interface WeightNormOptions extends Omit<NormOptions, "stats" | "mask"> {
  /** Each index along this axis has a norm of its own; null: one norm for all. Default 0. */
  dim?: number | null | undefined;
  /** The magnitude g has one value for each index along `dim`, or a single one. */
  weight: TensorArgument;
  /** The norm counts as eps where it is smaller: max(norm, eps). Default 0, as in PyTorch. */
  eps?: number | undefined;
}

const WEIGHT_NORM: OptionTable<WeightNormOptions> = {
  ...COMMON_OPTIONS,
  dim: ANY,
  weight: ANY,
  eps: EPS,
};

/** Returns the axis of the filters, or null where there is one filter. */
const checkFilters = (op: string, dim: number | null, { shape }: ArraySpec) =>
  dim === null ? null : checkAxis(op, "dim", dim, shape.length);

function weightNormState(op: string, v: ArraySpec, o: WeightNormOptions): NormStatement {
  const rank = v.shape.length;
  const { dim = 0 } = o;
  const axis = checkFilters(op, dim, v);
  const size = axis === null ? 1 : entryAt(v.shape, axis);
  if (o.weight === undefined || o.weight === null) {
    fail(op, `weight is ${show(o.weight)}, expected the magnitudes, a tensor of ${size}`);
  }
  const spec = arrayOf(op, "weight", o.weight, [size]);
  const { shape } = spec;
  // The magnitudes may have further axes of length 1, as PyTorch's [C, 1, 1]; they lie along `dim`.
  const long = shape.filter((d) => d !== 1);
  if (size === 1 ? long.length > 0 : !sameShape(long, [size])) {
    const expected = `${show([size])}, besides only axes of length 1`;
    fail(op, `weight has shape ${show(shape)}, expected ${expected}`);
  }
  const axes = shape.map((d) => (d === 1 ? 0 : (axis ?? 0)));
  return {
    op,
    x: v,
    kind: NORM_2,
    reduced: v.shape.map((_, i) => i !== axis),
    parameters: { weight: placeParameter(spec, axes, rank) },
    eps: o.eps ?? 0,
    statistics: [],
  };
}

/**
 * Computes w = g v / ||v||, the Euclidean norm over all axes but `dim`: one norm per filter, with a
 * magnitude g of its own.
 *
 * A filter of zeros gives NaN, as in PyTorch. Throws NormError for an unknown `dim` and for another
 * number of magnitudes.
 * Source: Salimans & Kingma 2016, as PyTorch `torch.nn.utils.weight_norm`.
 */
export const weightNorm = /* @__PURE__ */ norm<WeightNormOptions, unknown>(
  "weightNorm",
  weightNormState,
  WEIGHT_NORM,
);

/**
 * Computes the gradients of `weightNorm`: dx is that of v, dWeight that of g. Throws NormError as
 * `weightNorm` does.
 */
export const weightNormBackward = /* @__PURE__ */ normBackward(
  "weightNormBackward",
  weightNormState,
  () => ({ dx: dxNorm2 }),
  WEIGHT_NORM,
);

/** Computes the norms that `weightNorm` divides by, in f32: [O, 1, ...], or with `dim` null []. */
export const weightMagnitudes = /* @__PURE__ */ operation({
  name: "weightNorm",
  define(v: ArraySpec, { dim = 0 }: Pick<WeightNormOptions, "dim">) {
    const axis = checkFilters("weightNorm", dim, v);
    return statisticsCall(
      "weightNorm",
      v,
      v.shape.map((_, i) => i !== axis),
      {
        kind: NORM_2,
        keepdim: axis !== null,
        results: ["mean"],
        result: (made: { mean: Tensor }) => made.mean, // norms are in the place of means
      },
    );
  },
});

export interface WeightStandardizeOptions extends NormOptions {
  /**
   * The statistics are taken over these axes. Default: all but 0, so that each filter has its own.
   */
  axes?: readonly number[] | undefined;
  /** eps is added to the variance. Default 1e-5. */
  eps?: number | undefined;
}

const WEIGHT_STANDARDIZE: OptionTable<WeightStandardizeOptions> = {
  ...NORM_OPTIONS,
  axes: ANY,
  eps: EPS,
};

function weightStandardizeState(
  op: string,
  w: ArraySpec,
  o: WeightStandardizeOptions,
): NormStatement {
  const rank = w.shape.length;
  const others = w.shape.map((_, i) => i).slice(1);
  return {
    op,
    x: w,
    reduced: checkAxesOr(op, o.axes, rank, others),
    eps: o.eps ?? 1e-5,
  };
}

/**
 * Computes (w - mean) / sqrt(variance + eps), statistics for each filter, over all axes but the
 * first.
 *
 * Throws NormError for unknown or duplicate axes and a negative eps.
 * Source: Qiao et al. 2019, "Weight Standardization".
 */
export const weightStandardize = /* @__PURE__ */ norm<WeightStandardizeOptions, MeanAndRstd>(
  "weightStandardize",
  weightStandardizeState,
  WEIGHT_STANDARDIZE,
);

/**
 * Computes the gradient of `weightStandardize`, as that of `layerNorm`. Throws NormError as
 * `weightStandardize` does.
 */
export const weightStandardizeBackward = /* @__PURE__ */ normBackward(
  "weightStandardizeBackward",
  weightStandardizeState,
  () => ({ dx: dxMoments }),
  WEIGHT_STANDARDIZE,
);
