// A section of the page has a run, which gives a row for each workload, a picture of the rows, and
// buttons that take them home.

import type { Workload } from "../../bench/workloads";
import { byId } from "../base/dom";
import { bindExport, type Exported } from "./export";
import { obstacle } from "./fit";
import type { Gpu } from "./gpu_client";
import type { Facts } from "./gpu_worker";
import { setBusy, showFacts } from "./page";
import { bindRun } from "./run";

/** What a run has found so far. */
export interface Found<R> {
  readonly rows: readonly R[];
  readonly facts: Facts;
  readonly date: string;
  readonly error: string; // why it ended early, if it did
}

interface Section<R> {
  readonly workloads: readonly Workload[];
  work(gpu: Gpu, workload: Workload): Promise<R>;
  skip(workload: Workload, reason: string): R;
  draw(rows: readonly R[]): void;
  exported(found: Found<R>): Exported;
  isWorthKeeping(rows: readonly R[]): boolean;
}

/** Binds the elements whose ids begin so. */
export function bindSection<R>(prefix: string, section: Section<R>): void {
  const rows: R[] = [];
  let facts: Facts;
  let date = "";
  let error = "";
  const allowExport = bindExport(prefix, () => section.exported({ rows, facts, date, error }));

  bindRun<R>(prefix, {
    workloads: section.workloads,
    begin() {
      setBusy(true);
      rows.length = 0;
      date = new Date().toISOString();
      error = "";
      allowExport(false);
      byId(`${prefix}-results`).hidden = false;
      section.draw(rows);
    },
    opened(found) {
      facts = found;
      showFacts(found);
    },
    async work(gpu, workload) {
      const reason = obstacle(workload, facts.limits);
      return reason ? section.skip(workload, reason) : section.work(gpu, workload);
    },
    show(row) {
      rows.push(row);
      section.draw(rows);
    },
    end(message) {
      error = message;
      setBusy(false);
      allowExport(section.isWorthKeeping(rows));
    },
  });
}
