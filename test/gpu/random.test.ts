// Random problems, by seed: every operation, any shape, options, layout of the inputs and result.

import { expect } from "vitest";
import type { Context } from "../../src/index";
import { ALWAYS_F32 } from "../extras";
import { seeds, test } from "../fixture";
import { settle } from "../gradients";
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
import { oneIn, rows } from "../operations";
import {
  type Operation,
  type Problem,
  randomProblem,
  referenceOf,
  title,
  typeOf,
} from "../problems";
import { Random } from "../random";
import { expected } from "../tolerance";

/** Half of the inputs lie as everybody's do; statistics are always dense. */
function placingOf(name: string, { inputs }: Problem, random: Random): Placing {
  if (random.chance(0.5)) return "own";
  if (ALWAYS_F32.includes(name)) return "offset";
  const placing = random.pick(PLACINGS);
  // x must not change when statistics of it are saved
  return placing === "repeated" && name === "x" && inputs.rstd ? "padded" : placing;
}

/** Seeds of an operation's own, where it does not get all; and the one that SEED names. */
function seedsFor(operation: Operation): number[] {
  const all = seeds();
  const step = oneIn(operation, 40, 6);
  const own = rows.indexOf(operation);
  return all.length === 1 ? all : all.filter((seed) => seed % step === own % step);
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

async function attempt(ctx: Context, operation: Operation, seed: number): Promise<string | null> {
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

for (const operation of rows) {
  test(`${operation.name}: random problems`, async ({ ctx }) => {
    const failures = await inChunks(seedsFor(operation), (seed) => attempt(ctx, operation, seed));
    expect(failures.slice(0, 5), `${failures.length} failures; SEED=n runs one`).toEqual([]);
  });
}
