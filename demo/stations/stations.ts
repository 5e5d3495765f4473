// The sections of the page come to life: the code of each is loaded when a visitor comes near, and the
// bar of links marks where he is.

import { memoize } from "../../src/base/memoize";
import { byId } from "../base/dom";
import { createSession } from "../training/session";
import { STATIONS } from "./all";
import { codeAndLink } from "./code_and_link";
import type { Page } from "./page";
import { type StationId, stationOf, TITLES } from "./titles";

/** A station is loaded at this distance. */
const NEAR = "80%";

export function bindStations(nav: HTMLElement, rest: Omit<Page, "session">): void {
  const page: Page = { ...rest, session: createSession(rest.engine) };
  const sections = TITLES.map(({ id }) => byId(id));
  const mounts = new Map<Element, Promise<void>>();

  const mount = (section: HTMLElement) =>
    memoize(mounts, section, async () => {
      const body = section.querySelector<HTMLElement>(".body") as HTMLElement;
      try {
        const station = await STATIONS[section.id as StationId]();
        await station.mount(body, page);
        section.append(codeAndLink(section.id as StationId, page));
        section.setAttribute("data-mounted", "");
      } catch (error) {
        page.failed(error);
      }
    });

  watch(sections, `${NEAR} 0px`, (section, isNear) => {
    if (isNear) void mount(section);
  });
  watch(sections, "-45% 0px", ({ id }, isHere) => {
    const link = nav.querySelector(`[data-station="${id}"]`);
    if (isHere) link?.setAttribute("aria-current", "true");
    else link?.removeAttribute("aria-current");
  });

  /** Scrolls to a station once those above it have their heights. */
  async function goTo(id: string): Promise<void> {
    const reduced = matchMedia("(prefers-reduced-motion: reduce)").matches;
    const behavior = reduced ? "instant" : "smooth";
    const index = sections.findIndex((section) => section.id === id);
    if (index < 0) {
      scrollTo({ top: 0, behavior });
      return;
    }
    await Promise.all(sections.slice(0, index + 1).map(mount));
    sections[index]?.scrollIntoView({ behavior });
  }

  // before the click becomes a choice, which is none if he chose this station already
  const goAgain = ({ target }: Event) => {
    const id = stationOf(target);
    if (id !== undefined && id === page.store.state().at) void goTo(id);
  };
  nav.addEventListener("click", goAgain, { capture: true });
  page.store.watch(({ state, before }) => {
    if (state.at !== before.at) void goTo(state.at);
  });
  if (page.store.state().at) void goTo(page.store.state().at);
}

/** Calls back whenever a section comes within a margin of the screen, or leaves it. */
function watch(
  sections: readonly HTMLElement[],
  rootMargin: string,
  tell: (section: HTMLElement, isWithin: boolean) => void,
): void {
  const observer = new IntersectionObserver(
    (entries) => {
      for (const { isIntersecting, target } of entries) tell(target as HTMLElement, isIntersecting);
    },
    { rootMargin },
  );
  for (const section of sections) observer.observe(section);
}
