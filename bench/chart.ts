// This file draws a report: bars of multiples of the copy, on a logarithmic scale, for light and
// dark pages and for phones. It runs in a browser, since Observable Plot needs a document.

import * as Plot from "@observablehq/plot";
import { compared, means, multipleOf, normalizers, shapeText, times } from "./markdown";
import type { Outcome, Report } from "./report";

const WIDTH = 440;
const ROW = 13; // pixels of a bar with what is around it
const LEGEND = 46; // pixels above the first group
const TICKS = [0.25, 0.5, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000];
const TEXT = "12px system-ui, -apple-system, 'Segoe UI', Roboto, sans-serif";

const COLOURS: Readonly<Record<string, readonly [light: string, dark: string]>> = {
  ours: ["#0b62c4", "#58a6ff"],
  jax: ["#b35900", "#e3a14a"],
  ort: ["#7a5ccc", "#b9a3f5"],
  tfjs: ["#66707b", "#8b949e"],
};

/** A picture follows the system's scheme, whatever the page around it does, so it brings its background. */
function style(): string {
  const colours = (k: 0 | 1) =>
    Object.entries(COLOURS)
      .map(([id, pair]) => `--${id}: ${pair[k]};`)
      .join(" ");
  return `
    svg { color: #1f2328; font: ${TEXT}; ${colours(0)} }
    svg { --paper: #ffffff; }
    @media (prefers-color-scheme: dark) {
      svg { color: #e6edf3; ${colours(1)} --paper: #0d1117; }
    }`;
}

interface Group {
  readonly title: string;
  readonly value: (id: string) => number | undefined;
  /** In words, where there is no value. */
  readonly otherwise: (id: string) => string;
}

function groupsOf(report: Report): Group[] {
  const { count, mean } = means(report);
  const rows = compared(report).map(
    (row): Group => ({
      title: `${row.name} ${shapeText(row)}`,
      value: (id) => multipleOf(row, id),
      otherwise: (id) => worded(row.results[id]),
    }),
  );
  if (rows.length < 2 || !count) return rows;
  const title = `Geometric mean of the ${count} that all can do`;
  return [{ title, value: (id) => mean[id], otherwise: () => "" }, ...rows];
}

const worded = (outcome: Outcome | undefined) => (outcome ? outcome.status : "none");

interface Bar {
  readonly y: string;
  readonly id: string;
  readonly multiple: number;
  readonly text: string;
}

export function chart(report: Report): string {
  const libraries = normalizers(report);
  const groups = groupsOf(report);
  const keys = groups.flatMap((_, k) => [
    `${k} title`,
    ...libraries.map(({ id }) => `${k} ${id}`),
    `${k} gap`,
  ]);
  const bars = groups.flatMap((group, k) =>
    libraries.map(({ id }): Bar => {
      const multiple = group.value(id);
      const text = multiple === undefined ? group.otherwise(id) : times(multiple);
      return { y: `${k} ${id}`, id, multiple: multiple ?? 1, text };
    }),
  );
  const most = Math.max(...bars.map(({ multiple }) => multiple), 2);
  const least = Math.min(...bars.map(({ multiple }) => multiple), 1);
  const ticks = TICKS.filter((tick) => tick >= least * 0.9 && tick <= most);
  const plot = Plot.plot({
    width: WIDTH,
    height: LEGEND + 24 + keys.length * ROW,
    marginTop: LEGEND,
    marginBottom: 24,
    marginLeft: 8,
    marginRight: 44,
    x: { type: "log", domain: [least * 0.9, most], axis: null },
    y: { type: "band", domain: keys, axis: null, paddingInner: 0.1, paddingOuter: 0 },
    marks: [
      Plot.gridX(ticks, { stroke: "currentColor", strokeOpacity: 0.15 }),
      Plot.text(ticks, {
        x: (tick: number) => tick,
        frameAnchor: "bottom",
        dy: 18,
        fill: "currentColor",
      }),
      Plot.barX(bars, { x1: 1, x2: "multiple", y: "y", fill: ({ id }: Bar) => `var(--${id})` }),
      Plot.ruleX([1], { stroke: "currentColor", strokeWidth: 1.5 }),
      Plot.text(bars, {
        x: (bar: Bar) => Math.max(bar.multiple, 1),
        y: "y",
        text: "text",
        textAnchor: "start",
        dx: 4,
        fill: "currentColor",
        fontSize: 11,
      }),
      Plot.text(groups, {
        frameAnchor: "left",
        y: (_: Group, k: number) => `${k} title`,
        text: "title",
        textAnchor: "start",
        fill: "currentColor",
        stroke: "var(--paper)", // where it meets the line of the copy
        strokeWidth: 4,
        fontWeight: 600,
        dy: -1,
      }),
    ],
  });
  return dressed(plot as SVGSVGElement, libraries);
}

/** With a background, a legend and both schemes' colours, as a file of its own. */
function dressed(svg: SVGSVGElement, libraries: readonly { id: string; name: string }[]): string {
  for (const own of svg.querySelectorAll("style")) own.remove();
  svg.removeAttribute("style");
  const words = { "text-anchor": "start", fill: "currentColor" };
  const [width, height] = ["width", "height"].map((name) => String(svg.getAttribute(name)));
  const sheet = element("style", {}, style());
  const paper = element("rect", { fill: "var(--paper)", width, height, rx: "6" });
  const title = element(
    "text",
    { ...words, x: "8", y: "16" },
    "Time as a multiple of a plain copy (logarithmic; less is better)",
  );
  let x = 8;
  const legend = libraries.flatMap(({ id, name }) => {
    const tileSize = { x: `${x}`, y: "25", width: "10", height: "10", fill: `var(--${id})` };
    const word = { ...words, x: `${x + 14}`, y: "34" };
    x += 32 + 6.4 * name.length;
    return [element("rect", tileSize), element("text", word, name)];
  });
  svg.prepend(sheet, paper, title, ...legend);
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  svg.setAttribute("role", "img");
  svg.setAttribute("aria-label", "Time as a multiple of a plain copy, by operation and library");
  return new XMLSerializer().serializeToString(svg);
}

function element(name: string, attributes: Record<string, string>, text = ""): SVGElement {
  const made = document.createElementNS("http://www.w3.org/2000/svg", name);
  for (const [key, value] of Object.entries(attributes)) made.setAttribute(key, value);
  made.textContent = text;
  return made;
}
