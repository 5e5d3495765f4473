// The two tensors of the page: pictures as feature maps, and the tokens of a sentence.

import type { Shape4 } from "../base/shape";

export const EXAMPLES = 6;
export const CHANNELS = 8;
export const SIDE = 48;

export const SENTENCES = 4;
export const TOKENS = 12;
export const FEATURES = 48;

const SHAPES = {
  images: [EXAMPLES, CHANNELS, SIDE, SIDE],
  tokens: [SENTENCES, 1, TOKENS, FEATURES],
} as const satisfies Record<string, Shape4>;

export const shapeOf = ({ view }: { readonly view: keyof typeof SHAPES }): Shape4 => SHAPES[view];
