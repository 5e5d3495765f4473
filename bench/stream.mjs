// `npm run bench:stream` runs this script. It measures the time of streams from 1 MB to 1 GB under
// Dawn in Node, and writes bench/results/stream.json and docs/stream.svg. `-- --draw` draws the
// stored figures again.

import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { launchBrowser, root } from "../scripts/lib/browser.mjs";
import { printed } from "../test/runners/stream.mjs";

/** @typedef {import("./stream_sizes").Row} Row */

const results = join(root, "bench", "results", "stream.json");
const figure = join(root, "docs", "stream.svg");

const { values: options } = parseArgs({ options: { draw: { type: "boolean", default: false } } });
if (!options.draw) {
  const report = await printed(join("bench", "stream_sizes.ts"));
  const slopes = {
    moments: slope(report.rows, "moments"),
    normalize: slope(report.rows, "normalize"),
  };
  writeFileSync(results, `${JSON.stringify({ ...report, slopes }, null, 2)}\n`);
}
const report = JSON.parse(readFileSync(results, "utf8"));
console.log(report.adapter);
console.log("exponent of the size, from 16 MB on (1: linear):", report.slopes);
writeFileSync(figure, await drawn(report));
console.log(`saved: ${results}, ${figure}`);

/**
 * The exponent b of time = a size^b, by least squares in logarithms, where chunks are whole.
 * @param {Row[]} rows
 * @param {"moments" | "normalize"} name
 */
function slope(rows, name) {
  const points = rows
    .filter(({ megabytes }) => megabytes >= 16)
    .map((row) => ({ x: Math.log(row.megabytes), y: Math.log(row[name]) }));
  const mean = (/** @type {"x" | "y"} */ key) =>
    points.reduce((sum, p) => sum + p[key], 0) / points.length;
  const [x, y] = [mean("x"), mean("y")];
  const over = points.reduce((sum, p) => sum + (p.x - x) * (p.y - y), 0);
  return over / points.reduce((sum, p) => sum + (p.x - x) ** 2, 0);
}

/** Observable Plot draws in a page, as it needs a document. @param {{ rows: Row[] }} report */
async function drawn({ rows }) {
  const browser = await launchBrowser();
  try {
    const page = await browser.newPage();
    const module = (/** @type {string[]} */ ...path) => join(root, "node_modules", ...path);
    await page.addScriptTag({ path: module("d3", "dist", "d3.min.js") });
    await page.addScriptTag({ path: module("@observablehq", "plot", "dist", "plot.umd.min.js") });
    return await page.evaluate(inPage, rows);
  } finally {
    await browser.close();
  }
}

/** @param {Row[]} rows */
function inPage(rows) {
  /** @type {typeof import("@observablehq/plot")} */
  const Plot = Reflect.get(globalThis, "Plot");
  const points = rows.flatMap(({ megabytes, moments, normalize }) => [
    { megabytes, ms: moments, pass: "moments" },
    { megabytes, ms: normalize, pass: "normalize" },
  ]);
  const last = rows[rows.length - 1];
  const linear = [rows[0], rows[rows.length >> 1], last].map(({ megabytes }) => ({
    megabytes,
    ms: (last.moments * megabytes) / last.megabytes,
  }));
  const svg = Plot.plot({
    width: 480, // letters are legible where a phone shows it at 340 pixels
    height: 360,
    marginLeft: 60,
    marginRight: 84,
    marginBottom: 48,
    style: { background: "white", fontSize: "14px" },
    x: {
      type: "log",
      base: 2,
      label: "stream (MB)",
      labelAnchor: "center",
      ticks: 5,
      tickFormat: String,
      grid: true,
    },
    y: { type: "log", label: "↑ time (ms)", ticks: 4, tickFormat: String, grid: true },
    color: { domain: ["moments", "normalize"], range: ["#1f77b4", "#d9622b"] },
    marks: [
      Plot.line(linear, { x: "megabytes", y: "ms", stroke: "#999", strokeDasharray: "4 4" }),
      Plot.text(linear.slice(1, 2), {
        x: "megabytes",
        y: "ms",
        text: () => "proportional",
        fill: "#777",
        textAnchor: "start",
        dx: 8,
        dy: 14,
      }),
      Plot.line(points, { x: "megabytes", y: "ms", stroke: "pass" }),
      Plot.dot(points, { x: "megabytes", y: "ms", fill: "pass" }),
      Plot.text(points.slice(-2), {
        x: "megabytes",
        y: "ms",
        text: "pass",
        fill: "pass",
        textAnchor: "start",
        dx: 8,
      }),
    ],
  });
  svg.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  const title = document.createElementNS("http://www.w3.org/2000/svg", "title");
  title.textContent = "Time of a stream by its size, both in logarithms: proportional";
  svg.prepend(title);
  return `${new XMLSerializer().serializeToString(svg)}\n`;
}
