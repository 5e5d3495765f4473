// This file compares the heuristics' plans with the fastest ones, workload by workload, and writes
// the table of `--tune`.

import type { Context } from "../../src/index";
import { shapeText, table } from "../markdown";
import { tunedRow } from "../tuning";
import type { Workload } from "../workloads";

type Row = Awaited<ReturnType<typeof tunedRow>>;

export async function tuned(
  ctx: Context,
  workloads: readonly Workload[],
  say: (text: string) => void,
): Promise<Row[]> {
  const rows: Row[] = [];
  for (const workload of workloads) {
    const row = await tunedRow(ctx, workload);
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
