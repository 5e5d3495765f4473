// The moments of a stream's chunks as they come: merged two and two, like the digits of a binary counter that
// counts the chunks. So log2(chunks) parts are held, a chunk costs one merge on average, each element goes
// through log2(chunks) of them, and the order, hence each bit, depends on the chunks alone.

import { discardPair, mergedPair, type Pair } from "./pair_moments";

interface Part {
  readonly pair: Pair;
  readonly level: number; // 2^level chunks
}

/** A chunk that the GPU has not reported on. */
interface Waiting {
  readonly pair: Pair;
  verdict: Error | null | undefined; // undefined: none yet
}

export class Parts {
  private merged: Part[] = []; // levels fall
  private waiting: Waiting[] = [];

  /** Rejects with what the GPU had against it: the chunk is left out then, and all others stay. */
  async add(pair: Pair): Promise<void> {
    const entry: Waiting = { pair, verdict: undefined };
    this.waiting.push(entry);
    const verdict = await pair.pivot.storage.written;
    entry.verdict = verdict;
    this.settle();
    if (verdict !== null) throw verdict;
  }

  /** Everything so far, in order. */
  get pairs(): Pair[] {
    return [...this.merged, ...this.waiting].map(({ pair }) => pair);
  }

  get count(): number {
    return this.pairs.reduce((sum, { count }) => sum + count, 0);
  }

  destroy(): void {
    for (const pair of this.pairs) discardPair(pair);
    this.merged = [];
    this.waiting = [];
  }

  /** In the order of the chunks, so that it does not matter when the GPU reports. */
  private settle(): void {
    while (this.waiting.length > 0 && this.waiting[0].verdict !== undefined) {
      const { pair, verdict } = this.waiting.shift() as Waiting;
      if (verdict === null) this.push({ pair, level: 0 });
      else discardPair(pair);
    }
  }

  private push(part: Part): void {
    this.merged.push(part);
    try {
      while (this.carry());
    } catch {
      // the context is at its end: both stay as they are, and whoever asks for them is told
    }
  }

  /** Merges the last two if they are of one level. */
  private carry(): boolean {
    const [a, b] = this.merged.slice(-2);
    if (b === undefined || a.level !== b.level) return false;
    const pair = mergedPair(a.pair, b.pair);
    this.merged.splice(-2, 2, { pair, level: a.level + 1 });
    for (const { pair } of [a, b]) discardPair(pair);
    return true;
  }
}

/**
 * All in one, which the caller destroys unless it is the only one. Halves of the list are merged, from the last
 * elements on, where the parts are smallest.
 */
export function merged(pairs: readonly Pair[]): Pair {
  if (pairs.length === 1) return pairs[0];
  const half = pairs.length >> 1;
  const sides = [pairs.slice(0, half), pairs.slice(half)];
  const [a, b] = sides.map(merged);
  const whole = mergedPair(a, b);
  for (const [i, pair] of [a, b].entries()) if (sides[i].length > 1) discardPair(pair);
  return whole;
}
