// The way back: one output is asked to grow, and its gradient goes to all inputs that shared the mean.

import { html } from "../base/dom";
import { whole } from "../base/format";
import { forEachCell, indexOf, type Shape4, sizeOf } from "../base/shape";
import type { BackwardNorm } from "../norms/backward_calls";
import { backwardReference } from "../norms/backward_reference";
import { partitionOf, presetOf } from "../norms/presets";
import { largestError, type Question, reference } from "../norms/reference";
import { sharedSets } from "../norms/sets";
import { colourPictures, drawColours, drawHeat, same } from "../sources/colour_pictures";
import type { Page } from "./page";

const SIDE = 48;
const EPS = 1e-5;
const NORMS: readonly BackwardNorm[] = ["batch", "layer", "instance", "rms", "evaluation"];

interface Pointed {
  readonly n: number;
  readonly h: number;
  readonly w: number;
}

export function mount(root: HTMLElement, page: Page): void {
  let at: Pointed = { n: 0, h: 22, w: 19 };
  let run = 0;
  const inputs = page.photographs().map(({ name }, n) => {
    const canvas = html("canvas", {});
    const ring = html("span", { class: "ring", hidden: "" });
    const button = html(
      "button",
      { type: "button", class: "picture", "aria-label": `${name}: ask its value to grow` },
      canvas,
      ring,
    );
    button.addEventListener("click", ({ offsetX, offsetY, detail }) => {
      const place = (offset: number, length: number) =>
        Math.min(SIDE - 1, Math.max(0, Math.floor((offset / length) * SIDE)));
      const isPointer = detail > 0;
      at = {
        n,
        h: isPointer ? place(offsetY, button.clientHeight) : at.h,
        w: isPointer ? place(offsetX, button.clientWidth) : at.w,
      };
      void update().catch(page.failed);
    });
    button.addEventListener("keydown", (event) => {
      const moves: Record<string, [number, number]> = {
        ...{ ArrowUp: [-2, 0], ArrowDown: [2, 0], ArrowLeft: [0, -2], ArrowRight: [0, 2] },
      };
      const move = moves[event.key];
      if (!move) return;
      event.preventDefault();
      const clamp = (value: number) => Math.min(SIDE - 1, Math.max(0, value));
      at = { n, h: clamp(at.h + move[0]), w: clamp(at.w + move[1]) };
      void update().catch(page.failed);
    });
    return { canvas, ring, button };
  });
  const rows = NORMS.map((norm) => {
    const canvases = inputs.map(() => html("canvas", { "aria-hidden": "true" }));
    return { norm, canvases, verdict: html("p", { class: "verdict number" }) };
  });
  const table = html("div", { class: "leaks" });
  table.append(
    html("span", { class: "label" }, "input"),
    html("div", { class: "strip" }, ...inputs.map(({ button }) => button)),
    html("p", { class: "soft" }, "Point at a value: its red part is asked to grow."),
    ...rows.flatMap(({ norm, canvases, verdict }) => [
      html("span", { class: "label" }, presetOf(norm).label),
      html("div", { class: "strip dark" }, ...canvases),
      verdict,
    ]),
  );
  const by = html("p", { class: "soft by" });
  root.append(
    table,
    html(
      "p",
      { class: "soft" },
      "A gradient through a mean adds up to 0: what one value gains, the others lose. A gradient " +
        "through a deviation is at right angles to the normalized values. Heat is its size, as a root.",
    ),
    by,
  );

  async function update(): Promise<void> {
    const own = ++run;
    const { shape, x } = colourPictures(page.photographs(), SIDE);
    const dy = new Float32Array(sizeOf(shape));
    dy[indexOf(shape, [at.n, 0, at.h, at.w])] = 1;
    for (const [n, { canvas, ring }] of inputs.entries()) {
      drawColours(canvas, x, shape, n, same);
      ring.hidden = n !== at.n;
      const percent = (place: number) => `${((place + 0.5) / SIDE) * 100}%`;
      Object.assign(ring.style, { left: percent(at.w), top: percent(at.h) });
    }
    const told: string[] = [];
    let error = 0;
    let isOnGpu = true;
    for (const { norm, canvases, verdict } of rows) {
      const preset = presetOf(norm);
      const partition = partitionOf(preset);
      const question = { preset, partition, shape, x, eps: EPS };
      const right = backwardReference(question, dy);
      const computed = await page.engine.onGpu(async ({ context }) => {
        const { computeBackward } = await import("../norms/backward_calls");
        return computeBackward(context, norm, question, dy);
      });
      if (own !== run) return;
      if (computed) error = Math.max(error, largestError(computed, right));
      else isOnGpu = false;
      const dx = computed ?? right;
      const roots = Float32Array.from(dx, (value) => Math.sqrt(Math.abs(value)));
      const most = roots.reduce((a, b) => Math.max(a, b), 0) / 8; // the value itself would outshine all
      for (const [n, canvas] of canvases.entries()) drawHeat(canvas, roots, shape, n, most);
      const text = verdictOf(question, dx, at);
      verdict.textContent = text;
      told.push(`${preset.label}: ${text}`);
    }
    by.textContent = isOnGpu
      ? `Computed by the backward of each norm on ${page.adapter()}. Largest difference to float64: ${error.toExponential(0)}.`
      : "Computed in float64.";
    page.say(told.join(" "));
  }

  page.onChange(() => void update().catch(page.failed));
  update().catch(page.failed);
}

/** Counts whose inputs have to move, and takes the two products that are 0 by definition. */
function verdictOf(question: Question, dx: ArrayLike<number>, at: Pointed): string {
  const { shape, preset, partition } = question;
  const each = sizeOf(shape) / shape[0];
  let [own, others] = [0, 0];
  for (let i = 0; i < dx.length; i++) {
    if (dx[i] === 0) continue;
    if (Math.floor(i / each) === at.n) own++;
    else others++;
  }
  const moved = `${whole(own)} of its own picture, ${whole(others)} of the others`;
  const products = productsOf(question, dx, sharedSets(shape, preset, partition).of, shape, at);
  return preset.statistic === "outside" ? `${moved}.` : `${moved}. ${products}`;
}

function productsOf(
  question: Question,
  dx: ArrayLike<number>,
  of: (cell: readonly [number, number, number, number]) => number,
  shape: Shape4,
  at: Pointed,
): string {
  const { y } = reference(question);
  const set = of([at.n, 0, at.h, at.w]);
  let [sum, product, size] = [0, 0, 0];
  forEachCell(shape, (cell, i) => {
    if (of(cell) !== set) return;
    const value = dx[i] as number;
    sum += value;
    size += Math.abs(value);
    product += value * (y[i] as number);
  });
  const share = (value: number) => `${((100 * Math.abs(value)) / size).toPrecision(1)} %`;
  const mean = question.preset.statistic === "moments" ? `Sum: ${share(sum)} of its size; ` : "";
  return `${mean}${mean ? "with" : "With"} the normalized values: ${share(product)}.`;
}
