// The first sentences of the page, for each view.

import type { ViewId } from "../norms/presets";

export const LEADS: Readonly<Record<ViewId, string>> = {
  images:
    "Six photographs, eight feature maps each. Choose the axes that are averaged over: cells of one " +
    "colour share one mean and one deviation.",
  tokens:
    "Four sentences of twelve tokens, with made-up features, two of them large as in real language " +
    "models. Tokens of one colour share one mean and one deviation.",
};
