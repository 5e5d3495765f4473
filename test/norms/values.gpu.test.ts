// Groups of difficult values lie beside ordinary ones: each value class in one group of five.

import { expect } from "vitest";
import type { Context } from "../../src/index";
import { groupStrides, type Values, visit } from "../support/arrays";
import { inChunks, offBy, reported, run } from "../support/comparison";
import { VALUE_CLASSES, type ValueClass } from "../support/edge_cases";
import { test } from "../support/fixture";
import { settle, statistics } from "../support/gradient_operations";
import { gridProblems } from "../support/make_problems";
import { rows } from "../support/operations";
import { type Operation, type Problem, referenceOf, title } from "../support/problem";
import { Random } from "../support/random";
import { share, stepFor } from "../support/share";
import { expected } from "../support/tolerance";

const GROUPS = 5;
const POISONED = 2;
const LARGEST = 2 ** 128;
const SMALLEST = 2 ** -126;
const CLASS_LENGTHS = [8, 66, 1026] as const;
const LENGTH = 66; // of gradients, whose x and dy are poisoned

interface Clean {
  problem: Problem;
  reference: Record<string, Values>;
  read: Record<string, Float32Array>;
}

async function outcome(ctx: Context, problem: Problem): Promise<Record<string, Float32Array>> {
  const { results, destroy } = run(ctx, problem);
  const reads = Object.entries(results).map(async ([name, t]) => [name, await t.read()] as const);
  const read = Object.fromEntries(await Promise.all(reads));
  destroy();
  return read;
}

/** The poisoned group's elements. */
function membersOf({ operation, options, inputs }: Problem): number[] {
  const { shape, axes } = operation.grouping(inputs.x.shape, options);
  const own: number[] = [];
  visit(shape, groupStrides(shape, axes), (i, g) => {
    if (g === POISONED) own.push(i);
  });
  return own;
}

/** The problem with one group's values replaced, and what follows from them. */
function withGroup(
  problem: Problem,
  values: (length: number) => ArrayLike<number>,
  input = "x",
): Problem {
  const { operation, inputs } = problem;
  const own = membersOf(problem);
  const fresh = values(own.length);
  const data = inputs[input].data.slice();
  own.forEach((i, k) => {
    data[i] = fresh[k];
  });
  const replaced = { ...inputs, [input]: { shape: inputs.x.shape, data } };
  const poisoned: Problem = { ...problem, inputs: replaced };
  if (operation.kind !== "gradient") return poisoned;
  if (operation.forward?.kind === "reduction") return poisoned;
  const { shape: all, data: dy } = replaced.dy;
  const saved = inputs.rstd ? statistics(poisoned) : {};
  const complete = { ...replaced, ...saved, dy: { shape: all, data: dy.slice() } };
  settle({ ...problem, inputs: complete });
  return { ...problem, inputs: complete };
}

/**
 * Other results that are right in float32, all of them PyTorch's. Where the sum of squares overflows,
 * the variance is infinite: rstd is 0 and y the bias, as of a constant group.
 */
function overflowed(problem: Problem): Record<string, Values> {
  const constant = withGroup(problem, (length) => new Array<number>(length).fill(0));
  const own = referenceOf(problem);
  const all = (value: number) => (values?: Values) =>
    values && { shape: values.shape, data: values.data.map(() => value) };
  const [zero, infinite] = [all(0), all(Infinity)];
  const y = problem.operation.kind === "norm" ? zeroed(referenceOf(constant).y) : infinite(own.y);
  const { rstd, variance, runningVar } = own;
  const other = {
    variance: infinite(variance),
    runningVar: infinite(runningVar),
    rstd: zero(rstd),
  };
  return { ...own, ...other, y } as Record<string, Values>;
}

/** What is divided by an infinite norm. */
const zeroed = ({ shape, data }: Values): Values => {
  return { shape, data: data.map((v) => (Number.isNaN(v) ? 0 : v)) };
};

/**
 * torch.mean of a group with an infinity is that infinity, var_mean and the norms give it or NaN; a
 * product may overflow before the last factor brings it back.
 */
function alsoRight(problem: Problem, result: string, expected: number, given: number): boolean {
  const precise = result === "y" && problem.operation.name === "mean";
  if (Math.abs(expected) === Infinity) return !precise && Number.isNaN(given);
  return Math.abs(expected) > 2 ** 120 && given === Math.sign(expected) * Infinity;
}

const squares = (problem: Problem) => {
  const { operation, inputs } = problem;
  return operation.tolerance ? membersOf(problem).map((i) => inputs.x.data[i] ** 2) : [];
};

/** Squares of the values themselves overflow where no mean is taken away, as in PyTorch. */
const sumOverflows = (problem: Problem) =>
  squares(problem).some((square) => square > LARGEST && square < Infinity);

/** They underflow, and the values are divided by 0: so they are in PyTorch. */
const sumUnderflows = (problem: Problem) =>
  problem.operation.unguarded === true && squares(problem).every((square) => square < SMALLEST);

/** Sums over the group are beyond float32, and what is left depends on their order. */
function isBeyond(problem: Problem, { squares }: ValueClass, input: string): boolean {
  if (squares === "undefined") return true;
  if (input === "dy") {
    const { data } = problem.inputs.dy;
    return membersOf(problem).some((i) => Math.abs(data[i]) > 1e30 && Math.abs(data[i]) < Infinity);
  }
  return squares === "overflow" && problem.options.rMax !== undefined;
}

/** The poisoned group as the reference has it, all else bit for bit as without it. */
async function isolated(ctx: Context, clean: Clean, kind: ValueClass, input: string) {
  const values = (length: number) => kind.fill(length, new Random(length));
  const problem = withGroup(clean.problem, values, input);
  const rules = expected(problem);
  const overflows = sumOverflows(problem);
  const others = kind.squares === "overflow" || overflows ? overflowed(problem) : rules;
  const undecided = overflows && problem.operation.common === false; // infinity by infinity
  const divided = undecided || sumUnderflows(problem);
  const gradient = problem.operation.kind === "gradient";
  const beyond = isBeyond(problem, kind, input);
  const members = new Set(membersOf(problem));
  const read = await outcome(ctx, problem);
  for (const [result, { data, tolerance }] of Object.entries(rules)) {
    const given = read[result];
    const bits = new Uint32Array(given.buffer);
    const before = new Uint32Array(clean.read[result].buffer);
    const whole = result === "dx" || (result === "y" && problem.operation.kind === "norm");
    for (let i = 0; i < data.length; i++) {
      const same = Object.is(data[i], clean.reference[result].data[i]);
      const untouched = whole ? !members.has(i) : same;
      if (untouched && bits[i] !== before[i])
        return `${result}[${i}], not of it, became ${given[i]}`;
      if (untouched || beyond || (divided && !Number.isFinite(given[i]))) continue;
      // sums over all groups have it too
      if (gradient && (result !== "dx" || Number.isNaN(tolerance[i] - data[i]))) continue;
      const other = Math.fround(others[result].data[i]);
      if (Object.is(given[i], other) || given[i] === other) continue;
      if (others !== rules && result === "dx" && given[i] === 0) continue;
      if (alsoRight(problem, result, data[i], given[i])) continue;
      if (offBy(given[i], data[i], tolerance[i]) <= 1) continue;
      return `${result}[${i}] is ${given[i]}, expected ${data[i]} within ${tolerance[i]}`;
    }
    if (gradient && result === "dx" && !beyond && !spreads(problem, data, given)) {
      return `${result} of it is not NaN throughout`;
    }
  }
  return null;
}

/** Where the reference has nothing but NaN in the group, so has the library. */
function spreads(problem: Problem, data: Values["data"], given: Float32Array): boolean {
  const own = membersOf(problem);
  if (!own.every((i) => Number.isNaN(data[i]))) return true;
  return own.every((i) => Number.isNaN(given[i]));
}

/** Each with the inputs that are poisoned. */
function problemsOf(operation: Operation): (readonly [Problem, input: string])[] {
  const turn = rows.indexOf(operation);
  const on = (length: number) => gridProblems(operation, GROUPS, length, new Random(length));
  if (operation.kind === "gradient") {
    const problems = on(LENGTH);
    const some = share(problems, problems.length, turn);
    const inputs = operation.forward?.kind === "reduction" ? ["x"] : ["x", "dy"];
    return some.flatMap((problem) => inputs.map((input) => [problem, input] as const));
  }
  const some = share(CLASS_LENGTHS.flatMap(on), stepFor(operation, 1, 4), turn);
  return some.map((problem) => [problem, "x"] as const);
}

for (const operation of rows) {
  test(`${operation.name}: difficult values stay in their group`, async ({ ctx }) => {
    const failures: string[] = [];
    for (const [problem, input] of problemsOf(operation)) {
      const clean = { problem, reference: referenceOf(problem), read: await outcome(ctx, problem) };
      const found = await inChunks(VALUE_CLASSES, (kind) => {
        const name = `${title(problem)}, ${input}: ${kind.name}`;
        return reported(name, () => isolated(ctx, clean, kind, input));
      });
      failures.push(...found);
    }
    expect(failures.slice(0, 8), `${failures.length} failures`).toEqual([]);
  });
}
