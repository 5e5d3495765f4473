/**
 * A problem is an operation with options and inputs, as data: made at random from a seed or on a grid
 * of group sizes, and judged by the reference. Nothing here touches the GPU.
 */
import type { DType, Tensor } from "../../src/index";
import type { Activation } from "./activations";
import { product, type Values } from "./arrays";
import { extrasOf } from "./extras";
import { fill } from "./filling";
import type { Random } from "./random";
import { narrow } from "./storage";

export interface Options {
  axes?: number[];
  keepdim?: boolean;
  correction?: number;
  normalizedShape?: number[];
  groups?: number;
  channelAxis?: number;
  eps?: number;
  training?: boolean;
  useInputStats?: boolean;
  momentum?: number | null;
  numBatchesTracked?: number;
  virtualBatchSize?: number;
  rMax?: number;
  dMax?: number;
  stats?: boolean;
  p?: number;
  weightOffset?: number;
  dim?: number | null;
  size?: number;
  alpha?: number;
  beta?: number;
  k?: number;
  convention?: "torch" | "onnx";
  residualOut?: boolean;
  activation?: Activation;
  /** Of the result. */
  dtype?: DType;
  gradients?: string[];
}

export type Shape = readonly number[];

/** x under another shape, in which the elements that share statistics differ along `axes` only. */
export interface Grouping {
  shape: Shape;
  axes: number[];
}

export interface Operation {
  /** The library's, the reference's and the vectors' name of it. */
  readonly name: string;
  readonly library: (x: Tensor, options: never) => object;
  readonly reference: (x: Values, options: never) => object;
  /** A norm gives an array like x, `stats` where asked, and may work in place. */
  readonly kind: "reduction" | "norm" | "gradient";
  /** false: it takes nothing of what all norms may be told. */
  readonly common?: false;
  /** false: a norm whose result cannot take the place of x. */
  readonly inPlace?: false;
  /** What a norm gives with `stats`; mean and rstd by default. */
  readonly statistics?: readonly string[];
  /** The factor of y, where it is not 1 / sqrt(variance + eps). */
  readonly scale?: (variance: number, options: Options) => number;
  /** How far y may be off, where that depends on y alone. */
  readonly tolerance?: (y: number, options: Options) => number;
  /** The sizes of all terms of y add up to y for the inputs' absolute values. */
  readonly even?: true;
  /** Nothing is added to the norm, so that it is 0 where squares underflow. */
  readonly unguarded?: true;
  /** How far its gradients may be off, where that is not as for all norms: see tolerance_gradients.ts. */
  gradientTolerance?(problem: Problem, name: string, values: Values): Float64Array | undefined;
  readonly ranks: readonly [number, number];
  /** Options for an x of this shape. */
  options(random: Random, shape: Shape): Options;
  /** Shapes of the other inputs that it may have. */
  parameters(random: Random, shape: Shape, options: Options): Record<string, Shape>;
  /** Those that it cannot do without. */
  readonly needs?: readonly string[];
  grouping(shape: Shape, options: Options): Grouping;
  /** Whether it applies statistics that it is given, instead of its input's own. */
  given?(options: Options, parameters: object): boolean;
  /** Whether it can be called so; all can by default. */
  valid?(shape: Shape, options: Options, parameters: object): boolean;
  /** Layouts with `rows` groups of `length` elements each. */
  grid(rows: number, length: number): { shape: Shape; options: Options }[];
  /** Of a gradient: the operation that it belongs to, and what follows from the other inputs. */
  readonly forward?: Operation;
  completed?(problem: Problem, random: Random): Problem;
}

export type Inputs = Readonly<Record<string, Values>> & { readonly x: Values };

export interface Problem {
  readonly operation: Operation;
  readonly options: Options;
  readonly inputs: Inputs;
  /** Of the inputs that are not f32. */
  readonly types?: Readonly<Record<string, DType>>;
}

export const statisticsOf = ({ kind, statistics }: Operation): readonly string[] =>
  kind === "norm" ? (statistics ?? ["mean", "rstd"]) : [];

export const hasStats = (operation: Operation) => statisticsOf(operation).length > 0;

const LENGTHS = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33, 64, 65, 127];
const LONG = [255, 256, 257, 768, 1000, 1023, 1025, 4095, 4096, 4099];
const MOST_ELEMENTS = 4096; // of a random problem without a long axis, so that hundreds take seconds

/** `extras`: their class; by default the seed's. */
export function randomProblem(operation: Operation, random: Random, extras?: number): Problem {
  for (;;) {
    const shape = randomShape(operation, random);
    const own = operation.options(random, shape);
    if (hasStats(operation) && random.chance(0.5)) own.stats = true;
    const more = extrasOf(operation, random, shape, extras);
    const options = { ...own, ...more.options };
    const parameters = operation.parameters(random, shape, options);
    const tracked = random.chance(0.6); // both running statistics or neither
    const taken = Object.entries(parameters).filter(([name]) => {
      if (operation.needs?.includes(name)) return true;
      return name.startsWith("running") ? tracked : random.chance(0.6);
    });
    const chosen = { ...Object.fromEntries(taken), ...more.parameters };
    if (operation.valid?.(shape, options, chosen) === false) continue;
    const inputs = fill(random, shape, chosen, more.types.x);
    return finished({ operation, options, inputs, types: more.types }, random);
  }
}

/** Problems of `rows` groups of `length` elements, in every layout, with every input. */
export function gridProblems(
  operation: Operation,
  rows: number,
  length: number,
  random: Random,
): Problem[] {
  return operation.grid(rows, length).flatMap(({ shape, options: own }) => {
    const options = hasStats(operation) ? { ...own, stats: true } : own;
    const parameters = operation.parameters(random, shape, options);
    if (operation.valid?.(shape, options, parameters) === false) return [];
    return [finished({ operation, options, inputs: fill(random, shape, parameters) }, random)];
  });
}

/** Rounded to what is stored, and with what follows from that. */
export function finished(problem: Problem, random: Random): Problem {
  const { operation, inputs, types = {} } = problem;
  for (const [name, values] of Object.entries(inputs)) narrow(values, types[name] ?? "f32");
  return operation.completed?.(problem, random) ?? problem;
}

function randomShape({ ranks: [least, most] }: Operation, random: Random): number[] {
  const common = Math.max(least, Math.min(most, 5));
  const deep = most > 5 && random.chance(0.1);
  const rank = deep ? 6 + random.below(most - 5) : least + random.below(common - least + 1);
  const shape = Array.from({ length: rank }, () =>
    deep ? 1 + random.below(3) : random.pick(LENGTHS),
  );
  const axes = random.shuffle(shape.map((_, axis) => axis));
  for (let k = 0; product(shape) > MOST_ELEMENTS; k = (k + 1) % rank) {
    shape[axes[k]] = Math.ceil(shape[axes[k]] / 2);
  }
  if (random.chance(0.15)) {
    const long = random.pick(LONG);
    const axis = axes[0];
    if ((product(shape) / shape[axis]) * long < 10 * MOST_ELEMENTS) shape[axis] = long;
  }
  return shape;
}

/** What the reference gives, by the names of the library's results; y where there is only one. */
export function referenceOf({ operation, options, inputs }: Problem): Record<string, Values> {
  const { x, ...parameters } = inputs;
  const result = operation.reference(x, { ...options, ...parameters } as never);
  const named = "data" in result ? { y: result } : withoutCount(result);
  if (operation.kind === "reduction") return named as Record<string, Values>;
  if (operation.kind === "gradient") return named as Record<string, Values>;
  const { runningMean, runningVar } = inputs;
  const running = runningMean && { runningMean, runningVar }; // as they were, unless updated
  const all: Record<string, Values> = { ...running, ...named };
  for (const name of ["mean", "rstd"]) {
    if (!options.stats || !statisticsOf(operation).includes(name)) delete all[name];
  }
  return all;
}

const withoutCount = ({ count: _, ...values }: { count?: number }) => values;

export function isGiven({ operation, options, inputs }: Problem): boolean {
  return operation.given?.(options, inputs) ?? false;
}

/** How a result is stored. */
export function typeOf({ operation, options, types = {} }: Problem, result: string): DType {
  const x = types.x ?? "f32";
  if (result === "y" && operation.kind === "norm") return options.dtype ?? x;
  if (result === "sum" || result === "dx") return x;
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
