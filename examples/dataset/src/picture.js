// The picture of a run: a line a worker, a bar a job.

import * as Plot from "@observablehq/plot";
import { JSDOM } from "jsdom";

/** @typedef {{ worker: string, from: number, to: number, kind: "block" | "taken over" | "merge" }} Span in seconds */

/**
 * Draws a timeline as SVG.
 *
 * @param {readonly Span[]} spans
 * @param {number} killed when the first worker ended, in seconds
 */
export function timeline(spans, killed) {
  const { document } = new JSDOM("").window;
  const workers = [...new Set(spans.map(({ worker }) => worker))].sort();
  const plot = Plot.plot({
    document,
    width: 480,
    height: 72 + 45 * workers.length,
    marginLeft: 72,
    marginBottom: 40,
    x: { label: "seconds", grid: true },
    y: { domain: workers, label: null },
    color: {
      domain: ["block", "taken over", "merge"],
      range: ["#4878a8", "#d1495b", "#8d8741"],
      legend: false,
    },
    marks: [
      Plot.barX(spans, {
        ...{ x1: "from", x2: "to", y: "worker", fill: "kind" },
        ...{ stroke: "white", strokeWidth: 0.4 }, // short bars are seen
      }),
      Plot.ruleX([killed], { stroke: "#d1495b", strokeWidth: 2 }),
      Plot.text([killed], {
        x: (at) => at,
        text: () => "kill -9 worker-1",
        ...{ frameAnchor: "top", textAnchor: "start", dx: 5, dy: -12, fill: "#d1495b" },
      }),
    ],
  });
  plot.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  plot.setAttribute("style", "background: white");
  plot.setAttribute("font-size", "13"); // a phone shows it at 340 pixels
  return `${plot.outerHTML}\n`;
}
