// A worker of a group has a number, its rank.

import { fail, show } from "./errors";

/** The place of a worker in its group. */
interface Place {
  readonly rank: number;
  readonly size: number;
}

/** Throws unless the rank is one of a group of this size. */
export function checkRank(op: string, whose: string, { rank, size }: Place): void {
  if (!Number.isInteger(size) || size < 1) {
    fail(op, `${whose}size ${show(size)}, expected a positive integer`);
  }
  if (!Number.isInteger(rank) || rank < 0 || rank >= size) {
    fail(op, `${whose}rank ${show(rank)}, expected an integer in 0 .. ${size - 1}`);
  }
}
