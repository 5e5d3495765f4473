// The store holds the state, tells what changed, and keeps the address of the page in step: a choice
// is a step of the history, a movement is not.

import { formatState, INITIAL, parseState, type State } from "./fields";
import { settled } from "./settled";

interface Change {
  readonly state: State;
  readonly before: State;
}

export interface Store {
  readonly state: () => State;
  /** A choice is one step back in the browser's history; a movement is none. */
  readonly set: (patch: Partial<State>, how?: "choice" | "movement") => void;
  readonly watch: (listener: (change: Change) => void) => void;
  /** The link to what is shown. */
  readonly link: () => string;
}

const REST_MS = 250;

export function createStore(): Store {
  let state = settled({ ...INITIAL, ...parseState(location.hash) });
  const listeners: ((change: Change) => void)[] = [];
  let timer = 0;

  const link = () => {
    const text = formatState(state);
    return text ? `#${text}` : "#";
  };

  function apply(next: State): void {
    const before = state;
    state = next;
    for (const listener of listeners) listener({ state, before });
  }

  function write(how: "choice" | "movement"): void {
    clearTimeout(timer);
    if (how === "choice") history.pushState(null, "", link());
    else timer = window.setTimeout(() => history.replaceState(null, "", link()), REST_MS);
  }

  addEventListener("popstate", () => {
    clearTimeout(timer);
    apply(settled({ ...INITIAL, ...parseState(location.hash) }));
  });

  return {
    state: () => state,
    set(patch, how = "movement") {
      apply(settled({ ...state, ...patch }));
      write(how);
    },
    watch: (listener) => listeners.push(listener),
    link,
  };
}
