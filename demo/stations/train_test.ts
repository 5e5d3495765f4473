// One digit, and its neighbours change each second: what do the networks answer?

import { html } from "../base/dom";
import { Random } from "../base/random";
import { neighboursOf } from "../experiment/data";
import { drawDigits } from "../experiment/digits";
import type { Statistics } from "../experiment/experiment";
import { labelOf } from "../experiment/kinds";
import { PIXELS } from "../experiment/pen";
import { createAnswers } from "../training/answers";
import { digitCanvas, drawPicture } from "../training/picture";
import type { Page } from "./page";

const SHOWN = 31;
const REST_MS = 1000;

export function mount(root: HTMLElement, page: Page): void {
  const { session } = page;
  let statistics: Statistics = "batch";
  let number = 0;
  let isVisible = false;
  let isStill = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const picture = drawDigits(new Random(44), 1, 0.5).pictures;
  const seen = digitCanvas();
  const strip = html("div", { class: "digits" }, ...Array.from({ length: SHOWN }, digitCanvas));
  const answers = createAnswers();
  const changes = html("p", {});
  const counts = new Map<string, Set<number>>();
  const pause = html("button", { type: "button", class: "pill" });
  const next = html("button", { type: "button", class: "pill" }, "Other neighbours");
  const modes = (["batch", "running"] as const).map((mode) => {
    const text = mode === "batch" ? "Statistics of the batch" : "Statistics from training";
    const choice = html("button", { type: "button", class: "pill" }, text);
    choice.addEventListener("click", () => {
      statistics = mode;
      counts.clear();
      void ask(true).catch(page.failed);
    });
    return [mode, choice] as const;
  });
  root.append(
    html("div", { class: "pills" }, ...modes.map(([, choice]) => choice), next, pause),
    html("div", { class: "batch" }, html("div", { class: "asked" }, seen), strip),
    answers.root,
    changes,
  );
  next.addEventListener("click", () => void ask(true).catch(page.failed));
  pause.addEventListener("click", () => {
    isStill = !isStill;
    label();
  });
  const label = () => {
    pause.textContent = isStill ? "Change them each second" : "Stand still";
  };
  label();

  async function ask(isAsked: boolean): Promise<void> {
    number++;
    drawPicture(seen, picture);
    for (const [mode, choice] of modes) {
      choice.setAttribute("aria-pressed", String(mode === statistics));
    }
    let neighbours: Float32Array = new Float32Array();
    const given = await session.answers(picture, (spec) => {
      neighbours = neighboursOf(spec, number);
      return { statistics, neighbours };
    });
    if (!given) {
      changes.textContent =
        "The networks of the station above are not there yet: train them first.";
      return;
    }
    const { spec, shares: all } = given;
    for (const [i, canvas] of [...strip.children].entries()) {
      drawPicture(canvas as HTMLCanvasElement, neighbours.subarray(i * PIXELS, (i + 1) * PIXELS));
    }
    answers.show(spec, all);
    for (const [k, kind] of spec.kinds.entries()) {
      const shares = all[k]?.[0] ?? [];
      const known = counts.get(labelOf(kind)) ?? new Set<number>();
      known.add(shares.indexOf(Math.max(...shares)));
      counts.set(labelOf(kind), known);
    }
    const fickle = [...counts].filter(([, digits]) => digits.size > 1);
    changes.textContent =
      fickle.length === 0
        ? "No network has changed its answer so far."
        : `Changed their answer because of the neighbours: ${fickle.map(([name]) => name).join("; ")}.`;
    if (isAsked) page.say(`${answers.text()}. ${changes.textContent}`);
  }

  let hadNetworks = false;
  session.watch(({ experiment }) => {
    const hasNetworks = experiment !== undefined;
    if (hasNetworks && !hadNetworks) void ask(false).catch(page.failed);
    hadNetworks = hasNetworks;
  });
  setInterval(() => {
    if (isVisible && !isStill && !document.hidden) void ask(false).catch(page.failed);
  }, REST_MS);
  new IntersectionObserver(([entry]) => {
    isVisible = entry?.isIntersecting ?? false;
  }).observe(root);
  void ask(false).catch(page.failed);
}
