// What a norm does: pictures before and after, with a divider, and the histogram of each set.

import { html, svg } from "../base/dom";
import type { Outcome } from "../engine/engine";
import { partitionOf, presetOf } from "../norms/presets";
import { aroundMean, within } from "../sources/colour_pictures";
import { EXAMPLES, SOURCES, type SourceId } from "../sources/shapes";
import { EFFECT_SOURCES, NORMS } from "./effect_sources";
import { drawHistograms } from "./histograms";
import type { Page } from "./page";

const EPS = 1e-5;

export function mount(root: HTMLElement, page: Page): void {
  let run = 0;
  const note = html("p", { class: "soft" });
  const show = (text: string) => {
    note.textContent = text;
    page.say(text);
  };
  const sources = SOURCES.map((id) => {
    const button = html("button", { type: "button", class: "pill" }, EFFECT_SOURCES[id].label);
    button.addEventListener("click", () => page.store.set({ source: id }, "choice"));
    return [id, button] as const;
  });
  const row = html("p", { class: "soft" });
  const rows = NORMS.map(rowOf);
  root.append(
    html(
      "div",
      { class: "pills", role: "group", "aria-label": "Pictures" },
      ...sources.map(([, button]) => button),
    ),
    controls(root, (files) => void page.useFiles(files).then(show, page.failed)),
    note,
    row,
    html("div", { class: "leaks" }, ...rows.flatMap(({ cells }) => cells)),
  );

  async function update(): Promise<void> {
    const own = ++run;
    const { source } = page.store.state();
    const { values, range, draw, words, row: text } = EFFECT_SOURCES[source];
    for (const [id, button] of sources) button.setAttribute("aria-pressed", String(id === source));
    row.textContent = text;
    const { shape, x } = values(page.photographs());
    const asking: Promise<void>[] = [];
    for (const { norm, before, after, chart, word, error } of rows) {
      const partition = partitionOf(presetOf(norm));
      word.textContent = words[norm];
      const showOutcome = ({ y, by, error: off = 0 }: Outcome) => {
        if (own !== run) return;
        for (let i = 0; i < EXAMPLES; i++) {
          draw(before[i] as HTMLCanvasElement, x, shape, i, within(range));
          draw(after[i] as HTMLCanvasElement, y, shape, i, aroundMean);
        }
        drawHistograms(chart, norm, shape, x, y, range);
        error.textContent =
          by === "gpu"
            ? `${presetOf(norm).operation} on ${page.adapter()}, off by at most ${off.toExponential(0)}`
            : "in float64";
      };
      const asked = { norm, partition, shape, x, eps: EPS };
      asking.push(page.engine.ask(asked, showOutcome).then(showOutcome));
    }
    await Promise.all(asking);
  }

  const updateNow = () => void update().catch(page.failed);
  page.onChange(updateNow);
  let shown: SourceId = page.store.state().source;
  page.store.watch(({ state: { source } }) => {
    if (source !== shown) updateNow();
    shown = source;
  });
  updateNow();
}

/** The divider, and the visitor's own files. */
function controls(root: HTMLElement, use: (files: readonly File[]) => void): HTMLElement {
  const divider = html("input", { type: "range", min: 0, max: 100, value: 0, id: "divider" });
  divider.addEventListener("input", () => {
    root.style.setProperty("--divider", `${divider.value}%`);
  });
  const files = html("input", { type: "file", accept: "image/*", multiple: "", id: "own-files" });
  files.addEventListener("change", () => use([...(files.files ?? [])]));
  return html(
    "div",
    { class: "controls" },
    html("label", { for: "divider" }, "Before, up to here"),
    divider,
    html("label", { for: "own-files" }, "Your own photographs, or drop them anywhere"),
    files,
  );
}

function rowOf(norm: (typeof NORMS)[number]) {
  const canvases = () =>
    Array.from({ length: EXAMPLES }, () => html("canvas", { "aria-hidden": "true" }));
  const [after, before] = [canvases(), canvases()];
  const chart = svg("svg", {
    ...{ viewBox: "0 0 260 64", class: "histograms", role: "img" },
    "aria-label": "Histograms",
  });
  const word = html("p", {});
  const error = html("p", { class: "soft small" });
  const pictures = after.map((canvas, i) =>
    html("div", { class: "overlay divided" }, canvas, before[i] as HTMLElement),
  );
  const cells = [
    html("span", { class: "label" }, presetOf(norm).label),
    html("div", { class: "strip" }, ...pictures),
    html("div", { class: "effect" }, word, chart, error),
  ];
  return { norm, after, before, chart, word, error, cells };
}
