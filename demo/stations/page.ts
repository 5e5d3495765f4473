// What a station may use of the page.

import type { Engine } from "../engine/engine";
import type { Photograph } from "../sources/photographs";
import type { Store } from "../state/store";
import type { Session } from "../training/session";

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

/** Fills the body of a station. */
export type Mount = (root: HTMLElement, page: Page) => void | Promise<void>;
