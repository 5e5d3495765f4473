// Groups of channels and ghost batches are cut on the sheet itself: a handle on the first edge is
// dragged, or moved by the arrow keys.

import { html } from "../base/dom";
import { divisorsOf, nearestDivisor } from "../norms/partition";
import { presetOf } from "../norms/presets";
import type { Placement } from "../sheet/layout";
import type { Sheet } from "../sheet/sheet";
import { shapeOf } from "../sources/shapes";
import type { State } from "../state/fields";
import type { Store } from "../state/store";

interface Cut {
  readonly field: "groups" | "split";
  readonly label: string;
  readonly direction: "across" | "down";
  readonly length: (state: State) => number;
  /** Where pictures lie along the cut's direction: their start and their extent. */
  readonly along: (place: Placement) => readonly [number, number];
}

const CUTS: readonly Cut[] = [
  {
    field: "groups",
    label: "Groups of channels",
    direction: "across",
    length: (state) => shapeOf(state)[1],
    along: ({ o, u }) => [o[0], u[0]],
  },
  {
    field: "split",
    label: "Ghost batches",
    direction: "down",
    length: (state) => shapeOf(state)[0],
    along: ({ o, v }) => [o[1], v[1]],
  },
];

export function bindHandles(root: HTMLElement, sheet: Sheet, store: Store): () => void {
  const handles = CUTS.map((cut) => ({ cut, button: handleOf(cut, sheet, store) }));
  root.append(...handles.map(({ button }) => button));
  const show = () => {
    const state = store.state();
    for (const { cut, button } of handles) place(button, cut, sheet, state);
  };
  store.watch(show);
  new ResizeObserver(show).observe(sheet.canvas);
  return show;
}

/** Puts the handle on the edge of the first part. */
function place(button: HTMLElement, cut: Cut, sheet: Sheet, state: State): void {
  const places = sheet.places();
  const isThere =
    presetOf(state.norm)[cut.field] !== undefined &&
    Math.abs(state.time - 1) < 0.02 &&
    cut.length(state) > 1;
  button.hidden = !isThere || places.length === 0;
  if (button.hidden) return;
  const [, columns] = shapeOf(state);
  const parts = state[cut.field];
  const each = cut.length(state) / parts;
  const at = (i: number) => places[cut.direction === "across" ? i : i * columns] as Placement;
  const [start, extent] = cut.along(at(each - 1));
  const edge = start + extent + 2;
  const { o } = places[0] as Placement;
  const [x, y] = cut.direction === "across" ? [edge, o[1] - 4] : [o[0] - 4, edge];
  Object.assign(button.style, { left: `${x}px`, top: `${y}px` });
  button.setAttribute("aria-valuenow", String(parts));
  button.setAttribute("aria-valuemax", String(cut.length(state)));
  button.setAttribute("aria-valuetext", `${parts}, of ${each} each`);
}

function handleOf(cut: Cut, sheet: Sheet, store: Store): HTMLElement {
  const button = html("div", {
    ...{ class: `handle ${cut.direction}`, role: "slider", tabindex: 0 },
    ...{ "aria-label": cut.label, "aria-valuemin": 1 },
    "aria-orientation": cut.direction === "across" ? "horizontal" : "vertical",
  });
  const choose = (parts: number) => {
    if (parts !== store.state()[cut.field]) store.set({ [cut.field]: parts }, "choice");
  };
  button.addEventListener("pointerdown", (event) => {
    button.setPointerCapture(event.pointerId);
    event.preventDefault();
    button.focus();
  });
  button.addEventListener("pointermove", (event) => {
    if (!button.hasPointerCapture(event.pointerId)) return;
    const box = sheet.canvas.getBoundingClientRect();
    const pointer = cut.direction === "across" ? event.clientX - box.left : event.clientY - box.top;
    const [start, extent] = cut.along(sheet.places()[0] as Placement);
    const length = cut.length(store.state());
    const each = Math.min(length, Math.max(1, (pointer - start) / (extent + 4)));
    choose(nearestDivisor(length, length / each));
  });
  button.addEventListener("keydown", (event) => {
    const steps: Record<string, number> = {
      ArrowLeft: 1,
      ArrowUp: 1,
      ArrowRight: -1,
      ArrowDown: -1,
    };
    const step = steps[event.key];
    if (step === undefined) return;
    event.preventDefault();
    const divisors = divisorsOf(cut.length(store.state()));
    const at = divisors.indexOf(store.state()[cut.field]) + step;
    choose(divisors[Math.min(divisors.length - 1, Math.max(0, at))] as number);
  });
  return button;
}
