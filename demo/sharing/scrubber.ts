// The scrubber is the animation: block, spread out, gather, centre and scale, return. It plays once
// at load, from the block to the sheet.

import { byId } from "../base/dom";
import type { Store } from "../state/store";

const LAST = 4;
const SECONDS = { forwards: 1.4, back: 0.7 }; // a stage

export interface Scrubber {
  /** Plays from one time to the next, forwards or back. */
  play(from: number, to: number, ...later: readonly number[]): void;
  /** Moves by whole stages. */
  step(by: number): void;
}

export function bindScrubber(store: Store): Scrubber {
  const slider = byId<HTMLInputElement>("time");
  const button = byId<HTMLButtonElement>("play");
  const reduced = matchMedia("(prefers-reduced-motion: reduce)");
  let frame = 0;

  function stop(): void {
    cancelAnimationFrame(frame);
    frame = 0;
    label();
  }

  function label(): void {
    button.textContent = frame ? "❚❚" : "▶";
    button.setAttribute("aria-label", frame ? "Pause" : "Play from the block to the result");
  }

  function play(from: number, to: number, ...later: readonly number[]): void {
    stop();
    if (reduced.matches) {
      store.set({ time: later.at(-1) ?? to });
      return;
    }
    const start = performance.now();
    const length = Math.abs(to - from) * (to > from ? SECONDS.forwards : SECONDS.back);
    const tick = (now: number) => {
      const share = Math.min(1, Math.max(0, now - start) / 1000 / length);
      frame = share < 1 ? requestAnimationFrame(tick) : 0;
      store.set({ time: from + share * (to - from) });
      if (frame) return;
      const [next, ...rest] = later;
      if (next === undefined) label();
      else play(to, next, ...rest);
    };
    frame = requestAnimationFrame(tick);
    label();
  }

  button.addEventListener("click", () => {
    if (frame) {
      stop();
      return;
    }
    const { time } = store.state();
    if (reduced.matches) store.set({ time: time >= LAST ? 0 : Math.floor(time) + 1 });
    else play(time >= LAST ? 0 : time, LAST);
  });
  slider.addEventListener("input", () => {
    stop();
    store.set({ time: slider.valueAsNumber });
  });
  const show = (time: number) => {
    slider.value = String(time);
    slider.setAttribute("aria-valuetext", stageText(time));
  };
  show(store.state().time);
  store.watch(({ state }) => show(state.time));
  label();

  return {
    play,
    step(by) {
      stop();
      const next = by > 0 ? Math.floor(store.state().time) + 1 : Math.ceil(store.state().time) - 1;
      store.set({ time: Math.min(LAST, Math.max(0, next)) });
    },
  };
}

const STAGES = ["block", "spread out", "gathered by sets", "centred and scaled", "returned"];

const stageText = (time: number): string => STAGES[Math.round(time)] ?? "";
