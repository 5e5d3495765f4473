// This file cuts or joins chunks, as they arrive, into blocks of whole samples. It is pure and
// knows no GPU object; tensors only pass through.

import { DTYPES, type ElementDType, type StoredArray } from "../base/dtype";
import { fail, show } from "../base/errors";
import { bytesOf, storedBytes, viewName } from "../base/host_data";
import { sameShape, sizeOf } from "../base/shape";
import { MASK, type Mask } from "../norms/shared/options";
import { Tensor } from "../runtime/tensor";

/**
 * A chunk is a part of a stream: numbers in a typed array, as `ctx.tensor` takes them (a
 * Uint16Array holds bits of f16 and bf16), raw little-endian bytes in a Uint8Array, DataView or
 * ArrayBuffer, or a tensor of some samples.
 */
export type Chunk = ArrayBufferView | ArrayBuffer | Tensor;

/** A chunk may come with a mask of its elements, of the chunk's shape [n, ...] or broadcast to it. */
export interface MaskedChunk {
  readonly chunk: Chunk;
  readonly mask: Mask;
}

/** A block has some whole samples. It is valid until the next block is requested. */
export interface Block {
  readonly data: StoredArray | Tensor;
  readonly samples: number;
  readonly mask?: Mask | undefined; // of these samples
}

/** A stream spec describes the samples of a stream. */
export interface ChunkFormat {
  /** The shape of a sample is the stream's shape without the first axis. */
  readonly shape: readonly number[];
  readonly dtype: ElementDType;
  /** A sample has this many bytes. */
  readonly bytes: number;
  /** A block has at most this many bytes. */
  readonly most: number;
  /** So many values of a group are in one sample. */
  readonly perSample: number;
}

const RAW_BYTES = 2 ** 23; // bytes per block: enough to hide the cost of a submit

/** Returns the samples per block if the caller does not choose them. */
const samplesIn = (bytes: number, format: ChunkFormat) =>
  Math.max(1, Math.floor(Math.min(bytes, format.most) / format.bytes));

const isRaw = (chunk: unknown) =>
  chunk instanceof ArrayBuffer || ["Uint8Array", "DataView"].includes(viewName(chunk));

/** Converts a host chunk to its storage type. Memory that a worker has taken over gives no view. */
function chunkBytes(op: string, chunk: unknown, dtype: ElementDType): Uint8Array {
  try {
    return ownBytes(op, chunk, dtype);
  } catch (error) {
    if (error instanceof TypeError) fail(op, "chunk is detached, expected an array with memory");
    throw error;
  }
}

function ownBytes(op: string, chunk: unknown, dtype: ElementDType): Uint8Array {
  if (chunk instanceof ArrayBuffer) return new Uint8Array(chunk);
  if (!ArrayBuffer.isView(chunk)) {
    fail(op, `chunk is ${show(chunk)}, expected a typed array, bytes or a tensor`);
  }
  return isRaw(chunk) ? bytesOf(chunk) : storedBytes(op, "chunk", chunk, dtype);
}

/**
 * Returns the bytes at an aligned offset, since typed arrays start at multiples of their elements.
 */
function typed(bytes: Uint8Array, dtype: ElementDType): StoredArray {
  const size = DTYPES[dtype].bytes;
  const { buffer, byteOffset } = bytes.byteOffset % size === 0 ? bytes : new Uint8Array(bytes);
  const length = bytes.byteLength / size;
  return new DTYPES[dtype].array(buffer, byteOffset, length);
}

function checkTensor(op: string, { shape }: Tensor, format: ChunkFormat): void {
  if (shape.length === 0 || !sameShape(shape.slice(1), format.shape)) {
    const expected = `[n, ${format.shape.join(", ")}]`.replace(", ]", "]");
    fail(op, `chunk has shape ${show(shape)}, expected ${expected}`);
  }
}

/** This class keeps the rest of chunks that do not end at a sample or at a block. */
export class Blocks {
  private held = new Uint8Array(0);
  private filled = 0;

  /**
   * `samples` is the length of each block but the last; undefined leaves host arrays of whole
   * samples as they are.
   */
  constructor(
    private readonly op: string,
    private readonly format: ChunkFormat,
    private readonly samples: number | undefined,
  ) {}

  /** Yields the blocks that a chunk completes. */
  *take(chunk: unknown): Generator<Block, void, void> {
    const { op, format, samples } = this;
    if (isMasked(chunk)) {
      if (samples !== undefined) {
        fail(op, `chunk ${samples} beside a chunk with a mask, expected none: these stay whole`);
      }
      const { chunk: data, mask } = chunk;
      const expected = MASK(mask);
      if (expected) fail(op, `mask ${show(mask)}, expected ${expected}`);
      yield* this.end();
      yield* blocksOf(op, data, format, mask);
      return;
    }
    if (chunk instanceof Tensor) {
      checkTensor(op, chunk, format);
      yield* this.end();
      if (chunk.size > 0) yield { data: chunk, samples: chunk.shape[0] ?? 1 };
      return;
    }
    const bytes = chunkBytes(op, chunk, format.dtype);
    if (samples !== undefined || isRaw(chunk)) {
      yield* this.joined(bytes, samples ?? samplesIn(RAW_BYTES, format));
      return;
    }
    checkWhole(op, bytes, format, ", or the option chunk");
    yield* this.end();
    yield* cut(bytes, format);
  }

  /** Returns the rest: fewer samples than a block has. */
  *end(): Generator<Block, void, void> {
    const { op, format, filled } = this;
    if (filled === 0) return;
    this.filled = 0;
    const rest = filled % format.bytes;
    if (filled > rest) yield blockOf(this.held.subarray(0, filled - rest), format);
    if (rest > 0) {
      const expected = `expected whole samples of ${format.bytes} bytes`;
      fail(op, `the source ended ${rest} bytes into a sample, ${expected}`);
    }
  }

  private *joined(bytes: Uint8Array, samples: number): Generator<Block, void, void> {
    const size = samples * this.format.bytes;
    for (let at = 0; at < bytes.length; ) {
      const left = bytes.length - at;
      if (this.filled === 0 && left >= size) {
        yield blockOf(bytes.subarray(at, at + size), this.format); // without a copy
        at += size;
        continue;
      }
      const taken = Math.min(left, size - this.filled);
      this.hold(bytes.subarray(at, at + taken), size);
      at += taken;
      if (this.filled < size) continue;
      this.filled = 0;
      yield blockOf(this.held.subarray(0, size), this.format);
    }
  }

  private hold(bytes: Uint8Array, size: number): void {
    const { filled, held } = this;
    if (held.length < filled + bytes.length) {
      this.held = new Uint8Array(size);
      this.held.set(held.subarray(0, filled));
    }
    this.held.set(bytes, filled);
    this.filled += bytes.length;
  }
}

function blockOf(bytes: Uint8Array, { dtype, bytes: each }: ChunkFormat): Block {
  return { data: typed(bytes, dtype), samples: bytes.length / each };
}

/** Cuts whole samples into blocks of the largest size. */
function* cut(bytes: Uint8Array, format: ChunkFormat): Generator<Block, void, void> {
  const size = samplesIn(format.most, format) * format.bytes;
  for (let at = 0; at < bytes.length; at += size) {
    yield blockOf(bytes.subarray(at, at + size), format);
  }
}

/** Checks that the chunk ends at a sample. */
function checkWhole(op: string, bytes: Uint8Array, format: ChunkFormat, remedy = ""): void {
  if (bytes.length % format.bytes === 0) return;
  const values = format.bytes / DTYPES[format.dtype].bytes;
  const expected = `expected a multiple of the ${format.bytes} bytes (${values} values) of a sample`;
  fail(op, `chunk has ${bytes.length} bytes, ${expected}${remedy}`);
}

/** Yields the blocks of a single chunk, which must end at a sample. */
export function blocksOf(
  op: string,
  chunk: unknown,
  format: ChunkFormat,
  mask?: Mask,
): Iterable<Block> {
  if (mask) return maskedBlocks(op, chunk, format, mask);
  if (chunk instanceof Tensor) return new Blocks(op, format, undefined).take(chunk);
  const bytes = chunkBytes(op, chunk, format.dtype);
  checkWhole(op, bytes, format);
  return cut(bytes, format);
}

const isMasked = (value: unknown): value is MaskedChunk =>
  typeof value === "object" && value !== null && "chunk" in value && "mask" in value;

const MOST_COUNTED = 2 ** 24; // values of a group whose count is exact in f32

/** Yields blocks of so few samples that each group's count is exact, with their parts of the mask. */
function* maskedBlocks(
  op: string,
  chunk: unknown,
  format: ChunkFormat,
  mask: Mask,
): Generator<Block, void, void> {
  const samples = Math.max(1, Math.floor(MOST_COUNTED / format.perSample));
  const most = Math.min(format.most, samples * format.bytes);
  const whole = [...wholeBlocks(op, chunk, { ...format, most }, samples)];
  const of = whole.reduce((sum, { samples }) => sum + samples, 0);
  let first = 0;
  for (const block of whole) {
    const rows = { first, of };
    yield { ...block, mask: { ...mask, place: (n) => mask.place({ ...n, rows }) } };
    first += block.samples;
  }
}

/** Yields blocks of a chunk, views of a tensor among them. */
function* wholeBlocks(
  op: string,
  chunk: unknown,
  format: ChunkFormat,
  most: number,
): Generator<Block, void, void> {
  if (!(chunk instanceof Tensor)) {
    yield* blocksOf(op, chunk, format);
    return;
  }
  checkTensor(op, chunk, format);
  const { context, storage, shape, strides, offset, dtype } = chunk;
  const [all = 1] = shape;
  const [stride = 0] = strides;
  for (let at = 0; at < all && sizeOf(shape) > 0; at += most) {
    const samples = Math.min(most, all - at);
    const part = [samples, ...shape.slice(1)];
    const start = offset + at * stride;
    yield {
      data: new Tensor(context, storage, part, strides, start, dtype, false),
      samples,
    };
  }
}
