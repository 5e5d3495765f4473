// Compilers take nearly all of the tests' time here, so `npm test` runs a share of the cases of each
// generic test, another one for each operation. `npm run test:thorough` runs all.

import { inject } from "vitest";
import { oneIn } from "./operations";

/** Every `step`-th item from that of this turn on, at least one; or all. */
export function share<T>(items: readonly T[], step: number, turn: number): T[] {
  if (inject("thorough")) return [...items];
  const first = turn % Math.min(step, Math.max(1, items.length));
  return items.filter((_, k) => k % step === first);
}

/** What `oneIn` says of an operation, or 1: all. */
export const stepFor = (...of: Parameters<typeof oneIn>): number =>
  inject("thorough") ? 1 : oneIn(...of);
