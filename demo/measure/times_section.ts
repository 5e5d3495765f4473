// This section measures the workloads beside a copy: a bar, a row of the table and a row of the
// report for each.

import type { Report, Row } from "../../bench/report";
import { byId } from "../dom";
import { shareChart } from "./chart";
import type { Choice } from "./choice";
import { bindExport, fileName } from "./export";
import { summaryOf } from "./figures";
import { obstacle, skippedRow } from "./fit";
import type { Facts } from "./gpu_worker";
import { browser, machine, setBusy, showFacts } from "./page";
import { bindRun } from "./run";
import { timesTable } from "./tables";

export function bindTimes({ workloads, pace }: Choice): void {
  const rows: Row[] = [];
  let facts: Facts;
  let date = "";
  let error = "";

  const allowExport = bindExport("times", () => {
    const { limits, ...known } = facts;
    const report: Report = {
      date,
      engine: browser(),
      machine: machine(),
      ...known,
      rows,
      ...(error && { error }),
    };
    return { name: fileName(facts.adapter), value: report };
  });

  function draw(): void {
    const figure = byId("times-chart");
    byId("times-results").hidden = false;
    byId("times-summary").textContent = summaryOf(rows);
    figure.replaceChildren(shareChart(workloads, rows, Math.min(680, figure.clientWidth)));
    byId("times-table").replaceChildren(timesTable(rows));
  }

  bindRun<Row>("times", {
    workloads,
    begin() {
      setBusy(true);
      rows.length = 0;
      date = new Date().toISOString();
      error = "";
      allowExport(false);
      draw();
    },
    opened(found) {
      facts = found;
      showFacts(found);
    },
    async work(gpu, workload, { limits }) {
      const reason = obstacle(workload, limits);
      return reason ? skippedRow(workload, reason) : gpu.call("measure", { workload, pace });
    },
    show(row) {
      rows.push(row);
      draw();
    },
    end(message) {
      error = message;
      setBusy(false);
      allowExport(rows.length > 0);
    },
  });
}
