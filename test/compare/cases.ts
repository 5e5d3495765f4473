/** A case is a problem with the layout of its arrays, which both builds get alike. */
import type { Context } from "../../src/index";
import { type Activation, activations } from "../support/activations";
import { commonOptionClasses, isStatistic, typesOf } from "../support/common_options";
import { argumentsOf } from "../support/comparison";
import { finished, gridProblems, randomProblem } from "../support/make_problems";
import { PLACINGS, type Placed, type Placing, place, placeEmpty } from "../support/placement";
import { type Operation, type Problem, referenceOf, title, typeOf } from "../support/problem";
import { Random } from "../support/random";
import { randomInputs } from "../support/random_inputs";
import { leavesOf, type Results, read } from "./results";
import type { Build, CallOptions, Row } from "./rows";

export interface Case {
  readonly row: Row;
  readonly problem: Problem;
  /** The seed lays out the arrays. */
  readonly seed: number;
  /** The turn picks the kind of device that is planned for. */
  readonly turn: number;
}

/** The arrays have all one type, or with "mixed" types of their own. */
const STORAGE = ["f32", "f16", "bf16", "mixed"] as const;
type Storage = (typeof STORAGE)[number];

/** Random problems have neither so long rows nor so many: groups, and elements of each. */
const GRID = [
  [3, 1028],
  [1, 20_000],
  [520, 6],
] as const;

const ACTIVATIONS = Object.keys(activations) as Activation[];
const GRID_SEED = 1000; // of the first problem on the grid, beyond those of the others

/** Problems have one storage, and one layout of the grid, in turn: every one is shaders to be compiled. */
export function casesOf(row: Row, number: number, seeds: number): Case[] {
  const { operation } = row;
  const random = Array.from({ length: seeds }, (_, k) => {
    const seed = k + 1;
    const storage = STORAGE[(seed + number) % STORAGE.length];
    const turn = seed + number;
    return { row, seed, turn, problem: randomCase(operation, seed, storage, turn) };
  });
  const grid = GRID.map(([count, length], k) => {
    const problems = gridProblems(operation, count, length, new Random(length));
    const turn = k + number;
    return { row, seed: GRID_SEED + k, turn, problem: problems[turn % problems.length] };
  });
  return [...random, ...grid];
}

/** The seed picks the class of extras, which the tests' random problems rarely have. */
function randomCase(operation: Operation, seed: number, storage: Storage, turn: number): Problem {
  const random = new Random(seed);
  const [stored, ...others] = commonOptionClasses(operation).reverse(); // the last one is about types
  const classes = [-1, ...others];
  const extras = storage === "mixed" ? stored : classes[seed % classes.length];
  const problem = randomProblem({ ...operation, completed: undefined }, random, extras);
  if (storage === "mixed") return finished({ ...problem, operation }, random);
  const shapes = Object.entries(problem.inputs).map(([name, { shape }]) => [name, shape]);
  const { x, ...parameters } = Object.fromEntries(shapes);
  const inputs = randomInputs(random, x, parameters, storage);
  const types = typesOf(storage, storage);
  const activation = ACTIVATIONS[turn % ACTIVATIONS.length]; // the table has few for a row
  const options = { ...problem.options, ...(problem.options.activation && { activation }) };
  return finished({ operation, options, inputs, types }, random);
}

/** Half of the inputs lie as everybody's do; statistics have to be dense. */
function placingOf(name: string, operation: Operation, random: Random): Placing {
  if (random.chance(0.5)) return "own";
  return isStatistic(name, operation) ? "offset" : random.pick(PLACINGS);
}

/** Half of the results go to a place given here, some of them to that of x. */
function outOf(ctx: Context, { row, problem }: Case, x: Placed, repeated: boolean, random: Random) {
  const { kind, inPlace = kind === "norm" } = row.operation;
  if (!row.out || random.chance(0.5)) return null;
  const dtype = typeOf(problem, "y");
  if (inPlace && !repeated && dtype === x.tensor.dtype && random.chance(0.4)) return x;
  const { shape } = kind === "norm" ? problem.inputs.x : referenceOf(problem).y;
  const placing = random.pick(["own", "offset", "permuted", "padded"] as const);
  return placeEmpty(ctx, shape, placing, random, dtype);
}

export const nameOf = ({ problem, seed }: Case) => `${title(problem)} (seed ${seed})`;

/** The build gets copies, since placing changes what is repeated. */
export async function resultsOf(build: Build, ctx: Context, one: Case): Promise<Results> {
  const { row, problem, seed } = one;
  const random = new Random(seed);
  const names = Object.keys(problem.inputs);
  const placings = names.map((name) => placingOf(name, row.operation, random));
  const placed = names.map((name, k) => {
    const { shape, data } = problem.inputs[name];
    const copy = { shape, data: data.slice() };
    return place(ctx, copy, placings[k], random, problem.types?.[name]);
  });
  const repeated = placings[names.indexOf("x")] === "repeated";
  const first = placed[names.indexOf("x")];
  const out = outOf(ctx, one, first, repeated, random);
  const { x, ...parameters } = Object.fromEntries(names.map((n, k) => [n, placed[k].tensor]));
  const given = {
    ...argumentsOf(problem.options, parameters, build.index),
    ...(out && { out: out.tensor }),
  } as CallOptions;
  try {
    const { runningMean, runningVar } = parameters;
    const found = { y: await row.run(build, ctx, x, given), runningMean, runningVar };
    return await read(leavesOf(found));
  } finally {
    for (const array of [...placed, ...(out ? [out] : [])]) array.destroy();
  }
}
