// Every input and result inside a bigger buffer, with sentinels before, after and between: nothing is
// read there (they are NaN) and nothing written, and every element of a result is.

import { expect } from "vitest";
import type { Context } from "../../src/index";
import { ALWAYS_F32, extraClasses } from "../extras";
import { test } from "../fixture";
import {
  call,
  compare,
  inChunks,
  type Placed,
  type Placing,
  place,
  placeEmpty,
  reported,
  trespass,
} from "../harness";
import { oneIn, rows } from "../operations";
import {
  gridProblems,
  type Operation,
  type Problem,
  randomProblem,
  referenceOf,
  title,
  typeOf,
} from "../problems";
import { Random } from "../random";
import { type Expected, expected } from "../tolerance";

type Target = "none" | "apart" | "in place";

interface Case {
  readonly problem: Problem;
  readonly placing: Placing;
  readonly target: Target;
}

const SIZES: readonly (readonly [rows: number, length: number])[] = [
  [1, 1],
  [3, 5],
  [5, 8],
  [2, 63],
  [67, 4],
  [130, 3],
  [4, 257],
  [1, 4099],
  [2, 16387],
];
const FEW: typeof SIZES = [
  [3, 5],
  [4, 64],
];
const RANDOM = 24; // further problems, each in a layout of its own
const PLACED = ["offset", "permuted", "padded"] as const;

/** On the grid, and by seed: without extras, and of every class of them. */
function problemsOf(operation: Operation): (readonly [Problem, Placing])[] {
  const all = oneIn(operation, 2, 2) === 1;
  const grid = (all ? SIZES : FEW).flatMap(([rows, length]) =>
    gridProblems(operation, rows, length, new Random(rows + length)),
  );
  const plain = Array.from({ length: RANDOM / oneIn(operation, RANDOM, 4) }, () => -1);
  const step = oneIn(operation, 3, 3);
  const turn = rows.indexOf(operation);
  const own = extraClasses(operation).filter((k) => k % step === turn % step);
  const classes = [...plain, ...own];
  const others = classes.map((extras, seed) => {
    const problem = randomProblem(operation, new Random(seed), extras);
    return [problem, PLACED[seed % PLACED.length]] as const;
  });
  return [...grid.map((problem) => [problem, "offset"] as const), ...others];
}

function targetsOf(problem: Problem): Target[] {
  const { kind, name, inPlace = kind === "norm" } = problem.operation;
  if (name === "moments" || kind === "gradient") return ["none"];
  const same = typeOf(problem, "y") === (problem.types?.x ?? "f32");
  return inPlace && same ? ["apart", "in place"] : ["apart"];
}

/** The inputs that the call updates, beside the result. */
function updated({ inputs }: Problem, reference: Record<string, Expected>): string[] {
  const running = ["runningMean", "runningVar"].filter(
    (name) => name in inputs && name in reference,
  );
  return running.filter((name) => {
    return reference[name].data.some((v, i) => v !== inputs[name].data[i]);
  });
}

async function guarded(ctx: Context, { problem, placing, target }: Case): Promise<string | null> {
  const random = new Random(1);
  const names = Object.keys(problem.inputs);
  const inputs = names.map((name) => {
    const dense = ALWAYS_F32.includes(name) ? "offset" : placing;
    return place(ctx, problem.inputs[name], dense, random, problem.types?.[name]);
  });
  const reference = expected(problem);
  const { shape } = referenceOf(problem).y ?? problem.inputs.x;
  const dtype = typeOf(problem, "y");
  const apart = target === "apart" ? [placeEmpty(ctx, shape, placing, random, dtype)] : [];
  const out = target === "in place" ? inputs[0] : apart[0];
  const written = new Set<Placed>([out]);
  for (const name of updated(problem, reference)) written.add(inputs[names.indexOf(name)]);
  const tensors = Object.fromEntries(names.map((name, k) => [name, inputs[k].tensor]));
  const results = call(problem, tensors, out?.tensor);
  const all = [...inputs, ...apart];
  const changes = await Promise.all(all.map((one) => trespass(ctx, one, written.has(one))));
  const found = changes.find((change) => change) ?? (await compare(results, reference));
  for (const one of [...Object.values(results), ...all]) one.destroy();
  return found;
}

for (const operation of rows) {
  test(`${operation.name}: nothing outside its tensors is read or written`, async ({ ctx }) => {
    const cases = problemsOf(operation).flatMap(([problem, placing]) => {
      return targetsOf(problem).map((target) => ({ problem, placing, target }));
    });
    const failures = await inChunks(cases, (one) => {
      const name = `${title(one.problem)} (${one.placing}, result ${one.target})`;
      return reported(name, () => guarded(ctx, one));
    });
    expect(failures.slice(0, 5), `${failures.length} failures`).toEqual([]);
  });
}
