// The options that all norms share, and what their calls return.

import type { DType } from "../../base/dtype";
import type { Tensor } from "../../runtime/tensor";
import type { ActivationName } from "../../wgsl/activations";

/** An array that is not there yet, for planning on paper. */
export interface TensorSpec {
  /** Default: the usual one, or x's where several would do. */
  shape?: readonly number[] | undefined;
  /** Default "f32". */
  dtype?: DType | undefined;
}

/** A tensor argument. `explain`, `prepare` and `warmup` take a description too, or `true` for the usual. */
export type TensorArgument = Tensor | TensorSpec | true;

export interface NormOptions {
  /** Added to x before the norm; broadcasts to x. What is normalized is x + residual + residualBias. */
  residual?: TensorArgument | undefined;
  /** Added as well, usually [C]; broadcasts to x. */
  residualBias?: TensorArgument | undefined;
  /** Return `sum`, what is normalized, in x's dtype. */
  residualOut?: boolean | undefined;
  /** Modulation: the result is (1 + scale) * y + shift. Broadcasts to x, [N, C, 1, 1] for example. */
  scale?: TensorArgument | undefined;
  /** Modulation; broadcasts to x. */
  shift?: TensorArgument | undefined;
  /** Applied last. `gelu` is exact, `geluTanh` its approximation by tanh. */
  activation?: ActivationName | undefined;
  /** How the result is stored. Default: as x. */
  dtype?: DType | undefined;
  /** Receives y; it may be x itself (in place). `true` in `prepare`: it comes with each recording. */
  out?: Tensor | true | undefined;
  /** Return the statistics that y was made with. */
  stats?: boolean | undefined;
}

/** Options that are operands of every norm, and broadcast to x. */
export const OPTION_OPERANDS = ["residual", "residualBias", "scale", "shift"] as const;

type Wants<O, K extends string> = K extends keyof O
  ? O[K] extends true
    ? true
    : O[K] extends false | undefined
      ? false
      : boolean
  : false;

type If<Flag, T> = Flag extends true ? T : unknown;

type ResultParts<O, S> = { readonly y: Tensor } & If<Wants<O, "stats">, S> &
  If<Wants<O, "residualOut">, { readonly sum: Tensor }>;

/** y alone, or with the statistics S and the sum that the options ask for. */
export type NormResult<O, S> = [Wants<O, "stats">, Wants<O, "residualOut">] extends [false, false]
  ? Tensor
  : true extends Wants<O, "stats"> | Wants<O, "residualOut">
    ? [boolean, boolean] extends [Wants<O, "stats">, Wants<O, "residualOut">]
      ? Tensor | ResultParts<O, S>
      : ResultParts<O, S>
    : never;

/** Mean and 1 / sqrt(variance + eps), one value a group, without the reduced axes. */
export interface MeanAndRstd {
  readonly mean: Tensor;
  readonly rstd: Tensor;
}

/** 1 / sqrt(mean square + eps), one value a group, without the reduced axes. */
export interface Rstd {
  readonly rstd: Tensor;
}

export type GradientName =
  | "dx"
  | "dWeight"
  | "dBias"
  | "dScale"
  | "dShift"
  | "dResidualBias"
  | "dThreshold"
  | "dAlpha";

/** What a backward takes beside the forward's options. */
export interface BackwardOptions {
  /** What was normalized: the forward's x, with a residual the `sum` that it returned. */
  x: TensorArgument;
  /** The statistics that the forward returned with `stats: true`. Without them they are computed again. */
  mean?: TensorArgument | undefined;
  rstd?: TensorArgument | undefined;
  /** The gradient that arrives at `sum`; it is added to dx. */
  dSum?: TensorArgument | undefined;
  /** How dx is stored. Default: as x. */
  dtype?: DType | undefined;
  /** The gradients to compute. Default: dx, and those of all parameters given. */
  gradients?: readonly GradientName[] | undefined;
}

/**
 * The forward's options without those about its results. What is added before the norm has the gradient
 * dx, so that only `residualBias`, summed where it repeats, is of interest.
 */
export type Backward<O> = Omit<O, "residual" | "residualOut" | "stats" | "out" | "dtype"> &
  BackwardOptions;

type GivenParameters<O, K extends string, D extends string> =
  O extends Record<K, TensorArgument> ? { readonly [Name in D]: Tensor } : unknown;

/** dx, and a gradient for each parameter given, in its shape and dtype. */
export type Gradients<O> = { readonly dx: Tensor } & GivenParameters<O, "weight", "dWeight"> &
  GivenParameters<O, "bias", "dBias"> &
  GivenParameters<O, "scale", "dScale"> &
  GivenParameters<O, "shift", "dShift"> &
  GivenParameters<O, "residualBias", "dResidualBias"> &
  GivenParameters<O, "threshold", "dThreshold"> &
  GivenParameters<O, "alpha", "dAlpha">;
