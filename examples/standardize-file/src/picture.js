// The picture: a histogram of each column, before and after.

import * as Plot from "@observablehq/plot";
import { JSDOM } from "jsdom";

const ROWS = 20_000; // of a sample: histograms look the same with more
const COLUMNS = 6;

/**
 * Keeps some rows of what goes by: all at first, then every second, every fourth, ...
 *
 * @param {number} width
 */
export function sampleOf(width) {
  /** @type {number[][]} */
  let values = [];
  let [step, seen] = [1, 0];
  return {
    get values() {
      return values;
    },
    add: (/** @type {ArrayLike<number>} */ rows) => {
      for (let at = 0; at < rows.length; at += width) {
        if (seen++ % step > 0) continue;
        const shown = Math.min(width, COLUMNS);
        values.push(Array.from({ length: shown }, (_, i) => rows[at + i] ?? 0));
        if (values.length < 2 * ROWS) continue;
        values = values.filter((_, i) => i % 2 === 0);
        step *= 2;
      }
    },
  };
}

/**
 * Draws SVG.
 *
 * @param {readonly string[]} columns
 * @param {readonly (readonly number[])[]} before
 * @param {readonly (readonly number[])[]} after
 */
export function histograms(columns, before, after) {
  const { document } = new JSDOM("").window;
  const names = columns.slice(0, COLUMNS);
  const [width, height] = [160, 150];
  const parts = [before, after].flatMap((rows, row) =>
    names.map((name, i) => {
      const plot = Plot.plot({
        document,
        ...{ width, height, marginLeft: 12, marginRight: 16, marginBottom: 40 },
        x: { label: row === 0 ? `${name}, before` : `${name}, after`, ticks: 3, tickFormat: "~s" },
        y: { label: null, axis: null },
        marks: [
          Plot.rectY(rows, {
            ...Plot.binX({ y: "count" }, { x: (/** @type {number[]} */ values) => values[i] }),
            fill: row === 0 ? "#4878a8" : "#d1495b",
          }),
          Plot.ruleY([0]),
        ],
      });
      plot.setAttribute("font-size", "12"); // a phone shows three columns at 340 pixels
      plot.setAttribute("x", String(i * width));
      plot.setAttribute("y", String(row * height));
      return plot.outerHTML;
    }),
  );
  const size = `width="${names.length * width}" height="${2 * height}"`;
  const style = `style="background: white"`;
  return `<svg xmlns="http://www.w3.org/2000/svg" ${size} ${style}>${parts.join("\n")}</svg>\n`;
}
