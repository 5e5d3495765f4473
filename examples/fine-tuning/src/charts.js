// The charts of a fine-tuning: losses of its batches, and accuracies of held-out digits.

import * as Plot from "@observablehq/plot";

/** @typedef {{ step: number, new: number, pen: number }} Accuracy in percent */

const SIZE = { width: 400, height: 230, style: { background: "none", maxWidth: "100%" } };

/** A chart is a picture for those who do not see it: its marks have no roles. @template {Element} T @param {T} plot @param {string} label */
function labelled(plot, label) {
  plot.setAttribute("role", "img");
  plot.setAttribute("aria-label", label);
  for (const mark of plot.querySelectorAll("g[aria-label]")) mark.removeAttribute("aria-label");
  return plot;
}

/** @param {readonly Accuracy[]} accuracies @param {number} steps */
export function accuracyChart(accuracies, steps) {
  const lines = /** @type {const} */ ([
    ["pen", "pen's digits"],
    ["new", "new digits"],
  ]);
  const last = accuracies.slice(-1);
  const plot = Plot.plot({
    ...SIZE,
    marginRight: 80,
    x: { domain: [0, steps], label: "step", ticks: 6 },
    y: { domain: [0, 100], grid: true, label: "% right, of digits not trained on" },
    marks: lines.flatMap(([y, name]) => {
      const colour = `var(--${y})`;
      return [
        Plot.line(accuracies, { x: "step", y, stroke: colour, strokeWidth: 2 }),
        Plot.dot(accuracies, { x: "step", y, fill: colour, r: 2.5 }),
        Plot.text(last, {
          ...{ x: steps, y, text: () => name, fill: colour },
          ...{ dx: 6, textAnchor: "start", fontSize: 12 },
        }),
      ];
    }),
  });
  return labelled(plot, "accuracy of new digits and of the pen's, by steps");
}

/** @param {readonly number[]} losses @param {number} steps */
export function lossChart(losses, steps) {
  const points = losses.map((loss, step) => ({ step, loss }));
  const plot = Plot.plot({
    ...SIZE,
    x: { domain: [0, steps], label: "step", ticks: 6 },
    y: { domain: [0, Math.max(3, ...losses)], grid: true, label: "loss of the batch" },
    marks: [Plot.line(points, { x: "step", y: "loss", stroke: "var(--new)" })],
  });
  return labelled(plot, "loss of each batch, by steps");
}
