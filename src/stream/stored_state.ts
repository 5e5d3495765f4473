// A stream's moments leave the GPU as exact records, and a stored state comes back as a part.

import { fail, show } from "../base/errors";
import { sameShape, sizeOf } from "../base/shape";
import { MomentsState, type MomentsStateOptions } from "../moments/moments_state";
import { destroyMoments } from "../norms/merge_moments";
import { MOMENTS_RESULTS, type Moments } from "../norms/moments";
import type { Context } from "../runtime/context";
import { mergeStatistics } from "./pair_moments";

/** A record has f32 moments of a part, one entry a group. */
interface PartRecord {
  readonly count: bigint;
  readonly pivot: Float32Array;
  readonly delta: Float32Array;
  readonly variance: Float32Array;
}

/** Reads parts as they are at the call, whatever becomes of them. */
export function readParts(op: string, parts: readonly Moments[]): Promise<PartRecord[]> {
  const reading = parts.map(async ({ count, mean, meanPair, variance }): Promise<PartRecord> => {
    const [pair, spread] = await Promise.all([(meanPair ?? mean).read(), variance.read()]);
    const { length } = spread;
    const wrong = spread.findIndex(
      (value, i) => !Number.isFinite(value + (pair[i] as number) + (pair[length + i] as number)),
    );
    if (wrong >= 0) {
      fail(op, `group ${wrong} has values that are not finite, expected those to be counted apart`);
    }
    const [pivot, delta] = [pair.subarray(0, length), pair.subarray(length)];
    return { count: BigInt(count), pivot, delta, variance: spread };
  });
  return Promise.all(reading);
}

/** A stream and a state agree in these. */
interface StateFormat extends MomentsStateOptions {
  readonly axes: readonly number[];
}

/** Checks that a state is of such a stream, and returns its own copy with the count of a group. */
export function checkState(op: string, state: unknown, own: StateFormat) {
  if (!(state instanceof MomentsState)) {
    fail(op, `state is ${show(state)}, expected a MomentsState`);
  }
  const { shape, axes, dtype } = state;
  if (!sameShape(shape, own.shape) || !sameShape(axes, own.axes) || dtype !== own.dtype) {
    const text = (of: StateFormat) =>
      `shape ${show(of.shape)}, axes ${show(of.axes)} and dtype ${of.dtype}`;
    fail(op, `state has ${text({ shape, axes, dtype })}, expected ${text(own)}`);
  }
  const counts = [...state.moments().count];
  const [count = 0n] = counts;
  if (counts.some((one) => one !== count)) {
    fail(op, "state has other counts in other groups, expected one for all");
  }
  const each = sizeOf(axes.map((axis) => Math.max(1, shape[axis] as number)));
  if (count > Number.MAX_SAFE_INTEGER || Number(count) % each !== 0) {
    fail(op, `state has ${count} values a group, expected a multiple of ${each} up to 2^53`);
  }
  return { loaded: new MomentsState(own).merge(state), count: Number(count) };
}

/** Makes a part of a state, with the mean as a pair. */
export function partOf(
  context: Context,
  state: MomentsState,
  kept: readonly number[],
  count: number,
): Moments {
  const { mean, variance } = state.moments();
  const deltas = mean.map((value) => value - Math.fround(value));
  const pair = context.tensor([...mean, ...deltas], [2, ...kept]);
  const uploaded = {
    ...{ mean: context.tensor(mean, kept), meanPair: pair, count },
    variance: context.tensor(variance, kept),
  };
  try {
    return { ...mergeStatistics(uploaded, uploaded, MOMENTS_RESULTS, kept), count };
  } finally {
    destroyMoments(uploaded);
    pair.destroy();
  }
}
