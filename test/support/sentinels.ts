// Sentinels surround the tensors of a problem: an operation reads and writes only these tensors,
// and all of its results.

import type { Context, Tensor } from "../../src/index";
import { isStatistic } from "./common_options";
import { call, compare } from "./comparison";
import { type Placed, type Placing, place, placeEmpty, trespass } from "./placement";
import { type Expected, type Problem, referenceOf, typeOf } from "./problem";
import { Random } from "./random";
import { expected } from "./tolerance";

export type Target = "none" | "apart" | "in place";

export interface Case {
  readonly problem: Problem;
  readonly placing: Placing;
  readonly target: Target;
}

export function targetsOf(problem: Problem): Target[] {
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

/** What was changed outside of the results, or is wrong in them. */
export async function judged(
  ctx: Context,
  problem: Problem,
  inputs: Readonly<Record<string, Placed>>,
  out: Placed | undefined,
  results: Readonly<Record<string, Tensor>>,
): Promise<string | null> {
  const reference = expected(problem);
  const written = new Set([out, ...updated(problem, reference).map((name) => inputs[name])]);
  const all = new Set([...Object.values(inputs), ...(out ? [out] : [])]);
  const changes = await Promise.all([...all].map((one) => trespass(ctx, one, written.has(one))));
  return changes.find((change) => change) ?? compare(results, reference);
}

export async function runAmongSentinels(
  ctx: Context,
  { problem, placing, target }: Case,
): Promise<string | null> {
  const random = new Random(1);
  const inputs = Object.fromEntries(
    Object.entries(problem.inputs).map(([name, values]) => {
      const dense = isStatistic(name, problem.operation) ? "offset" : placing;
      return [name, place(ctx, values, dense, random, problem.types?.[name])] as const;
    }),
  );
  const { shape } = referenceOf(problem).y ?? problem.inputs.x;
  const empty = () => placeEmpty(ctx, shape, placing, random, typeOf(problem, "y"));
  const apart = target === "apart" ? empty() : undefined;
  const out = target === "in place" ? inputs.x : apart;
  const results = call(problem, tensorsOf(inputs), out?.tensor);
  const found = await judged(ctx, problem, inputs, out, results);
  for (const one of [...Object.values(results), ...Object.values(inputs)]) one.destroy();
  apart?.destroy();
  return found;
}

export const tensorsOf = (placed: Readonly<Record<string, Placed>>): Record<string, Tensor> =>
  Object.fromEntries(Object.entries(placed).map(([name, { tensor }]) => [name, tensor]));
