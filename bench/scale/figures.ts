// This file draws the figures of bench/scale.mjs. It runs in a page, since Observable Plot needs a document.

import * as Plot from "@observablehq/plot";
import type { Errors } from "./errors";
import type { Sizes } from "./sizes";
import type { Workers } from "./workers";

/** Letters are legible where a phone shows the figure at 340 pixels. */
const WIDTH = 480;
const SERIES: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  first: ["#b4441f", "#ff9a5c"],
  second: ["#59616b", "#a3a9b2"],
  third: ["#0b62c4", "#6cb0ff"],
  fourth: ["#6a4fb8", "#b9a3f5"],
};
const COLOURS = Object.keys(SERIES).map((name) => `var(--${name})`);

/** The picture follows the system's scheme, so it brings its background. */
function style(): string {
  const colours = (k: 0 | 1) =>
    Object.entries(SERIES)
      .map(([name, pair]) => `--${name}: ${pair[k]};`)
      .join(" ");
  return `
    svg { color: #17191c; --paper: #faf9f6; ${colours(0)}
      font: 14px system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; background: var(--paper); }
    @media (prefers-color-scheme: dark) {
      svg { color: #eceae4; --paper: #101216; ${colours(1)} }
    }`;
}

/** A file of its own, with its title and both schemes' colours. */
function asFile(plot: SVGSVGElement | HTMLElement, title: string): string {
  const create = (name: string, text: string) => {
    const made = document.createElementNS("http://www.w3.org/2000/svg", name);
    made.textContent = text;
    return made;
  };
  for (const own of plot.querySelectorAll("style")) own.remove();
  plot.prepend(create("style", style()), create("title", title));
  plot.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  plot.setAttribute("role", "img");
  return new XMLSerializer().serializeToString(plot);
}

const power = (value: number) => {
  const exponent = Math.round(Math.log10(value));
  const digits = [...`${exponent}`].map((digit) => "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(digit)] ?? "⁻");
  return `10${digits.join("")}`;
};

const common = {
  width: WIDTH,
  marginLeft: 56,
  marginBottom: 48,
  style: { overflow: "visible" },
} as const;

interface Point {
  /** Of a figure with several panels. */
  readonly panel?: string;
  readonly series: string;
  readonly x: number;
  readonly y: number;
}

/** Lines with dots, some of which are named, above or below. */
function lines(
  points: readonly Point[],
  above: readonly Point[] = [],
  below: readonly Point[] = [],
) {
  const panels = points.some(({ panel }) => panel !== undefined) && { fy: "panel" };
  const name = {
    text: "series",
    fill: "series",
    fontWeight: 600,
    textAnchor: "end",
    stroke: "var(--paper)",
    strokeWidth: 5,
  } as const;
  const place = { ...panels, x: "x", y: "y" };
  return [
    Plot.frame({ stroke: "currentColor", strokeOpacity: 0.25 }),
    Plot.line(points, { ...place, stroke: "series", strokeWidth: 2 }),
    Plot.dot(points, { ...place, fill: "series", r: 3.5 }),
    Plot.text(above, { ...place, ...name, dy: -13 }),
    Plot.text(below, { ...place, ...name, dy: 16 }),
  ];
}

/** An error of 0 has no logarithm: it is drawn at the foot. */
const LEAST = 1e-17;
const PANELS = ["↑ error of the mean, in deviations", "↑ error of the variance, relative"];
const WAYS = ["f32, one after the other", "float64", "webgpu-norm"];

function errors({ rows }: Errors): string {
  const points = rows.flatMap(({ length, way, mean, variance }): Point[] => [
    { panel: PANELS[0], series: way, x: length, y: Math.max(mean, LEAST) },
    { panel: PANELS[1], series: way, x: length, y: Math.max(variance, LEAST) },
  ]);
  const free = { [WAYS[0]]: 1e7, [WAYS[1]]: 1e6, [WAYS[2]]: 1e7 }; // where no line is above
  const named = points.filter(({ panel, series, x }) => panel === PANELS[1] && x === free[series]);
  const plot = Plot.plot({
    ...common,
    height: 560,
    marginTop: 28,
    x: {
      ...{ type: "log", label: "elements", labelAnchor: "center", grid: true },
      ...{ ticks: [...new Set(rows.map(({ length }) => length))], tickFormat: power },
    },
    y: { type: "log", label: null, grid: true, tickFormat: power, ticks: 5 },
    fy: { axis: null, padding: 0.14 },
    color: { domain: WAYS, range: COLOURS },
    marks: [
      ...lines(points, named),
      Plot.text(PANELS, {
        ...{ fy: (name: string) => name, text: (name: string) => name },
        ...{ frameAnchor: "top-left", dy: -18, fill: "currentColor" },
      }),
    ],
  });
  return asFile(
    plot,
    "Error of mean and variance against the number of elements, both logarithmic",
  );
}

/** Ticks of 1, 3, 10 ... ms. */
function timesWithin(all: readonly number[]): number[] {
  const ticks = [-1, 0, 1, 2, 3, 4].flatMap((k) => [10 ** k, 3 * 10 ** k]);
  return ticks.filter((tick) => tick >= Math.min(...all) && tick <= Math.max(...all));
}

function sizes({ rows }: Sizes): string {
  const names = [...new Set(rows.map(({ operation }) => operation))];
  const points = rows.map(({ operation, megabytes, ms }): Point => {
    return { series: operation, x: megabytes, y: ms };
  });
  const measuredSizes = [...new Set(points.map(({ x }) => x))];
  const plot = Plot.plot({
    ...common,
    height: 400,
    marginTop: 28,
    x: {
      ...{ type: "log", base: 4, label: "x (MB)", labelAnchor: "center", grid: true },
      ...{ ticks: measuredSizes, tickFormat: String },
    },
    y: {
      type: "log",
      label: "↑ time (ms)",
      grid: true,
      ticks: timesWithin(points.map(({ y }) => y)),
      tickFormat: String,
    },
    color: {
      domain: names,
      range: [COLOURS[1], COLOURS[2], COLOURS[0], COLOURS[3]],
      legend: false,
    },
    marks: [
      ...lines(points),
      Plot.text(names, {
        ...{ frameAnchor: "top-left", dx: 10, fontWeight: 600, text: (name: string) => name },
        ...{ fill: (name: string) => name, dy: 12, lineHeight: 1.3 },
        render: stacked,
      }),
    ],
  });
  return asFile(plot, "Time against the size of x, both logarithmic");
}

/** One line of text below the other, as a legend. */
const stacked: Plot.RenderFunction = (index, scales, values, dimensions, context, next) => {
  const group = next?.(index, scales, values, dimensions, context) ?? null;
  group?.querySelectorAll("text").forEach((text, i) => {
    text.setAttribute("y", `${1.35 * i}em`);
  });
  return group;
};

function workers({ rows, megabytes }: Workers): string {
  const [one] = rows;
  const points = rows.map(({ workers, ms }): Point => {
    return { series: "measured", x: workers, y: ms };
  });
  const ideal = rows.map((row): Point => {
    return {
      series: "one worker's time divided",
      x: row.workers,
      y: one.ms / row.workers,
    };
  });
  const plot = Plot.plot({
    ...common,
    height: 340,
    marginTop: 28,
    x: {
      label: "workers",
      labelAnchor: "center",
      ticks: rows.map((row) => row.workers),
      tickFormat: String,
    },
    y: { label: `↑ time of ${Math.round(megabytes)} MB (ms)`, grid: true, zero: true },
    color: { domain: ["measured", "one worker's time divided"], range: [COLOURS[2], COLOURS[1]] },
    marks: lines([...points, ...ideal], points.slice(-1), ideal.slice(-1)),
  });
  return asFile(plot, "Time against the number of workers");
}

export const FIGURES = { errors, sizes, workers };
