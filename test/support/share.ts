// Compilers take nearly all of the tests' time here, so `npm test` runs a share of the cases of each
// generic test, another one for each operation. `npm run test:thorough` runs all.

import { inject } from "vitest";
import { oneIn } from "./operations";

/** Every `step`-th item from number `turn` on, or all. */
export const share = <T>(items: readonly T[], step: number, turn: number): T[] =>
  inject("thorough") ? [...items] : items.filter((_, k) => k % step === turn % step);

/** What `oneIn` says of an operation, or 1: all. */
export const stepFor = (...of: Parameters<typeof oneIn>): number =>
  inject("thorough") ? 1 : oneIn(...of);
