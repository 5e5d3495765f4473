// A problem is an operation with options and inputs, as data. This file makes it at random from a
// seed or on a grid of group sizes, and the reference judges it. Nothing here touches the GPU.

import { product } from "./arrays";
import { commonOptions } from "./common_options";
import { hasStats, type Operation, type Problem } from "./problem";
import type { Random } from "./random";
import { randomInputs } from "./random_inputs";
import { isWhole, narrow } from "./rounding";

const LENGTHS = [1, 2, 3, 4, 5, 7, 8, 15, 16, 17, 31, 33, 64, 65, 127];
const LONG = [255, 256, 257, 768, 1000, 1023, 1025, 4095, 4096, 4099];
const MOST_ELEMENTS = 4096; // of a random problem without a long axis, so that hundreds take seconds

/** `extras`: their class; by default the seed's. */
export function randomProblem(operation: Operation, random: Random, extras?: number): Problem {
  for (;;) {
    const shape = randomShape(operation, random);
    const own = operation.options(random, shape);
    if (hasStats(operation) && random.chance(0.5)) own.stats = true;
    const more = commonOptions(operation, random, shape, extras);
    const options = { ...own, ...more.options };
    const parameters = operation.parameters(random, shape, options);
    const tracked = random.chance(0.6); // both running statistics or neither
    const taken = Object.entries(parameters).filter(([name]) => {
      if (operation.needs?.includes(name)) return true;
      return name.startsWith("running") ? tracked : random.chance(0.6);
    });
    const chosen = { ...Object.fromEntries(taken), ...more.parameters };
    if (operation.valid?.(shape, options, chosen) === false) continue;
    const inputs = randomInputs(random, shape, chosen, more.types.x);
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
    return [
      finished({ operation, options, inputs: randomInputs(random, shape, parameters) }, random),
    ];
  });
}

/** Rounded to what is stored, and with what follows from that. */
export function finished(problem: Problem, random: Random): Problem {
  const { operation, inputs, types = {} } = problem;
  const { mask } = inputs;
  if (mask && isWhole(types.mask ?? "f32")) mask.data.set(mask.data.map(Math.sign)); // flags
  for (const [name, values] of Object.entries(inputs)) narrow(values, types[name] ?? "f32");
  return operation.completed?.(problem, random) ?? problem;
}

export function randomShape({ ranks: [least, most] }: Operation, random: Random): number[] {
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
