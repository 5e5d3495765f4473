// This file runs one random problem by its seed: arrays laid out at random, judged by the
// reference.

import type { Context } from "../../src/index";
import { ALWAYS_F32 } from "./common_options";
import { call, compare, reported } from "./comparison";
import { settle } from "./gradient_operations";
import { randomProblem } from "./make_problems";
import { PLACINGS, type Placed, type Placing, place, placeEmpty } from "./placement";
import { type Operation, type Problem, referenceOf, title, typeOf } from "./problem";
import { Random } from "./random";
import { expected } from "./tolerance";

/** Half of the inputs lie as everybody's do; statistics are always dense. */
function placingOf(name: string, { inputs }: Problem, random: Random): Placing {
  if (random.chance(0.5)) return "own";
  if (ALWAYS_F32.includes(name)) return "offset";
  const placing = random.pick(PLACINGS);
  // x must not change when statistics of it are saved
  return placing === "repeated" && name === "x" && inputs.rstd ? "padded" : placing;
}

/** Where the result goes: null for an array of the library's. */
function outOf(ctx: Context, problem: Problem, x: Placed, repeated: boolean, random: Random) {
  const { kind, name, inPlace = kind === "norm" } = problem.operation;
  if (name === "moments" || kind === "gradient" || random.chance(0.5)) return null;
  const dtype = typeOf(problem, "y");
  const same = !repeated && dtype === x.tensor.dtype;
  if (inPlace && same && random.chance(0.4)) return x;
  const { shape } = referenceOf(problem).y;
  const placing = random.pick(["own", "offset", "permuted", "padded"] as const);
  return placeEmpty(ctx, shape, placing, random, dtype);
}

export async function runRandomProblem(
  ctx: Context,
  operation: Operation,
  seed: number,
): Promise<string | null> {
  const random = new Random(seed);
  const problem = randomProblem(operation, random);
  const { inputs, types = {} } = problem;
  const names = Object.keys(inputs);
  const placings = names.map((name) => placingOf(name, problem, random));
  const placed = names.map((name, k) => {
    return place(ctx, inputs[name], placings[k], random, types[name]);
  });
  if (operation.kind === "gradient") settle(problem);
  const tensors = Object.fromEntries(names.map((name, k) => [name, placed[k].tensor]));
  const out = outOf(ctx, problem, placed[0], placings[0] === "repeated", random);
  const layouts = `${placings}${out === null ? "" : out === placed[0] ? ", in place" : ", out"}`;
  const where = `seed ${seed}: ${title(problem)} (${layouts})`;
  return reported(where, async () => {
    const results = call(problem, tensors, out?.tensor);
    const found = await compare(results, expected(problem));
    for (const one of [...Object.values(results), ...placed]) one.destroy();
    out?.destroy();
    return found;
  });
}
