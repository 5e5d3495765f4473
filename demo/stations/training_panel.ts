// The panel in which networks are trained: the digits that they see, the buttons, and two charts that
// are drawn as they learn.

import { html } from "../base/dom";
import { Random } from "../base/random";
import { drawDigits } from "../experiment/digits";
import { PIXELS } from "../experiment/pen";
import { CONV, MLP, type Spec } from "../experiment/spec";
import { STREAM } from "../experiment/weights";
import { chartOf, drawDots, drawLines } from "../training/chart";
import { curveText, dotsOf, linesOf, statusOf } from "../training/curves";
import { digitCanvas, drawPicture } from "../training/picture";
import type { Progress } from "../training/session";
import type { Page } from "./page";

const SHOWN = 40;
const ERROR = { label: "error on 512 test digits, %", marks: [0, 30, 60, 90] };
const STEP = { label: "step of 32 digits", marks: [0, 128, 256, 384, 512] };
const VALUES = { label: "values behind a mean", marks: [2, 4, 8, 16, 32, 64], isLog: true };

const SPECS: readonly { readonly label: string; readonly spec: Spec }[] = [
  { label: "dense layers", spec: MLP },
  { label: "convolutions", spec: CONV },
  { label: "convolutions, easy digits", spec: { ...CONV, hard: 0.5 } },
];

export function trainingPanel(page: Page): HTMLElement {
  const { session } = page;
  let chosen = SPECS[0]?.spec as Spec;
  const begin = () => void session.start(chosen).catch(page.failed);
  const beginAnew = () => {
    session.reset();
    begin();
  };

  const strip = html("div", { class: "digits" }, ...Array.from({ length: SHOWN }, digitCanvas));
  const button = html("button", { type: "button", class: "pill strong" }, "Train");
  const again = html("button", { type: "button", class: "pill" }, "Start again");
  const specs = SPECS.map(({ label, spec }) => {
    const choice = html("button", { type: "button", class: "pill" }, label);
    choice.addEventListener("click", () => {
      chosen = spec;
      beginAnew();
    });
    return [spec, choice] as const;
  });
  const status = html("p", { class: "soft status" });
  const steps = chartOf(STEP, ERROR);
  const values = chartOf(VALUES, ERROR);
  const choices = specs.map(([, choice]) => choice);
  const pills = html("div", { class: "pills" }, button, again, ...choices);
  const charts = html("div", { class: "charts" }, steps.root, values.root);
  const root = html("div", { class: "panel" }, strip, pills, status, charts);

  button.addEventListener("click", () => {
    if (session.progress().phase === "training") session.pause();
    else begin();
  });
  again.addEventListener("click", beginAnew);

  let last: Progress = session.progress();
  function show(progress: Progress): void {
    const { phase, step, curve, experiment } = progress;
    const spec = experiment?.spec ?? chosen;
    button.textContent = phase === "training" ? "Pause" : phase === "done" ? "Trained" : "Train";
    button.disabled = phase === "compiling" || phase === "done";
    for (const [one, choice] of specs) choice.setAttribute("aria-pressed", String(one === chosen));
    status.textContent = statusOf(progress, page.adapter());
    if (step !== last.step) showDigits(strip, spec, step);
    if (curve !== last.curve || experiment !== last.experiment) {
      drawLines(steps.body, steps.scales, linesOf(spec, progress));
      drawDots(values.body, values.scales, dotsOf(spec, progress));
      const label = `${ERROR.label}. ${curveText(spec, progress)}`;
      for (const chart of [steps, values]) chart.root.setAttribute("aria-label", label);
    }
    if (phase === "done" && last.phase !== "done")
      page.say(`Trained. ${curveText(spec, progress)}`);
    last = progress;
  }
  session.watch(show);
  show(session.progress());
  showDigits(strip, chosen, 0);
  trainWhileSeen(root, page, begin);
  return root;
}

/** It begins when it is seen, unless nothing is to move by itself, and pauses when it is not. */
function trainWhileSeen(root: HTMLElement, { session }: Page, begin: () => void): void {
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");
  let isPausedHere = false;
  new IntersectionObserver(([entry]) => {
    const isVisible = entry?.isIntersecting ?? false;
    const { phase } = session.progress();
    if (isVisible && (isPausedHere || (phase === "idle" && !reduced.matches))) {
      isPausedHere = false;
      begin();
    } else if (!isVisible && phase === "training") {
      isPausedHere = true;
      session.pause();
    }
  }).observe(root);
}

function showDigits(strip: HTMLElement, { hard }: Spec, step: number): void {
  const { pictures } = drawDigits(new Random(STREAM.shown, step), SHOWN, hard);
  for (const [i, canvas] of [...strip.children].entries()) {
    drawPicture(canvas as HTMLCanvasElement, pictures.subarray(i * PIXELS, (i + 1) * PIXELS));
  }
}
