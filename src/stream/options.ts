// This file has the options of streams, and their checks.

import type { ElementDType } from "../base/dtype";
import { fail, show } from "../base/errors";
import { ANY, EPS, FLAG, FUNCTION, NUMBER, type OptionTable, SIGNAL } from "../base/options";
import { checkAxes, checkShape, sizeOf } from "../base/shape";
import type { StateRange } from "../moments/ranges";
import type { ApplyMomentsOptions } from "../norms/merge_moments";
import { MASK, type Mask } from "../norms/shared/options";
import type { Tensor } from "../runtime/tensor";
import type { ChunkFormat } from "./chunking";
import type { Ranges } from "./ranges";

export interface AccumulatorOptions {
  /**
   * The shape is that of the whole stream. -1 stands for the length of the first axis, along which
   * the chunks follow each other.
   */
  shape: readonly number[];
  /**
   * The elements along these axes share statistics. Negative axes count from the end, and 0 must be
   * among them. Default: all.
   */
  axes?: readonly number[] | undefined;
  /**
   * The dtype is the type of raw bytes, and the storage type of host chunks on the GPU. Default
   * "f32".
   */
  dtype?: ElementDType | undefined;
  /**
   * With `countRanges` the moments are of finite values alone, each group with a count of its own,
   * and states have the least and the largest of them and the numbers of NaN, Infinity and
   * -Infinity, all exact. It reads each chunk once more. Default: NaN and infinity spread.
   */
  ranges?: Ranges | undefined;
}

export const ACCUMULATOR_OPTIONS: OptionTable<AccumulatorOptions> = {
  shape: ANY,
  axes: ANY,
  dtype: ANY,
  ranges: (value) => typeof Object(value).find !== "function" && "countRanges",
};

export interface Progress {
  /** This many blocks of the call are done. */
  readonly blocks: number;
  /** They have this many samples, the length along the first axis. */
  readonly samples: number;
}

export interface StreamOptions {
  /**
   * A block has this many samples: chunks are cut and joined to blocks wherever their borders lie,
   * and the moments do not depend on those borders. Default: a typed array or tensor is one block
   * (several beyond 64 MiB); bytes are joined to blocks of about 8 MiB.
   */
  chunk?: number | undefined;
  /** This function is called after each block. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /**
   * The signal stops the work: the promise rejects with the signal's reason, and the source is
   * closed.
   */
  signal?: AbortSignal | undefined;
}

export const STREAM_OPTIONS: OptionTable<StreamOptions> = {
  chunk: ANY,
  onProgress: FUNCTION,
  signal: SIGNAL,
};

/** These options are those of `normalize`. */
export type OutputForm = "array" | "tensor";

/** These options belong to the norm itself. */
export interface NormalizeRequest
  extends Pick<ApplyMomentsOptions, "eps" | "activation" | "dtype"> {
  /** The weight multiplies; it has any shape that broadcasts to a chunk's. */
  weight?: Tensor | undefined;
  /** The bias is added; it has any shape that broadcasts to a chunk's. */
  bias?: Tensor | undefined;
  /** The scale modulates y: (1 + scale) * y + shift. It broadcasts to a chunk. */
  scale?: Tensor | undefined;
  /** The shift modulates y; it broadcasts to a chunk. */
  shift?: Tensor | undefined;
}

export interface NormalizeOptions<A extends OutputForm = "array">
  extends StreamOptions,
    NormalizeRequest {
  /**
   * The output is "array", a Float32Array (for f16 and bf16 the bits in a Uint16Array), or
   * "tensor", which the caller destroys.
   */
  as?: A | undefined;
}

export const NORMALIZE_OPTIONS: OptionTable<NormalizeOptions<OutputForm>> = {
  ...STREAM_OPTIONS,
  weight: ANY,
  bias: ANY,
  eps: EPS,
  scale: ANY,
  shift: ANY,
  activation: ANY,
  dtype: ANY,
  as: ANY,
};

/** A block of y is an array or a tensor. */
export type NormalizedChunk<A extends OutputForm> = A extends "tensor"
  ? Tensor
  : Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

export interface ShapeOptions {
  /** With true the reduced axes stay with length 1. Default false. */
  keepdim?: boolean | undefined;
}

export const SHAPE_OPTIONS: OptionTable<ShapeOptions> = { keepdim: FLAG };

export interface SpreadOptions extends ShapeOptions {
  /** The correction is subtracted from the count in the divisor. Default 1; 0: the population's. */
  correction?: number | undefined;
}

export const SPREAD_OPTIONS: OptionTable<SpreadOptions> = { ...SHAPE_OPTIONS, correction: NUMBER };

export interface AddOptions {
  /**
   * The mask of the chunk, of `maskOf` or `lengthsOf`, says which elements count, and how much. Each
   * group then has a count of its own.
   */
  mask?: Mask | undefined;
}

export const ADD_OPTIONS: OptionTable<AddOptions> = { mask: MASK };

export interface RangeOptions {
  /** The chunks since `load` are this part of the data: [first, last), samples or blocks. */
  range?: StateRange | undefined;
}

export const RANGE_OPTIONS: OptionTable<RangeOptions> = { range: ANY };

/** Returns the shape of a sample. */
export function checkStream(op: string, shape: unknown): readonly number[] {
  if (!Array.isArray(shape) || shape[0] !== -1) {
    const expected = "expected -1 first: the chunks follow each other along axis 0";
    fail(op, `shape ${show(shape)}, ${expected}`);
  }
  const sample = checkShape(op, [1, ...shape.slice(1)]).slice(1);
  if (sizeOf(sample) === 0) fail(op, `shape ${show(shape)}, expected samples with elements`);
  return sample;
}

/**
 * Checks the axes. Axis 0 must be reduced: keeping it would mean one statistic per sample, without
 * bound.
 */
export function checkStreamAxes(op: string, axes: unknown, rank: number): boolean[] {
  const reduced = checkAxes(op, axes, rank);
  if (!reduced[0]) {
    const remedy = "along it the chunks come; standardize has the statistics of each sample";
    fail(op, `axes ${show(axes)}, expected 0 among them: ${remedy}`);
  }
  return reduced;
}

export function checkChunk(op: string, { chunk }: StreamOptions, format: ChunkFormat): void {
  if (chunk === undefined) return;
  if (!Number.isInteger(chunk) || chunk < 1) {
    fail(op, `chunk ${show(chunk)}, expected a positive number of samples`);
  }
  const bytes = chunk * format.bytes;
  if (bytes > format.most && chunk > 1) {
    fail(op, `chunk ${chunk} takes ${bytes} bytes, expected at most ${format.most}`);
  }
}

/** Counts finished blocks and samples. */
export function progressOf({ onProgress }: StreamOptions): (samples: number) => void {
  const done = { blocks: 0, samples: 0 };
  return (samples) => {
    done.blocks++;
    done.samples += samples;
    onProgress?.({ ...done });
  };
}
