// This file has the form: sliders over lists of steps, the kind and size of the input, and the
// visitor's files.

import { entryAt } from "../src/base/entry";
import { byId } from "./dom";
import {
  CHANNELS,
  EPS_STEPS,
  GROUPS,
  groupSteps,
  type Kind,
  MAX_N,
  OFFSET_STEPS,
  type Settings,
  short,
  whole,
} from "./settings";

interface Slider {
  /** Shows `value`, one of `steps`. */
  set(steps: readonly number[], value: number): void;
}

/** A range input over the positions of `steps`, with its value in words beside it. */
function slider(
  id: string,
  words: (value: number) => string,
  change: (value: number) => void,
): Slider {
  const input = byId<HTMLInputElement>(id);
  const output = document.querySelector<HTMLOutputElement>(`output[for="${id}"]`);
  let steps: readonly number[] = [];
  const chosen = () => entryAt(steps, input.valueAsNumber);
  const say = () => {
    const text = words(chosen());
    if (output) output.value = text;
    input.setAttribute("aria-valuetext", text);
  };
  input.addEventListener("input", () => {
    say();
    change(chosen());
  });
  return {
    set(newSteps, value) {
      steps = newSteps;
      Object.assign(input, { min: "0", max: String(steps.length - 1), step: "1" });
      input.value = String(steps.indexOf(value));
      say();
    },
  };
}

export interface Handlers {
  /** Something that changes the result. */
  change(patch: Partial<Settings>): void;
  /** The result stays; another feature map is to be shown. */
  show(channel: number): void;
  files(files: readonly File[]): void;
  samples(): void;
}

const range = (from: number, to: number) =>
  Array.from({ length: to - from + 1 }, (_, i) => from + i);

/** Binds the form; the function that comes back shows settings in it. */
export function bindControls(
  featureName: (channel: number) => string,
  handlers: Handlers,
): (settings: Settings) => void {
  const n = slider("n", String, (value) => handlers.change({ n: value }));
  const groups = slider("groups", String, (value) => handlers.change({ groups: value }));
  const eps = slider("eps", short, (value) => handlers.change({ eps: value }));
  const offset = slider("offset", whole, (value) => handlers.change({ offset: value }));
  const channel = slider("channel", featureName, handlers.show);
  const kinds = document.querySelectorAll<HTMLInputElement>('input[name="kind"]');
  for (const input of kinds) {
    input.addEventListener("change", () => {
      const kind = input.value as Kind;
      handlers.change({ kind, groups: GROUPS[kind] });
    });
  }
  const size = byId<HTMLSelectElement>("size");
  size.addEventListener("change", () => handlers.change({ size: Number(size.value) }));
  bindFiles(handlers);
  return (settings) => {
    const channels = CHANNELS[settings.kind];
    n.set(range(1, MAX_N), settings.n);
    groups.set(groupSteps(channels), settings.groups);
    eps.set(EPS_STEPS, settings.eps);
    offset.set(OFFSET_STEPS, settings.offset);
    channel.set(range(0, CHANNELS.features - 1), settings.channel);
    byId("channel-slider").hidden = settings.kind === "images";
    size.value = String(settings.size);
    for (const input of kinds) input.checked = input.value === settings.kind;
  };
}

function bindFiles(handlers: Handlers): void {
  const picker = byId<HTMLInputElement>("files");
  picker.addEventListener("change", () => {
    if (picker.files?.length) handlers.files([...picker.files]);
  });
  byId("samples").addEventListener("click", () => {
    picker.value = "";
    handlers.samples();
    picker.focus();
  });
  document.addEventListener("dragover", (event) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    document.body.classList.add("dropping");
  });
  document.addEventListener("dragleave", (event) => {
    if (!event.relatedTarget) document.body.classList.remove("dropping");
  });
  document.addEventListener("drop", (event) => {
    document.body.classList.remove("dropping");
    const files = [...(event.dataTransfer?.files ?? [])];
    if (files.length === 0) return;
    event.preventDefault();
    picker.value = "";
    handlers.files(files);
  });
}
