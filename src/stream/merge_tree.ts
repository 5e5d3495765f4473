// A merge tree merges the moments of a stream's chunks pairwise as they arrive, as a binary counter
// of chunks carries. It keeps log2(chunks) parts, a chunk costs one merge on average, and each
// element goes through log2(chunks) merges. The order, and so each bit, depends on the chunks
// alone.

import { entryAt } from "../base/entry";
import { destroyMoments } from "../norms/merge_moments";
import type { Moments } from "../norms/moments";
import { mergeParts } from "./pair_moments";

interface TreeNode {
  readonly part: Moments;
  readonly level: number; // it has 2^level chunks
}

/** The GPU has not reported on this chunk yet. */
interface PendingBlock {
  readonly part: Moments;
  verdict: Error | null | undefined; // undefined: no report yet
}

export class MergeTree {
  private stored: Moments | null = null; // of a stored state; it never carries
  private merged: TreeNode[] = []; // their levels fall
  private waiting: PendingBlock[] = [];

  /**
   * Adds a chunk. Rejects if the GPU refused it: the chunk is then left out, and all others stay.
   */
  async add(part: Moments): Promise<void> {
    const entry: PendingBlock = { part, verdict: undefined };
    this.waiting.push(entry);
    const verdict = await part.mean.storage.written.done;
    entry.verdict = verdict;
    this.settle();
    if (verdict !== null) throw verdict;
  }

  /** Takes the part of a stored state, which comes before all chunks. */
  load(part: Moments): void {
    this.stored = part;
  }

  /** The parts of all chunks so far, in order. */
  get chunks(): Moments[] {
    return [...this.merged, ...this.waiting].map(({ part }) => part);
  }

  /** The parts of all that is counted. */
  get parts(): Moments[] {
    return [...(this.stored ? [this.stored] : []), ...this.chunks];
  }

  get count(): number {
    return this.parts.reduce((sum, { count }) => sum + count, 0);
  }

  destroy(): void {
    for (const part of this.parts) destroyMoments(part);
    this.stored = null;
    this.merged = [];
    this.waiting = [];
  }

  /** Merges reported chunks in the order of the chunks, whatever the order of the reports. */
  private settle(): void {
    while (this.waiting[0]?.verdict !== undefined) {
      const { part, verdict } = this.waiting.shift() as PendingBlock;
      if (verdict === null) this.push({ part, level: 0 });
      else destroyMoments(part);
    }
  }

  private push(node: TreeNode): void {
    this.merged.push(node);
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
    const part = mergeParts(a.part, b.part);
    this.merged.splice(-2, 2, { part, level: a.level + 1 });
    for (const { part } of [a, b]) destroyMoments(part);
    return true;
  }
}

/**
 * Merges all parts into one, which the caller destroys unless it is the only one. It merges halves
 * of the list, from the last parts on, which are the smallest.
 */
export function mergeTree(parts: readonly Moments[]): Moments {
  const half = parts.length >> 1;
  if (half === 0) return entryAt(parts, 0);
  const sides = [parts.slice(0, half), parts.slice(half)] as const;
  const [a, b] = [mergeTree(sides[0]), mergeTree(sides[1])];
  const whole = mergeParts(a, b);
  if (sides[0].length > 1) destroyMoments(a);
  if (sides[1].length > 1) destroyMoments(b);
  return whole;
}
