// This file draws each workload's share of the copy's speed as a bar, with Observable Plot.

import * as Plot from "@observablehq/plot";
import type { Row } from "../../bench/report";
import { titleOf, type Workload } from "../../bench/workloads";
import { figuresOf, percent } from "./figures";

const LINE = 15; // pixels of a bar, of the title above it, and of the gap below it

interface Bar {
  readonly key: string;
  readonly share: number;
}

/** All workloads have their place from the start, so that nothing moves as bars appear. */
export function shareChart(
  workloads: readonly Workload[],
  rows: readonly Row[],
  width: number,
): Element {
  const keys = workloads.flatMap((one) => {
    const title = titleOf(one);
    return [`${title} title`, title, `${title} gap`];
  });
  const bars = rows.flatMap((row): Bar[] => {
    const figures = figuresOf(row);
    return typeof figures === "string" ? [] : [{ key: titleOf(row), share: figures.share }];
  });
  const most = Math.max(1.1, ...bars.map(({ share }) => share));
  const at = { x: "share", y: "key" };
  return Plot.plot({
    width,
    height: 32 + keys.length * LINE,
    marginTop: 24,
    marginBottom: 8,
    marginLeft: 1,
    marginRight: 52,
    style: { fontSize: "13px", overflow: "visible" },
    ariaLabel: "Share of the copy's speed, a bar for each operation",
    x: { domain: [0, most], axis: null },
    y: { type: "band", domain: keys, axis: null, padding: 0 },
    marks: [
      Plot.gridX([0.5, 1.5], { strokeOpacity: 0.15 }),
      Plot.barX(bars, { ...at, x1: 0, x2: "share", fill: "var(--accent)" }),
      Plot.ruleX([0], { strokeOpacity: 0.5 }),
      Plot.ruleX([1], { stroke: "var(--contrast)", strokeWidth: 2 }),
      Plot.text(["the copy: 100 %"], {
        x: [1],
        frameAnchor: "top",
        dy: -18,
        fill: "currentColor",
      }),
      Plot.text(bars, {
        ...at,
        text: ({ share }: Bar) => percent(share),
        textAnchor: "start",
        dx: 5,
        fill: "currentColor",
        stroke: "var(--paper)", // where it meets the line of the copy
        strokeWidth: 4,
      }),
      Plot.text(workloads, {
        frameAnchor: "left",
        y: (one: Workload) => `${titleOf(one)} title`,
        text: titleOf,
        textAnchor: "start",
        fill: "currentColor",
        stroke: "var(--paper)",
        strokeWidth: 4,
        dy: -1,
      }),
    ],
  });
}
