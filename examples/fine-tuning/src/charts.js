// The charts of a fine-tuning: losses of its batches, and accuracies of held-out digits.

import * as Plot from "@observablehq/plot";

/** @typedef {{ step: number, new: number, pen: number }} Accuracy in percent */

const SIZE = { width: 400, height: 230, style: { background: "none", maxWidth: "100%" } };

/** @param {readonly Accuracy[]} accuracies @param {number} steps */
export function accuracyChart(accuracies, steps) {
  const lines = /** @type {const} */ ([
    ["pen", "pen's digits"],
    ["new", "new digits"],
  ]);
  const last = accuracies.slice(-1);
  return Plot.plot({
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
}

/** @param {readonly number[]} losses @param {number} steps */
export function lossChart(losses, steps) {
  const points = losses.map((loss, step) => ({ step, loss }));
  return Plot.plot({
    ...SIZE,
    x: { domain: [0, steps], label: "step", ticks: 6 },
    y: { domain: [0, Math.max(3, ...losses)], grid: true, label: "loss of the batch" },
    marks: [Plot.line(points, { x: "step", y: "loss", stroke: "var(--new)" })],
  });
}
