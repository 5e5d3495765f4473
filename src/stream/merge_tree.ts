// A merge tree merges the moments of a stream's chunks pairwise as they arrive, as a binary counter
// of chunks carries. It keeps log2(chunks) parts, a chunk costs one merge on average, and each
// element goes through log2(chunks) merges. The order, and so each bit, depends on the chunks
// alone.

import { entryAt } from "../base/entry";
import { destroyPair, mergePairMoments, type PairMoments } from "./pair_moments";

interface TreeNode {
  readonly pair: PairMoments;
  readonly level: number; // it has 2^level chunks
}

/** The GPU has not reported on this chunk yet. */
interface PendingBlock {
  readonly pair: PairMoments;
  verdict: Error | null | undefined; // undefined: no report yet
}

export class MergeTree {
  private merged: TreeNode[] = []; // their levels fall
  private waiting: PendingBlock[] = [];

  /**
   * Adds a chunk. Rejects if the GPU refused it: the chunk is then left out, and all others stay.
   */
  async add(pair: PairMoments): Promise<void> {
    const entry: PendingBlock = { pair, verdict: undefined };
    this.waiting.push(entry);
    const verdict = await pair.pivot.storage.written.done;
    entry.verdict = verdict;
    this.settle();
    if (verdict !== null) throw verdict;
  }

  /** Waits for all chunks so far, in order. */
  get pairs(): PairMoments[] {
    return [...this.merged, ...this.waiting].map(({ pair }) => pair);
  }

  get count(): number {
    return this.pairs.reduce((sum, { count }) => sum + count, 0);
  }

  destroy(): void {
    for (const pair of this.pairs) destroyPair(pair);
    this.merged = [];
    this.waiting = [];
  }

  /** Merges reported chunks in the order of the chunks, whatever the order of the reports. */
  private settle(): void {
    while (this.waiting[0]?.verdict !== undefined) {
      const { pair, verdict } = this.waiting.shift() as PendingBlock;
      if (verdict === null) this.push({ pair, level: 0 });
      else destroyPair(pair);
    }
  }

  private push(part: TreeNode): void {
    this.merged.push(part);
    try {
      while (this.carry());
    } catch {
      // The context has ended: both parts stay as they are, and their readers get the error.
    }
  }

  /** Merges the last two parts if they have one level. */
  private carry(): boolean {
    const [a, b] = this.merged.slice(-2);
    if (a === undefined || b === undefined || a.level !== b.level) return false;
    const pair = mergePairMoments(a.pair, b.pair);
    this.merged.splice(-2, 2, { pair, level: a.level + 1 });
    for (const { pair } of [a, b]) destroyPair(pair);
    return true;
  }
}

/**
 * Merges all parts into one, which the caller destroys unless it is the only one. It merges halves
 * of the list, from the last parts on, which are the smallest.
 */
export function mergeTree(pairs: readonly PairMoments[]): PairMoments {
  const half = pairs.length >> 1;
  if (half === 0) return entryAt(pairs, 0);
  const sides = [pairs.slice(0, half), pairs.slice(half)] as const;
  const [a, b] = [mergeTree(sides[0]), mergeTree(sides[1])];
  const whole = mergePairMoments(a, b);
  if (sides[0].length > 1) destroyPair(a);
  if (sides[1].length > 1) destroyPair(b);
  return whole;
}
