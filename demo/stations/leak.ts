// Change one picture: which values of the others change, in numbers of bits?

import { html } from "../base/dom";
import { whole } from "../base/format";
import { sizeOf } from "../base/shape";
import type { Outcome } from "../engine/engine";
import { type NormId, partitionOf, presetOf } from "../norms/presets";
import {
  aroundMean,
  colourPictures,
  drawColours,
  drawHeat,
  same,
} from "../sources/colour_pictures";
import type { Page } from "./page";

const SIDE = 48;
const EPS = 1e-5;

const NORMS: readonly NormId[] = [
  "batch",
  "ghost",
  "layer",
  "instance",
  "rms",
  "channels",
  "evaluation",
];

interface Replacement {
  readonly label: string;
  /** A value of the new picture, given the old one. */
  readonly value: (old: number, index: number) => number;
}

const REPLACEMENTS: readonly Replacement[] = [
  { label: "black", value: () => 0 },
  { label: "white", value: () => 1 },
  { label: "negative", value: (old) => 1 - old },
  { label: "brighter by 1/255", value: (old) => old + 1 / 255 },
];

export interface Leak {
  /** Values of the other examples whose bits changed, and of how many. */
  readonly changed: number;
  readonly of: number;
  readonly largest: number;
  readonly differences: Float32Array;
}

/** Compares two results bit for bit, beside one example. */
export function leakOf(
  before: ArrayLike<number>,
  after: ArrayLike<number>,
  examples: number,
  example: number,
): Leak {
  const each = before.length / examples;
  const differences = new Float32Array(before.length);
  let changed = 0;
  let largest = 0;
  for (let i = 0; i < before.length; i++) {
    if (Math.floor(i / each) === example) continue;
    const [a, b] = [before[i] as number, after[i] as number];
    if (Object.is(a, b)) continue;
    changed++;
    differences[i] = b - a;
    largest = Math.max(largest, Math.abs(b - a));
  }
  return { changed, of: before.length - each, largest, differences };
}

interface Row {
  readonly norm: NormId;
  readonly pictures: readonly HTMLCanvasElement[];
  readonly heats: readonly HTMLCanvasElement[];
  readonly verdict: HTMLElement;
}

export function mount(root: HTMLElement, page: Page): void {
  let chosen = 0;
  let replacement = REPLACEMENTS[0] as Replacement;
  let run = 0;

  const inputs = page.photographs().map(({ name }, i) => {
    const canvas = html("canvas", {});
    const button = html("button", { type: "button", class: "picture", "aria-label": name }, canvas);
    button.addEventListener("click", () => {
      chosen = i;
      void update();
    });
    return { canvas, button };
  });
  const choices = REPLACEMENTS.map((one) => {
    const button = html("button", { type: "button", class: "pill" }, one.label);
    button.addEventListener("click", () => {
      replacement = one;
      void update();
    });
    return [one, button] as const;
  });
  const rows = NORMS.map((norm) => rowOf(norm, inputs.length));
  const table = html("div", { class: "leaks" });
  table.append(
    html("span", { class: "label" }, "input"),
    html("div", { class: "strip" }, ...inputs.map(({ button }) => button)),
    html(
      "div",
      { class: "pills", role: "group", "aria-label": "Replace the picture" },
      "make it ",
      ...choices.map(([, button]) => button),
    ),
    ...rows.flatMap(({ norm, pictures, heats, verdict }) => [
      html("span", { class: "label" }, presetOf(norm).label),
      html(
        "div",
        { class: "strip" },
        ...pictures.map((picture, i) =>
          html("div", { class: "overlay" }, picture, heats[i] as HTMLElement),
        ),
      ),
      verdict,
    ]),
  );
  const by = html("p", { class: "soft by" });
  root.append(table, by);

  async function update(): Promise<void> {
    const own = ++run;
    const { shape, x } = colourPictures(page.photographs(), SIDE);
    const each = sizeOf(shape) / shape[0];
    const changed = x.map((value, i) =>
      Math.floor(i / each) === chosen ? replacement.value(value, i) : value,
    );
    for (const [i, { canvas, button }] of inputs.entries()) {
      button.setAttribute("aria-pressed", String(i === chosen));
      drawColours(canvas, changed, shape, i, same);
    }
    for (const [one, button] of choices) {
      button.setAttribute("aria-pressed", String(one === replacement));
    }
    const told: string[] = [];
    for (const { norm, pictures, heats, verdict } of rows) {
      const asked = { norm, partition: partitionOf(presetOf(norm)), shape, eps: EPS };
      const [before, after] = await Promise.all([
        page.engine.ask({ ...asked, x }),
        page.engine.ask({ ...asked, x: changed }),
      ]);
      if (own !== run) return;
      const leak = leakOf(before.y, after.y, shape[0], chosen);
      for (const [i, picture] of pictures.entries())
        drawColours(picture, after.y, shape, i, aroundMean);
      for (const [i, heat] of heats.entries()) {
        drawHeat(heat, leak.differences, shape, i, Math.max(leak.largest, 1e-9));
      }
      const text = verdictOf(leak);
      verdict.textContent = text;
      verdict.classList.toggle("leaks-out", leak.changed > 0);
      told.push(`${presetOf(norm).label}: ${text}`);
      by.textContent = byOf(after, page.adapter());
    }
    page.say(told.join(" "));
  }

  page.onChange(() => void update().catch(page.failed));
  update().catch(page.failed);
}

function verdictOf({ changed, of, largest }: Leak): string {
  if (changed === 0) return `0 of ${whole(of)} other values changed, bit for bit.`;
  return `${whole(changed)} of ${whole(of)} other values changed, by up to ${largest.toPrecision(2)}.`;
}

const byOf = ({ by }: Outcome, adapter: string) =>
  by === "gpu" ? `Computed twice on ${adapter}, and compared bit for bit.` : "Computed in float64.";

function rowOf(norm: NormId, examples: number): Row {
  const canvases = () =>
    Array.from({ length: examples }, () => html("canvas", { "aria-hidden": "true" }));
  return {
    ...{ norm, pictures: canvases(), heats: canvases() },
    verdict: html("p", { class: "verdict number" }),
  };
}
