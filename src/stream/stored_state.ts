// A stream's moments leave the GPU as exact records, and a stored state comes back as a part.

import { fail, show } from "../base/errors";
import { sameShape, sizeOf } from "../base/shape";
import { MomentsState, type MomentsStateOptions } from "../moments/moments_state";
import { type AnyMoments, destroyMoments } from "../norms/merge_moments";
import { MOMENTS_RESULTS, WEIGHTED_RESULTS } from "../norms/moments";
import type { Context } from "../runtime/context";
import type { StreamPart, Tally } from "./merge_tree";
import { statisticsOf } from "./pair_moments";

/** A record has f32 moments of a part, one entry a group. */
interface PartRecord {
  readonly count: bigint | BigUint64Array;
  readonly pivot: Float32Array;
  readonly delta: Float32Array;
  readonly variance: Float32Array;
  readonly min?: Float32Array;
  readonly max?: Float32Array;
  readonly nan?: readonly bigint[];
  readonly posInf?: readonly bigint[];
  readonly negInf?: readonly bigint[];
}

/** Reads parts as they are at the call, whatever becomes of them. */
export function readParts(
  op: string,
  parts: readonly Pick<StreamPart, "part" | "counted">[],
  wanted = "finite ones",
): Promise<PartRecord[]> {
  const reading = parts.map(async ({ part, counted }): Promise<PartRecord> => {
    const { mean, meanPair, variance } = part;
    const all = [(meanPair ?? mean).read(), variance.read(), counted] as const;
    const [pair, spread, { tally, ranges }] = await Promise.all(all);
    const { length } = spread;
    const wrong = spread.findIndex(
      (value, i) => !Number.isFinite(value + (pair[i] as number) + (pair[length + i] as number)),
    );
    if (wrong >= 0) {
      const [what, expected] = ranges
        ? ["moments", "values whose squares f32 has"]
        : ["values", wanted];
      fail(op, `group ${wrong} has ${what} that are not finite, expected ${expected}`);
    }
    const [pivot, delta] = [pair.subarray(0, length), pair.subarray(length)];
    return { count: countsOf(op, tally), pivot, delta, variance: spread, ...ranges };
  });
  return Promise.all(reading);
}

/** Returns exact counts. */
function countsOf(op: string, tally: Tally): PartRecord["count"] {
  if (typeof tally === "number") return BigInt(tally);
  const broken = tally.findIndex((weight) => !Number.isSafeInteger(weight));
  if (broken >= 0) {
    const expected = "expected whole weights, which count elements";
    fail(op, `group ${broken} has a weight of ${tally[broken]}, ${expected}`);
  }
  return BigUint64Array.from(tally, BigInt);
}

/** A stream and a state agree in these. */
interface StateFormat extends MomentsStateOptions {
  readonly axes: readonly number[];
}

/**
 * Checks that a state is of such a stream, and returns its own copy with the counts of groups: one
 * number where all samples count, which are so many, else those of each.
 */
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
  const [first = 0n] = counts;
  const most = counts.reduce((a, b) => (a > b ? a : b), 0n);
  if (most > Number.MAX_SAFE_INTEGER) {
    fail(op, `state has ${most} values a group, expected at most 2^53`);
  }
  const each = sizeOf(axes.map((axis) => Math.max(1, shape[axis] as number)));
  const whole = counts.every((one) => one === first) && Number(first) % each === 0;
  const covered = state.ranges.reduce((sum, [from, to]) => sum + to - from, 0n);
  return {
    loaded: new MomentsState(own).merge(state),
    tally: whole ? Number(first) : Float64Array.from(counts, Number),
    samples: whole ? Number(first) / each : Number(covered),
  };
}

/** Makes a part of a state, with the mean as a pair. */
export function partOf(
  context: Context,
  state: MomentsState,
  kept: readonly number[],
  tally: Tally,
  finite: boolean,
): AnyMoments {
  const made = state.moments({ finite });
  const [mean, variance] = [made.mean, made.variance].map((list) =>
    finite ? list.map((value, i) => (made.count[i] === 0n ? 0 : value)) : list,
  ) as [Float64Array, Float64Array];
  const deltas = mean.map((value) => value - Math.fround(value));
  const pair = context.tensor([...mean, ...deltas], [2, ...kept]);
  const common = {
    ...{ mean: context.tensor(mean, kept), meanPair: pair },
    variance: context.tensor(variance, kept),
  };
  const plain = typeof tally === "number";
  const uploaded = { ...common, count: plain ? tally : context.tensor(tally, kept) } as AnyMoments;
  try {
    const results = plain ? MOMENTS_RESULTS : WEIGHTED_RESULTS;
    const part = statisticsOf(uploaded, { results, shape: kept });
    return plain ? { ...part, count: tally } : part;
  } finally {
    destroyMoments(uploaded);
    pair.destroy();
  }
}
