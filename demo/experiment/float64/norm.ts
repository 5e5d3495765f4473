// BatchNorm over ghost batches and GroupNorm, with a ReLU, and their gradients in float64.

import type { Statistics } from "../experiment";
import type { Kind } from "../kinds";
import { type Layer, RUNNING_MOMENTUM } from "../spec";

/** The value at an index that is there. Engines make fast code of it, as it meets one type of array. */
const at = (values: Float64Array, index: number) => values[index] as number;

const EPS = 1e-5;

export interface NormState {
  weight: Float64Array;
  bias: Float64Array;
  runningMean: Float64Array;
  runningVar: Float64Array;
}

export const firstNorm = ({ outChannels }: Layer): NormState => ({
  weight: new Float64Array(outChannels).fill(1),
  bias: new Float64Array(outChannels),
  runningMean: new Float64Array(outChannels),
  runningVar: new Float64Array(outChannels).fill(1),
});

/** What the backward needs of the forward. */
export interface Normalized {
  readonly y: Float64Array;
  readonly normal: Float64Array; // (x - mean) * rstd
  readonly rstd: Float64Array; // of each set
  readonly sets: Sets;
}

/** The values of a set share their statistics. */
interface Sets {
  readonly count: number;
  readonly values: number; // of each set
  /** The set of each value. */
  readonly of: Float64Array;
}

function setsOf(kind: Kind | "all", { outChannels, outSide }: Layer, batch: number): Sets {
  const size = outSide ** 2 * outChannels; // of an example
  const set = (example: number, channel: number) => {
    if (kind === "all") return channel;
    if (kind.norm === "batch") return Math.floor(example / kind.examples) * outChannels + channel;
    return example * kind.groups + Math.floor((channel * kind.groups) / outChannels);
  };
  const of = new Float64Array(batch * size).map((_, i) =>
    set(Math.floor(i / size), i % outChannels),
  );
  const count = at(of, of.length - 1) + 1;
  return { count, values: of.length / count, of };
}

/** The sum of `term` over each set. */
function sums({ count, of }: Sets, term: (i: number, set: number) => number): Float64Array {
  const result = new Float64Array(count);
  for (let i = 0; i < of.length; i++) {
    const set = at(of, i);
    result[set] = at(result, set) + term(i, set);
  }
  return result;
}

export function normalize(
  kind: Kind,
  layer: Layer,
  batch: number,
  x: Float64Array,
  state: NormState,
  statistics: Statistics,
): Normalized & { mean: Float64Array; variance: Float64Array } {
  const running = kind.norm === "batch" && statistics === "running";
  const sets = setsOf(running ? "all" : kind, layer, batch);
  const { of, values } = sets;
  const mean = running ? state.runningMean : sums(sets, (i) => at(x, i)).map((sum) => sum / values);
  const variance = running
    ? state.runningVar
    : sums(sets, (i, set) => (at(x, i) - at(mean, set)) ** 2).map((sum) => sum / values);
  const rstd = variance.map((value) => 1 / Math.sqrt(value + EPS));
  const normal = x.map((value, i) => {
    const set = at(of, i);
    return (value - at(mean, set)) * at(rstd, set);
  });
  const channel = (i: number) => i % layer.outChannels;
  const y = normal.map((value, i) =>
    Math.max(0, value * at(state.weight, channel(i)) + at(state.bias, channel(i))),
  );
  return { y, normal, rstd, sets, mean, variance };
}

/** The new running statistics: each ghost batch is an update, in order. */
export function updateRunning(
  state: NormState,
  { mean, variance, sets }: { mean: Float64Array; variance: Float64Array; sets: Sets },
): void {
  const channels = state.weight.length;
  const unbiased = sets.values / (sets.values - 1);
  const mix = (old: Float64Array, channel: number, value: number) => {
    old[channel] = at(old, channel) * (1 - RUNNING_MOMENTUM) + RUNNING_MOMENTUM * value;
  };
  for (let set = 0; set < sets.count; set++) {
    mix(state.runningMean, set % channels, at(mean, set));
    mix(state.runningVar, set % channels, at(variance, set) * unbiased);
  }
}

export function normGradients(
  layer: Layer,
  dy: Float64Array,
  { y, normal, rstd, sets }: Normalized,
  { weight }: NormState,
) {
  const { of, values } = sets;
  const channel = (i: number) => i % layer.outChannels;
  const behind = dy.map((value, i) => (at(y, i) > 0 ? value : 0)); // the ReLU
  const [dWeight, dBias] = [new Float64Array(weight.length), new Float64Array(weight.length)];
  for (let i = 0; i < behind.length; i++) {
    const c = channel(i);
    dWeight[c] = at(dWeight, c) + at(behind, i) * at(normal, i);
    dBias[c] = at(dBias, c) + at(behind, i);
  }
  const dNormal = behind.map((value, i) => value * at(weight, channel(i)));
  const sum = sums(sets, (i) => at(dNormal, i));
  const slope = sums(sets, (i) => at(dNormal, i) * at(normal, i));
  const dx = dNormal.map((value, i) => {
    const set = at(of, i);
    const shared = at(sum, set) + at(normal, i) * at(slope, set);
    return at(rstd, set) * (value - shared / values);
  });
  return { dx, dWeight, dBias };
}
