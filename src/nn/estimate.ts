// Running statistics of all data together: of tensors one after the other, or of moments that came
// from elsewhere.

import { fail, show } from "../base/errors";
import { destroyMoments, mergeMoments, mergeOperation } from "../norms/merge_moments";
import { type Moments, moments } from "../norms/moments";
import { checkChannels } from "../norms/shared/channels";
import type { Context } from "../runtime/context";
import { Tensor } from "../runtime/tensor";

/** Moments on the host have one entry a channel, as those of a state. */
interface HostMoments {
  readonly count: ArrayLike<bigint>;
  readonly mean: ArrayLike<number>;
  /** The variance is that of the population. */
  readonly variance: ArrayLike<number>;
}

/**
 * A source of moments is an iterable or async iterable of tensors, a `MomentsState`, or a
 * `MomentsAccumulator`.
 */
export type MomentsSource =
  | Iterable<Tensor | Promise<Tensor>>
  | AsyncIterable<Tensor>
  | { moments(): HostMoments | Moments };

/** A mean and an unbiased variance are new tensors. */
type Estimate = Pick<Moments, "mean" | "variance">;

const spread = /* @__PURE__ */ mergeOperation("BatchNorm.estimate");

/** Returns mean and unbiased variance of a source; `check` returns the channels' axis of a tensor. */
export async function estimated(
  op: string,
  source: MomentsSource,
  context: Context,
  channels: number,
  check: (x: Tensor) => number,
): Promise<Estimate> {
  if (typeof Object(source).moments === "function") {
    const found = (source as { moments(): HostMoments | Moments }).moments();
    return found.mean instanceof Tensor
      ? ofTensors(op, [found as Moments], channels)
      : ofHost(op, found as HostMoments, context, channels);
  }
  const { [Symbol.iterator]: some, [Symbol.asyncIterator]: later } = Object(source);
  if (typeof source === "string" || !(some || later)) {
    const expected = "an iterable of tensors, a MomentsState or a MomentsAccumulator";
    fail(op, `source is ${show(source)}, expected ${expected}`);
  }
  const parts: Moments[] = [];
  try {
    for await (const x of source as AsyncIterable<Tensor>) {
      const { axis } = checkChannels(op, x, check(x));
      const verdict = await parts.at(-1)?.mean.storage.written.done; // one batch is ahead
      if (verdict) throw verdict;
      const axes = x.shape.flatMap((_, i) => (i === axis ? [] : [i]));
      if (x.size > 0) parts.push(moments(x, { axes }));
    }
    const verdicts = await Promise.all(parts.map(({ mean }) => mean.storage.written.done));
    const refused = verdicts.find((verdict) => verdict !== null);
    if (refused) throw refused;
  } catch (error) {
    for (const part of parts) destroyMoments(part);
    throw error;
  }
  return ofTensors(op, parts, channels);
}

const tooFew = (op: string, count: number | bigint) =>
  fail(op, `${count} values a channel, expected more than one`);

/** Merges moments, which it destroys. */
function ofTensors(op: string, parts: readonly Moments[], channels: number): Estimate {
  const made = [...parts];
  try {
    const count = parts.reduce((sum, part) => sum + part.count, 0);
    if (count < 2) tooFew(op, count);
    const all = parts.length > 1 ? mergeMoments(parts) : (parts[0] as Moments);
    if (!made.includes(all)) made.push(all);
    const { shape } = all.mean;
    if (shape.length !== 1 || shape[0] !== channels) {
      fail(op, `source has moments of shape ${show(shape)}, expected [${channels}]`);
    }
    const scale = count / (count - 1);
    return spread(all.mean, { a: all, b: all, results: ["mean", "variance"], scale });
  } finally {
    for (const part of made) destroyMoments(part);
  }
}

function ofHost(
  op: string,
  { count, mean, variance }: HostMoments,
  context: Context,
  channels: number,
): Estimate {
  if (mean.length !== channels) {
    fail(op, `source has ${mean.length} groups, expected ${channels} channels`);
  }
  const unbiased = Array.from(variance, (value, c) => {
    const n = count[c] as bigint;
    if (n < 2n) tooFew(op, n);
    if (!Number.isFinite(value)) {
      fail(op, `channel ${c} of source has variance ${value}, expected finite values alone`);
    }
    return (value * Number(n)) / Number(n - 1n);
  });
  return {
    mean: context.tensor(Array.from(mean), [channels]),
    variance: context.tensor(unbiased, [channels]),
  };
}
