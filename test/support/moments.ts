// Records of moments for tests of MomentsState, and the exact moments of them all.

import { Random } from "./random";

interface PairRecord {
  readonly count: bigint;
  readonly pivot: Float32Array<ArrayBuffer>;
  readonly delta: Float32Array<ArrayBuffer>;
  readonly variance: Float32Array<ArrayBuffer>;
  readonly range: readonly [bigint, bigint];
}

/** Records of consecutive blocks. */
export function recordsOf(blocks: number, groups: number, offset: number, seed = 1): PairRecord[] {
  const random = new Random(seed);
  const list = (value: () => number) => Float32Array.from({ length: groups }, value);
  return Array.from({ length: blocks }, (_, block) => ({
    count: BigInt(1 + random.below(100_000)),
    pivot: list(() => offset + random.normal()),
    delta: list(() => 0.1 * random.normal()),
    variance: list(() => random.between(0.5, 1.5)),
    range: [BigInt(block), BigInt(block + 1)],
  }));
}

/** Mean and variance of a group, in float64 around the first pivot: 1e-12 of the deviation. */
export function expectedMoments(records: readonly PairRecord[], group: number) {
  const origin = records[0].pivot[group];
  const total = records.reduce((sum, { count }) => sum + Number(count), 0);
  const shifted = ({ pivot, delta }: PairRecord) => pivot[group] - origin + delta[group];
  const mean = records.reduce((sum, r) => sum + (Number(r.count) / total) * shifted(r), 0);
  const variance = records.reduce(
    (sum, r) => sum + (Number(r.count) / total) * (r.variance[group] + (shifted(r) - mean) ** 2),
    0,
  );
  return { mean: origin + mean, variance, total };
}
