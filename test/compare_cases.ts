/** Problems for two builds, and a problem's results by one of them: as the bits that they are. */
import type { Context } from "../src/index";
import { leavesOf, type Results, read } from "./compare_results";
import type { Build, Given, Row } from "./compare_rows";
import { ALWAYS_F32, extraClasses, typesOf } from "./extras";
import { fill } from "./filling";
import { PLACINGS, type Placed, type Placing, place, placeEmpty } from "./harness";
import {
  finished,
  gridProblems,
  type Operation,
  type Problem,
  randomProblem,
  referenceOf,
  title,
  typeOf,
} from "./problems";
import { Random } from "./random";

export interface Case {
  readonly row: Row;
  readonly problem: Problem;
  /** By which its arrays are laid out. */
  readonly seed: number;
  /** By which it is planned for one kind of device or another. */
  readonly turn: number;
}

/** All arrays of one type, or each of its own. */
const STORAGE = ["f32", "f16", "bf16", "mixed"] as const;
type Storage = (typeof STORAGE)[number];

/** Groups and elements of each: long rows, and more rows than a random problem has. */
const GRID = [
  [3, 1028],
  [1, 20_000],
  [520, 6],
] as const;

const GRID_SEED = 1000; // of the first problem on the grid, beyond those of the others

/**
 * The problems of the row with this number. Each has one kind of storage and one layout of the grid in
 * turn, since every one is shaders to be compiled, which take the time.
 */
export function casesOf(row: Row, number: number, seeds: number): Case[] {
  const { operation } = row;
  const random = Array.from({ length: seeds }, (_, k) => {
    const seed = k + 1;
    const storage = STORAGE[(seed + number) % STORAGE.length];
    return { row, seed, turn: seed + number, problem: drawn(operation, seed, storage) };
  });
  const grid = GRID.map(([count, length], k) => {
    const problems = gridProblems(operation, count, length, new Random(length));
    const turn = k + number;
    return { row, seed: GRID_SEED + k, turn, problem: problems[turn % problems.length] };
  });
  return [...random, ...grid];
}

/** The table's random problem of this seed, with its arrays stored so; seeds have all classes of extras in turn. */
function drawn(operation: Operation, seed: number, storage: Storage): Problem {
  const random = new Random(seed);
  const [stored, ...others] = extraClasses(operation).reverse(); // the last one is about types
  const classes = [-1, ...others];
  const extras = storage === "mixed" ? stored : classes[seed % classes.length];
  const problem = randomProblem({ ...operation, completed: undefined }, random, extras);
  if (storage === "mixed") return finished({ ...problem, operation }, random);
  const shapes = Object.entries(problem.inputs).map(([name, { shape }]) => [name, shape]);
  const { x, ...parameters } = Object.fromEntries(shapes);
  const inputs = fill(random, x, parameters, storage);
  const types = typesOf(storage, storage);
  return finished({ operation, options: problem.options, inputs, types }, random);
}

/** Half of the inputs lie as everybody's do; statistics are always dense. */
function placingOf(name: string, random: Random): Placing {
  if (random.chance(0.5)) return "own";
  return ALWAYS_F32.includes(name) ? "offset" : random.pick(PLACINGS);
}

/** A place of the test's own for the result, if it gets one, or that of x. */
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

/** Everything that the build gives, on copies of the problem's arrays. */
export async function resultsOf(build: Build, ctx: Context, one: Case): Promise<Results> {
  const { row, problem, seed } = one;
  const random = new Random(seed);
  const names = Object.keys(problem.inputs);
  const placings = names.map((name) => placingOf(name, random));
  const placed = names.map((name, k) => {
    const { shape, data } = problem.inputs[name];
    const copy = { shape, data: data.slice() };
    return place(ctx, copy, placings[k], random, problem.types?.[name]);
  });
  const repeated = placings[names.indexOf("x")] === "repeated";
  const first = placed[names.indexOf("x")];
  const out = outOf(ctx, one, first, repeated, random);
  const { x, ...parameters } = Object.fromEntries(names.map((n, k) => [n, placed[k].tensor]));
  const given = { ...problem.options, ...parameters, ...(out && { out: out.tensor }) } as Given;
  try {
    const { runningMean, runningVar } = parameters;
    const found = { y: await row.run(build, ctx, x, given), runningMean, runningVar };
    return await read(leavesOf(found));
  } finally {
    for (const array of [...placed, ...(out ? [out] : [])]) array.destroy();
  }
}
