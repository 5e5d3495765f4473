// Options are checked against tables. A table lists all options of a call, each with the kind of
// its values, and a name that is not in it is an error.

import { fail, show } from "./errors";

/** A kind says what it expects instead of a value, or false if the value suits it. */
export type OptionKind = (value: unknown) => string | false;

/** The compiler reports an option that has no entry. */
export type OptionTable<O = Readonly<Record<string, unknown>>> = {
  readonly [K in keyof O]-?: OptionKind;
};

/** The options that are given have no name beside the known ones. */
export type Known<Given, Options> = Given & Record<Exclude<keyof Given, keyof Options>, never>;

/** Returns whether f32 can hold the number, rounded: it must not become infinite or 0. */
export const isFloat = (value: unknown): value is number =>
  typeof value === "number" &&
  Number.isFinite(Math.fround(value)) &&
  (value === 0 || Math.fround(value) !== 0);

export const FLAG: OptionKind = (value) => typeof value !== "boolean" && "true or false";

export const NUMBER: OptionKind = (value) => !isFloat(value) && "a finite number that f32 can hold";

export const NUMBER_OR_NULL: OptionKind = (value) => value !== null && NUMBER(value);

export const EPS: OptionKind = (value) =>
  NUMBER(value) || ((value as number) < 0 && "a number that is not negative");

export const EPS_OR_NULL: OptionKind = (value) => value !== null && EPS(value);

export const COUNT: OptionKind = (value) =>
  !(Number.isInteger(value) && (value as number) >= 0) && "a whole number that is not negative";

export const FUNCTION: OptionKind = (value) => typeof value !== "function" && "a function";

export const SIGNAL: OptionKind = (value) =>
  typeof Object(value).throwIfAborted !== "function" && "an AbortSignal";

/** The call itself checks these values, and takes undefined for the default, not null. */
export const VALUE: OptionKind = (value) => value === null && "undefined for the default";

/** The call itself checks these values, and takes null as undefined where it says so. */
export const ANY: OptionKind = () => false;

/** Other libraries have these names for options, without case and underscores. */
const FOREIGN: readonly (readonly [pattern: RegExp, ...ours: string[]])[] = [
  [/^(axis|axes|dims?)$/, "axes", "channelAxis", "normalizedShape", "dim"],
  [/^gamma$/, "weight"],
  [/^beta$/, "bias"],
  [/^(unbiased|ddof)$/, "correction"],
  [/train/, "training", "useInputStats"],
  [/mean$/, "runningMean"],
  [/var(iance)?$/, "runningVar", "variance"],
  [/affine/, "elementwiseAffine"],
  [/format|layout/, "channelAxis"],
];

const bare = (name: string) => name.replaceAll("_", "").toLowerCase();

/** Returns the length of the longest common subsequence as a part of both lengths, 0 .. 1. */
function likeness(a: string, b: string): number {
  let row = new Array<number>(b.length + 1).fill(0);
  for (const letter of a) {
    const above = row;
    row = [0];
    for (const [i, other] of [...b].entries()) {
      const [corner = 0, over = 0] = above.slice(i);
      row.push(letter === other ? corner + 1 : Math.max(over, row[i] ?? 0));
    }
  }
  return (2 * (row.at(-1) ?? 0)) / (a.length + b.length);
}

/** Returns the known name that an unknown one stands for, if there is one. */
function meantBy(name: string, known: readonly string[]): string | undefined {
  const plain = bare(name);
  const foreign = FOREIGN.flatMap(([pattern, ...ours]) => (pattern.test(plain) ? ours : []));
  const alike = known.map((ours) => ({ ours, likeness: likeness(plain, bare(ours)) }));
  const [nearest] = alike.filter((k) => k.likeness >= 0.6).sort((a, b) => b.likeness - a.likeness);
  return foreign.find((ours) => known.includes(ours)) ?? nearest?.ours;
}

/** Checks options, own and inherited ones, and returns them. */
export function checkOptions<O>(op: string, options: O, table: OptionTable): O {
  const shown = show(options);
  const known = Object.keys(table);
  if (shown !== "an object") fail(op, `options is ${shown}, expected { ${known.join(", ")} }`);
  for (const name in options) {
    const kind = Object.hasOwn(table, name) && table[name];
    if (!kind) {
      const meant = meantBy(name, known);
      const expected = meant ? `did you mean ${meant}` : `expected some of ${known.join(", ")}`;
      fail(op, `unknown option ${name}, ${expected}`);
    }
    const value = options[name];
    const expected = value !== undefined && kind(value);
    if (expected) fail(op, `${name} ${show(value)}, expected ${expected}`);
  }
  return options;
}
