// Dynamic tanh and dynamic erf replace a norm by a function of each element alone.

import { fail } from "../base/errors";
import { ANY, type OptionTable } from "../base/options";
import type { ArraySpec } from "../runtime/tensor";
import { dxBent, storedAlpha } from "../wgsl/files";
import { DYNAMIC_ERF, DYNAMIC_TANH, type StatisticKind } from "../wgsl/statistics";
import { checkStatistic } from "./shared/checks";
import { givenBy } from "./shared/given";
import { type NormStatement, norm } from "./shared/norm";
import { normBackward } from "./shared/norm_backward";
import { COMMON_OPTIONS, type NormOptions, type TensorArgument } from "./shared/options";
import { checkTrailing } from "./shared/parameters";
import { placeParameter } from "./shared/placement";

export interface DynamicTanhOptions extends Omit<NormOptions, "stats" | "mask"> {
  /** alpha is the factor inside the tanh: a tensor [1] of f32. */
  alpha: TensorArgument;
  /** Weight and bias lie along these trailing axes, given by their lengths; a number: the last one. */
  normalizedShape: number | readonly number[];
  /** The weight multiplies, with shape `normalizedShape`. */
  weight?: TensorArgument | undefined;
  /** The bias is added, with shape `normalizedShape`. */
  bias?: TensorArgument | undefined;
}

const OPTIONS: OptionTable<DynamicTanhOptions> = {
  ...COMMON_OPTIONS,
  alpha: ANY,
  normalizedShape: ANY,
  weight: ANY,
  bias: ANY,
};

export interface DynamicErfOptions extends DynamicTanhOptions {
  /** The offset is added inside the erf: a tensor [1] of f32. Default 0. */
  offset?: TensorArgument | undefined;
}

const ERF_OPTIONS: OptionTable<DynamicErfOptions> = { ...OPTIONS, offset: ANY };

function bentState(
  kind: StatisticKind,
  op: string,
  x: ArraySpec,
  o: DynamicErfOptions,
): NormStatement {
  const alpha = checkStatistic(op, "alpha", o.alpha, [1]);
  if (alpha === undefined) fail(op, "alpha is missing, expected a tensor of shape [1]");
  const offset = checkStatistic(op, "offset", o.offset, [1]);
  const { place } = checkTrailing(op, x, o.normalizedShape);
  const rank = x.shape.length;
  return {
    op,
    x,
    kind,
    reduced: x.shape.map(() => true),
    parameters: { weight: place("weight", o.weight), bias: place("bias", o.bias) },
    alpha: placeParameter(alpha, [0], rank),
    offset: offset && placeParameter(offset, [0], rank),
    eps: 0,
    statistics: [],
    given: givenBy(
      storedAlpha,
      { array: "alpha", argument: "alpha", spec: alpha },
      offset && { array: "mean", argument: "offset", spec: offset },
    ),
  };
}

const dynamicTanhState = (op: string, x: ArraySpec, o: DynamicTanhOptions): NormStatement =>
  bentState(DYNAMIC_TANH, op, x, o);

const dynamicErfState = (op: string, x: ArraySpec, o: DynamicErfOptions): NormStatement =>
  bentState(DYNAMIC_ERF, op, x, o);

/**
 * Computes y = tanh(alpha x) * weight + bias, without any statistics.
 *
 * Throws NormError where `normalizedShape` is not the end of x's shape, for a weight or bias of
 * another shape, and without an alpha of shape [1].
 * Source: Zhu et al. 2025, "Transformers without Normalization".
 */
export const dynamicTanh = /* @__PURE__ */ norm<DynamicTanhOptions, unknown>(
  "dynamicTanh",
  dynamicTanhState,
  OPTIONS,
);

/**
 * Computes the gradients of `dynamicTanh`, with dAlpha of shape [1]. Throws NormError as
 * `dynamicTanh` does.
 */
export const dynamicTanhBackward = /* @__PURE__ */ normBackward(
  "dynamicTanhBackward",
  dynamicTanhState,
  () => ({ dx: dxBent }),
  OPTIONS,
);

/**
 * Computes y = erf(alpha x + offset) * weight + bias, without any statistics.
 *
 * Throws NormError as `dynamicTanh` does, and for an offset of another shape than [1].
 * Source: Chen et al. 2025, "Stronger Normalization-Free Transformers" (Derf).
 */
export const dynamicErf = /* @__PURE__ */ norm<DynamicErfOptions, unknown>(
  "dynamicErf",
  dynamicErfState,
  ERF_OPTIONS,
);

/**
 * Computes the gradients of `dynamicErf`, with dAlpha and dOffset of shape [1]. Throws NormError as
 * `dynamicErf` does.
 */
export const dynamicErfBackward = /* @__PURE__ */ normBackward(
  "dynamicErfBackward",
  dynamicErfState,
  () => ({ dx: dxBent }),
  ERF_OPTIONS,
);
