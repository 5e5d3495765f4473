// At the foot of each station: its norms as code, in three worlds, and the link to what is shown.

import { codeList, copyButton } from "../base/code_list";
import { html } from "../base/dom";
import type { Shape4 } from "../base/shape";
import { type CodeEntry, codesOf, gradientsOf } from "../norms/code_elsewhere";
import { type NormId, partitionOf, presetOf } from "../norms/presets";
import type { Page } from "./page";
import type { StationId } from "./titles";

const SHAPE: Shape4 = [6, 3, 48, 48];

/** The norms that a station is about. */
const NORMS: Readonly<Record<StationId, readonly NormId[]>> = {
  effect: ["batch", "layer", "instance", "channels", "tanh"],
  leak: ["batch", "ghost", "layer", "instance", "rms", "channels", "evaluation"],
  experiment: ["ghost", "group"],
  test: ["batch", "evaluation"],
  break: ["instance", "batch"],
  back: ["batch", "layer", "instance", "rms", "evaluation"],
  cost: ["layer", "rms", "batch", "group", "instance"],
  yours: [], // its numbers have code of their own
};

export function codeAndLink(id: StationId, { store, say }: Page): HTMLElement {
  const link = () => {
    const url = new URL(store.link(), location.href);
    const state = new URLSearchParams(url.hash.slice(1));
    state.set("at", id);
    url.hash = String(state);
    return url.href;
  };
  const copy = copyButton("Copy the link to this", link, say);
  if (NORMS[id].length === 0) return html("div", { class: "foot" }, copy);
  const details = html("details", {}, html("summary", {}, "Code"));
  const fill = () => details.append(html("div", { class: "lists" }, ...listsOf(id)));
  details.addEventListener("toggle", fill, { once: true });
  return html("div", { class: "foot" }, details, copy);
}

function listsOf(id: StationId): HTMLElement[] {
  return NORMS[id].map((norm) => {
    const preset = presetOf(norm);
    const codes = codesOf("images", norm, SHAPE, partitionOf(preset));
    const entries: readonly CodeEntry[] = id === "back" ? gradientsOf(codes) : codes;
    return html("section", {}, html("h3", {}, preset.label), codeList(entries));
  });
}
