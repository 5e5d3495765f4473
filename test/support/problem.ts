// A problem is an operation with options and inputs, as data, judged by the reference. Nothing here
// touches the GPU.

import type { DType, Tensor } from "../../src/index";
import { maskedForward, maskedReduction } from "../reference/masked";
import type { AnyActivation } from "./activations";
import type { Values } from "./arrays";
import type { Random } from "./random";
import { isWhole } from "./rounding";

export interface Options {
  axes?: number[] | undefined;
  keepdim?: boolean | undefined;
  correction?: number | undefined;
  epsOn?: "variance" | "deviation" | undefined;
  count?: number | undefined;
  normalizedShape?: number[] | undefined;
  groups?: number | undefined;
  channelAxis?: number | undefined;
  eps?: number | undefined;
  training?: boolean | undefined;
  useInputStats?: boolean | undefined;
  momentum?: number | null | undefined;
  numBatchesTracked?: number | undefined;
  virtualBatchSize?: number | undefined;
  rMax?: number | undefined;
  dMax?: number | undefined;
  stats?: boolean | undefined;
  p?: number | undefined;
  weightOffset?: number | undefined;
  dim?: number | null | undefined;
  size?: number | undefined;
  alpha?: number | undefined;
  beta?: number | undefined;
  k?: number | undefined;
  convention?: "torch" | "onnx" | undefined;
  residualOut?: boolean | undefined;
  scaleOffset?: number | undefined;
  /** Of the gate, where there is one. */
  gateActivation?: AnyActivation | "none" | undefined;
  gateFirst?: boolean | undefined;
  activation?: AnyActivation | undefined;
  /** Of the result. */
  dtype?: DType | undefined;
  gradients?: string[] | undefined;
  accumulate?: boolean | undefined;
  /** Of the mask, where there is one. */
  fill?: number | "keep" | "apply" | undefined;
}

export type Shape = readonly number[];

/** x under another shape, in which the elements that share statistics differ along `axes` only. */
interface Grouping {
  shape: Shape;
  axes: number[];
}

export interface Operation {
  /** The library's, the reference's and the vectors' name of it. */
  readonly name: string;
  /** The name of its reference, where it is another. */
  readonly like?: string | undefined;
  readonly library: (x: Tensor, options: never) => object;
  readonly reference: (x: Values, options: never) => object;
  /** A norm gives an array like x, `stats` where asked, and may work in place. */
  readonly kind: "reduction" | "norm" | "gradient";
  /** false: it takes nothing of what all norms may be told. */
  readonly common?: false | undefined;
  /** false: it takes no mask, or the reference of one is not here. */
  readonly masks?: false | undefined;
  /** false: a norm whose result cannot take the place of x. */
  readonly inPlace?: false | undefined;
  /** What a norm gives with `stats`; mean and rstd by default. */
  readonly statistics?: readonly string[] | undefined;
  /** The factor of y, where it is not 1 / sqrt(variance + eps). */
  readonly scale?: ((variance: number, options: Options) => number) | undefined;
  /** How far y may be off, where that depends on y alone. */
  readonly tolerance?: ((y: number, options: Options) => number) | undefined;
  /** The sizes of all terms of y add up to y for the inputs' absolute values. */
  readonly even?: true | undefined;
  /** Nothing is added to the norm, so that it is 0 where squares underflow. */
  readonly unguarded?: true | undefined;
  /** How far its gradients may be off, where that is not as for all norms: see tolerance_gradients.ts. */
  gradientTolerance?(problem: Problem, name: string, values: Values): Float64Array | undefined;
  readonly ranks: readonly [number, number];
  /** Options for an x of this shape. */
  options(random: Random, shape: Shape): Options;
  /** Shapes of the other inputs that it may have. */
  parameters(random: Random, shape: Shape, options: Options): Record<string, Shape>;
  /** Those that it cannot do without. */
  readonly needs?: readonly string[] | undefined;
  grouping(shape: Shape, options: Options): Grouping;
  /** Whether it applies statistics that it is given, instead of its input's own. */
  given?(options: Options, parameters: object): boolean;
  /** Whether it can be called so; all can by default. */
  valid?(shape: Shape, options: Options, parameters: object): boolean;
  /** Layouts with `rows` groups of `length` elements each. */
  grid(rows: number, length: number): { shape: Shape; options: Options }[];
  /** Of a gradient: the operation that it belongs to, and what follows from the other inputs. */
  readonly forward?: Operation | undefined;
  /** The first argument of a gradient, where it is not dy. */
  readonly first?: string | undefined;
  completed?: ((problem: Problem, random: Random) => Problem) | undefined;
}

export type Inputs = Readonly<Record<string, Values>> & { readonly x: Values };

export interface Problem {
  readonly operation: Operation;
  readonly options: Options;
  readonly inputs: Inputs;
  /** Of the inputs that are not f32. */
  readonly types?: Readonly<Record<string, DType>> | undefined;
}

export const statisticsOf = ({ kind, statistics }: Operation): readonly string[] =>
  kind === "norm" ? (statistics ?? ["mean", "rstd"]) : [];

export const hasStats = (operation: Operation) => statisticsOf(operation).length > 0;

/** What the reference gives, by the names of the library's results; y where there is only one. */
export function referenceOf({ operation, options, inputs }: Problem): Record<string, Values> {
  const { x, ...parameters } = inputs;
  const all = { ...options, ...parameters };
  const { mask, gate, skip, residualGate } = parameters;
  const result =
    (mask ?? gate ?? skip ?? residualGate)
      ? maskedReference(operation, x, all)
      : operation.reference(x, all as never);
  const named = "data" in result ? { y: result } : withoutCount(result);
  if (operation.kind === "reduction") return named as Record<string, Values>;
  if (operation.kind === "gradient") return named as Record<string, Values>;
  const { runningMean, runningVar } = inputs;
  const running = runningMean && { runningMean, runningVar }; // as they were, unless updated
  const given: Record<string, Values> = { ...running, ...named };
  for (const name of ["mean", "rstd"]) {
    if (!options.stats || !statisticsOf(operation).includes(name)) delete given[name];
  }
  return given;
}

function maskedReference(operation: Operation, x: Values, options: object): object {
  const { name, like = name, kind } = operation;
  if (kind === "gradient") return operation.reference(x, options as never);
  if (kind === "reduction") return maskedReduction(name, x, options);
  return maskedForward(like, x, options, operation.grouping(x.shape, options));
}

/** Without a number. */
const withoutCount = ({ count, ...values }: { count?: unknown }) =>
  typeof count === "object" ? { count, ...values } : values;

export function isGiven({ operation, options, inputs }: Problem): boolean {
  return operation.given?.(options, inputs) ?? false;
}

/** How a result is stored. */
export function typeOf({ operation, options, types = {} }: Problem, result: string): DType {
  const x = types.x ?? "f32";
  const like = isWhole(x) ? "f32" : x;
  if (result === "y" && operation.kind === "norm") return options.dtype ?? like;
  if (result === "dx") return options.dtype ?? x;
  if (result === "dResidual") return x;
  if (result === "sum") return like;
  if (operation.kind === "gradient") return types[parameterOf(result)] ?? "f32";
  return "f32";
}

/** "weight" of "dWeight" */
export const parameterOf = (gradient: string) =>
  gradient.charAt(1).toLowerCase() + gradient.slice(2);

export function title({ operation, options, inputs, types = {} }: Problem): string {
  const others = Object.entries(inputs).filter(([name]) => name !== "x");
  const names = others.map(([name, { shape }]) => `${types[name] ?? ""} ${name} [${shape}]`.trim());
  const x = `${types.x ?? ""} [${inputs.x.shape}]`.trim();
  return [`${operation.name} ${x} ${JSON.stringify(options)}`, ...names].join(", ");
}

/** The operation without these options and inputs: y before what they do. */
export function without(problem: Problem, ...names: string[]): Problem {
  const drop = (from: object) =>
    Object.fromEntries(Object.entries(from).filter(([name]) => !names.includes(name)));
  const { options, inputs } = problem;
  return { ...problem, options: drop(options) as Options, inputs: drop(inputs) as Inputs };
}

export interface Expected extends Values {
  /** Of the f32 that is rounded to what is stored. */
  readonly tolerance: Float64Array;
  readonly dtype: DType;
}
