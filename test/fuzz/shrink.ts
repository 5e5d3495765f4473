// A failure shrinks to the smallest case that fails in the same way: options and arrays are dropped,
// axes become shorter, types, layouts and plans ordinary, one at a time.

import type { Case } from "./case";

/** Failures of one kind have one cause, in all likelihood. */
function kindOf(failure: string): string {
  const kinds = ["times the tolerance", "changed to", "other bits", "beside", "refused the work"];
  return kinds.find((kind) => failure.includes(kind)) ?? failure.replace(/[\d[\]]+/g, "");
}

type Parts = Readonly<Record<string, unknown>>;

const dropped = (parts: Parts, name: string) =>
  Object.fromEntries(Object.entries(parts).filter(([key]) => key !== name));

/** Nothing of it, and each part less. */
const fewer = (
  one: Case,
  part: "overrides" | "profile" | "types" | "placings" | "options" | "arrays",
) =>
  Object.keys(one[part]).length === 0
    ? []
    : [{}, ...Object.keys(one[part]).map((name) => dropped(one[part] as Parts, name))].map(
        (less): Case => ({ ...one, [part]: less }),
      );

/** All axes of one length get another. */
function resized(one: Case, from: number, to: number): Case {
  const change = (lengths: readonly number[]) => lengths.map((n) => (n === from ? to : n));
  const { normalizedShape } = one.options;
  return {
    ...one,
    shape: change(one.shape),
    arrays: Object.fromEntries(
      Object.entries(one.arrays).map(([name, own]) => [name, change(own)]),
    ),
    options: {
      ...one.options,
      ...(normalizedShape && { normalizedShape: change(normalizedShape) }),
    },
  };
}

function shorter(one: Case): Case[] {
  const lengths = [...new Set(one.shape)].filter((n) => n > 1).sort((a, b) => b - a);
  return lengths.flatMap((n) => {
    const less = [1, 2, 3, Math.floor(n / 4), Math.floor(n / 2), n - 1];
    return [...new Set(less)].filter((m) => m > 0 && m < n).map((m) => resized(one, n, m));
  });
}

/** Cases that are smaller in one respect, the largest steps first. */
function smaller(one: Case): Case[] {
  return [
    ...fewer(one, "overrides"),
    ...fewer(one, "profile"),
    ...fewer(one, "placings"),
    ...fewer(one, "types"),
    ...(one.saved ? [{ ...one, saved: false }] : []),
    ...fewer(one, "arrays"),
    ...fewer(one, "options"),
    ...shorter(one),
  ];
}

export interface Shrunk {
  readonly one: Case;
  readonly failure: string;
  readonly tries: number;
}

/** `fails` tells how a case fails, or null. It is called no more than `most` times. */
export async function shrink(
  one: Case,
  failure: string,
  fails: (smaller: Case) => Promise<string | null>,
  most: number,
): Promise<Shrunk> {
  const kind = kindOf(failure);
  let best: Shrunk = { one, failure, tries: 0 };
  let tries = 0;
  for (let found = true; found && tries < most; ) {
    found = false;
    for (const each of smaller(best.one)) {
      if (tries++ >= most) break;
      const how = await fails(each);
      if (how === null || kindOf(how) !== kind) continue;
      best = { one: each, failure: how, tries };
      found = true;
      break;
    }
  }
  return { ...best, tries };
}
