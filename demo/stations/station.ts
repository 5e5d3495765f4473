// A station is a section of the page with one sentence and one thing to do. Its code is loaded when a
// visitor comes near.

import { html } from "../base/dom";
import type { Engine } from "../engine/engine";
import type { Input } from "../sources/input";
import type { Photograph } from "../sources/photographs";
import type { Store } from "../state/store";

/** What a station may use. */
export interface Page {
  readonly store: Store;
  readonly engine: Engine;
  /** Tells screen readers, once the station has come to rest. */
  readonly say: (text: string) => void;
  readonly adapter: () => string;
  readonly photographs: () => readonly Photograph[];
  readonly input: () => Input;
  /** Calls back when the photographs are others, or the GPU has come or gone. */
  readonly onChange: (listener: () => void) => void;
  /** Takes the visitor's own photographs, and returns what there is to say of them. */
  readonly useFiles: (files: readonly File[]) => Promise<string>;
  readonly failed: (error: unknown) => void;
}

export interface Station {
  readonly id: string;
  readonly title: string;
  /** One sentence that can be quoted. */
  readonly sentence: string;
  readonly load: () => Promise<{ mount(root: HTMLElement, page: Page): void | Promise<void> }>;
}

/** Screens of distance at which a station is loaded. */
const NEAR = "80%";

export function bindStations(
  main: HTMLElement,
  nav: HTMLElement,
  all: readonly Station[],
  page: Page,
) {
  const sections = all.map((station) => {
    const body = html("div", { class: "body" });
    const section = html(
      "section",
      { id: station.id, class: "station", "aria-labelledby": `${station.id}-title` },
      html(
        "header",
        {},
        html("h2", { id: `${station.id}-title` }, station.title),
        html("p", { class: "sentence" }, station.sentence),
      ),
      body,
    );
    nav.append(html("a", { href: `#at=${station.id}`, "data-station": station.id }, station.title));
    return { station, section, body };
  });
  main.append(...sections.map(({ section }) => section));

  const loader = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        const found = sections.find(({ section }) => section === target);
        if (!isIntersecting || !found) continue;
        loader.unobserve(target);
        found.station
          .load()
          .then((module) => module.mount(found.body, page))
          .then(() => found.section.setAttribute("data-mounted", ""))
          .catch(page.failed);
      }
    },
    { rootMargin: `${NEAR} 0px` },
  );
  for (const { section } of sections) loader.observe(section);

  nav.addEventListener("click", (event) => {
    const id = (event.target as Element).closest<HTMLElement>("[data-station]")?.dataset.station;
    if (id === undefined) return;
    event.preventDefault();
    page.store.set({ at: id }, "choice");
    goTo(id);
  });
  page.store.watch(({ state, before }) => {
    if (state.at !== before.at) goTo(state.at);
  });
  if (page.store.state().at) goTo(page.store.state().at);
}

function goTo(id: string): void {
  const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
  const behavior = reduced ? "instant" : "smooth";
  if (id === "") scrollTo({ top: 0, behavior });
  else document.getElementById(id)?.scrollIntoView({ behavior });
}
