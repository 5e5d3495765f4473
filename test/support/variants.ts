// This file lists the shader files that planners join for abstract calls. There are more
// combinations than could be compiled, so it keeps those in which two files meet for the first
// time.

import type { Pass } from "../../src/plan/plan";
import type { Fragment } from "../../src/wgsl/link";
import { papers } from "./abstract_calls";

const CALLS = 60; // an operation, each with its gradient

function* allPasses(): Generator<Pass> {
  for (const { passes } of papers(CALLS)) yield* passes;
}

/** Arrays, copies "as" their names, know nothing of each other, save that x may be read through y. */
const isStranger = ({ name }: Fragment) =>
  name.includes(" as ") && !name.startsWith("io/load/in_place as ");

const MOST = 1024; // names

function meetings(passes: Iterable<Pass>): Pass[] {
  const numbers = new Map<string, number>();
  const numberOf = (fragment: Fragment) => {
    const number = numbers.get(fragment.name) ?? numbers.size;
    numbers.set(fragment.name, number);
    return { number, strange: isStranger(fragment) };
  };
  const met = new Set<number>();
  return [...passes].filter(({ fragments }) => {
    const before = met.size;
    const all = fragments.map(numberOf);
    for (const a of all) {
      for (const b of all) if (!(a.strange && b.strange)) met.add(a.number * MOST + b.number);
    }
    return met.size > before;
  });
}

/** Passes, each with the overrides of a plan's. */
export const PASSES: readonly Pass[] = meetings(allPasses());

export const VARIANTS: readonly (readonly Fragment[])[] = PASSES.map(({ fragments }) => fragments);
