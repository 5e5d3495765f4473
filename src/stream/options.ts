// What a stream's moments and normalization are asked for, and its checks.

import type { DType } from "../base/dtype";
import { fail, show } from "../base/errors";
import { checkAxes, checkShape, sizeOf } from "../base/shape";
import type { ApplyMomentsOptions } from "../norms/merge_moments";
import type { Tensor } from "../runtime/tensor";
import type { ChunkFormat } from "./chunking";

export interface AccumulatorOptions {
  /** Of the whole stream, -1 for the length of the first axis, along which the chunks follow each other. */
  shape: readonly number[];
  /** Axes whose elements share statistics, negative from the end, 0 among them. Default: all. */
  axes?: readonly number[] | undefined;
  /** What bytes are, and how chunks on the host are stored on the GPU. Default "f32". */
  dtype?: DType | undefined;
}

export interface Progress {
  /** Blocks of this call that are done. */
  readonly blocks: number;
  /** Their samples, the length along the first axis. */
  readonly samples: number;
}

export interface StreamOptions {
  /**
   * Samples of a block: chunks are cut and joined to blocks of so many, wherever their borders lie, and the moments
   * do not depend on those borders. Default: a typed array or tensor is a block as it is (beyond 64 MiB several);
   * bytes are joined to about 8 MiB.
   */
  chunk?: number | undefined;
  /** Called after each block. */
  onProgress?: ((progress: Progress) => void) | undefined;
  /** Stops the work: the promise rejects with the signal's reason, and the source is closed. */
  signal?: AbortSignal | undefined;
}

/** What `normalize` gives. */
export type OutputForm = "array" | "tensor";

/** The norm's own options. */
export type NormalizeRequest = Pick<
  ApplyMomentsOptions,
  "weight" | "bias" | "eps" | "scale" | "shift" | "activation" | "dtype"
>;

export interface NormalizeOptions<A extends OutputForm = "array">
  extends StreamOptions,
    NormalizeRequest {
  /** "array": a Float32Array, of f16 and bf16 the bits in a Uint16Array. "tensor": yours to destroy. */
  as?: A | undefined;
}

/** A block of y. */
export type NormalizedChunk<A extends OutputForm> = A extends "tensor"
  ? Tensor
  : Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer>;

export interface ShapeOptions {
  /** Keep reduced axes with length 1. Default false. */
  keepdim?: boolean | undefined;
}

/** The shape of a sample. */
export function checkStream(op: string, shape: unknown): readonly number[] {
  if (!Array.isArray(shape) || shape[0] !== -1) {
    const expected = "expected -1 first: the chunks follow each other along axis 0";
    fail(op, `shape ${show(shape)}, ${expected}`);
  }
  const sample = checkShape(op, [1, ...shape.slice(1)]).slice(1);
  if (sizeOf(sample) === 0) fail(op, `shape ${show(shape)}, expected samples with elements`);
  return sample;
}

/** What is kept along the stream has no end: its statistics would be those of each sample. */
export function checkStreamAxes(op: string, axes: unknown, rank: number): boolean[] {
  const reduced = checkAxes(op, axes, rank);
  if (!reduced[0]) {
    const remedy = "along it the chunks come; standardize has the statistics of each sample";
    fail(op, `axes ${show(axes)}, expected 0 among them: ${remedy}`);
  }
  return reduced;
}

export function checkChunk(
  op: string,
  { chunk, onProgress }: StreamOptions,
  format: ChunkFormat,
): void {
  if (onProgress !== undefined && typeof onProgress !== "function") {
    fail(op, `onProgress ${show(onProgress)}, expected a function`);
  }
  if (chunk === undefined) return;
  if (!Number.isInteger(chunk) || chunk < 1) {
    fail(op, `chunk ${show(chunk)}, expected a positive number of samples`);
  }
  const bytes = chunk * format.bytes;
  if (bytes > format.most && chunk > 1) {
    fail(op, `chunk ${chunk} takes ${bytes} bytes, expected at most ${format.most}`);
  }
}

/** Counts what is done. */
export function progressOf({ onProgress }: StreamOptions): (samples: number) => void {
  const done = { blocks: 0, samples: 0 };
  return (samples) => {
    done.blocks++;
    done.samples += samples;
    onProgress?.({ ...done });
  };
}
