// This file draws histograms and the chart of error against offset, with Observable Plot.

import * as Plot from "@observablehq/plot";
import type { Summary } from "./reference";
import { allowedError } from "./report";
import type { SweepPoint } from "./sweep";

interface HistogramOptions {
  label: string;
  colour: string;
  /** Subtracted from the values on the axis. */
  offset: number;
  ticks: number | number[];
  axisText: string;
}

/** Bars for all values; below them a mark for the mean of each example and channel. */
export function histogram(summary: Summary, options: HistogramOptions): Element {
  const { low, high, counts } = summary.histogram;
  const width = (high - low) / counts.length || 1e-9;
  const most = Math.max(...counts);
  const bars = counts.map((count, i) => ({
    x1: low - options.offset + i * width,
    x2: low - options.offset + (i + 1) * width,
    y: count / most,
  }));
  const means = summary.planeMeans.map((mean) => mean - options.offset);
  return Plot.plot({
    width: 280,
    height: 132,
    marginLeft: 10,
    marginRight: 10,
    marginTop: 6,
    marginBottom: 34,
    style: { fontSize: "11px", overflow: "visible" },
    ariaLabel: options.label,
    x: {
      ticks: options.ticks,
      tickFormat: tickText,
      label: options.axisText,
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: { axis: null, domain: [-0.22, 1] },
    marks: [
      Plot.rectY(bars, {
        x1: "x1",
        x2: "x2",
        y1: 0,
        y2: "y",
        fill: options.colour,
        inset: 0,
        shapeRendering: "crispEdges",
      }),
      Plot.ruleY([0], { strokeOpacity: 0.5 }),
      Plot.ruleX(means, { y1: -0.2, y2: -0.04, stroke: "currentColor", strokeOpacity: 0.7 }),
    ],
  });
}

const tickText = (value: number) => String(value).replace("-", "−");

const NAN_AT = 1e3; // where "not a number" is drawn
const FLOOR = 1e-8; // an error of zero has no place on a logarithmic axis

/** Largest error of any of the four norms at each offset, beside the textbook formula's. */
export function sweepChart(points: readonly SweepPoint[], width: number): Element {
  const offsets = [...new Set(points.map((point) => point.offset))];
  const worst = (key: "maxError" | "textbookError", name: string) =>
    offsets.map((offset) => {
      const errors = points.filter((point) => point.offset === offset).map((point) => point[key]);
      const largest = errors.some(Number.isNaN) ? NAN_AT : Math.max(FLOOR, ...errors);
      return { offset: short(offset), error: largest, name };
    });
  const data = [
    ...worst("maxError", "webgpu-norm"),
    ...worst("textbookError", "E[x²] − E[x]² in float32"),
  ];
  return Plot.plot({
    width,
    height: 300,
    marginTop: 28,
    marginLeft: 52,
    marginRight: 14,
    marginBottom: 40,
    style: { fontSize: "12px" },
    ariaLabel: "Largest error against the offset, logarithmic axes",
    x: {
      type: "point",
      domain: offsets.map(short),
      label: "offset added to the input",
      labelAnchor: "center",
      labelArrow: "none",
    },
    y: {
      type: "log",
      domain: [FLOOR, NAN_AT],
      label: "largest error of the four norms",
      labelArrow: "none",
      ticks: [1e-8, 1e-6, 1e-4, 1e-2, 1, NAN_AT],
      tickFormat: (value: number) => (value === NAN_AT ? "NaN" : short(value)),
      grid: true,
    },
    color: {
      domain: ["webgpu-norm", "E[x²] − E[x]² in float32"],
      range: ["var(--accent)", "var(--contrast)"],
    },
    symbol: {
      legend: true,
      domain: ["webgpu-norm", "E[x²] − E[x]² in float32"],
      range: ["circle", "times"],
    },
    marks: [
      Plot.ruleY([allowedError(0)], { stroke: "currentColor", strokeDasharray: "4 3" }),
      Plot.text([`allowed: ${short(allowedError(0))}`], {
        frameAnchor: "right",
        y: [allowedError(0)],
        dy: -8,
        fill: "currentColor",
      }),
      Plot.lineY(data, { x: "offset", y: "error", stroke: "name", strokeWidth: 2 }),
      Plot.dot(data, {
        x: "offset",
        y: "error",
        stroke: "name",
        fill: "name",
        symbol: "name",
        r: 4,
      }),
    ],
  });
}

function short(value: number): string {
  return value >= 1e4 || (value > 0 && value < 1e-3)
    ? value.toExponential().replace("e+", "e")
    : String(value);
}
