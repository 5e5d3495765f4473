// The first station: one tensor, four keys, every norm, and the sheet that shows who shares the mean.

import { byId, html } from "../base/dom";
import { cellOf, indexOf } from "../base/shape";
import { answerNow, type Engine, type Outcome } from "../engine/engine";
import { type SheetModel, sheetModel, sheetSets } from "../sheet/model";
import { createSheet } from "../sheet/sheet";
import type { Input } from "../sources/input";
import type { Store } from "../state/store";
import { chosenOf, description, showBy, showCell, showNorm } from "./facts";
import { bindHandles } from "./handles";
import { axisOf, bindKeys, toggleAxis } from "./keys";
import { bindScrubber } from "./scrubber";

const EPS = 1e-5;
/** The time at which pictures are spread out. They gather in a block and spread out again, once. */
const SHEET = 1;

export interface Sharing {
  use(input: Input): void;
  /** Asks the engine anew, once the GPU is there or gone. */
  refresh(): void;
}

export interface SharingOptions {
  readonly store: Store;
  readonly engine: Engine;
  readonly say: (text: string) => void;
  readonly adapter: () => string;
  /** Another view was chosen, which needs another input. */
  readonly viewed: () => void;
  readonly failed: (error: unknown) => void;
}

const NAMES = {
  images: { rows: "examples", columns: "channels" },
  tokens: { rows: "tokens", columns: "features" },
};

export function bindSharing(options: SharingOptions): Sharing {
  const { store, engine, say, adapter, failed } = options;
  let input: Input | undefined;
  let model: SheetModel | undefined;
  let hovered = -1;
  let asked = 0;
  let hasPlayed = false;

  bindKeys(byId("keys"), byId("families"), store);
  const scrubber = bindScrubber(store);
  const canvas = html("canvas", {
    ...{ id: "sheet", tabindex: 0, role: "application", "aria-describedby": "sheet-keys" },
    "aria-label": "The sheet of pictures",
  });
  byId("handles").before(canvas);
  const sheet = createSheet(canvas, (cell) => {
    if (cell === hovered) return;
    hovered = cell;
    render();
  });
  const showHandles = bindHandles(byId("handles"), sheet, store);
  bindKeyboard();

  const inHand = () => (hovered >= 0 ? hovered : store.state().cell);

  function render(): void {
    if (!model) return;
    const { time, view } = store.state();
    sheet.show({ model, time, cell: inHand(), names: NAMES[view] });
    document.documentElement.classList.remove("linked");
    showCell(model, inHand());
  }

  /** An answer replaces the one before, unless something newer is wanted by then. */
  function ask(): void {
    if (!input) return;
    const own = chosenOf(store.state(), input.shape);
    const { norm, preset, partition, shape } = own;
    const question = { norm, preset, partition, shape, x: input.x, eps: EPS };
    const sets = sheetSets(input, preset, partition);
    const number = ++asked;
    let isAnswered = false;
    const use = (outcome: Outcome) => {
      if (number !== asked || isAnswered) return;
      isAnswered = outcome.by === "gpu";
      model = sheetModel(sets, outcome);
      showBy(model, adapter(), engine.isAwaited());
      render();
      showHandles();
    };
    showNorm(own);
    if (!model) use(answerNow(question)); // the first picture does not wait for a GPU
    engine
      .ask(question, use)
      .then((outcome) => {
        use(outcome);
        if (number !== asked) return;
        canvas.setAttribute("aria-label", description(own));
        say(description(own));
      })
      .catch(failed);
  }

  store.watch(({ state, before }) => {
    if (state.view !== before.view || state.examples !== before.examples) {
      hovered = -1;
      options.viewed();
      return;
    }
    const changed = (["norm", "axes", "groups", "split"] as const).some(
      (name) => String(state[name]) !== String(before[name]),
    );
    if (changed) ask();
    else render();
  });

  function bindKeyboard(): void {
    sheet.canvas.addEventListener("keydown", (event) => {
      if (!input || event.ctrlKey || event.metaKey || event.altKey) return;
      const axis = axisOf(store.state().view, event.key);
      const act = axis
        ? () => toggleAxis(store, axis)
        : keyAction(event.key, event.shiftKey, input);
      if (!act) return;
      event.preventDefault();
      act();
    });
  }

  function keyAction(key: string, isShift: boolean, { shape }: Input): (() => void) | undefined {
    const actions: Record<string, () => void> = {
      "[": () => scrubber.step(-1),
      "]": () => scrubber.step(1),
      Enter: () => store.set({ cell: inHand() }, "choice"),
      Escape: () => {
        hovered = -1;
        store.set({ cell: -1 }, "choice");
      },
    };
    const step = MOVES[key];
    if (!step) return actions[key];
    return () => {
      const now = inHand();
      const cell = [...cellOf(shape, Math.max(0, now))] as [number, number, number, number];
      const [first, second] = isShift ? [0, 1] : [2, 3];
      for (const [axis, by] of [
        [first, step[0]],
        [second, step[1]],
      ] as const) {
        const length = shape[axis] as number;
        cell[axis] = Math.min(length - 1, Math.max(0, (cell[axis] as number) + by));
      }
      hovered = now < 0 ? 0 : indexOf(shape, cell);
      render();
      announceCell();
    };
  }

  let timer = 0;
  function announceCell(): void {
    clearTimeout(timer);
    timer = window.setTimeout(() => {
      say(`${byId("where").textContent} ${byId("equation").textContent}`);
    }, 400);
  }

  return {
    use(next) {
      input = next;
      model = undefined;
      ask();
      if (!hasPlayed && store.state().time === SHEET) scrubber.play(SHEET, 0, SHEET);
      hasPlayed = true;
    },
    refresh: ask,
  };
}

const MOVES: Readonly<Record<string, readonly [number, number]>> = {
  ArrowUp: [-1, 0],
  ArrowDown: [1, 0],
  ArrowLeft: [0, -1],
  ArrowRight: [0, 1],
};
