// A merge tree merges the moments of a stream's chunks pairwise as they arrive, as a binary counter
// of chunks carries. It keeps log2(chunks) parts, a chunk costs one merge on average, and each
// element goes through log2(chunks) merges. The order, and so each bit, depends on the chunks
// alone.

import { entryAt } from "../base/entry";
import { type AnyMoments, destroyMoments } from "../norms/merge_moments";
import { mergeParts } from "./pair_moments";
import type { GroupRanges } from "./ranges";

/** A tally has the exact number of elements: of all groups alike, or of each. */
export type Tally = number | Float64Array;

/** What a part counts: elements, and where the stream has them, the ranges of its values. */
export interface Counted {
  readonly tally: Tally;
  readonly ranges?: GroupRanges | undefined;
}

/** A part of the data has moments on the GPU and what it counts, exactly, once that is known. */
export interface StreamPart {
  readonly part: AnyMoments;
  readonly samples: number;
  readonly counted: Counted | Promise<Counted>;
}

interface TreeNode extends StreamPart {
  readonly counted: Counted;
  readonly level: number; // it has 2^level chunks
}

/** The GPU has not reported on this chunk yet. */
interface PendingBlock extends StreamPart {
  verdict: Error | Counted | undefined; // undefined: no report yet
}

/** Adds the counts of two parts. */
function addedTallies(a: Tally, b: Tally): Tally {
  if (typeof a === "number" && typeof b === "number") return a + b;
  const { length } = (typeof a === "number" ? b : a) as Float64Array;
  const of = (one: Tally, i: number) => (typeof one === "number" ? one : (one[i] as number));
  return Float64Array.from({ length }, (_, i) => of(a, i) + of(b, i));
}

const addedCounts = (a: Counted, b: Counted): Counted => ({
  tally: addedTallies(a.tally, b.tally),
  ranges: b.ranges && a.ranges?.with(b.ranges),
});

/** Reads the counts of a chunk. Those of groups are whole up to 2^24, as f32. */
export async function tallyOf({ count }: AnyMoments): Promise<Tally> {
  return typeof count === "number" ? count : Float64Array.from(await count.read());
}

export class MergeTree {
  private stored: StreamPart | null = null; // of a stored state; it never carries
  private merged: TreeNode[] = []; // their levels fall
  private waiting: PendingBlock[] = [];

  /**
   * Adds a chunk, with what it counts. Rejects if the GPU refused it: the chunk is then left out, and
   * all others stay.
   */
  async add(part: AnyMoments, samples: number, counted: Promise<Counted>): Promise<void> {
    const entry: PendingBlock = { part, samples, counted, verdict: undefined };
    this.waiting.push(entry);
    counted.catch(() => {}); // the verdict has the reason
    const refused = await part.mean.storage.written.done;
    const verdict = refused ?? (await counted.catch((error: Error) => error));
    entry.verdict = verdict;
    this.settle();
    if (verdict instanceof Error) throw verdict;
  }

  /** Takes the part of a stored state, which comes before all chunks. */
  load(part: StreamPart): void {
    this.stored = part;
  }

  /** The parts of all chunks so far, in order. */
  get chunks(): StreamPart[] {
    return [...this.merged, ...this.waiting];
  }

  /** The parts of all that is counted. */
  get parts(): StreamPart[] {
    return [...(this.stored ? [this.stored] : []), ...this.chunks];
  }

  destroy(): void {
    for (const { part } of this.parts) destroyMoments(part);
    this.stored = null;
    this.merged = [];
    this.waiting = [];
  }

  /** Merges reported chunks in the order of the chunks, whatever the order of the reports. */
  private settle(): void {
    while (this.waiting[0]?.verdict !== undefined) {
      const { part, samples, verdict } = this.waiting.shift() as PendingBlock;
      if (verdict instanceof Error) destroyMoments(part);
      else this.push({ part, samples, counted: verdict as Counted, level: 0 });
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
    const counted = addedCounts(a.counted, b.counted);
    const samples = a.samples + b.samples;
    this.merged.splice(-2, 2, { part, samples, counted, level: a.level + 1 });
    for (const { part } of [a, b]) destroyMoments(part);
    return true;
  }
}

/**
 * Merges all parts into one, which the caller destroys unless it is the only one. It merges halves
 * of the list, from the last parts on, which are the smallest.
 */
export function mergeTree(parts: readonly AnyMoments[]): AnyMoments {
  const half = parts.length >> 1;
  if (half === 0) return entryAt(parts, 0);
  const sides = [parts.slice(0, half), parts.slice(half)] as const;
  const [a, b] = [mergeTree(sides[0]), mergeTree(sides[1])];
  const whole = mergeParts(a, b);
  if (sides[0].length > 1) destroyMoments(a);
  if (sides[1].length > 1) destroyMoments(b);
  return whole;
}
