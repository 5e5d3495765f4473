// The tests of streams read these sources of chunks, which record the requests.

import { expect } from "vitest";
import type { Context } from "../../src/index";
import { type ChunkSource, MomentsAccumulator } from "../../src/stream/index";

export const SAMPLE = 6;
export const chunk = (first: number, samples = 2) =>
  Float32Array.from({ length: samples * SAMPLE }, (_, i) => first + i);

export const accumulator = (ctx: Context) =>
  new MomentsAccumulator(ctx, { shape: [-1, 2, 3], axes: [0, 2] });

export const CHUNKS = [chunk(0), chunk(50, 1), chunk(7, 4)];
export const MEANS = [(2 * 4 + 51 + 4 * 17) / 7, (2 * 7 + 54 + 4 * 20) / 7]; // of those chunks' channels

async function means(acc: MomentsAccumulator): Promise<number[]> {
  const { mean, variance } = acc.moments();
  const values = [...(await mean.read())];
  for (const tensor of [mean, variance]) tensor.destroy();
  return values;
}

export async function expectMeans(
  acc: MomentsAccumulator,
  expected: readonly number[],
): Promise<void> {
  for (const [i, mean] of (await means(acc)).entries()) expect(mean).toBeCloseTo(expected[i], 4);
}

/** What was asked of a source, and how it was closed. */
export interface Watched<T> {
  readonly source: ChunkSource<T>;
  readonly seen: { asked: number; closed: unknown[] };
}

/** An iterator as a generator is, which does not end unless the chunks do. */
export function iterable<T>(chunks: readonly T[], hangs = false): Watched<T> {
  const seen = { asked: 0, closed: [] as unknown[] };
  const iterator: AsyncIterator<T> = {
    async next() {
      const value = chunks[seen.asked++];
      if (value !== undefined) return { done: false, value };
      return hangs ? new Promise(() => {}) : { done: true, value: undefined };
    },
    async return() {
      seen.closed.push("return");
      return { done: true, value: undefined };
    },
  };
  return { source: { [Symbol.asyncIterator]: () => iterator }, seen };
}

export function stream<T>(chunks: readonly T[], hangs = false): Watched<T> {
  const seen = { asked: 0, closed: [] as unknown[] };
  const source = new ReadableStream<T>(
    {
      async pull(controller) {
        const value = chunks[seen.asked++];
        if (value !== undefined) controller.enqueue(value);
        else if (hangs) await new Promise(() => {});
        else controller.close();
      },
      cancel: (reason) => {
        seen.closed.push(reason);
      },
    },
    { highWaterMark: 0 },
  );
  return { source, seen };
}

export function* generated() {
  yield* CHUNKS;
}

export async function* generatedLater() {
  for (const each of CHUNKS) yield await Promise.resolve(each);
}

/** The bytes of all chunks in pieces that end within elements. */
export function bytes(size: number): Uint8Array<ArrayBuffer>[] {
  const all = new Uint8Array(Float32Array.from(CHUNKS.flatMap((each) => [...each])).buffer);
  const pieces = Math.ceil(all.length / size);
  return Array.from({ length: pieces }, (_, i) => all.slice(i * size, (i + 1) * size));
}
