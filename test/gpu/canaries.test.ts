// Every input and result inside a bigger buffer, with sentinels before, after and between: nothing is
// read there (they are NaN) and nothing written, and every element of a result is.

import { expect } from "vitest";
import type { Context } from "../../src/index";
import { test } from "../fixture";
import {
  call,
  compare,
  inChunks,
  type Placed,
  type Placing,
  place,
  placeEmpty,
  trespass,
} from "../harness";
import { operations } from "../operations";
import { gridProblems, type Problem, randomProblem, referenceOf, title } from "../problems";
import { Random } from "../random";
import { expected } from "../tolerance";

type Target = "none" | "apart" | "in place";

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
const RANDOM = 24; // further problems, each in a layout of its own

function targetsOf({ operation }: Problem): Target[] {
  if (operation.name === "moments") return ["none"];
  return operation.kind === "norm" ? ["apart", "in place"] : ["apart"];
}

async function guarded(
  ctx: Context,
  problem: Problem,
  target: Target,
  placing: Placing,
): Promise<string | null> {
  const random = new Random(1);
  const where = `${title(problem)} (${placing}, result ${target})`;
  const names = Object.keys(problem.inputs);
  const inputs = names.map((name) => {
    const dense = name.startsWith("running") ? "offset" : placing;
    return place(ctx, problem.inputs[name], dense, random);
  });
  const reference = expected(problem);
  const apart =
    target === "apart" ? [placeEmpty(ctx, referenceOf(problem).y.shape, placing, random)] : [];
  const out = target === "in place" ? inputs[0] : apart[0];
  const written = new Set<Placed>([out]);
  if ("runningMean" in reference) {
    for (const [k, name] of names.entries()) {
      const updated = reference[name]?.data.some((v, i) => v !== problem.inputs[name].data[i]);
      if (updated) written.add(inputs[k]);
    }
  }
  const tensors = Object.fromEntries(names.map((name, k) => [name, inputs[k].tensor]));
  const results = call(problem, tensors, out?.tensor);
  const all = [...inputs, ...apart];
  const changes = await Promise.all(all.map((one) => trespass(ctx, one, written.has(one))));
  const found = changes.find((change) => change) ?? (await compare(results, reference));
  for (const one of [...Object.values(results), ...all]) one.destroy();
  return found && `${where}: ${found}`;
}

for (const operation of operations) {
  test(`${operation.name}: nothing outside its tensors is read or written`, async ({ ctx }) => {
    const grid = SIZES.flatMap(([rows, length]) => {
      return gridProblems(operation, rows, length, new Random(rows + length)).map(
        (problem) => [problem, "offset"] as const,
      );
    });
    const others = Array.from({ length: RANDOM }, (_, seed) => {
      const placing = (["offset", "permuted", "padded"] as const)[seed % 3];
      return [randomProblem(operation, new Random(seed)), placing] as const;
    });
    const cases = [...grid, ...others].flatMap(([problem, placing]) => {
      return targetsOf(problem).map((target) => ({ problem, placing, target }));
    });
    const run = ({ problem, placing, target }: (typeof cases)[number]) =>
      guarded(ctx, problem, target, placing);
    expect(await inChunks(cases, run)).toEqual([]);
  });
}
