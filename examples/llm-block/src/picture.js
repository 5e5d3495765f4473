// The picture: errors of RMSNorm against the size of its values.

import * as Plot from "@observablehq/plot";
import { JSDOM } from "jsdom";

/** @param {Awaited<ReturnType<typeof import("./overflow.js").errorsAt>>} errors */
export function errorPicture(errors) {
  const { document } = new JSDOM("").window;
  const text = { textAnchor: /** @type {const} */ ("start"), dx: 8 };
  const plot = Plot.plot({
    document,
    ...{ width: 480, height: 300, grid: true, marginLeft: 56, marginRight: 100, marginBottom: 40 },
    x: { type: "log", label: "size of the values", ticks: 4, tickFormat: "~s" },
    y: { type: "log", label: "largest error of y", domain: [1e-4, 3], ticks: 4, tickFormat: "~g" },
    marks: ["halves", "library"].flatMap((name) => [
      Plot.line(errors, { x: "size", y: name, stroke: name === "library" ? "#4878a8" : "#d1495b" }),
      Plot.dot(errors, { x: "size", y: name, stroke: name === "library" ? "#4878a8" : "#d1495b" }),
      Plot.text(errors.slice(-1), {
        ...{ x: "size", y: name, ...text },
        text: () => (name === "library" ? "sums in f32" : "sums in f16"),
      }),
    ]),
  });
  plot.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  plot.setAttribute("style", "background: white");
  plot.setAttribute("font-size", "13"); // a phone shows it at 340 pixels
  return `${plot.outerHTML}\n`;
}
