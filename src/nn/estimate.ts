// Running statistics of all data together: of tensors one after the other, or of moments that came
// from elsewhere.

import { fail, show } from "../base/errors";
import {
  type AnyMoments,
  destroyMoments,
  isWeighted,
  mergeMoments,
  mergeOperation,
  weighedMergeOperation,
} from "../norms/merge_moments";
import { type Moments, moments, type WeightedMoments } from "../norms/moments";
import { checkChannels } from "../norms/shared/channels";
import { MASK, type Mask } from "../norms/shared/options";
import type { Context } from "../runtime/context";
import { Tensor } from "../runtime/tensor";

/** Moments on the host have one entry a channel, as those of a state. */
interface HostMoments {
  readonly count: ArrayLike<bigint>;
  readonly mean: ArrayLike<number>;
  /** The variance is that of the population. */
  readonly variance: ArrayLike<number>;
}

/** A tensor with the mask of its elements. */
interface MaskedTensor {
  readonly x: Tensor;
  readonly mask: Mask;
}

type Batch = Tensor | MaskedTensor;

/**
 * A source of moments is an iterable or async iterable of tensors, or of `{ x, mask }`, a
 * `MomentsState`, or a `MomentsAccumulator`.
 */
export type MomentsSource =
  | Iterable<Batch | Promise<Batch>>
  | AsyncIterable<Batch>
  | { moments(): HostMoments | Moments | WeightedMoments };

/** A mean and an unbiased variance are new tensors. */
type Estimate = Pick<Moments, "mean" | "variance">;

const spread = /* @__PURE__ */ mergeOperation("BatchNorm.estimate");
const spreadWeighed = /* @__PURE__ */ weighedMergeOperation("BatchNorm.estimate");

/** Returns the tensor and the mask of a batch. */
function batchOf(op: string, batch: Batch): { x: Tensor; mask?: Mask } {
  if (batch instanceof Tensor || typeof Object(batch).mask === "undefined") {
    return { x: batch as Tensor }; // the module checks it
  }
  const { x, mask } = batch as MaskedTensor;
  const expected = MASK(mask);
  if (expected) fail(op, `mask ${show(mask)}, expected ${expected}`);
  return { x, mask };
}

/** Returns mean and unbiased variance of a source; `check` returns the channels' axis of a tensor. */
export async function estimated(
  op: string,
  source: MomentsSource,
  context: Context,
  channels: number,
  check: (x: Tensor) => number,
): Promise<Estimate> {
  if (typeof Object(source).moments === "function") {
    const found = (source as { moments(): HostMoments | AnyMoments }).moments();
    return found.mean instanceof Tensor
      ? ofTensors(op, [found as AnyMoments], channels)
      : ofHost(op, found as HostMoments, context, channels);
  }
  const { [Symbol.iterator]: some, [Symbol.asyncIterator]: later } = Object(source);
  if (typeof source === "string" || !(some || later)) {
    const expected = "an iterable of tensors, a MomentsState or a MomentsAccumulator";
    fail(op, `source is ${show(source)}, expected ${expected}`);
  }
  const parts: AnyMoments[] = [];
  try {
    for await (const batch of source as AsyncIterable<Batch>) {
      const { x, mask } = batchOf(op, batch);
      const { axis } = checkChannels(op, x, check(x));
      const verdict = await parts.at(-1)?.mean.storage.written.done; // one batch is ahead
      if (verdict) throw verdict;
      const axes = x.shape.flatMap((_, i) => (i === axis ? [] : [i]));
      if (x.size > 0) parts.push(mask ? moments(x, { axes, mask }) : moments(x, { axes }));
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

const tooFew = (op: string, count: number | bigint): never =>
  fail(op, `${count} values a channel, expected more than one`);

/** Merges moments, which it destroys. */
async function ofTensors(
  op: string,
  parts: readonly AnyMoments[],
  channels: number,
): Promise<Estimate> {
  const made = [...parts];
  try {
    if (parts.length === 0) tooFew(op, 0);
    const all = parts.length > 1 ? mergeMoments(parts) : (parts[0] as AnyMoments);
    if (!made.includes(all)) made.push(all);
    const { shape } = all.mean;
    if (shape.length !== 1 || shape[0] !== channels) {
      fail(op, `source has moments of shape ${show(shape)}, expected [${channels}]`);
    }
    const results = ["mean", "variance"] as const;
    if (isWeighted(all)) {
      const few = (await all.count.read()).find((weight) => weight <= 1);
      if (few !== undefined) tooFew(op, few);
      return spreadWeighed(all.mean, { a: all, results, correction: 1 });
    }
    const { count } = all;
    if (count < 2) tooFew(op, count);
    return spread(all.mean, { a: all, b: all, results, scale: count / (count - 1) });
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
