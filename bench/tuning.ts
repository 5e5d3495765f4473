// This file measures how far the heuristics' plan of a workload is from the fastest plan that
// `tune` finds.

import * as lib from "../src/index";
import type { TunedRow } from "./report";
import type { Masking, Workload } from "./workloads";

type Tunable = lib.PlannableOperation<never>;

const operations = lib as unknown as Readonly<Record<string, Tunable>>;

const argumentOf = (name: string, spec: lib.TensorSpec) =>
  name === "gate" ? lib.gateOf(spec) : spec;

/** Returns the mask as it is described before it exists. */
function maskOf({ by, shape }: Masking): lib.Mask {
  const [examples] = shape;
  const axis = shape.length - 1;
  return by === "lengths"
    ? lib.lengthsOf({ shape: [examples] }, { axis })
    : lib.maskOf({ shape, dtype: by });
}

function argumentsOf({ op, shape, dtype, options, inputs, masked }: Workload): object {
  const typeOf = (own: readonly number[]) => (String(own) === String(shape) ? dtype : "f32");
  const arrays = Object.entries(inputs).flatMap(([name, own]) =>
    name === "dy" ? [] : [[name, argumentOf(name, { shape: own, dtype: typeOf(own) })]],
  );
  const x = op.endsWith("Backward") && { x: { shape, dtype } };
  const mask = masked && { mask: maskOf(masked) };
  return { ...options, ...Object.fromEntries(arrays), ...mask, ...x, shape, inputType: dtype };
}

export async function tunedRow(
  ctx: lib.Context,
  workload: Workload,
): Promise<lib.TuneResult & TunedRow> {
  const [found] = await lib.tune(ctx, [[operations[workload.op], argumentsOf(workload) as never]]);
  const { name, shape } = workload;
  return { ...found, name, shape, ratio: found.heuristicMs / found.ms };
}
