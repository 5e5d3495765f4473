// A station is a section of the page with one sentence and one thing to do. Its code is loaded when a
// visitor comes near.

import { memoize } from "../../src/base/memoize";
import { html } from "../base/dom";
import type { Engine } from "../engine/engine";
import type { Photograph } from "../sources/photographs";
import type { Store } from "../state/store";
import type { Session } from "../training/session";

/** What a station may use. */
export interface Page {
  readonly store: Store;
  readonly engine: Engine;
  /** The networks that are trained in the page. */
  readonly session: Session;
  /** Tells screen readers, once the station has come to rest. */
  readonly say: (text: string) => void;
  readonly adapter: () => string;
  readonly photographs: () => readonly Photograph[];
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

/** Makes the sections, loads their code when a visitor comes near, and marks where he is. */
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

  const mounts = new Map<Element, Promise<void>>();
  const mountAt = (index: number) => {
    const { station, section, body } = sections[index] as (typeof sections)[number];
    return memoize(mounts, section, () =>
      station
        .load()
        .then((module) => module.mount(body, page))
        .then(() => section.setAttribute("data-mounted", ""))
        .catch(page.failed),
    );
  };

  const loader = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        if (isIntersecting) void mountAt(sections.findIndex(({ section }) => section === target));
      }
    },
    { rootMargin: `${NEAR} 0px` },
  );
  for (const { section } of sections) loader.observe(section);

  /** Scrolls to a station once those above it have their heights. */
  async function goTo(id: string): Promise<void> {
    const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const behavior = reduced ? "instant" : "smooth";
    const index = sections.findIndex(({ station }) => station.id === id);
    if (index < 0) {
      scrollTo({ top: 0, behavior });
      return;
    }
    await Promise.all(sections.slice(0, index + 1).map((_, i) => mountAt(i)));
    sections[index]?.section.scrollIntoView({ behavior });
  }

  nav.addEventListener("click", (event) => {
    const id = (event.target as Element).closest<HTMLElement>("[data-station]")?.dataset.station;
    if (id === undefined) return;
    event.preventDefault();
    if (id === page.store.state().at) void goTo(id);
    else page.store.set({ at: id }, "choice");
  });
  page.store.watch(({ state, before }) => {
    if (state.at !== before.at) void goTo(state.at);
  });
  if (page.store.state().at) void goTo(page.store.state().at);

  const marker = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) {
        const link = nav.querySelector(`[data-station="${target.id}"]`);
        if (isIntersecting) link?.setAttribute("aria-current", "true");
        else link?.removeAttribute("aria-current");
      }
    },
    { rootMargin: "-45% 0px" },
  );
  for (const { section } of sections) marker.observe(section);
}
