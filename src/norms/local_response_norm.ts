// LocalResponseNorm divides each element by a power of its neighbours among the channels.

import { checkFloat, type DType } from "../base/dtype";
import { fail, show } from "../base/errors";
import { ANY, checkOptions, NUMBER, type OptionTable } from "../base/options";
import { composed } from "../operation/composed";
import { contextOf, type Direct, operation } from "../operation/operation";
import { planSlidingWindow } from "../plan/sliding_window";
import type { Call, OutputSpec } from "../runtime/call";
import type { ArraySpec, Tensor } from "../runtime/tensor";
import {
  NEIGHBOURS,
  NEIGHBOURS_GRADIENT,
  NEIGHBOURS_GRADIENT_TERMS,
  type StatisticKind,
} from "../wgsl/statistics";
import { checkChannelsApart } from "./shared/channels";
import { checkOut, checkParameter, dtypeOf, isInPlace, specOf } from "./shared/checks";
import { identityNorm } from "./shared/elementwise";
import {
  checkTargets,
  gradientOutput,
  TARGET_OPTIONS,
  type TargetOptions,
} from "./shared/gradient_targets";
import { layoutsOf, type NormStatement, norm, problemOf } from "./shared/norm";
import { checkGradients } from "./shared/norm_backward";
import type { NormOptions } from "./shared/options";
import { fullShape } from "./shared/placement";

export interface LocalResponseNormOptions extends Pick<NormOptions, "out" | "dtype"> {
  /** A window has this many channels. */
  size: number;
  /** alpha is the factor of the window's mean square. Default 1e-4. */
  alpha?: number | undefined;
  /** beta is the exponent. Default 0.75. */
  beta?: number | undefined;
  /** k is added to the mean square. Default 1. */
  k?: number | undefined;
  /** The channels lie along this axis, negative from the end. Default 1 (NCHW); -1 is NHWC. */
  channelAxis?: number | undefined;
  /**
   * A window of even size has one more channel: before its own ("torch", default) or after it
   * ("onnx").
   */
  convention?: "torch" | "onnx" | undefined;
}

const WINDOW_OPTIONS = {
  size: ANY,
  alpha: NUMBER,
  beta: NUMBER,
  k: NUMBER,
  channelAxis: ANY,
  convention: ANY,
};

const FORWARD_OPTIONS: OptionTable<LocalResponseNormOptions> = {
  ...WINDOW_OPTIONS,
  out: ANY,
  dtype: ANY,
};

function windowOf(op: string, { size, convention = "torch" }: LocalResponseNormOptions) {
  if (!Number.isInteger(size) || size < 1)
    fail(op, `size ${show(size)}, expected a positive integer`);
  const [less, more] = [Math.floor((size - 1) / 2), Math.ceil((size - 1) / 2)];
  if (convention === "torch") return { windowBefore: more, windowAfter: less };
  if (convention === "onnx") return { windowBefore: less, windowAfter: more };
  return fail(op, `convention ${show(convention)}, expected "torch" or "onnx"`);
}

function localResponseNormState(
  op: string,
  x: ArraySpec,
  o: LocalResponseNormOptions,
  kind: StatisticKind,
): NormStatement {
  const { axis } = checkChannelsApart(op, x, o.channelAxis);
  return {
    op,
    x,
    kind,
    reduced: x.shape.map((_, i) => i === axis),
    eps: o.k ?? 1,
    uniforms: {
      exponent: o.beta ?? 0.75,
      alpha: (o.alpha ?? 1e-4) / o.size,
      ...windowOf(op, o),
    },
  };
}

/** Plans one pass over x and other arrays of x's shape. */
function slidingWindowCall(
  op: string,
  x: ArraySpec,
  o: LocalResponseNormOptions,
  kind: StatisticKind,
  output: OutputSpec,
  others: Readonly<Record<string, ArraySpec>> = {},
): Call<Tensor> {
  const n = localResponseNormState(op, x, o, kind);
  const y = output.out ?? specOf(output.shape, output.dtype);
  const arrays = { x, ...others };
  const placed = Object.entries({ ...arrays, y }).map(([name, spec]) => [name, fullShape(spec)]);
  return {
    problem: problemOf(n, {}, layoutsOf(n, Object.fromEntries(placed))),
    plan: planSlidingWindow,
    arrays,
    outputs: { y: output },
    statisticsShape: [],
    result: ({ outputs }) => outputs.y as Tensor, // all outputs of a call are there
  };
}

/**
 * Computes y = x / (k + alpha / size * sum(x^2))^beta, the sum over a window of `size` channels
 * around x's own, clipped at the ends. `alpha` is divided by the size.
 *
 * x: [N, C, ...], or channels on any other axis but the first. Windows of even size differ:
 * PyTorch's reach one channel further back, ONNX's one further on. `out` may not be x, because
 * later windows still read its elements. Throws NormError for a size that is not a positive
 * integer, numbers that are not finite, and an unknown convention.
 * Source: Krizhevsky, Sutskever & Hinton 2012, as PyTorch `local_response_norm` and ONNX LRN.
 */
export const localResponseNorm = /* @__PURE__ */ operation({
  name: "localResponseNorm",
  options: FORWARD_OPTIONS,
  define(x: ArraySpec, o: LocalResponseNormOptions) {
    const op = "localResponseNorm";
    const { dtype, out } = checkOut(op, o, x);
    if (isInPlace(x, out)) fail(op, "out is x, expected another tensor: windows overlap");
    return slidingWindowCall(op, x, o, NEIGHBOURS, { shape: x.shape, dtype, out });
  },
});

type GradientOptions = Omit<LocalResponseNormOptions, "out" | "dtype"> & { x: Tensor };

export interface LocalResponseNormBackwardOptions
  extends Omit<LocalResponseNormOptions, "out" | "dtype">,
    Direct<TargetOptions> {
  x: Tensor;
}

const BACKWARD_OPTIONS: OptionTable<LocalResponseNormBackwardOptions> = {
  ...WINDOW_OPTIONS,
  x: ANY,
  ...TARGET_OPTIONS,
};

function checkX(op: string, dy: ArraySpec, o: GradientOptions): ArraySpec {
  checkFloat(op, dy.dtype, "dy has dtype");
  const x = checkParameter(op, "x", o.x, dy.shape);
  return x ?? fail(op, "x is missing, expected the tensor that was normalized");
}

const OP = "localResponseNormBackward";

const gradientTerms = /* @__PURE__ */ operation({
  name: OP,
  first: "dy",
  define(dy: ArraySpec, o: GradientOptions) {
    const output = { shape: dy.shape, dtype: "f32" } as const;
    return slidingWindowCall(OP, checkX(OP, dy, o), o, NEIGHBOURS_GRADIENT_TERMS, output, { dy });
  },
});

interface FromTermsOptions extends GradientOptions {
  terms: Tensor;
  dtype?: DType | undefined;
  out?: ArraySpec | undefined;
}

const fromTerms = /* @__PURE__ */ operation({
  name: OP,
  first: "dy",
  define(dy: ArraySpec, { out, dtype, ...o }: FromTermsOptions) {
    const x = checkX(OP, dy, o);
    const output = { shape: x.shape, dtype: dtype ?? out?.dtype ?? x.dtype, out };
    return slidingWindowCall(OP, x, o, NEIGHBOURS_GRADIENT, output, { dy, dSum: o.terms });
  },
});

const sum = /* @__PURE__ */ norm(OP, identityNorm);

/**
 * Computes the gradient of `localResponseNorm`, `{ dx }`, given x. `gradients`, `out` and
 * `accumulate` are those of all backwards, but dx may not go to x or dy. Throws NormError as
 * `localResponseNorm` does.
 */
export function localResponseNormBackward(
  dy: Tensor,
  options: LocalResponseNormBackwardOptions,
): { readonly dx: Tensor } {
  const context = contextOf(OP, "dy", dy);
  const known = checkOptions(OP, options, BACKWARD_OPTIONS);
  const { gradients, out: given, accumulate: adds, ...o } = known;
  const wanted = new Set(checkGradients(OP, gradients, ["dx"]));
  return composed(context, ({ run }) => {
    const x = checkX(OP, dy, o);
    const targets = checkTargets(OP, { out: given, accumulate: adds }, wanted);
    const spec = specOf(x.shape, dtypeOf(targets.out.dx, x.dtype));
    const { out } = gradientOutput(OP, targets, "dx", spec);
    if (isInPlace(x, out) || isInPlace(dy, out)) {
      fail(OP, "out.dx is x or dy, expected another tensor: windows overlap");
    }
    const terms = run(gradientTerms, dy, o);
    if (!adds) return { dx: run(fromTerms, dy, { ...o, terms, out }) };
    const into = out as Tensor; // nothing is added up without it
    const residual = run(fromTerms, dy, { ...o, terms, dtype: "f32" });
    return { dx: run(sum, into, { residual, out: into }) as Tensor };
  });
}
