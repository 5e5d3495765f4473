// Two values say nothing, and the experiment that follows from it: networks that differ in their norm
// alone are trained in the page.

import { html } from "../base/dom";
import { askingPanel } from "./asking_panel";
import { mountDots } from "./dots";
import type { Page } from "./page";
import { trainingPanel } from "./training_panel";

const NOTES = [
  "GroupNorm never sees the batch, so its points do not depend on it: by definition, not by measurement.",
  "On this net GroupNorm is as good at 32 as well. On ResNet-50 the paper measured an error 10.6 % " +
    "lower than BatchNorm's at a batch size of 2.",
  "What decides is not the batch size but the number of values behind a mean. Maps of many pixels " +
    "have more of them: on easy digits the net with convolutions does not fail at 2.",
  "BatchNorm is tested with the statistics of training; ask the networks below with those of the batch.",
];

export function mount(root: HTMLElement, page: Page): void {
  const dots = html("div", {});
  mountDots(dots, page);
  const notes = html("ul", {}, ...NOTES.map((note) => html("li", {}, note)));
  root.append(
    dots,
    html("h3", {}, "Networks are trained on it, here and now"),
    html(
      "p",
      { class: "soft" },
      "All networks get the same digits, 32 a step, and differ in their norm alone. BatchNorm over " +
        "fewer examples takes its mean over ghost batches of that size.",
    ),
    trainingPanel(page),
    html("div", { class: "soft notes" }, notes),
    html("h3", {}, "Draw a digit, and ask all of them"),
    askingPanel(page),
  );
}
