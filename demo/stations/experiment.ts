// Two values say nothing, and the experiment that follows from it: networks that differ in their norm
// alone are trained in the page.

import { html } from "../base/dom";
import { Random } from "../base/random";
import { drawDigits } from "../experiment/digits";
import type { Experiment } from "../experiment/experiment";
import { labelOf } from "../experiment/kinds";
import { pictureOf } from "../experiment/pad";
import { PIXELS } from "../experiment/pen";
import { CONV, fewestValues, MLP, type Spec } from "../experiment/spec";
import { createAnswers } from "../training/answers";
import { chartOf, drawDots, drawLines, type Line } from "../training/chart";
import { createPad } from "../training/drawing_pad";
import { digitCanvas, drawPicture } from "../training/picture";
import type { Progress } from "../training/session";
import { mountDots } from "./dots";
import type { Page } from "./station";

const SHOWN = 40;
const ERROR = { label: "error on 512 test digits, %", marks: [0, 30, 60, 90] };
const STEP = { label: "step of 32 digits", marks: [0, 128, 256, 384, 512] };
const VALUES = { label: "values behind a mean", marks: [2, 4, 8, 16, 32, 64], isLog: true };

const SPECS: readonly { readonly label: string; readonly spec: Spec }[] = [
  { label: "dense layers", spec: MLP },
  { label: "convolutions", spec: CONV },
  { label: "convolutions, easy digits", spec: { ...CONV, hard: 0.5 } },
];

export function mount(root: HTMLElement, page: Page): void {
  const { session } = page;
  let chosen = SPECS[0]?.spec as Spec;
  let statistics: "running" | "batch" = "running";

  const dots = html("div", {});
  mountDots(dots, page);
  const strip = html("div", { class: "digits" }, ...Array.from({ length: SHOWN }, digitCanvas));
  const button = html("button", { type: "button", class: "pill strong" }, "Train");
  const again = html("button", { type: "button", class: "pill" }, "Start again");
  const specs = SPECS.map(({ label, spec }) => {
    const choice = html("button", { type: "button", class: "pill" }, label);
    choice.addEventListener("click", () => {
      chosen = spec;
      session.reset();
      void session.start(spec).catch(page.failed);
    });
    return [spec, choice] as const;
  });
  const status = html("p", { class: "soft status" });
  const steps = chartOf(STEP, ERROR);
  const values = chartOf(VALUES, ERROR);
  const notes = html("div", { class: "soft notes" });

  const pad = createPad((strokes) => {
    const drawn = pictureOf(strokes);
    if (drawn) picture = drawn;
    void ask().catch(page.failed);
  });
  const clear = html("button", { type: "button", class: "pill" }, "Clear");
  const seen = digitCanvas();
  const answers = createAnswers();
  const modes = (["running", "batch"] as const).map((mode) => {
    const text = mode === "running" ? "statistics from training" : "statistics of this batch";
    const choice = html("button", { type: "button", class: "pill" }, text);
    choice.addEventListener("click", () => {
      statistics = mode;
      void ask().catch(page.failed);
    });
    return [mode, choice] as const;
  });
  const shuffle = html("button", { type: "button", class: "pill" }, "Other neighbours");
  let neighbourhood = 1;
  let picture: Float32Array = drawDigits(new Random(91), 1, 0.2).pictures;

  root.append(
    dots,
    html("h3", {}, "Networks are trained on it, here and now"),
    html(
      "p",
      { class: "soft" },
      "All networks get the same digits, 32 a step, and differ in their norm alone. BatchNorm over " +
        "fewer examples takes its mean over ghost batches of that size.",
    ),
    strip,
    html("div", { class: "pills" }, button, again, ...specs.map(([, choice]) => choice)),
    status,
    html("div", { class: "charts" }, steps.root, values.root),
    notes,
    html("h3", {}, "Draw a digit, and ask all of them"),
    html(
      "div",
      { class: "ask" },
      html("div", {}, pad.canvas, html("div", { class: "pills" }, clear, seen)),
      html(
        "div",
        {},
        html("div", { class: "pills" }, ...modes.map(([, choice]) => choice), shuffle),
        answers.root,
      ),
    ),
  );

  button.addEventListener("click", () => {
    if (session.progress().phase === "training") session.pause();
    else void session.start(chosen).catch(page.failed);
  });
  again.addEventListener("click", () => {
    session.reset();
    void session.start(chosen).catch(page.failed);
  });
  clear.addEventListener("click", pad.clear);
  shuffle.addEventListener("click", () => {
    neighbourhood++;
    statistics = "batch";
    void ask().catch(page.failed);
  });

  /** Asks the networks about the picture, among its neighbours. */
  async function ask(): Promise<void> {
    const { experiment } = session.progress();
    drawPicture(seen, picture);
    for (const [mode, choice] of modes) {
      choice.setAttribute("aria-pressed", String(mode === statistics));
    }
    if (!experiment) return;
    answers.show(experiment.spec, await experiment.answers(picture, questionOf(experiment)));
    page.say(answers.text());
  }

  const questionOf = ({ spec }: Experiment) => ({
    statistics,
    neighbours: neighboursOf(spec, neighbourhood),
  });

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
      const said = curveText(spec, progress);
      for (const chart of [steps, values]) {
        chart.root.setAttribute("aria-label", `${ERROR.label}. ${said}`);
      }
    }
    if (phase === "done" && last.phase !== "done")
      page.say(`Trained. ${curveText(spec, progress)}`);
    if (phase === "done" || (curve !== last.curve && curve.length % 2 === 0)) {
      void ask().catch(page.failed);
    }
    last = progress;
  }
  session.watch(show);
  show(session.progress());
  showDigits(strip, chosen, 0);
  showNotes(notes);
  void ask().catch(page.failed);

  // it trains only while it is looked at
  let isPausedHere = false;
  new IntersectionObserver(([entry]) => {
    const isVisible = entry?.isIntersecting ?? false;
    const { phase } = session.progress();
    if (isVisible && (phase === "idle" || isPausedHere)) {
      isPausedHere = false;
      void session.start(chosen).catch(page.failed);
    } else if (!isVisible && phase === "training") {
      isPausedHere = true;
      session.pause();
    }
  }).observe(root);
}

/** Other digits of the batch, the same ones for the same number. */
export function neighboursOf({ batch, hard }: Spec, number: number): Float32Array {
  return drawDigits(new Random(57, number), batch - 1, hard).pictures;
}

function showDigits(strip: HTMLElement, { hard }: Spec, step: number): void {
  const { pictures } = drawDigits(new Random(23, step), SHOWN, hard);
  for (const [i, canvas] of [...strip.children].entries()) {
    drawPicture(canvas as HTMLCanvasElement, pictures.subarray(i * PIXELS, (i + 1) * PIXELS));
  }
}

function statusOf(
  { phase, compiled, step, seconds, slow, experiment }: Progress,
  adapter: string,
): string {
  if (phase === "idle") return "Not begun.";
  if (phase === "compiling") return `Compiling the networks: ${(100 * compiled).toFixed(0)} %`;
  const { steps = 0, name = "", kinds = [], seeds = 1 } = experiment?.spec ?? {};
  const small = slow ? " This device is slow, so it is a smaller net with three norms." : "";
  const where = adapter ? ` on ${adapter}` : " in float64, without a GPU";
  return `Step ${step} of ${steps}: ${kinds.length * seeds} networks ${name}${where}, ${seconds.toFixed(1)} s.${small}`;
}

/** The mean of the seeds is a strong line; each of them is a thin one. */
function linesOf(spec: Spec, { curve }: Progress): Line[] {
  return spec.kinds.flatMap((kind, k): Line[] => {
    const of = (share: (seeds: readonly number[]) => number) =>
      curve.map(({ step, errors }) => [step, 100 * share(errors[k] ?? [])] as const);
    const thin = Array.from({ length: spec.seeds > 1 ? spec.seeds : 0 }, (_, seed) => ({
      ...{ name: "", colour: k, isThin: true },
      points: of((seeds) => seeds[seed] ?? 0),
    }));
    return [...thin, { name: shortName(labelOf(kind)), colour: k, points: of(mean) }];
  });
}

function dotsOf(spec: Spec, { curve }: Progress) {
  const last = curve.at(-1);
  return spec.kinds.flatMap((kind, k) => {
    const values = Math.min(64, fewestValues(spec, kind));
    return (last?.errors[k] ?? []).map((error) => ({
      at: [values, 100 * error] as const,
      colour: k,
    }));
  });
}

const mean = (values: readonly number[]) => values.reduce((a, b) => a + b, 0) / values.length;
const shortName = (label: string) =>
  label.replace(/^BatchNorm, (\d+) examples?/, "BatchNorm $1").replace(/, (\d+) groups/, "");

function curveText(spec: Spec, { curve }: Progress): string {
  const last = curve.at(-1);
  if (!last) return "";
  const parts = spec.kinds.map(
    (kind, k) => `${labelOf(kind)}: ${(100 * mean(last.errors[k] ?? [])).toFixed(1)} %`,
  );
  return `After step ${last.step}: ${parts.join("; ")}`;
}

const NOTES = [
  "GroupNorm never sees the batch, so its points do not depend on it: by definition, not by measurement.",
  "On this net GroupNorm is as good at 32 as well. On ResNet-50 the paper measured an error 10.6 % " +
    "lower than BatchNorm's at a batch size of 2.",
  "What decides is not the batch size but the number of values behind a mean. Maps of many pixels " +
    "have more of them: on easy digits the net with convolutions does not fail at 2.",
  "BatchNorm is tested with the statistics of training; ask the networks below with those of the batch.",
];

function showNotes(root: HTMLElement): void {
  root.append(html("ul", {}, ...NOTES.map((note) => html("li", {}, note))));
}
