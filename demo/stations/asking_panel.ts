// The panel in which a visitor draws a digit and asks all networks what it is, in the company of
// neighbours that he may exchange.

import { html } from "../base/dom";
import { Random } from "../base/random";
import { neighboursOf } from "../experiment/data";
import { drawDigits } from "../experiment/digits";
import type { Statistics } from "../experiment/experiment";
import { pictureOf } from "../experiment/pad";
import { createAnswers } from "../training/answers";
import { createPad } from "../training/drawing_pad";
import { digitCanvas, drawPicture } from "../training/picture";
import type { Page } from "./page";

const MODES: Readonly<Record<Statistics, string>> = {
  running: "statistics from training",
  batch: "statistics of this batch",
};

export function askingPanel(page: Page): HTMLElement {
  const { session } = page;
  let statistics: Statistics = "running";
  let neighbourhood = 1;
  let picture: Float32Array = drawDigits(new Random(91), 1, 0.2).pictures;

  const askNow = () => {
    ask()
      .then(() => page.say(answers.text()))
      .catch(page.failed);
  };
  const pad = createPad((strokes) => {
    picture = pictureOf(strokes) ?? picture;
    askNow();
  });
  const clear = html("button", { type: "button", class: "pill" }, "Clear");
  const seen = digitCanvas();
  const answers = createAnswers();
  const modes = (Object.entries(MODES) as [Statistics, string][]).map(([mode, text]) => {
    const choice = html("button", { type: "button", class: "pill" }, text);
    choice.addEventListener("click", () => {
      statistics = mode;
      askNow();
    });
    return [mode, choice] as const;
  });
  const shuffle = html("button", { type: "button", class: "pill" }, "Other neighbours");
  clear.addEventListener("click", pad.clear);
  shuffle.addEventListener("click", () => {
    neighbourhood++;
    statistics = "batch";
    askNow();
  });

  /** Asks the networks about the picture, among its neighbours. */
  async function ask(): Promise<void> {
    drawPicture(seen, picture);
    for (const [mode, choice] of modes) {
      choice.setAttribute("aria-pressed", String(mode === statistics));
    }
    const given = await session.answers(picture, (spec) => ({
      statistics,
      neighbours: neighboursOf(spec, neighbourhood),
    }));
    if (!given) return;
    answers.show(given.spec, given.shares);
  }

  let last = session.progress();
  session.watch((progress) => {
    const { phase, curve } = progress;
    const isOften = curve !== last.curve && curve.length % 2 === 0;
    if (isOften || (phase === "done" && last.phase !== "done")) ask().catch(page.failed);
    last = progress;
  });
  ask().catch(page.failed);

  const pills = html("div", { class: "pills" }, ...modes.map(([, choice]) => choice), shuffle);
  return html(
    "div",
    { class: "ask" },
    html("div", {}, pad.canvas, html("div", { class: "pills" }, clear, seen)),
    html("div", {}, pills, answers.root),
  );
}
