// This section compares the planner's plans with the fastest that `tune` finds.

import type { TunedRow, Tuning } from "../../bench/report";
import { byId } from "../base/dom";
import type { Choice } from "./choice";
import { fileName } from "./export";
import { verdict } from "./figures";
import { skippedPlan, type TunedOrNot } from "./fit";
import { bindSection, type Found } from "./section";
import { plansTable } from "./tables";

const tunedOf = (rows: readonly TunedOrNot[]) =>
  rows.filter((row): row is TunedRow => !("skipped" in row));

function tuningOf({ rows, facts: { adapter, software }, date }: Found<TunedOrNot>): Tuning {
  return { date, adapter, software, rows: tunedOf(rows) };
}

export function bindPlans({ workloads }: Choice): void {
  bindSection<TunedOrNot>("plans", {
    workloads,
    work: (gpu, workload) => gpu.call("tune", workload),
    skip: skippedPlan,
    draw(rows) {
      byId("plans-summary").textContent = verdict(tunedOf(rows));
      byId("plans-table").replaceChildren(plansTable(rows));
    },
    exported: (found) => ({
      name: `tuning-${fileName(found.facts.adapter)}`,
      value: tuningOf(found),
    }),
    isWorthKeeping: (rows) => tunedOf(rows).length > 0,
  });
}
