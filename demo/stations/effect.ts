// What a norm does to colours: the photographs before and after, with a divider, and the histogram of
// each set.

import { html, svg } from "../base/dom";
import { forEachCell, type Shape4 } from "../base/shape";
import { type NormId, partitionOf, presetOf } from "../norms/presets";
import { sharedSets } from "../norms/sets";
import { aroundMean, colourPictures, drawColours, same } from "../sources/colour_pictures";
import { EXAMPLES } from "../sources/shapes";
import type { Page } from "./page";

const SIDE = 96;
const EPS = 1e-5;

const ROWS: readonly { readonly norm: NormId; readonly text: string }[] = [
  {
    norm: "batch",
    text: "The batch loses its common cast and exposure. Each picture keeps its own, beside the others.",
  },
  {
    norm: "layer",
    text: "Each picture gets the same brightness and contrast. Its cast stays: colours share one mean.",
  },
  {
    norm: "instance",
    text: "Each colour of each picture is stretched by itself: casts are gone, and so is the mood.",
  },
  {
    norm: "channels",
    text: "Each pixel alone: brightness is gone, and only the order of its three colours is left.",
  },
  { norm: "tanh", text: "No statistic: dark pictures stay dark, what is large is held below 1." },
];

interface Row {
  readonly norm: NormId;
  readonly after: readonly HTMLCanvasElement[];
  readonly before: readonly HTMLCanvasElement[];
  readonly chart: SVGElement;
  readonly error: HTMLElement;
}

export function mount(root: HTMLElement, page: Page): void {
  let run = 0;
  const divider = html("input", { type: "range", min: 0, max: 100, value: 0, id: "divider" });
  divider.addEventListener("input", () => {
    root.style.setProperty("--divider", `${divider.value}%`);
  });
  const note = html("p", { class: "soft" });
  const files = html("input", { type: "file", accept: "image/*", multiple: "", id: "own-files" });
  files.addEventListener("change", () => {
    void page.useFiles([...(files.files ?? [])]).then(show, page.failed);
  });
  const show = (text: string) => {
    note.textContent = text;
    page.say(text);
  };
  const rows = ROWS.map(({ norm, text }) => rowOf(norm, text));
  root.append(
    html(
      "div",
      { class: "controls" },
      html("label", { for: "divider" }, "Before, up to here"),
      divider,
      html("label", { for: "own-files" }, "Your own photographs, or drop them anywhere"),
      files,
    ),
    note,
    html("div", { class: "leaks" }, ...rows.flatMap(({ cells }) => cells)),
  );

  async function update(): Promise<void> {
    const own = ++run;
    const { shape, x } = colourPictures(page.photographs(), SIDE);
    for (const { row } of rows) {
      const partition = partitionOf(presetOf(row.norm));
      const outcome = await page.engine.ask({ norm: row.norm, partition, shape, x, eps: EPS });
      if (own !== run) return;
      for (let n = 0; n < shape[0]; n++) {
        drawColours(row.before[n] as HTMLCanvasElement, x, shape, n, same);
        drawColours(row.after[n] as HTMLCanvasElement, outcome.y, shape, n, aroundMean);
      }
      drawHistograms(row.chart, row.norm, shape, x, outcome.y);
      row.error.textContent =
        outcome.by === "gpu"
          ? `${presetOf(row.norm).operation} on ${page.adapter()}, off by at most ${(outcome.error ?? 0).toExponential(0)}`
          : "in float64";
    }
  }

  page.onChange(() => void update().catch(page.failed));
  update().catch(page.failed);
}

function rowOf(norm: NormId, text: string): { row: Row; cells: Element[] } {
  const canvases = () =>
    Array.from({ length: EXAMPLES }, () => html("canvas", { "aria-hidden": "true" }));
  const row: Row = {
    ...{ norm, after: canvases(), before: canvases() },
    chart: svg("svg", {
      viewBox: "0 0 260 64",
      class: "histograms",
      role: "img",
      "aria-label": "Histograms",
    }),
    error: html("p", { class: "soft small" }),
  };
  const pictures = row.after.map((canvas, n) =>
    html("div", { class: "overlay divided" }, canvas, row.before[n] as HTMLElement),
  );
  const words = html("div", { class: "effect" }, html("p", {}, text), row.chart, row.error);
  const cells = [
    html("span", { class: "label" }, presetOf(norm).label),
    html("div", { class: "strip" }, ...pictures),
    words,
  ];
  return { row, cells };
}

const BINS = 40;
const MOST_LINES = 18;
const [WIDTH, HEIGHT, GAP] = [120, 56, 20];

/** Draws a line for each set: at the left before, from 0 to 1, at the right after, from -3 to 3. */
function drawHistograms(
  chart: SVGElement,
  norm: NormId,
  shape: Shape4,
  x: ArrayLike<number>,
  y: ArrayLike<number>,
): void {
  const preset = presetOf(norm);
  const shared = sharedSets(shape, preset, partitionOf(preset));
  const isFew = shared.disjoint && shared.count <= MOST_LINES;
  const lines = isFew ? shared.count : 1;
  const counts = [x, y].map(() => Array.from({ length: lines }, () => new Float64Array(BINS)));
  const ranges = [
    [0, 1],
    [-3, 3],
  ] as const;
  forEachCell(shape, (cell, i) => {
    const line = isFew ? shared.of(cell) : 0;
    for (const [k, values] of [x, y].entries()) {
      const [low, high] = ranges[k] as readonly [number, number];
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
  chart.replaceChildren(...axis(0, ["0", "1"]), ...axis(WIDTH + GAP, ["−3", "0", "3"]), ...paths);
  chart.setAttribute(
    "aria-label",
    `Histograms of ${lines === 1 ? "all values" : `${lines} sets`} before, from 0 to 1, and after, from -3 to 3`,
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
