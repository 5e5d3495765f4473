// A simulation shows why a stream's parts merge like a binary counter: it compares merges in f32
// with float64. One after the other, their rounding adds up with the number of chunks; pairwise it
// stays that of a few operations.

import { expect, test } from "vitest";
import { Random } from "../support/random";

const UNIT = 2 ** -24;
const f32 = Math.fround;

interface Pair {
  pivot: number;
  delta: number;
  variance: number;
  count: number;
}

/** As shaders/reduce/merge_parts.wgsl, every operation rounded. */
function merged(a: Pair, b: Pair): Pair {
  if (a.count < b.count) return merged(b, a);
  const count = a.count + b.count;
  const share = f32(b.count / count);
  const apart = f32(f32(b.pivot - a.pivot) + f32(b.delta - a.delta));
  const fromA = f32(a.delta + f32(apart * share));
  const fromB = f32(b.delta - f32(apart * f32(1 - share)));
  const keepA = Math.abs(fromA) <= Math.abs(fromB);
  const own = f32(a.variance + f32(share * f32(b.variance - a.variance)));
  const between = f32(f32(apart * apart) * f32(share * f32(1 - share)));
  const variance = f32(own + between);
  return keepA
    ? { pivot: a.pivot, delta: fromA, variance, count }
    : { pivot: b.pivot, delta: fromB, variance, count };
}

/** As shaders/reduce/merge_parts.wgsl: the mean is one f32. */
function rounded(a: Pair, b: Pair): Pair {
  const count = a.count + b.count;
  const share = f32(b.count / count);
  const [meanA, meanB] = [a, b].map(({ pivot, delta }) => f32(pivot + delta));
  const apart = f32(meanB - meanA);
  const own = f32(f32(f32(1 - share) * a.variance) + f32(share * b.variance));
  const between = f32(f32(apart * apart) * f32(share * f32(1 - share)));
  const pivot = f32(meanA + f32(apart * share));
  return { pivot, delta: 0, variance: f32(own + between), count };
}

/** The order of src/stream/merge_tree.ts. */
function inPairs(chunks: readonly Pair[]): Pair {
  const parts: { pair: Pair; level: number }[] = [];
  for (const pair of chunks) {
    parts.push({ pair, level: 0 });
    for (;;) {
      const [a, b] = parts.slice(-2);
      if (b === undefined || a.level !== b.level) break;
      parts.splice(-2, 2, { pair: merged(a.pair, b.pair), level: a.level + 1 });
    }
  }
  return parts.map(({ pair }) => pair).reduceRight((all, pair) => merged(pair, all));
}

/** Of moments that are exact to f32, in float64. */
function exactly(chunks: readonly Pair[]) {
  const count = chunks.reduce((sum, chunk) => sum + chunk.count, 0);
  const offset = chunks[0].pivot;
  const meanOf = ({ pivot, delta }: Pair) => pivot - offset + delta;
  const mean = chunks.reduce((sum, chunk) => sum + (chunk.count / count) * meanOf(chunk), 0);
  const variance = chunks.reduce((sum, chunk) => {
    return sum + (chunk.count / count) * (chunk.variance + (meanOf(chunk) - mean) ** 2);
  }, 0);
  return { mean: offset + mean, variance };
}

function chunksOf(number: number, offset: number, drift: number): Pair[] {
  const random = new Random(number);
  return Array.from({ length: number }, (_, k) => ({
    pivot: f32(offset + random.normal() + (drift * k) / number),
    delta: f32(0.1 * random.normal()),
    variance: f32(random.between(0.5, 1.5)),
    count: 64,
  }));
}

function errorsOf(all: Pair, chunks: readonly Pair[]) {
  const { mean, variance } = exactly(chunks);
  return {
    mean: Math.abs(all.pivot + all.delta - mean) / Math.sqrt(variance),
    variance: Math.abs(all.variance / variance - 1),
  };
}

test("in the order of a binary counter a hundred thousand merges err no more than a few", () => {
  const rows: string[] = [];
  for (const [offset, drift] of [
    [0, 0],
    [1e6, 0],
    [1e4, 10],
  ]) {
    for (const number of [100, 1000, 10_000, 100_000]) {
      const chunks = chunksOf(number, offset, drift);
      const counter = errorsOf(inPairs(chunks), chunks);
      const inTurn = errorsOf(chunks.reduce(merged), chunks);
      const single = errorsOf(chunks.reduce(rounded), chunks);
      const [a, b, c] = [counter, inTurn, single].map((e) => e.variance.toExponential(1));
      const title = `offset ${offset}, drift ${drift}, ${number} chunks`;
      rows.push(`${title}: ${a}, in turn ${b}, with the mean as one f32 ${c}`);
      expect(counter.mean).toBeLessThan(4 * UNIT);
      expect(counter.variance).toBeLessThan(4 * UNIT);
      if (number === 100_000) expect(inTurn.variance).toBeGreaterThan(10 * counter.variance);
    }
  }
  console.log(`relative error of the variance:\n${rows.join("\n")}`);
});
