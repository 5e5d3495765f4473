// Two values, less their mean, over their deviation, are always -1 and +1.

import { html, svg } from "../base/dom";
import { FREE } from "../norms/presets";
import { cssColour } from "../sheet/colours";
import type { Page } from "./page";

const COUNTS = [2, 3, 4, 32];
const [WIDTH, LEFT, RIGHT] = [640, 20, 620];
const [BEFORE, AFTER] = [34, 124];
const RANGE = 3; // both lines go from -3 to 3
const EPS = 1e-5;

const at = (value: number) => LEFT + ((value + RANGE) / (2 * RANGE)) * (RIGHT - LEFT);
const valueAt = (px: number) => ((px - LEFT) / (RIGHT - LEFT)) * 2 * RANGE - RANGE;
const clamp = (value: number) => Math.min(RANGE, Math.max(-RANGE, value));

/** First values, spread out but not evenly. */
const firstValues = (count: number) =>
  Array.from({ length: count }, (_, i) => clamp(1.6 * Math.sin(2.4 * i + 1) + 0.5));

export function mountDots(root: HTMLElement, page: Page): void {
  let values = firstValues(2);
  let run = 0;
  const board = svg("svg", { viewBox: `0 0 ${WIDTH} 160`, class: "dots" });
  const words = html("p", { class: "number" });
  const buttons = COUNTS.map((count) => {
    const button = html("button", { type: "button", class: "pill" }, `${count} values`);
    button.addEventListener("click", () => {
      values = firstValues(count);
      draw();
    });
    return [count, button] as const;
  });
  root.append(
    html("div", { class: "pills" }, ...buttons.map(([, button]) => button)),
    html("div", { class: "dots-board" }, board),
    words,
  );

  /** Makes the dots anew; they are dragged, or moved by the arrow keys. */
  function draw(): void {
    for (const [count, button] of buttons) {
      button.setAttribute("aria-pressed", String(count === values.length));
    }
    const dots = values.map((_, i) => dotOf(i));
    board.replaceChildren(
      ...[BEFORE, AFTER].flatMap((y, line) => [
        svg("line", { x1: LEFT, x2: RIGHT, y1: y, y2: y, class: "grid" }),
        svg("text", { x: LEFT, y: y - 18 }, line ? "normalized" : "values: drag them"),
        ...[-1, 0, 1].map((mark) =>
          svg("text", { x: at(mark), y: y + 24, class: "middle" }, String(mark)),
        ),
      ]),
      svg("g", { class: "results" }),
      ...dots,
    );
    void update();
  }

  function dotOf(i: number): SVGElement {
    const dot = svg("circle", {
      ...{ cx: at(values[i] as number), cy: BEFORE, r: values.length > 8 ? 7 : 12 },
      ...{ tabindex: 0, role: "slider", "aria-label": `value ${i + 1}` },
      ...{ "aria-valuemin": -RANGE, "aria-valuemax": RANGE, class: "dot", fill: cssColour(i) },
    });
    const move = (value: number) => {
      values = values.with(i, clamp(value));
      dot.setAttribute("cx", String(at(values[i] as number)));
      dot.setAttribute("aria-valuenow", (values[i] as number).toFixed(2));
      void update();
    };
    dot.setAttribute("aria-valuenow", (values[i] as number).toFixed(2));
    dot.addEventListener("pointerdown", (event) => {
      dot.setPointerCapture(event.pointerId);
      event.preventDefault();
      dot.focus();
    });
    dot.addEventListener("pointermove", (event) => {
      if (!dot.hasPointerCapture(event.pointerId)) return;
      const box = board.getBoundingClientRect();
      move(valueAt(((event.clientX - box.left) / box.width) * WIDTH));
    });
    dot.addEventListener("keydown", (event) => {
      const step = { ArrowLeft: -0.1, ArrowDown: -0.1, ArrowRight: 0.1, ArrowUp: 0.1 }[event.key];
      if (step === undefined) return;
      event.preventDefault();
      move((values[i] as number) + step);
    });
    return dot;
  }

  async function update(): Promise<void> {
    const own = ++run;
    const x = Float32Array.from(values);
    const partition = { axes: ["W"] as const, groups: 1, split: 1 };
    const asked = { norm: FREE, partition, shape: [1, 1, 1, x.length], x, eps: EPS } as const;
    const { y } = await page.engine.ask(asked);
    if (own !== run) return;
    const results = board.querySelector(".results");
    results?.replaceChildren(
      ...Array.from(y, (value, i) => {
        const radius = values.length > 8 ? 6 : 11;
        return svg("circle", { cx: at(clamp(value)), cy: AFTER, r: radius, fill: cssColour(i) });
      }),
    );
    const list = Array.from(y)
      .slice(0, 4)
      .map((value) => value.toFixed(3).replace("-", "−"));
    words.textContent = `${list.join(", ")}${y.length > 4 ? ", …" : ""}`;
  }

  draw();
}
