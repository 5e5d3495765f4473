// This file measures how far the heuristics' plans are from the fastest plans that `tune` finds,
// workload by workload.

import * as lib from "../../src/index";
import { shapeText, table } from "../markdown";
import type { TunedRow } from "../report";
import type { Workload } from "../workloads";

type Row = lib.TuneResult & TunedRow;

type Tunable = lib.PlannableOperation<never>;

const operations = lib as unknown as Readonly<Record<string, Tunable>>;

function argumentsOf({ op, shape, dtype, options, inputs }: Workload): object {
  const typeOf = (own: readonly number[]) => (String(own) === String(shape) ? dtype : "f32");
  const arrays = Object.entries(inputs).flatMap(([name, own]) =>
    name === "dy" ? [] : [[name, { shape: own, dtype: typeOf(own) }]],
  );
  const x = op.endsWith("Backward") && { x: { shape, dtype } };
  return { ...options, ...Object.fromEntries(arrays), ...x, shape, inputType: dtype };
}

export async function tuned(
  ctx: lib.Context,
  workloads: readonly Workload[],
  say: (text: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const workload of workloads) {
    const [found] = await lib.tune(ctx, [
      [operations[workload.op], argumentsOf(workload) as never],
    ]);
    const { name, shape } = workload;
    const row = { ...found, name, shape, ratio: found.heuristicMs / found.ms };
    rows.push(row);
    say(cellsOf(row).join("  "));
  }
  return rows;
}

const cellsOf = (row: Row): string[] => [
  row.name,
  shapeText(row),
  row.heuristicMs.toPrecision(3),
  row.ms.toPrecision(3),
  row.ratio.toFixed(2),
  String(row.measured),
  JSON.stringify(row.changes),
];

export function tuningTable(rows: readonly Row[]): string {
  const head = ["operation", "shape", "heuristics, ms", "fastest, ms", "ratio", "plans", "changes"];
  return table(head, rows.map(cellsOf));
}
