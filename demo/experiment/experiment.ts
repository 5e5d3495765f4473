// An experiment trains networks that differ in their norm alone, side by side, and asks them. There
// are two: on the GPU by the library (gpu.ts), and in float64 without a GPU (float64.ts).

import type { Spec } from "./spec";

/** One entry for each network: [kind][seed]. */
export type PerNetwork<T> = readonly (readonly T[])[];

/** "running" takes BatchNorm's statistics from training, "batch" from the batch at hand. */
export type Statistics = "running" | "batch";

export interface Question {
  readonly statistics: Statistics;
  /** Other pictures of the batch, one after the other: the first `batch` - 1 are taken. */
  readonly neighbours: Float32Array;
}

/** The parameters of a layer; the last one has no norm. */
export interface LayerState {
  /** [tap][input channel][output channel] */
  readonly weights: ArrayLike<number>;
  readonly norm?: {
    readonly weight: ArrayLike<number>;
    readonly bias: ArrayLike<number>;
    readonly runningMean: ArrayLike<number>;
    readonly runningVar: ArrayLike<number>;
  };
}

export interface Experiment {
  readonly spec: Spec;
  /** The mean loss of each network in each step so far. */
  readonly losses: readonly PerNetwork<number>[];
  /** Trains for so many steps, but not beyond the last one, and resolves when they are done. */
  train(steps: number): Promise<void>;
  /** The share of the test digits that each network gets wrong. */
  evaluate(statistics: Statistics): Promise<PerNetwork<number>>;
  /** The probability that each network gives each class for a picture. */
  answers(picture: Float32Array, question: Question): Promise<PerNetwork<readonly number[]>>;
  /** What the networks have learned so far. */
  networks(): Promise<PerNetwork<readonly LayerState[]>>;
  destroy(): void;
}

export function perNetwork<T>(
  { kinds, seeds }: Spec,
  of: (kind: number, seed: number) => T,
): PerNetwork<T> {
  return kinds.map((_, kind) => Array.from({ length: seeds }, (_, seed) => of(kind, seed)));
}

/** The batch in which a picture is asked about: it comes first. */
export function batchAround(
  { batch }: Spec,
  picture: Float32Array,
  neighbours: Float32Array,
): Float32Array<ArrayBuffer> {
  const pictures = new Float32Array(batch * picture.length);
  pictures.set(neighbours.subarray(0, pictures.length - picture.length), picture.length);
  pictures.set(picture);
  return pictures;
}

/** Probabilities of the first `classes` logits. */
export function softmax(logits: ArrayLike<number>, classes: number): number[] {
  const values = Array.from(logits).slice(0, classes);
  const most = Math.max(...values);
  const powers = values.map((value) => Math.exp(value - most));
  const sum = powers.reduce((a, b) => a + b);
  return powers.map((power) => power / sum);
}
