// The first sentences of the page say what is shown.

import type { State } from "../state/fields";

const LEADS = {
  images:
    "Six photographs, eight feature maps each. Choose the axes that are averaged over: cells of one " +
    "colour share one mean and one deviation.",
  one:
    "One photograph, eight feature maps: a batch of one. BatchNorm shares with no neighbour here, and " +
    "is InstanceNorm.",
  tokens:
    "Four sentences of twelve tokens, with made-up features, two of them large as in real language " +
    "models. Tokens of one colour share one mean and one deviation.",
};

export const leadOf = ({ view, examples }: Pick<State, "view" | "examples">): string =>
  LEADS[view === "images" && examples === 1 ? "one" : view];
