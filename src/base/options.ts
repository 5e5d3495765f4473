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

export const NUMBER: OptionKind = (value) => !isFloat(value) && "a finite number, in f32";

export const NUMBER_OR_NULL: OptionKind = (value) => value !== null && NUMBER(value);

export const EPS: OptionKind = (value) =>
  !(isFloat(value) && value >= 0) && "a finite number that is not negative, in f32";

export const EPS_OR_NULL: OptionKind = (value) => value !== null && EPS(value);

export const WHOLE: OptionKind = (value) =>
  !(Number.isInteger(value) && (value as number) >= 0) && "a whole number that is not negative";

export const FUNCTION: OptionKind = (value) => typeof value !== "function" && "a function";

export const SIGNAL: OptionKind = (value) =>
  typeof Object(value).throwIfAborted !== "function" && "an AbortSignal";

/** The call itself checks these values. */
export const ANY: OptionKind = () => false;

/**
 * Returns a name without case and underscores, in one word for all that other libraries and this
 * one say for the same.
 */
const plain = (name: string) =>
  name
    .replaceAll("_", "")
    .toLowerCase()
    .replace(/^(ax[ei]s|dims?|channelaxis|normalizedshape)$/, "axes")
    .replace("gamma", "weight")
    .replace("beta", "bias")
    .replace("moving", "running")
    .replace("unbiased", "correction");

/** Returns how many letters of a word follow each other in another one as well. */
function lettersIn(other: string, word: string): number {
  let count = 0;
  let rest = other;
  for (const letter of word) {
    const after = rest.slice(rest.indexOf(letter) + 1);
    if (after !== rest) count++;
    rest = after;
  }
  return count;
}

/** Returns the part of two names that is the same, 0 .. 1. */
function likeness(one: string, another: string): number {
  const [a, b] = [plain(one), plain(another)];
  return (2 * Math.max(lettersIn(a, b), lettersIn(b, a))) / (a.length + b.length);
}

/** Returns the known name that is most like an unknown one, if one is like it. */
function meantBy(name: string, known: readonly string[]): string | undefined {
  const like = (ours: string) => likeness(name, ours);
  return known.toSorted((a, b) => like(b) - like(a)).find((ours) => like(ours) >= 0.6);
}

/** Returns whether a value is shown as "an object", without its text. */
export const isPlain = (value: unknown) =>
  Object.prototype.toString.call(value) === "[object Object]";

/** Checks options, own and inherited ones, and returns all of them in an object. */
export function checkOptions<O>(op: string, options: O, table: OptionTable): O {
  if (!isPlain(options)) fail(op, `options is ${show(options)}, ${namesText(table)}`);
  const found = {} as O;
  for (const name in options) {
    const kind = Object.hasOwn(table, name) && table[name];
    if (!kind) {
      const meant = meantBy(name, Object.keys(table));
      fail(op, `unknown option ${name}, ${meant ? `did you mean ${meant}` : namesText(table)}`);
    }
    const value = options[name];
    const expected = value !== undefined && kind(value);
    if (expected) fail(op, `${name} ${show(value)}, expected ${expected}`);
    found[name] = value;
  }
  return found;
}

const namesText = (table: OptionTable) => `expected { ${Object.keys(table).join(", ")} }`;
