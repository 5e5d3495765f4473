// This section compares the planner's plans with the fastest that `tune` finds.

import type { TunedRow, Tuning } from "../../bench/report";
import { byId } from "../dom";
import type { Choice } from "./choice";
import { bindExport, fileName } from "./export";
import { verdict } from "./figures";
import { obstacle, skippedPlan, type TunedOrNot } from "./fit";
import type { Facts } from "./gpu_worker";
import { setBusy, showFacts } from "./page";
import { bindRun } from "./run";
import { plansTable } from "./tables";

export function bindPlans({ workloads }: Choice): void {
  const rows: TunedOrNot[] = [];
  let facts: Facts;
  let date = "";

  const allowExport = bindExport("plans", () => {
    const { adapter, software } = facts;
    const tuning: Tuning = { date, adapter, software, rows: tunedOf(rows) };
    return { name: `tuning-${fileName(adapter)}`, value: tuning };
  });

  function draw(): void {
    byId("plans-results").hidden = false;
    byId("plans-summary").textContent = verdict(tunedOf(rows));
    byId("plans-table").replaceChildren(plansTable(rows));
  }

  bindRun<TunedOrNot>("plans", {
    workloads,
    begin() {
      setBusy(true);
      rows.length = 0;
      date = new Date().toISOString();
      allowExport(false);
      draw();
    },
    opened(found) {
      facts = found;
      showFacts(found);
    },
    async work(gpu, workload, { limits }) {
      const reason = obstacle(workload, limits);
      return reason ? skippedPlan(workload, reason) : gpu.call("tune", workload);
    },
    show(row) {
      rows.push(row);
      draw();
    },
    end() {
      setBusy(false);
      allowExport(tunedOf(rows).length > 0);
    },
  });
}

const tunedOf = (rows: readonly TunedOrNot[]) =>
  rows.filter((row): row is TunedRow => !("skipped" in row));
