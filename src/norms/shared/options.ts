// All norms share these options and types of results.

import type { FloatDType } from "../../base/dtype";
import { ANY, FLAG, NUMBER, type OptionKind, type OptionTable } from "../../base/options";
import type { Way } from "../../plan/forward";
import type { Planner } from "../../plan/plan";
import type { ArrayLayout, GatedOperand, GateRules, MaskRules } from "../../plan/problem";
import { type ArraySpec, Tensor } from "../../runtime/tensor";
import type { Activation, ActivationName } from "../../wgsl/activations";
import type { Fragment } from "../../wgsl/link";
import type { AxisGroups } from "./axis_groups";
import type { PlacedParameter } from "./placement";

/** A tensor spec describes an array that does not exist yet, for planning ahead. */
export interface TensorSpec {
  /** The shape defaults to the usual one, or to x's if several shapes are allowed. */
  shape?: readonly number[] | undefined;
  /** The dtype defaults to "f32". */
  dtype?: FloatDType | undefined;
}

/**
 * An argument is a tensor. `explain`, `prepare` and `warmup` take a description too, or `true` for
 * the usual one.
 */
export type TensorArgument = Tensor | TensorSpec | true;

/**
 * Numbers of activations, and their defaults: leakyRelu has the slope `alpha` below 0 (0.01), swish
 * is z * sigmoid(alpha z) (1), hardSigmoid min(max(alpha z + beta, 0), 1) (1/6 and 1/2, PyTorch's).
 */
interface NumberedActivation {
  readonly name: Exclude<ActivationName, "prelu">;
  readonly alpha?: number | undefined;
  readonly beta?: number | undefined;
}

/**
 * The slopes of prelu are one for each channel, [C], or of any shape that broadcasts. A backward has
 * their gradient, dSlope.
 */
interface Prelu {
  readonly name: "prelu";
  readonly alpha: TensorArgument;
}

/** An activation is given by its name, or by an object with its name and numbers. */
export type ActivationOption = Exclude<ActivationName, "prelu"> | NumberedActivation | Prelu;

export interface NormOptions {
  /**
   * The residual is added to x before the norm; it broadcasts to x. The norm then works on x +
   * residual + residualBias.
   */
  residual?: TensorArgument | undefined;
  /** The bias of the residual is added as well, usually [C]; it broadcasts to x. */
  residualBias?: TensorArgument | undefined;
  /**
   * This gate of `gateOf` multiplies what is added to the residual, which is 0 without one: the norm
   * works on residual + gate * (x + residualBias). Its backward takes x and `sum`.
   */
  residualGate?: Gate | undefined;
  /**
   * With true the result includes `sum`, the input of the norm, in x's dtype. A tensor receives the
   * sum, in its own dtype; it may be the residual itself, or x (in place).
   */
  residualOut?: Tensor | boolean | undefined;
  /**
   * The scale modulates y: the result is (1 + scale) * y + shift. It broadcasts to x, [N, C, 1, 1]
   * for example.
   */
  scale?: TensorArgument | undefined;
  /** The shift modulates y; it broadcasts to x. */
  shift?: TensorArgument | undefined;
  /** This number is in the place of the 1 beside the scale: (scaleOffset + scale) * y + shift. */
  scaleOffset?: number | undefined;
  /** This gate of `gateOf` multiplies y after the activation, or with `first` the norm's input. */
  gate?: Gate | undefined;
  /** This skip of `skipOf` is added last: the result is skip + y, or skip + gate * y. */
  skip?: Skip | undefined;
  /**
   * The activation is applied before a gate and a skip. `gelu` is exact, `geluTanh` its approximation by tanh and
   * `quickGelu` z * sigmoid(1.702 z). Some have numbers, `{ name: "leakyRelu", alpha: 0.01 }`; the
   * slopes of prelu are a tensor.
   */
  activation?: ActivationOption | undefined;
  /** The dtype is the storage type of the result. Default: as x. */
  dtype?: FloatDType | undefined;
  /**
   * This tensor receives y; it may be x or another operand of x's shape itself (in place). In
   * `prepare`, `true` says that each recording passes it.
   */
  out?: Tensor | true | undefined;
  /** The mask, of `maskOf` or `lengthsOf`, says which elements count, and how much. */
  mask?: Mask | undefined;
  /** With true the result includes the statistics that y was made with. */
  stats?: boolean | undefined;
}

/** A gate multiplies by its values. `gateOf` makes it. */
export interface Gate {
  /** @internal */
  readonly values: TensorArgument;
  /** @internal */
  readonly activation: Activation | undefined;
  /** @internal */
  readonly first: boolean;
  /** @internal */
  readonly place: PlaceGates;
}

/** A skip is added to the result of a norm. `skipOf` makes it. */
export interface Skip {
  /** @internal */
  readonly values: TensorArgument;
  /** @internal */
  readonly gate: TensorArgument | undefined;
  /** @internal */
  readonly place: PlaceGates;
}

/** The skip has a gate, which has a gradient. */
export interface GatedSkip extends Skip {
  /** @internal */
  readonly gate: TensorArgument;
}

/** These options come from a module of their own, which places all of them. */
export type GateArguments = Pick<NormOptions, "gate" | "skip" | "residualGate">;

type PlaceGates = (n: MaskedNorm, o: GateArguments) => PlacedGates;

/** Placed gates have the arrays, rules and planners that a problem needs. */
export interface PlacedGates {
  readonly operands: { readonly [K in GatedOperand]?: PlacedParameter | undefined };
  /** These have gradients. */
  readonly differentiable: { readonly [K in GatedOperand]?: PlacedParameter | undefined };
  readonly gradients: readonly {
    readonly summands: Fragment;
    readonly names: readonly [GatedOperand, null];
    readonly role: GatedOperand;
  }[];
  /** Returns whether these gradients depend on the norm's result. */
  readonly readsResult: (wanted: (name: GradientName) => boolean) => boolean;
  readonly rules: GateRules;
  readonly ways: readonly Way[]; // to plan a forward
  readonly planBackward: Planner;
}

/** Places gates and skips, if the options have any. */
export const gatesOf = (n: MaskedNorm, o: GateArguments): PlacedGates | undefined =>
  (o.gate ?? o.skip ?? o.residualGate)?.place(n, o);

/** A mask says how much each element counts. `maskOf` and `lengthsOf` make it. */
export interface Mask {
  /** @internal Checks the mask for the x of a statement. */
  readonly place: (n: MaskedNorm) => PlacedMask;
  /** Frees the array that was made of host data. */
  destroy(): void;
}

/** These parts of a statement say where a mask lies. */
export interface MaskedNorm {
  readonly op: string;
  readonly x: ArraySpec;
  readonly groups?: Pick<AxisGroups, "strides"> | undefined;
  readonly on?: ArraySpec; // an array of the call, where x may be a mere description
  /** x is a part of what the mask is for: from this one on of so many along axis 0. */
  readonly rows?: { readonly first: number; readonly of: number };
}

/** A placed mask has the layouts and rules that a problem needs. */
export interface PlacedMask {
  readonly operands: { readonly mask?: PlacedParameter | undefined };
  readonly ordinal?: ArrayLayout; // strides along the axis of the lengths
  readonly rules: MaskRules;
  readonly uniforms: Readonly<Record<string, number>>;
}

const RESULT: OptionKind = (value) =>
  !(value instanceof Tensor) && FLAG(value) && "true or false, or a tensor";

const places = (value: unknown, own: string) =>
  typeof Object(value).place === "function" && Object.hasOwn(value as object, own);

const GATE: OptionKind = (value) => !places(value, "first") && "a gate of gateOf";
const SKIP: OptionKind = (value) => !places(value, "gate") && "a skip of skipOf";

/** The table has the options of a norm without statistics. */
export const COMMON_OPTIONS: OptionTable<Omit<NormOptions, "stats" | "mask">> = {
  residual: ANY,
  residualBias: ANY,
  residualGate: GATE,
  residualOut: RESULT,
  scale: ANY,
  shift: ANY,
  scaleOffset: NUMBER,
  activation: ANY,
  gate: GATE,
  skip: SKIP,
  dtype: ANY,
  out: ANY,
};

export const MASK: OptionKind = (value) =>
  typeof Object(value).place !== "function" && "a mask of maskOf or lengthsOf";

export const NORM_OPTIONS: OptionTable<NormOptions> = {
  ...COMMON_OPTIONS,
  mask: MASK,
  stats: FLAG,
};

/** These options are operands of every norm, and broadcast to x. */
export const OPTION_OPERANDS = ["residual", "residualBias", "scale", "shift"] as const;

type Wants<O, K extends string> = K extends keyof O
  ? O[K] extends Tensor | true
    ? true
    : O[K] extends false | undefined
      ? false
      : boolean
  : false;

type If<Flag, T> = Flag extends true ? T : unknown;

type ResultParts<O, S> = { readonly y: Tensor } & If<Wants<O, "stats">, S> &
  If<Wants<O, "residualOut">, { readonly sum: Tensor }>;

/**
 * The result is y alone, or an object with the statistics S and the sum that the options ask for.
 */
export type NormResult<O, S> = [Wants<O, "stats">, Wants<O, "residualOut">] extends [false, false]
  ? Tensor
  : true extends Wants<O, "stats"> | Wants<O, "residualOut">
    ? [boolean, boolean] extends [Wants<O, "stats">, Wants<O, "residualOut">]
      ? Tensor | ResultParts<O, S>
      : ResultParts<O, S>
    : never;

/**
 * Mean and rstd, 1 / sqrt(variance + eps), have one value per group, without the reduced axes: [...].
 */
export interface MeanAndRstd {
  readonly mean: Tensor;
  readonly rstd: Tensor;
  /**
   * The mean as the sum of two f32, [2, ...]: more digits than one f32 has. It is a view of the
   * buffer of the others; it ends with them and need not be destroyed.
   */
  readonly meanPair: Tensor;
}

/** rstd is 1 / sqrt(mean square + eps), with one value per group, without the reduced axes. */
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
  | "dAlpha"
  | "dOffset"
  | "dSlope"
  | "dGate"
  | "dSkip"
  | "dSkipGate"
  | "dResidual"
  | "dResidualGate";

type GradientTensor = Tensor | true;

/** A backward takes these options beside the forward's. */
export interface BackwardOptions {
  /** x is the input of the norm: the forward's x, or with a residual the `sum` that it returned. */
  x: TensorArgument;
  /** With `residualGate`, `sum` is what the forward returned, beside its x. */
  sum?: TensorArgument | undefined;
  /**
   * These are the statistics that the forward returned with `stats: true`. Without them they are
   * computed again.
   */
  mean?: TensorArgument | undefined;
  rstd?: TensorArgument | undefined;
  /** The pair takes the mean's place: a mean of one f32 costs dx 6e-8 |mean| rstd. */
  meanPair?: TensorArgument | undefined;
  /** `dSum` is the upstream gradient of `sum`; it is added to dx. */
  dSum?: TensorArgument | undefined;
  /** The dtype is the storage type of dx. Default: as `out.dx`, or else as x. */
  dtype?: FloatDType | undefined;
  /**
   * These tensors receive the gradients, by their names; a tensor alone receives dx. A parameter's
   * gradient may have any dtype here. dx may go to dy, x or dSum itself (in place). In `prepare`,
   * `true` says that each recording passes the tensor.
   */
  out?: GradientTensor | { readonly [K in GradientName]?: GradientTensor | undefined } | undefined;
  /**
   * With true the gradients are added to the values in the tensors of `out`, and rounded once to
   * their dtypes.
   */
  accumulate?: boolean | undefined;
  /** These gradients are computed. Default: dx, and those of all given parameters. */
  gradients?: readonly GradientName[] | undefined;
}

/**
 * A backward takes the forward's options without those about its results. The gradient of a
 * residual is dx itself, so only `residualBias`, whose gradient is summed where it repeats, is an
 * option here; with `residualGate` it is dResidual, of x's shape.
 */
export type Backward<O> = O extends unknown
  ? Omit<O, "residual" | "residualOut" | "stats" | "out" | "dtype"> & BackwardOptions
  : never;

const BACKWARD_OPTIONS: OptionTable<BackwardOptions> = {
  x: ANY,
  sum: ANY,
  mean: ANY,
  rstd: ANY,
  meanPair: ANY,
  dSum: ANY,
  dtype: ANY,
  out: ANY,
  accumulate: FLAG,
  gradients: ANY,
};

/** Returns the table of a backward, from that of its norm. */
export function backwardOptions(norm: OptionTable): OptionTable {
  const { residual, residualOut, stats, out, ...others } = norm;
  return { ...others, ...BACKWARD_OPTIONS };
}

type GivenParameters<O, K extends string, D extends string> =
  O extends Record<K, TensorArgument> ? { readonly [Name in D]: Tensor } : unknown;

type GivenGates<O> = (O extends { gate: Gate } ? { readonly dGate: Tensor } : unknown) &
  (O extends { skip: Skip } ? { readonly dSkip: Tensor } : unknown) &
  (O extends { skip: GatedSkip } ? { readonly dSkipGate: Tensor } : unknown) &
  (O extends { residualGate: Gate }
    ? { readonly dResidual: Tensor; readonly dResidualGate: Tensor }
    : unknown);

type AllGradients<O> = { readonly dx: Tensor } & GivenGates<O> &
  GivenParameters<O, "weight", "dWeight"> &
  GivenParameters<O, "bias", "dBias"> &
  GivenParameters<O, "scale", "dScale"> &
  GivenParameters<O, "shift", "dShift"> &
  GivenParameters<O, "residualBias", "dResidualBias"> &
  GivenParameters<O, "threshold", "dThreshold"> &
  GivenParameters<O, "alpha", "dAlpha"> &
  GivenParameters<O, "offset", "dOffset"> &
  (O extends { activation: { name: "prelu" } } ? { readonly dSlope: Tensor } : unknown);

/**
 * The result has dx, and a gradient for each given parameter, in its shape and dtype; with
 * `gradients` those alone.
 */
export type Gradients<O> = O extends { gradients: readonly (infer Name)[] }
  ? GradientName extends Name
    ? Partial<AllGradients<O>>
    : Pick<AllGradients<O>, Name & keyof AllGradients<O>>
  : AllGradients<O>;
