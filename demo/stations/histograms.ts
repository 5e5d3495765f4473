// The histogram of each set, before and after a norm.

import { svg } from "../base/dom";
import { forEachCell, type Shape4 } from "../base/shape";
import { type NormId, partitionOf, presetOf } from "../norms/presets";
import { sharedSets } from "../norms/sets";

const BINS = 40;
const MOST_LINES = 18;
const [WIDTH, HEIGHT, GAP] = [120, 56, 20];

const AFTER: Range = [-3, 3];

type Range = readonly [number, number];

/** Draws a line for each set: at the left before, within a range, at the right after, from -3 to 3. */
export function drawHistograms(
  chart: SVGElement,
  norm: NormId,
  shape: Shape4,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  before: Range,
): void {
  const preset = presetOf(norm);
  const shared = sharedSets(shape, preset, partitionOf(preset));
  const isFew = shared.disjoint && shared.count <= MOST_LINES;
  const lines = isFew ? shared.count : 1;
  const counts = [x, y].map(() => Array.from({ length: lines }, () => new Float64Array(BINS)));
  const ranges = [before, AFTER] as const;
  forEachCell(shape, (cell, i) => {
    const line = isFew ? shared.of(cell) : 0;
    for (const [k, values] of [x, y].entries()) {
      const [low, high] = ranges[k] as Range;
      const bin = Math.floor((((values[i] as number) - low) / (high - low)) * BINS);
      const bins = counts[k]?.[line] as Float64Array;
      const kept = Math.min(BINS - 1, Math.max(0, bin));
      bins[kept] = (bins[kept] as number) + 1;
    }
  });
  const paths = counts.flatMap((all, k) =>
    all.map((bins) =>
      svg("path", { d: pathOf(bins, k * (WIDTH + GAP)), class: k ? "after" : "before" }),
    ),
  );
  const axis = (from: number, marks: readonly string[]) =>
    marks.map((mark, i) =>
      svg("text", { x: from + (i / (marks.length - 1)) * WIDTH, y: HEIGHT + 8 }, mark),
    );
  const marks = before.map((end) => String(end).replace("-", "−"));
  chart.replaceChildren(...axis(0, marks), ...axis(WIDTH + GAP, ["−3", "0", "3"]), ...paths);
  chart.setAttribute(
    "aria-label",
    `Histograms of ${lines === 1 ? "all values" : `${lines} sets`} before, from ${before.join(" to ")}, and after, from -3 to 3`,
  );
}

/** Counts are drawn as logarithms, so that one peak does not hide the rest. */
function pathOf(bins: Float64Array, left: number): string {
  const most = Math.log1p(bins.reduce((a, b) => Math.max(a, b), 1));
  return [...bins]
    .map((count, i) => {
      const px = left + ((i + 0.5) / BINS) * WIDTH;
      const py = HEIGHT * (1 - (0.96 * Math.log1p(count)) / most);
      return `${i ? "L" : "M"}${px.toFixed(1)} ${py.toFixed(1)}`;
    })
    .join("");
}
