// Random problems, by seed: every operation, any shape, options, layout of the inputs and result.

import { expect } from "vitest";
import type { Context } from "../../src/index";
import { seeds, test } from "../fixture";
import {
  call,
  compare,
  inChunks,
  PLACINGS,
  type Placed,
  type Placing,
  place,
  placeEmpty,
  reported,
} from "../harness";
import { operations } from "../operations";
import { type Operation, type Problem, randomProblem, referenceOf, title } from "../problems";
import { Random } from "../random";
import { expected } from "../tolerance";

/** Half of the inputs lie as everybody's do; running statistics are always dense. */
function placingOf(name: string, random: Random): Placing {
  if (random.chance(0.5)) return "own";
  return name.startsWith("running") ? "offset" : random.pick(PLACINGS);
}

/** Where the result goes: null for an array of the library's. */
function outOf(ctx: Context, problem: Problem, x: Placed, repeated: boolean, random: Random) {
  const { kind, name } = problem.operation;
  if (name === "moments" || random.chance(0.5)) return null;
  if (kind === "norm" && !repeated && random.chance(0.4)) return x;
  const { shape } = referenceOf(problem).y;
  return placeEmpty(ctx, shape, random.pick(["own", "offset", "permuted", "padded"]), random);
}

async function attempt(ctx: Context, operation: Operation, seed: number): Promise<string | null> {
  const random = new Random(seed);
  const problem = randomProblem(operation, random);
  const names = Object.keys(problem.inputs);
  const placings = names.map((name) => placingOf(name, random));
  const placed = names.map((name, k) => place(ctx, problem.inputs[name], placings[k], random));
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

for (const operation of operations) {
  test(`${operation.name}: random problems`, async ({ ctx }) => {
    const failures = await inChunks(seeds(), (seed) => attempt(ctx, operation, seed));
    expect(failures.slice(0, 5), `${failures.length} failures; SEED=n runs one`).toEqual([]);
  });
}
