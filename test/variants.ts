/**
 * The shader files that planners join, from calls made up on paper. There are more combinations than
 * could be compiled: kept are those in which two files meet that have not met before.
 */
import { ACTIVATIONS } from "../src/activations";
import type { Force } from "../src/choice";
import * as library from "../src/index";
import { type Context, type GradientName, NormError } from "../src/index";
import type { Module } from "../src/link";
import type { Call, Definition } from "../src/operation";
import type { Pass } from "../src/planner";
import type { Profile } from "../src/profile";
import { contiguous } from "../src/shape";
import { type Storage, Tensor } from "../src/tensor";
import type { DType } from "../src/types";
import { makers, PLAIN } from "./gradient_cases";
import { broadcastable } from "./operation_parts";
import { operations } from "./operations";
import { Random } from "./random";

const CALLS = 120; // an operation and direction

const GPU: Profile = {
  kind: "gpu",
  name: "paper",
  software: false,
  workgroup: 64,
  wideWorkgroup: 256,
  workgroups: 8,
  f16: true,
  storageBuffers: 8,
};
const CPU: Profile = { ...GPU, kind: "cpu", workgroup: 16, wideWorkgroup: 16 };

type Shape = readonly number[];
type Options = Record<string, unknown>;

function randomShape(random: Random): number[] {
  const shape = Array.from({ length: 2 + random.below(3) }, () => random.pick([1, 2, 3, 4, 5, 8]));
  return random.chance(0.3) ? [...shape.slice(0, 2), random.pick([96, 97])] : shape;
}

const DTYPES: readonly DType[] = ["f32", "f16", "bf16"];

/** Tensors without a device, most of them dense and of one type. */
function paper(random: Random) {
  const common = random.pick(DTYPES);
  const mixed = random.chance(0.5);
  return (shape: Shape, always?: DType): Tensor => {
    const dtype = always ?? (mixed ? random.pick(DTYPES) : common);
    const odd = always === undefined && random.chance(0.15);
    const strides = odd ? transposed(shape) : contiguous(shape);
    const offset = odd ? random.below(5) : 0;
    const storage = { buffer: {} } as Storage;
    return new Tensor(null as unknown as Context, storage, shape, strides, offset, dtype, false);
  };
}

const transposed = (shape: Shape) => contiguous(shape.toReversed()).toReversed();

function randomForce(random: Random): Force {
  if (random.chance(0.3)) return {};
  return {
    split: random.pick([true, false, undefined]),
    columns: random.pick([true, false, undefined]),
    width: random.pick([1, 4, undefined, undefined]),
    team: random.pick([1, 8, 64, undefined]),
    held: random.pick([true, false, undefined]),
    slices: random.pick([1, 3, undefined]),
    loosened: random.pick([true, false, undefined]),
  };
}

/** Options and arrays of the operation's own, of which some are left out. */
function ownOptions(name: string, random: Random, shape: Shape): Options {
  const row = operations.find((one) => one.name === name);
  if (row?.kind === "reduction") return { ...row.options(random, shape) };
  const { options, own } = makers[name](random, shape);
  const tensor = paper(random);
  const statistic = (key: string) => /^(running|mean$|variance$)/.test(key);
  const taken = Object.entries(own).filter(([key]) => statistic(key) || random.chance(0.8));
  const arrays = taken.map(([key, { shape }]) => [
    key,
    tensor(shape, statistic(key) ? "f32" : undefined),
  ]);
  return { ...options, ...Object.fromEntries(arrays) };
}

function someOf(random: Random, options: Options, probability = 0.4): Options {
  const taken = Object.entries(options).filter(() => random.chance(probability));
  return Object.fromEntries(taken);
}

/** What all norms take; softmax and its like only where results go. */
function commonOptions(name: string, random: Random, shape: Shape, forward: boolean): Options {
  const tensor = paper(random);
  const added = { residual: tensor(random.chance(0.5) ? shape : broadcastable(random, shape)) };
  const shared = {
    residualBias: tensor(broadcastable(random, shape)),
    scale: tensor(broadcastable(random, shape)),
    shift: tensor(broadcastable(random, shape)),
    activation: random.pick(Object.keys(ACTIVATIONS)),
  };
  const plain = PLAIN.includes(name);
  if (!forward) return plain ? {} : someOf(random, shared);
  const results = { dtype: random.pick(DTYPES), ...(!plain && { residualOut: true, stats: true }) };
  return someOf(random, plain ? results : { ...added, ...shared, ...results });
}

type Defined = { readonly definition: Definition<never, unknown> };
const named = library as unknown as Readonly<Record<string, Defined | undefined>>;

function forwardCall(name: string, random: Random): Call<unknown> | undefined {
  const shape = randomShape(random);
  const x = paper(random)(shape);
  const options = { ...ownOptions(name, random, shape) };
  const isNorm = name in makers;
  if (isNorm) Object.assign(options, commonOptions(name, random, shape, true));
  if (isNorm && random.chance(0.2)) Object.assign(options, { out: x, dtype: x.dtype });
  return named[name]?.definition.define(x, options as never);
}

const GRADIENTS: readonly GradientName[] = ["dx", "dx", "dWeight", "dBias", "dScale"];

function backwardCall(name: string, random: Random): Call<unknown> | undefined {
  const shape = randomShape(random);
  const tensor = paper(random);
  const own = ownOptions(name, random, shape);
  const common = commonOptions(name, random, shape, false);
  const saved = random.pick<Options>([{}, {}, { mean: true, rstd: true }, { rstd: true }]);
  const sum = random.chance(0.3) && { dSum: tensor(shape) };
  const gradients = random.chance(0.4) && { gradients: [random.pick(GRADIENTS)] };
  const options = { ...own, ...common, ...saved, ...sum, ...gradients, x: tensor(shape) };
  return named[`${name}Backward`]?.definition.define(tensor(shape), options as never);
}

/** A call's passes; none where the options do not go together. */
function passesOf(make: (random: Random) => Call<unknown> | undefined, seed: number) {
  const random = new Random(seed);
  try {
    const call = make(random);
    const profile = { ...random.pick([CPU, GPU]), f16: random.chance(0.5) };
    return call?.plan(call.problem, profile, randomForce(random)).passes ?? [];
  } catch (error) {
    if (error instanceof NormError) return [];
    throw error;
  }
}

function* allPasses(): Generator<Pass> {
  const reductions = operations.filter(({ kind }) => kind === "reduction").map(({ name }) => name);
  const norms = Object.keys(makers).filter((name) => name in library);
  for (let seed = 0; seed < CALLS; seed++) {
    for (const name of [...reductions, ...norms]) {
      yield* passesOf((random) => forwardCall(name, random), seed);
      if (name in makers) yield* passesOf((random) => backwardCall(name, random), seed);
    }
  }
}

/** Arrays know nothing of each other, save that x may be read through y. */
const strangers = (a: Module, b: Module) =>
  a.slots !== undefined && b.slots !== undefined && a.name !== "in/in_place as x";

function meetings(passes: Iterable<Pass>): Pass[] {
  const met = new Set<string>();
  return [...passes].filter(({ modules }) => {
    const before = met.size;
    for (const a of modules) {
      for (const b of modules) if (!strangers(a, b)) met.add(`${a.name}, ${b.name}`);
    }
    return met.size > before;
  });
}

/** Passes, each with the overrides of a plan's. */
export const PASSES: readonly Pass[] = meetings(allPasses());

export const VARIANTS: readonly (readonly Module[])[] = PASSES.map(({ modules }) => modules);
