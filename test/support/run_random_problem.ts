// This file runs one random problem by its seed: arrays laid out at random among sentinels, judged by
// the reference.

import type { Context } from "../../src/index";
import { isStatistic } from "./common_options";
import { call, reported } from "./comparison";
import { settle } from "./gradient_operations";
import { randomProblem } from "./make_problems";
import { PLACINGS, type Placed, type Placing, place, placeEmpty } from "./placement";
import { type Operation, type Problem, referenceOf, title, typeOf } from "./problem";
import { Random } from "./random";
import { judged, tensorsOf } from "./sentinels";

/** Half of the inputs lie as everybody's do; statistics are always dense. */
function placingOf(name: string, { inputs, operation }: Problem, random: Random): Placing {
  if (random.chance(0.5)) return "own";
  if (isStatistic(name, operation)) return "offset";
  const placing = random.pick(PLACINGS);
  // what is normalized must not change when statistics of it are saved
  const isRead = ["x", "sum", "gate"].includes(name);
  return placing === "repeated" && isRead && inputs.rstd ? "padded" : placing;
}

/** Where the result goes: undefined for an array of the library's. */
function outOf(ctx: Context, problem: Problem, x: Placed, repeated: boolean, random: Random) {
  const { kind, name, inPlace = kind === "norm" } = problem.operation;
  if (name === "moments" || kind === "gradient" || random.chance(0.5)) return undefined;
  const dtype = typeOf(problem, "y");
  const same = !repeated && dtype === x.tensor.dtype;
  if (inPlace && same && random.chance(0.4)) return x;
  const { shape } = referenceOf(problem).y;
  const placing = random.pick(["own", "offset", "permuted", "padded"] as const);
  return placeEmpty(ctx, shape, placing, random, dtype);
}

/** `extras`: the class of its common options; by default the seed's. */
export async function runRandomProblem(
  ctx: Context,
  operation: Operation,
  seed: number,
  extras?: number,
): Promise<string | null> {
  const random = new Random(seed);
  const problem = randomProblem(operation, random, extras);
  const { inputs, types = {} } = problem;
  const names = Object.keys(inputs);
  const placings = names.map((name) => placingOf(name, problem, random));
  const placed = Object.fromEntries(
    names.map((name, k) => [name, place(ctx, inputs[name], placings[k], random, types[name])]),
  );
  if (operation.kind === "gradient") settle(problem);
  const out = outOf(ctx, problem, placed.x, placings[0] === "repeated", random);
  const layouts = `${placings}${!out ? "" : out === placed.x ? ", in place" : ", out"}`;
  const own = extras === undefined ? "" : `, options of class ${extras}`;
  const where = `seed ${seed}${own}: ${title(problem)} (${layouts})`;
  return reported(where, async () => {
    const results = call(problem, tensorsOf(placed), out?.tensor);
    const found = await judged(ctx, problem, placed, out, results);
    for (const one of [...Object.values(results), ...Object.values(placed)]) one.destroy();
    out?.destroy();
    return found;
  });
}
