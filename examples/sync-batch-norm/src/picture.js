// The picture of a training: the losses of one machine as a line, those of four workers as dots.

import * as Plot from "@observablehq/plot";
import { JSDOM } from "jsdom";

/** @param {readonly number[]} whole @param {readonly number[]} four */
export function losses(whole, four) {
  const { document } = new JSDOM("").window;
  const points = (/** @type {readonly number[]} */ list) =>
    list.map((loss, step) => ({ step, loss }));
  const plot = Plot.plot({
    document,
    ...{ width: 480, height: 300, grid: true, marginLeft: 48, marginBottom: 40 },
    x: { label: "step" },
    y: { label: "loss: one machine (line), four workers (dots)" },
    marks: [
      Plot.line(points(whole), { x: "step", y: "loss", stroke: "#4878a8" }),
      Plot.dot(points(four), { x: "step", y: "loss", stroke: "#d1495b", r: 2.5 }),
    ],
  });
  plot.setAttribute("xmlns", "http://www.w3.org/2000/svg");
  plot.setAttribute("style", "background: white");
  plot.setAttribute("font-size", "13"); // a phone shows it at 340 pixels
  return `${plot.outerHTML}\n`;
}
