// The two tensors of the page: pictures as feature maps, and the tokens of a sentence.

import type { Shape4 } from "../base/shape";

export const EXAMPLES = 6;
export const CHANNELS = 8;
export const SIDE = 48;

export const SENTENCES = 4;
export const TOKENS = 12;
export const FEATURES = 48;

/** What the norms are shown to do: to colours, to feature maps, to drawn digits. */
export const SOURCES = ["photographs", "maps", "digits"] as const;
export type SourceId = (typeof SOURCES)[number];

interface Shown {
  readonly view: "images" | "tokens";
  /** The number of pictures. */
  readonly examples: number;
}

export const shapeOf = ({ view, examples }: Shown): Shape4 =>
  view === "images" ? [examples, CHANNELS, SIDE, SIDE] : [SENTENCES, 1, TOKENS, FEATURES];
