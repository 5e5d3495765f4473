// The two tables have a row for each workload that was measured, or that was tuned.

import { digits, MOST_BEHIND, shapeText } from "../../bench/markdown";
import type { Row } from "../../bench/report";
import { html } from "../base/dom";
import { figuresOf, percent } from "./figures";
import type { TunedOrNot } from "./fit";

const TIMES = ["Operation", "Of the copy", "Time, ms", "Fastest to slowest", "Copy, ms", "GB/s"];
const PLANS = ["Operation", "Ratio", "Planner, ms", "Fastest, ms", "Plans tried", "What is faster"];

export const timesTable = (rows: readonly Row[]): HTMLElement =>
  tableOf(
    TIMES,
    rows.map((row) => {
      const figures = figuresOf(row);
      if (typeof figures === "string") return [heading(row), excuse(figures, TIMES.length - 1)];
      const { ms, gbs, share, least, most, copyMs } = figures;
      const range = `${digits(least)} – ${digits(most)}`;
      const values = [percent(share), digits(ms), range, digits(copyMs), digits(gbs)];
      return [heading(row), ...values.map(cell)];
    }),
  );

export const plansTable = (rows: readonly TunedOrNot[]): HTMLElement =>
  tableOf(
    PLANS,
    rows.map((row) => {
      if ("skipped" in row) return [heading(row), excuse(row.skipped, PLANS.length - 1)];
      const { heuristicMs, ms, ratio, measured, changes } = row;
      const mark = ratio > MOST_BEHIND ? { class: "broken" } : {};
      return [
        heading(row),
        html("td", mark, ratio.toFixed(2)),
        cell(digits(heuristicMs)),
        cell(digits(ms)),
        cell(String(measured)),
        cell(changesText(changes)),
      ];
    }),
  );

/** "split, slices 8"; of the planner's own plan, nothing. */
function changesText(changes: object): string {
  const texts = Object.entries(changes).map(([name, value]) => {
    if (typeof value === "boolean") return value ? name : `no ${name}`;
    return `${name} ${value}`;
  });
  return texts.join(", ") || "nothing";
}

function tableOf(head: readonly string[], rows: readonly HTMLElement[][]): HTMLElement {
  const titles = head.map((title) => html("th", { scope: "col" }, title));
  return html(
    "table",
    {},
    html("thead", {}, html("tr", {}, ...titles)),
    html("tbody", {}, ...rows.map((cells) => html("tr", {}, ...cells))),
  );
}

const cell = (text: string) => html("td", {}, text);

const heading = (row: Pick<Row, "name" | "shape">) =>
  html("th", { scope: "row" }, row.name, html("span", { class: "shape" }, shapeText(row)));

const excuse = (text: string, colspan: number) => html("td", { colspan, class: "excuse" }, text);
