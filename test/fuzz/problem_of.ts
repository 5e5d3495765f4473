// A case and a number make a problem: values, and where they lie. Nothing here touches the GPU.

import type { Values } from "../support/arrays";
import { product, visit } from "../support/arrays";
import { settle, statistics } from "../support/gradient_operations";
import { type Placing, repeat, type Spot, stridesOf } from "../support/placement";
import { type Inputs, type Problem, type Shape, typeOf } from "../support/problem";
import { Random } from "../support/random";
import { randomInputs } from "../support/random_inputs";
import { narrow } from "../support/rounding";
import { type Case, operationOf } from "./case";
import { distort, drawClass } from "./values";

export interface Laid {
  readonly problem: Problem;
  /** Where arrays lie that are not in a buffer of the library's, the result's ("out") too. */
  readonly spots: Readonly<Record<string, Spot>>;
}

/** A name and a seed give an array's own choices, so that those of others do not depend on it. */
function randomOf(seed: number, name: string): Random {
  const letters = [...name].reduce((sum, letter) => Math.imul(31, sum) + letter.charCodeAt(0), 7);
  return new Random(Math.imul(seed + 1, 0x85ebca6b) ^ letters);
}

const LONE = [0, 1, 3, 1 << 20]; // strides of axes of length 1, which lead nowhere

function spotOf(shape: Shape, placing: Placing, random: Random): Spot {
  const strides = stridesOf(shape, placing, random).map((stride, axis) => {
    return shape[axis] === 1 ? random.pick([stride, ...LONE]) : stride;
  });
  const before = random.chance(0.5) ? random.below(100) : 0;
  return { strides, before, after: random.below(10) };
}

const isDense = (name: string, { shape }: Values, { placings }: Case) =>
  !(name in placings) || product(shape) === 0;

/** The values with this number. */
export function problemOf(one: Case, number: number): Laid {
  const operation = operationOf(one.operation);
  const { shape, arrays, types, options, saved } = one;
  const random = randomOf(one.seed, `values ${number}`);
  const inputs = randomInputs(random, shape, arrays, types.x);
  const drawn = drawClass(inputs, number, operation, random);
  distort(inputs[drawn.array], drawn.kind, types[drawn.array] ?? "f32");
  const spots: Record<string, Spot> = {};
  for (const [name, values] of Object.entries(inputs)) {
    narrow(values, types[name] ?? "f32");
    if (isDense(name, values, one)) continue;
    const placing = one.placings[name] as Placing;
    // x must not be written where it is repeated
    const alone = placing === "repeated" && name === "x" && one.placings.out === "x";
    spots[name] = spotOf(values.shape, alone ? "padded" : placing, randomOf(one.seed, name));
    repeat(values, spots[name].strides);
  }
  const plain: Problem = { operation, options, inputs, types };
  if (operation.kind !== "gradient")
    return { problem: plain, spots: withResult(plain, one, spots) };
  const statisticsOfX = saved ? statistics(plain) : {};
  const problem = { ...plain, inputs: { ...inputs, ...statisticsOfX } as Inputs };
  settle(problem);
  if (spots.dy) spreadZeros(problem.inputs.dy, spots.dy.strides);
  return { problem, spots };
}

/** Where the result lies, if not with x. */
function withResult(problem: Problem, one: Case, spots: Record<string, Spot>) {
  const { placings } = one;
  if (!placings.out || placings.out === "x") return spots;
  const shape = problem.operation.kind === "norm" ? problem.inputs.x.shape : resultShape(problem);
  if (product(shape) === 0) return spots;
  return { ...spots, out: spotOf(shape, placings.out, randomOf(one.seed, "out")) };
}

/** Of a reduction. */
function resultShape({ operation, options, inputs: { x } }: Problem): Shape {
  const { axes } = operation.grouping(x.shape, options);
  return options.keepdim
    ? x.shape.map((length, axis) => (axes.includes(axis) ? 1 : length))
    : x.shape.filter((_, axis) => !axes.includes(axis));
}

/** Whether the result may be written over x. */
export const fitsInPlace = (problem: Problem) =>
  typeOf(problem, "y") === (problem.types?.x ?? "f32");

/** Where one of the values that share a place is 0, all are. */
function spreadZeros({ shape, data }: Values, strides: readonly number[]): void {
  const zero = new Set<number>();
  visit(shape, strides, (i, k) => {
    if (data[i] === 0) zero.add(k);
  });
  visit(shape, strides, (i, k) => {
    if (zero.has(k)) data[i] = 0;
  });
}
