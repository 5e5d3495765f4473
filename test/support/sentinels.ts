// Sentinels surround the tensors of a problem: an operation reads and writes only these tensors,
// and all of its results.

import type { Context } from "../../src/index";
import { ALWAYS_F32 } from "./common_options";
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

export async function runAmongSentinels(
  ctx: Context,
  { problem, placing, target }: Case,
): Promise<string | null> {
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
