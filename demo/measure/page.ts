// This file shows what is about the whole page: browser, device and notices. One run excludes the
// other.

import { byId, html } from "../base/dom";
import type { Facts } from "./gpu_worker";
import { browserOf, machineOf } from "./machine";

const STARTS = ["times-start", "plans-start"];

export function setBusy(busy: boolean): void {
  for (const id of STARTS) byId<HTMLButtonElement>(id).disabled = busy;
}

export function showNotice(title: string, text = ""): void {
  const notice = byId("notice");
  notice.hidden = false;
  notice.replaceChildren(html("strong", {}, title), ` ${text}`);
}

export function showBrowser(): void {
  byId("browser").textContent = `${browser()}; ${machineOf(navigator, "")}`;
}

export const browser = () => browserOf(navigator);

/** The machine, with the name that the visitor gives it. */
export const machine = () => machineOf(navigator, byId<HTMLInputElement>("machine").value);

export function showFacts({ adapter, software, clock }: Facts): void {
  byId("notice").hidden = true;
  byId("adapter").textContent = adapter;
  byId("clock").textContent = clock;
  const note = byId("software");
  note.hidden = !software;
  note.replaceChildren(
    html("strong", {}, "This browser computes in software, not on a GPU."),
    ` ${adapter} runs on the processor, so these figures say nothing about a GPU. If this machine has ` +
      "one: turn on hardware acceleration in the browser’s settings, update the driver, and see chrome://gpu.",
  );
}
