// The moments of a stream's chunks as they come: merged two and two, like the digits of a binary counter that
// counts the chunks. So log2(chunks) parts are held, a chunk costs one merge on average, each element goes
// through log2(chunks) of them, and the order, hence each bit, depends on the chunks alone.

import { entryAt } from "../base/entry";
import { destroyPair, mergePairMoments, type PairMoments } from "./pair_moments";

interface TreeNode {
  readonly pair: PairMoments;
  readonly level: number; // 2^level chunks
}

/** A chunk that the GPU has not reported on. */
interface PendingBlock {
  readonly pair: PairMoments;
  verdict: Error | null | undefined; // undefined: none yet
}

export class MergeTree {
  private merged: TreeNode[] = []; // levels fall
  private waiting: PendingBlock[] = [];

  /** Rejects with what the GPU had against it: the chunk is left out then, and all others stay. */
  async add(pair: PairMoments): Promise<void> {
    const entry: PendingBlock = { pair, verdict: undefined };
    this.waiting.push(entry);
    const verdict = await pair.pivot.storage.written;
    entry.verdict = verdict;
    this.settle();
    if (verdict !== null) throw verdict;
  }

  /** Everything so far, in order. */
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

  /** In the order of the chunks, so that it does not matter when the GPU reports. */
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
      // the context is at its end: both stay as they are, and whoever asks for them is told
    }
  }

  /** Merges the last two if they are of one level. */
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
 * All in one, which the caller destroys unless it is the only one. Halves of the list are merged, from the last
 * elements on, where the parts are smallest.
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
