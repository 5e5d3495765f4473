// This file turns rows of the reports into the figures and sentences that the page shows.

import { MOST_BEHIND } from "../../bench/markdown";
import type { Row, TunedRow } from "../../bench/report";
import { geometricMean } from "../../bench/statistics";

export interface Figures {
  readonly ms: number;
  readonly gbs: number;
  /** The copy's time over this one's. */
  readonly share: number;
  /** Milliseconds of the fastest and of the slowest round. */
  readonly least: number;
  readonly most: number;
  readonly copyMs: number;
}

/** The figures, or in words why there are none. */
export function figuresOf({ results: { ours, copy } }: Row): Figures | string {
  for (const outcome of [ours, copy]) {
    if (outcome.status === "failed") return outcome.message;
    if (outcome.status === "wrong") return `wrong: off by ${outcome.maxError.toExponential(1)}`;
    if (outcome.status === "none") return "none";
  }
  if (ours.status !== "timed" || copy.status !== "timed") return "";
  const { ms, gbs, samples } = ours;
  const [least, most] = [Math.min(...samples), Math.max(...samples)];
  return { ms, gbs, share: copy.ms / ms, least, most, copyMs: copy.ms };
}

/** One sentence on all rows; empty before there are any. */
export function summaryOf(rows: readonly Row[]): string {
  const shares = rows.flatMap((row) => {
    const figures = figuresOf(row);
    return typeof figures === "string" ? [] : [figures.share];
  });
  if (shares.length === 0) return "";
  if (shares.length === 1) return `${percent(shares[0])} of the copy’s speed.`;
  const mean = percent(geometricMean(shares));
  return `${mean} of the copy’s speed, the geometric mean of ${shares.length} rows.`;
}

export const percent = (part: number): string => `${Math.round(100 * part)} %`;

/** Whether the planner is right, in a sentence; empty before there are rows. */
export function verdict(rows: readonly TunedRow[]): string {
  if (rows.length === 0) return "";
  const ratios = rows.map(({ ratio }) => ratio);
  const right = ratios.filter((ratio) => ratio === 1).length;
  const far = ratios.filter((ratio) => ratio > MOST_BEHIND).length;
  const mean = geometricMean(ratios).toFixed(2);
  const most = Math.max(...ratios).toFixed(2);
  return (
    `The planner’s plan is the fastest in ${right} of ${rows.length} rows; the mean ratio is ${mean}, ` +
    `the largest ${most}. Beyond the aim of ${MOST_BEHIND}: ${far || "none"}.`
  );
}
