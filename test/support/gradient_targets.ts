// The caller's tensors receive gradients: written or added to, anywhere in a buffer, or in the place
// of an operand of the backward.

import type { Context, DType, Tensor } from "../../src/index";
import { call, compare } from "./comparison";
import { type Placed, type Placing, place, placeEmpty, trespass } from "./placement";
import type { Expected, Problem } from "./problem";
import { Random } from "./random";
import { narrow } from "./rounding";
import { expected } from "./tolerance";
import { UNIT } from "./units";

export interface TargetCase {
  readonly placing?: Placing | undefined;
  /** The gradients are added to what is there. */
  readonly accumulate?: boolean | undefined;
  /** Of the targets, where not as usual. */
  readonly types?: Readonly<Record<string, DType>> | undefined;
  /** dx goes to this operand's place. */
  readonly onto?: "x" | "dy" | "dSum" | undefined;
}

interface Target {
  readonly name: string;
  readonly placed: Placed;
  readonly wanted: Expected;
}

/** The result plus what was there, which is one more addition in f32. */
function plus({ data, tolerance, ...values }: Expected, before: Float32Array): Expected {
  return {
    ...values,
    data: Float64Array.from(data, (v, i) => v + before[i]),
    tolerance: tolerance.map((t, i) => t + 2 * UNIT * (Math.abs(data[i]) + Math.abs(before[i]))),
  };
}

export async function runIntoTargets(
  ctx: Context,
  problem: Problem,
  { placing = "padded", accumulate = false, types = {}, onto }: TargetCase,
): Promise<string | null> {
  const random = new Random(1);
  const names = Object.keys(problem.inputs);
  const inputs = names.map((name) => {
    return place(ctx, problem.inputs[name], "own", random, problem.types?.[name]);
  });
  const operand = inputs[names.indexOf(onto ?? "")];
  const targets = Object.entries(expected(problem)).map(([name, values]): Target => {
    const { shape, dtype: usual } = values;
    const dtype = types[name] ?? usual;
    const wanted = { ...values, dtype };
    if (name === "dx" && onto) {
      const before = problem.inputs[onto].data as Float32Array;
      return { name, placed: operand, wanted: accumulate ? plus(wanted, before) : wanted };
    }
    if (!accumulate)
      return { name, placed: placeEmpty(ctx, shape, placing, random, dtype), wanted };
    const before = { shape, data: random.normals(values.data.length, 0, 1) };
    narrow(before, dtype);
    const placed = place(ctx, before, placing, random, dtype);
    return { name, placed, wanted: plus(wanted, before.data) };
  });
  const tensors = Object.fromEntries(names.map((name, k) => [name, inputs[k].tensor]));
  const out = Object.fromEntries(targets.map(({ name, placed }) => [name, placed.tensor]));
  const own = { ...problem, options: { ...problem.options, accumulate } };
  const results: Record<string, Tensor> = call(own, tensors, out as never);
  const other = targets.find(({ name, placed }) => results[name] !== placed.tensor);
  const changes = await Promise.all(targets.map(({ placed }) => trespass(ctx, placed, true)));
  const found =
    other?.name ??
    changes.find((change) => change) ??
    (await compare(results, Object.fromEntries(targets.map((t) => [t.name, t.wanted]))));
  for (const one of [...inputs, ...targets.map(({ placed }) => placed)]) one.destroy();
  return found;
}
