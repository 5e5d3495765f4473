/**
 * A problem is an operation with options and inputs, as data: made at random from a seed or on a grid
 * of group sizes, and judged by the reference. Nothing here touches the GPU.
 */
import type { Tensor } from "../src/index";
import { product, type Values } from "./arrays";
import type { Random } from "./random";

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
  stats?: boolean;
  p?: number;
  weightOffset?: number;
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
  readonly kind: "reduction" | "norm";
  /** false: a norm that has no statistics to give. */
  readonly stats?: false;
  /** The factor of y, where it is not 1 / sqrt(variance + eps). */
  readonly scale?: (variance: number, options: Options) => number;
  /** How far y may be off, where that depends on y alone. */
  readonly tolerance?: (y: number, options: Options) => number;
  readonly ranks: readonly [number, number];
  /** Options for an x of this shape. */
  options(random: Random, shape: Shape): Options;
  /** Shapes of the other inputs that it may have. */
  parameters(random: Random, shape: Shape, options: Options): Record<string, Shape>;
  grouping(shape: Shape, options: Options): Grouping;
  /** Whether it applies statistics that it is given, instead of its input's own. */
  given?(options: Options, parameters: object): boolean;
  /** Whether it can be called so; all can by default. */
  valid?(shape: Shape, options: Options, parameters: object): boolean;
  /** Layouts with `rows` groups of `length` elements each. */
  grid(rows: number, length: number): { shape: Shape; options: Options }[];
}

export type Inputs = Readonly<Record<string, Values>> & { readonly x: Values };

export interface Problem {
  readonly operation: Operation;
  readonly options: Options;
  readonly inputs: Inputs;
}

export const hasStats = ({ kind, stats }: Operation) => kind === "norm" && stats !== false;

const LENGTHS = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33, 64, 65, 127];
const LONG = [255, 256, 257, 768, 1000, 1023, 1025, 4095, 4096, 4099];
const MOST_ELEMENTS = 4096; // of a random problem without a long axis, so that hundreds take seconds

export function randomProblem(operation: Operation, random: Random): Problem {
  for (;;) {
    const shape = randomShape(operation, random);
    const options = operation.options(random, shape);
    if (hasStats(operation) && random.chance(0.5)) options.stats = true;
    const parameters = operation.parameters(random, shape, options);
    const tracked = random.chance(0.6); // both running statistics or neither
    const taken = Object.entries(parameters).filter(([name]) =>
      name.startsWith("running") ? tracked : random.chance(0.6),
    );
    const inputs = fill(random, shape, Object.fromEntries(taken));
    if (operation.valid?.(shape, options, inputs) ?? true) return { operation, options, inputs };
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
    return [{ operation, options, inputs: fill(random, shape, parameters) }];
  });
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

/**
 * Normal values at an offset, half of the time with a drift, so that parts of a group have means of
 * their own; running statistics near those of x, so that outputs stay near 1.
 */
function fill(random: Random, shape: Shape, parameters: Record<string, Shape>): Inputs {
  const offset = random.pick([0, 0, 1, -30, 1e2, 1e4]);
  const deviation = random.pick([1, 1, 1e-2, 30]);
  const drift = random.pick([0, 0, 4, -4]) * deviation;
  const data: Record<string, (length: number) => Float32Array> = {
    weight: (length) =>
      Float32Array.from({ length }, () => random.between(0.5, 2) * random.pick([1, -1])),
    bias: (length) => random.normals(length),
    runningMean: (length) => random.normals(length, offset, deviation),
    runningVar: (length) =>
      Float32Array.from({ length }, () => random.between(0.3, 3) * deviation ** 2),
  };
  const others = Object.entries(parameters).map(([name, shape]) => {
    return [name, { shape, data: data[name](product(shape)) }] as const;
  });
  const normals = random.normals(product(shape), offset, deviation);
  const x = { shape, data: normals.map((v, i) => v + (drift * i) / normals.length) };
  return { x, ...Object.fromEntries(others) };
}

/** What the reference gives, by the names of the library's results; y where there is only one. */
export function referenceOf({ operation, options, inputs }: Problem): Record<string, Values> {
  const { x, ...parameters } = inputs;
  const result = operation.reference(x, { ...options, ...parameters } as never);
  const named = "data" in result ? { y: result } : withoutCount(result);
  const { runningMean, runningVar } = inputs;
  const running = runningMean && { runningMean, runningVar }; // as they were, unless updated
  const all: Record<string, Values> = { ...running, ...named };
  if (operation.kind === "norm" && !options.stats) {
    delete all.mean;
    delete all.rstd;
  }
  return all;
}

const withoutCount = ({ count: _, ...values }: { count?: number }) => values;

export function isGiven({ operation, options, inputs }: Problem): boolean {
  return operation.given?.(options, inputs) ?? false;
}

export function title({ operation, options, inputs }: Problem): string {
  const others = Object.entries(inputs).filter(([name]) => name !== "x");
  const names = others.map(([name, { shape }]) => `${name} [${shape}]`);
  return [`${operation.name} [${inputs.x.shape}] ${JSON.stringify(options)}`, ...names].join(", ");
}
