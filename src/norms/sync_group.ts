// A group's moments and sums meet on the host, in rank order and in float64, so that every rank gets
// the same bits, whatever its GPU.

import type { DType } from "../base/dtype";
import { fail } from "../base/errors";
import type { Execution } from "../operation/composed";
import type { Tensor } from "../runtime/tensor";
import {
  type AnyMoments,
  isWeighted,
  mergeOperation,
  weighedMergeOperation,
} from "./merge_moments";
import { MOMENTS_RESULTS, type Moments, type WeightedMoments } from "./moments";
import { type ExchangeOptions, KINDS, type openRound, type RoundContent } from "./shared/group";

type Round = ReturnType<typeof openRound>;

/** A merge of one part makes moments of the library's kind of three arrays. */
const mergeTwo = /* @__PURE__ */ mergeOperation("syncBatchNorm");
const mergeWeighed = /* @__PURE__ */ weighedMergeOperation("syncBatchNorm");

interface Exchange {
  readonly round: Round;
  readonly options: ExchangeOptions;
  readonly channels: number;
  readonly dtype: DType;
}

const PAIR = 20; // bytes: count (weights are f64, counts u64), pivot, delta, variance

function packed(
  { channels, dtype }: Exchange,
  kind: RoundContent["kind"],
  bytes: number,
  write: (view: DataView, at: number, channel: number) => void,
): RoundContent {
  const body = new Uint8Array(bytes * channels);
  const view = new DataView(body.buffer);
  for (let c = 0; c < channels; c++) write(view, bytes * c, c);
  return { kind, channels, dtype, body };
}

/** Moments of one channel, in float64. */
interface Merged {
  count: number;
  mean: number;
  variance: number;
}

function merge(all: Merged, part: Merged): void {
  if (part.count === 0) return;
  const count = all.count + part.count;
  const share = part.count / count;
  const apart = all.count === 0 ? 0 : part.mean - all.mean;
  if (all.count === 0) all.mean = part.mean;
  else all.mean += apart * share;
  all.variance += share * (part.variance - all.variance) + apart * apart * share * (1 - share);
  all.count = count;
}

/** Exchanges moments, and returns those of all ranks' data together, which the execution owns. */
export async function gatherMoments(
  op: string,
  steps: Execution,
  exchange: Exchange,
  local: AnyMoments,
): Promise<AnyMoments> {
  const { round, options, channels } = exchange;
  const { mean, meanPair, variance } = local;
  const weights = isWeighted(local) ? local.count.read() : null;
  const reads = [(meanPair ?? mean).read(), variance.read(), weights] as const;
  const [pair, spread, weighs] = await Promise.all(reads);
  const kind = weighs ? KINDS.weighted : KINDS.moments;
  const own = packed(exchange, kind, PAIR, (view, at, c) => {
    if (weighs) view.setFloat64(at, weighs[c] as number, true);
    else view.setBigUint64(at, BigInt(local.count as number), true);
    view.setFloat32(at + 8, pair[c] as number, true);
    view.setFloat32(at + 12, pair[channels + c] ?? 0, true);
    view.setFloat32(at + 16, spread[c] as number, true);
  });
  const ranks = await round.gather(own, options);
  const [means, variances] = [new Float32Array(2 * channels), new Float32Array(channels)];
  const totals = new Float64Array(channels);
  for (let c = 0; c < channels; c++) {
    const at = PAIR * c;
    const all: Merged = { count: 0, mean: 0, variance: 0 };
    for (const view of ranks) {
      merge(all, {
        count: weighs ? view.getFloat64(at, true) : Number(view.getBigUint64(at, true)),
        mean: view.getFloat32(at + 8, true) + view.getFloat32(at + 12, true),
        variance: view.getFloat32(at + 16, true),
      });
    }
    totals[c] = all.count;
    means[c] = all.mean;
    means[channels + c] = all.mean - (means[c] as number);
    variances[c] = all.variance;
  }
  const common = {
    mean: steps.tensor(means.subarray(0, channels), [channels]),
    meanPair: steps.tensor(means, [2, channels]),
    variance: steps.tensor(variances, [channels]),
  };
  if (weighs) {
    const count = steps.tensor(Float32Array.from(totals), [channels]);
    return steps.run(mergeWeighed, common.mean, { a: { ...common, count } }) as WeightedMoments;
  }
  const [count = 0] = totals;
  if (totals.some((total) => total !== count)) {
    fail(op, "counts differ between channels, expected one");
  }
  const part: Moments = { ...common, count };
  const made = steps.run(mergeTwo, part.mean, { a: part, results: MOMENTS_RESULTS });
  return { ...(made as Omit<Moments, "count">), count };
}

/** Exchanges sums of two vectors, and returns those over all ranks, which the execution owns. */
export async function gatherSums<Names extends string>(
  steps: Execution,
  exchange: Exchange,
  sums: Readonly<Record<Names, Tensor>>,
): Promise<Record<Names, Tensor>> {
  const { round, options, channels } = exchange;
  const names = Object.keys(sums) as Names[];
  const read = await Promise.all(names.map((name) => sums[name].read()));
  const bytes = 4 * names.length;
  const own = packed(exchange, KINDS.sums, bytes, (view, at, c) => {
    read.forEach((values, i) => {
      view.setFloat32(at + 4 * i, values[c] as number, true);
    });
  });
  const ranks = await round.gather(own, options);
  const total = (i: number) =>
    Float32Array.from({ length: channels }, (_, c) =>
      ranks.reduce((sum, view) => sum + view.getFloat32(bytes * c + 4 * i, true), 0),
    );
  const made = names.map((name, i) => [name, steps.tensor(total(i), [channels])] as const);
  return Object.fromEntries(made) as Record<Names, Tensor>;
}
