// The result rows show before and after: one row for the input and one for each norm, with pictures
// and a histogram.

import { entryAt } from "../src/base/entry";
import { histogram } from "./charts";
import { html } from "./dom";
import { BANK } from "./filters";
import { drawStrip, normalized, original, stretched, type Tone } from "./images";
import { SHOWN, type Summary } from "./reference";
import type { Kind } from "./settings";
import { NORM_IDS, type NormId, SHARING, type Shape4, sameNote } from "./shapes";

/** What is on show; kept so that another feature map can be drawn without another run. */
export interface Shown {
  kind: Kind;
  shape: Shape4;
  offset: number;
  names: readonly string[];
  input: Float32Array;
  outputs: Partial<Record<NormId, Float32Array>>;
}

interface Row {
  strip: HTMLElement;
  chart: HTMLElement;
  text: HTMLElement;
  note: HTMLElement;
}

export interface Rows {
  input(shown: Shown, summary: Summary, channel: number): void;
  norm(shown: Shown, id: NormId, summary: Summary, channel: number): void;
  /** Says what each norm does, and where it is the same as another with these settings. */
  texts(kind: Kind, shape: Shape4, groups: number): void;
  /** Another feature map of what is on show. */
  redraw(shown: Shown, channel: number): void;
}

const INPUT_TEXT: Readonly<Record<Kind, string>> = {
  images: "As it comes: red, green and blue from 0 to 1.",
  features: "One of the 32 feature maps, stretched to its own range so that it can be seen.",
};

function makeRow(title: string): [HTMLElement, Row] {
  const row: Row = {
    strip: html("div", { class: "strip", role: "group", "aria-label": `${title}: pictures` }),
    chart: html("div", { class: "chart" }),
    text: html("p"),
    note: html("p", { class: "note" }),
  };
  const words = html("div", { class: "words" }, html("h3", {}, title), row.text, row.note);
  return [html("article", { class: "row" }, words, row.strip, row.chart), row];
}

/** Columns of a strip on wide and on narrow screens. */
function setColumns(strip: HTMLElement, n: number): void {
  strip.style.setProperty("--wide", String(n <= 8 ? Math.max(n, 4) : Math.ceil(n / 2)));
  strip.style.setProperty("--narrow", String(n <= 9 ? 3 : 4));
}

function draw(
  row: Row,
  title: string,
  data: Float32Array,
  shown: Shown,
  channel: number,
  tone: Tone,
) {
  const { kind, shape } = shown;
  const map = kind === "features" ? `, ${entryAt(BANK, channel).name}` : "";
  const names = shown.names.map((name) => `${title}: ${name}${map}`);
  setColumns(row.strip, shape[0]);
  drawStrip(row.strip, { data, shape, kind, channel, tone, names });
}

export function makeRows(container: HTMLElement): Rows {
  const [inputArticle, inputRow] = makeRow("Input");
  const rows = {} as Record<NormId, Row>;
  container.append(inputArticle);
  for (const id of NORM_IDS) {
    const [article, row] = makeRow(SHARING[id].label);
    article.classList.add("needs-gpu");
    rows[id] = row;
    container.append(article);
  }

  const drawInput = (shown: Shown, channel: number) => {
    const { input, shape, kind, offset } = shown;
    const tone = kind === "images" ? original(offset) : stretched(input, shape, channel);
    draw(inputRow, "Input", input, shown, channel, tone);
  };
  const drawNorm = (shown: Shown, id: NormId, channel: number) => {
    const y = shown.outputs[id];
    if (y) draw(rows[id], SHARING[id].label, y, shown, channel, normalized);
  };

  return {
    input(shown, summary, channel) {
      drawInput(shown, channel);
      const chart = histogram(summary, {
        label: "Histogram of the input",
        colour: "var(--before)",
        offset: shown.offset,
        ticks: 4,
        axisText: shown.offset === 0 ? "value" : "value − offset",
      });
      inputRow.chart.replaceChildren(chart);
    },
    norm(shown, id, summary, channel) {
      drawNorm(shown, id, channel);
      const chart = histogram(summary, {
        label: `Histogram of ${SHARING[id].label}'s output`,
        colour: "var(--accent)",
        offset: 0,
        ticks: [SHOWN[0], -2, -1, 0, 1, 2, SHOWN[1]],
        axisText: "value",
      });
      rows[id].chart.replaceChildren(chart);
    },
    texts(kind, shape, groups) {
      inputRow.text.textContent = INPUT_TEXT[kind];
      for (const id of NORM_IDS) {
        rows[id].text.textContent = SHARING[id].effect[kind];
        rows[id].note.textContent = sameNote(id, shape, groups) ?? "";
      }
    },
    redraw(shown, channel) {
      drawInput(shown, channel);
      for (const id of NORM_IDS) drawNorm(shown, id, channel);
    },
  };
}
