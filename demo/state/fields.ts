// The state of the page is a handful of values that a link carries. Each has a short key, and a text
// that is parsed with care: what is unknown is ignored, what is wild is clamped.

import { AXES, type Axis } from "../base/shape";
import {
  FREE,
  type NormId,
  PRESET_IDS,
  partitionOf,
  presetOf,
  VIEWS,
  type ViewId,
} from "../norms/presets";
import { EXAMPLES, SOURCES, type SourceId } from "../sources/shapes";

export interface State {
  readonly norm: NormId;
  readonly axes: readonly Axis[];
  readonly groups: number;
  readonly split: number;
  readonly view: ViewId;
  /** The number of pictures in the batch. */
  readonly examples: number;
  /** The stage of the picture: 0 block, 1 sheet, 2 piles, 3 centred and scaled, 4 returned. */
  readonly time: number;
  /** The cell that is looked at, as an index, or -1. */
  readonly cell: number;
  /** What the norms are shown to do, below the first screen. */
  readonly source: SourceId;
  /** The station that was chosen, or an empty text. */
  readonly at: string;
}

interface Field<T> {
  readonly key: string;
  readonly initial: T;
  /** Returns undefined for a text that says nothing. */
  readonly parse: (text: string) => T | undefined;
  readonly format: (value: T) => string;
}

const oneOf = <T extends string>(key: string, values: readonly T[], initial: T): Field<T> => ({
  key,
  initial,
  parse: (text) => values.find((value) => value === text),
  format: (value) => value,
});

const number = (
  key: string,
  initial: number,
  low: number,
  high: number,
  step = 1,
): Field<number> => ({
  key,
  initial,
  parse: (text) => {
    const value = Number(text);
    if (text.trim() === "" || Number.isNaN(value)) return undefined;
    const clamped = Math.min(high, Math.max(low, value));
    return Number((Math.round(clamped / step) * step).toFixed(3));
  },
  format: (value) => String(Number(value.toFixed(3))),
});

const axes: Field<readonly Axis[]> = {
  key: "axes",
  initial: ["C", "H", "W"],
  parse: (text) => AXES.filter((axis) => text.toUpperCase().includes(axis)),
  format: (value) => value.join("").toLowerCase(),
};

const FIELDS: { readonly [K in keyof State]: Field<State[K]> } = {
  norm: oneOf<NormId>("norm", [...PRESET_IDS, FREE], "group"),
  axes,
  groups: number("g", 4, 1, 64),
  split: number("ghost", 1, 1, 64),
  view: oneOf<ViewId>("view", VIEWS, "images"),
  examples: number("n", EXAMPLES, 1, EXAMPLES),
  time: number("t", 1, 0, 4, 0.01),
  cell: number("cell", -1, -1, 2 ** 24),
  source: oneOf<SourceId>("src", SOURCES, "photographs"),
  at: {
    key: "at",
    initial: "",
    parse: (text) => (/^[a-z]{1,16}$/.test(text) ? text : undefined),
    format: (value) => value,
  },
};

const entries = Object.entries(FIELDS) as unknown as [keyof State, Field<unknown>][];

export const INITIAL = Object.fromEntries(
  entries.map(([name, { initial }]) => [name, initial]),
) as unknown as State;

/** Reads a state from the part of a link behind #; a norm brings its parts along. */
export function parseState(hash: string): Partial<State> {
  const given = new URLSearchParams(hash.replace(/^#/, ""));
  const found = entries.flatMap(([name, { key, parse }]) => {
    const text = given.get(key);
    const value = text === null ? undefined : parse(text);
    return value === undefined ? [] : [[name, value]];
  });
  const stated = Object.fromEntries(found) as Partial<State>;
  const { view = INITIAL.view, norm } = stated;
  return { ...(norm && broughtBy(norm, view)), ...stated };
}

/** A norm brings these along: they are written where they differ from what it brings. */
export const broughtBy = (norm: NormId, view: ViewId): Partial<State> => {
  const { axes, ...parts } = partitionOf(presetOf(norm, view));
  return { ...parts, ...(norm !== FREE && { axes }) };
};

/** Writes what differs from the initial state, and from what the norm brings along. */
export function formatState(state: State): string {
  const usual: State = { ...INITIAL, ...broughtBy(state.norm, state.view) };
  const own = entries.flatMap(([name, { key, format }]): [string, string][] => {
    const isUsual =
      name !== "norm" && format(state[name] as never) === format(usual[name] as never);
    const isInitial = name === "norm" && state.norm === INITIAL.norm;
    return isUsual || isInitial ? [] : [[key, format(state[name] as never)]];
  });
  return own.map(([key, text]) => `${key}=${encodeURIComponent(text)}`).join("&");
}
