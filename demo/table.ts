// The table shows costs and errors, with a bar for the share of the copy's bandwidth.

import { entryAt } from "../src/base/entry";
import { html } from "./dom";
import type { Summary } from "./reference";
import { allowedError, type ReportRow } from "./report";
import { NORM_IDS, type NormId, SHARING } from "./shapes";
import type { Timing } from "./timing";
import type { Check } from "./worker";

const COLUMNS = [
  "Norm",
  "Mean",
  "Std",
  "Largest error",
  "Error of E[x²] − E[x]²",
  "Time",
  "GB/s",
  "Share of copy",
] as const;

type Cell = string | Node;

const NOTHING = "–";
const PENDING = "…";

/** Cells with nothing in them are left out of the cards. */
const emptiness = (content: Cell): Record<string, string> =>
  content === NOTHING ? { class: "empty" } : {};

/** The table is laid out as cards on narrow screens; explicit roles keep it a table for readers. */
function row(cells: readonly Cell[]): HTMLElement {
  const line = html("tr", { role: "row" });
  for (const [i, content] of cells.entries()) {
    line.append(
      i === 0
        ? html("th", { role: "rowheader", scope: "row" }, content)
        : html(
            "td",
            { role: "cell", "data-label": entryAt(COLUMNS, i), ...emptiness(content) },
            content,
          ),
    );
  }
  return line;
}

/** A mean of -1e-17 is nothing but the last rounding. */
function tidy(value: number): string {
  if (Math.abs(value) < 5e-7) return "0";
  return Math.abs(value) < 1000 ? value.toPrecision(4) : value.toFixed(1);
}

const error = (value: number) => (Number.isNaN(value) ? "NaN" : value.toExponential(1));
const three = (value: number) => value.toPrecision(3);
const millis = (value: number) => `${value < 1 ? value.toPrecision(2) : value.toPrecision(3)} ms`;

function share(part: number): Node {
  const bar = html("span", { class: "bar", "aria-hidden": "true" });
  bar.style.setProperty("--part", String(Math.min(1, part)));
  return html("span", { class: "share" }, bar, html("span", {}, `${Math.round(part * 100)} %`));
}

function verdict({ maxError, summary }: Check): Node {
  const passed = maxError <= allowedError(summary.largest);
  const mark = html("span", { class: passed ? "passed" : "broken" }, passed ? " ✓" : " too large");
  return html("span", {}, error(maxError), mark);
}

export interface TableContent {
  before?: Summary;
  checks: Partial<Record<NormId, Check>>;
  timings?: Record<NormId, Timing>;
  copy?: Timing;
}

function times(timing: Timing | undefined, copy: Timing | undefined): Cell[] {
  if (!timing || !copy) return [PENDING, PENDING, PENDING];
  return [millis(timing.ms), three(timing.gbs), share(timing.gbs / copy.gbs)];
}

export function drawTable(
  table: HTMLElement,
  { before, checks, timings, copy }: TableContent,
): void {
  const head = html("tr", { role: "row" });
  for (const name of COLUMNS) {
    head.append(html("th", { role: "columnheader", scope: "col" }, name));
  }
  const rows = NORM_IDS.map((id) => {
    const check = checks[id];
    const found = check
      ? [
          tidy(check.summary.mean),
          tidy(check.summary.std),
          verdict(check),
          error(check.textbookError),
        ]
      : [PENDING, PENDING, PENDING, PENDING];
    return row([SHARING[id].label, ...found, ...times(timings?.[id], copy)]);
  });
  const nothing = (count: number) => new Array<Cell>(count).fill(NOTHING);
  const moments = before ? [tidy(before.mean), tidy(before.std)] : [PENDING, PENDING];
  const input = row(["Input", ...moments, ...nothing(5)]);
  const yardstick = row(["Plain copy", ...nothing(4), ...times(copy, copy)]);
  input.className = yardstick.className = "yardstick";
  table.setAttribute("role", "table");
  table.replaceChildren(
    html("thead", { role: "rowgroup" }, head),
    html("tbody", { role: "rowgroup" }, input, ...rows, yardstick),
  );
}

export function drawPlans(container: HTMLElement, rows: readonly ReportRow[]): void {
  const opened = new Set(
    [...container.querySelectorAll("details[open] summary")].map((s) => s.textContent),
  );
  const plans = rows.map(({ norm, plan }) => {
    const title = `Plan of ${norm}`;
    const details = html("details", {}, html("summary", {}, title), html("pre", {}, plan));
    details.open = opened.has(title);
    return details;
  });
  container.replaceChildren(...plans);
}
