// Cards that are hard on a norm: ours, and a real kernel of the textbook formula, on the same GPU.

import { html } from "../base/dom";
import type { Shape4 } from "../base/shape";
import { partitionOf, presetOf } from "../norms/presets";
import { largestError, reference } from "../norms/reference";
import { aroundMean, colourPictures, drawColours } from "../sources/colour_pictures";
import { picked } from "../state/settled";
import { naiveOnGpu, naiveSimulated } from "./naive";
import type { Page } from "./page";

const SIDE = 48;

interface Trial {
  readonly label: string;
  readonly text: string;
  /** Makes the hard input of the photographs' values. */
  readonly hard: (value: number, cell: { n: number; c: number; k: number }) => number;
  readonly eps?: number;
  readonly half?: boolean;
}

const TRIALS: readonly Trial[] = [
  {
    label: "as it is",
    text: "Values of 0 to 1, InstanceNorm of each colour. Both formulas are right.",
    hard: (value) => value,
  },
  {
    label: "offset 1,000",
    text: "A constant changes no norm on paper. E[x²] − E[x]² begins to lose digits.",
    hard: (value) => value + 1000,
  },
  {
    label: "offset 1,000,000",
    text:
      "E[x²] − E[x]² subtracts two numbers of 10¹² that agree in all of f32's digits. Grey levels that " +
      "both lack were lost in the input: at 10⁶ a float32 has steps of 1/16.",
    hard: (value) => value + 1e6,
  },
  {
    label: "a constant channel",
    text: "Red is 300 everywhere. Its variance is 0, and what rounding leaves of it is blown up, or negative.",
    hard: (value, { c }) => (c === 0 ? 300 : value),
  },
  {
    label: "one outlier",
    text: "One pixel of each picture is 10,000. It takes all the deviation, and the rest is squashed.",
    hard: (value, { k }) => (k === 0 ? 1e4 : value),
  },
  {
    label: "sums in f16",
    text: "Values of 0 to 100, sums in half precision: beyond 65,504 there is nothing. Ours sums in f32.",
    hard: (value) => 100 * value,
    half: true,
  },
  {
    label: "eps 0.01",
    text: "A large eps keeps low contrast low: the deviation of the dark pictures stays below 1.",
    hard: (value) => value,
    eps: 0.01,
  },
];

export function mount(root: HTMLElement, page: Page): void {
  let trial = TRIALS[2] as Trial;
  let run = 0;
  const buttons = TRIALS.map((one) => {
    const button = html("button", { type: "button", class: "pill" }, one.label);
    button.addEventListener("click", () => {
      trial = one;
      void update().catch(page.failed);
    });
    return [one, button] as const;
  });
  const text = html("p", { class: "soft" });
  const strips = ["float64", "instanceNorm", "E[x²] − E[x]²"].map((label) => {
    const canvases = page.photographs().map(() => html("canvas", { "aria-hidden": "true" }));
    const verdict = html("p", { class: "verdict number" });
    const strip = html("div", { class: "strip" }, ...canvases);
    return { label: html("span", { class: "label" }, label), strip, canvases, verdict };
  });
  const group = { class: "pills", role: "group", "aria-label": "Inputs that are hard" };
  root.append(
    html("div", group, ...buttons.map(([, button]) => button)),
    text,
    html(
      "div",
      { class: "leaks" },
      ...strips.flatMap(({ label, strip, verdict }) => [label, strip, verdict]),
    ),
    oneValue(page),
  );

  async function update(): Promise<void> {
    const own = ++run;
    const pictures = colourPictures(page.photographs(), SIDE);
    const { shape } = pictures;
    const plane = SIDE * SIDE;
    const x = pictures.x.map((value, i) =>
      trial.hard(value, {
        n: Math.floor(i / plane / 3),
        c: Math.floor(i / plane) % 3,
        k: i % plane,
      }),
    );
    const eps = trial.eps ?? 1e-5;
    for (const [one, button] of buttons) button.setAttribute("aria-pressed", String(one === trial));
    text.textContent = trial.text;
    const preset = presetOf("instance");
    const partition = partitionOf(preset);
    const question = { partition, shape, x, eps };
    const right = reference({ preset, ...question }).y;
    const options = { length: plane, eps, half: trial.half ?? false };
    const [ours, textbook] = await Promise.all([
      page.engine.ask({ norm: "instance", ...question }),
      page.engine.onGpu(({ context }) => naiveOnGpu(context, x, options)),
    ]);
    if (own !== run) return;
    const naive = textbook ?? naiveSimulated(x, options);
    const errors = [ours.y, naive].map((y) => largestError(Float32Array.from(y), right));
    const results = [right, ours.y, naive];
    for (const [i, { canvases, verdict }] of strips.entries()) {
      draw(canvases, results[i] as ArrayLike<number>, shape);
      verdict.textContent = i === 0 ? "what is right" : errorText(errors[i - 1] as number);
    }
    const where = textbook ? `on ${page.adapter()}` : "in float64, the textbook formula simulated";
    page.say(
      `${trial.label}, ${where}: ours ${errorText(errors[0] as number)}; textbook ${errorText(errors[1] as number)}`,
    );
  }

  page.onChange(() => void update().catch(page.failed));
  update().catch(page.failed);
}

function draw(canvases: readonly HTMLCanvasElement[], y: ArrayLike<number>, shape: Shape4): void {
  for (const [n, canvas] of canvases.entries()) drawColours(canvas, y, shape, n, aroundMean);
}

const errorText = (error: number) =>
  Number.isNaN(error) ? "not a number" : `off by at most ${error.toExponential(1)}`;

/** BatchNorm of one value a channel cannot work, and the library says so at the call. */
function oneValue(page: Page): HTMLElement {
  const output = html("p", { class: "number" });
  const button = html(
    "button",
    { type: "button", class: "pill" },
    "BatchNorm of one example, 1 × 1",
  );
  button.addEventListener("click", async () => {
    const partition = partitionOf(presetOf("batch"));
    const x = Float32Array.of(0.2, 0.5, 0.9);
    const asked = { norm: "batch", partition, shape: [1, 3, 1, 1], x, eps: 1e-5 } as const;
    const answer = await page.engine.ask(asked).catch((error: unknown) => error);
    output.textContent =
      answer instanceof Error
        ? String(answer)
        : "In float64: each value is its own mean, all are 0.";
    page.say(output.textContent);
  });
  const sheet = html(
    "button",
    { type: "button", class: "pill" },
    "BatchNorm of one photograph, on the sheet",
  );
  sheet.addEventListener("click", () => {
    page.store.set({ ...picked("batch", "images"), view: "images", examples: 1, at: "" }, "choice");
  });
  return html("div", { class: "aside" }, button, sheet, output);
}
