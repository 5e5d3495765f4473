// This file measures how far the heuristics' plan of a workload is from the fastest plan that
// `tune` finds.

import * as lib from "../src/index";
import type { TunedRow } from "./report";
import type { Workload } from "./workloads";

type Tunable = lib.PlannableOperation<never>;

const operations = lib as unknown as Readonly<Record<string, Tunable>>;

const argumentOf = (name: string, spec: lib.TensorSpec) =>
  name === "gate" ? lib.gateOf(spec) : spec;

function argumentsOf({ op, shape, dtype, options, inputs }: Workload): object {
  const typeOf = (own: readonly number[]) => (String(own) === String(shape) ? dtype : "f32");
  const arrays = Object.entries(inputs).flatMap(([name, own]) =>
    name === "dy" ? [] : [[name, argumentOf(name, { shape: own, dtype: typeOf(own) })]],
  );
  const x = op.endsWith("Backward") && { x: { shape, dtype } };
  return { ...options, ...Object.fromEntries(arrays), ...x, shape, inputType: dtype };
}

export async function tunedRow(
  ctx: lib.Context,
  workload: Workload,
): Promise<lib.TuneResult & TunedRow> {
  const [found] = await lib.tune(ctx, [[operations[workload.op], argumentsOf(workload) as never]]);
  const { name, shape } = workload;
  return { ...found, name, shape, ratio: found.heuristicMs / found.ms };
}
