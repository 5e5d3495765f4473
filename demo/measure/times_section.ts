// This section measures the workloads beside a copy: a bar, a row of the table and a row of the
// report for each.

import type { Report, Row } from "../../bench/report";
import { byId } from "../base/dom";
import { shareChart } from "./chart";
import type { Choice } from "./choice";
import { fileName } from "./export";
import { summaryOf } from "./figures";
import { skippedRow } from "./fit";
import { browser, machine } from "./page";
import { bindSection, type Found } from "./section";
import { timesTable } from "./tables";

function reportOf({ rows, facts, date, error }: Found<Row>): Report {
  const { limits, ...known } = facts;
  const own = { date, engine: browser(), machine: machine() };
  return { ...own, ...known, rows, ...(error && { error }) };
}

export function bindTimes({ workloads, pace }: Choice): void {
  bindSection<Row>("times", {
    workloads,
    work: (gpu, workload) => gpu.call("measure", { workload, pace }),
    skip: skippedRow,
    draw(rows) {
      const figure = byId("times-chart");
      byId("times-summary").textContent = summaryOf(rows);
      figure.replaceChildren(shareChart(workloads, rows, Math.min(680, figure.clientWidth)));
      byId("times-table").replaceChildren(timesTable(rows));
    },
    exported: (found) => ({ name: fileName(found.facts.adapter), value: reportOf(found) }),
    isWorthKeeping: (rows) => rows.length > 0,
  });
}
