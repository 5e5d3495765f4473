// A tensor has a shape and strides over a GPU buffer, which the library owns or a caller has lent.

import { DTYPES, type DType, isHalf, type StoredArray } from "../base/dtype";
import { entryAt } from "../base/entry";
import { fail, show } from "../base/errors";
import { checkShape, extentOf, isContiguous, sizeOf, viewStrides } from "../base/shape";
import type { ArrayLayout } from "../plan/problem";
import type { GpuStatus } from "./gpu_status";

/**
 * An array spec has the shape, type and place of an array, without the array, as planning needs
 * them.
 */
export interface ArraySpec extends ArrayLayout {
  readonly shape: readonly number[];
}

/** A tensor needs these methods of its context. */
export interface TensorOwner {
  readonly device: GPUDevice;
  /** Throws if the context is destroyed or its device lost. */
  checkAlive(op: string): void;
  /** Takes back the buffer of a storage that no tensor uses any longer. */
  release(storage: TensorStorage): void;
  /** Returns the bytes of a buffer, once all earlier work is done. */
  download(buffer: GPUBuffer, offset: number, size: number): Promise<ArrayBuffer>;
}

/** A storage is a GPU buffer with its owner. */
export interface TensorStorage {
  readonly buffer: GPUBuffer;
  readonly owned: boolean;
  references: number; // tensors that must be destroyed before an owned buffer is free
  written: GpuStatus; // status of the work that last wrote it, and of its operands
  encoded?: boolean; // in a pass of the caller's, which may be submitted at any later time
}

/** Returns the elements in 256 bytes, the step at which a binding may start. */
const bindingStep = (dtype: DType) => 256 / DTYPES[dtype].bytes;

export class Tensor implements ArraySpec {
  readonly #holds: boolean;
  #gone = false;

  /**
   * Makes a tensor; only contexts and operations do. With `holds` its destruction releases one
   * reference to the storage.
   */
  constructor(
    readonly context: TensorOwner,
    readonly storage: TensorStorage,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
    /** The offset is the distance from the buffer's start to the first element, in elements. */
    readonly offset: number,
    readonly dtype: DType,
    holds: boolean,
  ) {
    this.#holds = holds;
  }

  /** Returns the number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  get buffer(): GPUBuffer {
    return this.storage.buffer;
  }

  /** @internal Says whether it is more than a view of another tensor's or a caller's buffer. */
  get ownsBuffer(): boolean {
    return this.#holds && this.storage.owned;
  }

  get destroyed(): boolean {
    return this.#gone || this.storage.references === 0;
  }

  /**
   * Returns a view of the elements in another shape, without a copy; -1 infers one dimension. The
   * view does not own the buffer: destroying it frees nothing, and it ends with the tensor it was
   * made from.
   */
  reshape(shape: readonly number[]): Tensor {
    this.#checkAlive("reshape");
    const target = checkShape("reshape", inferShape(shape, this.size));
    if (sizeOf(target) !== this.size) {
      fail(
        "reshape",
        `shape ${show(shape)}, expected ${this.size} elements as in ${show(this.shape)}`,
      );
    }
    const strides = viewStrides(this.shape, this.strides, target);
    if (strides === null) {
      const given = `shape ${show(this.shape)} with strides ${show(this.strides)}`;
      fail(
        "reshape",
        `${given} has no view of shape ${show(target)}, expected a contiguous tensor`,
      );
    }
    return new Tensor(this.context, this.storage, target, strides, this.offset, this.dtype, false);
  }

  /**
   * Reads the elements in row-major order to the CPU, as f32 whatever the storage: all other types
   * are exact in it, but for u32 beyond 2^24. Rejects with the operation's name if the GPU refused the work that wrote them
   * (validation, out of memory) or the device was lost.
   */
  async read(): Promise<Float32Array<ArrayBuffer>> {
    const { decode } = DTYPES[this.dtype];
    return decode((await this.#elements("read")) as never); // its own elements
  }

  /**
   * Reads the elements as the bits of f16 or bf16; `new Float16Array(bits.buffer)` has the values of
   * f16. Throws for other types; rejects as `read` does.
   */
  async readBits(): Promise<Uint16Array<ArrayBuffer>> {
    if (!isHalf(this.dtype)) fail("readBits", `dtype ${this.dtype}, expected f16 or bf16`);
    return this.#elements("readBits") as Promise<Uint16Array<ArrayBuffer>>;
  }

  /** Gives the buffer back if the library owns it. The tensor cannot be used afterwards. */
  destroy(): void {
    if (this.#gone) return;
    this.#gone = true;
    if (this.#holds && --this.storage.references === 0 && this.storage.owned) {
      this.context.release(this.storage);
    }
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  async #elements(op: string): Promise<StoredArray> {
    this.#checkAlive(op);
    const { bytes, array } = DTYPES[this.dtype];
    if (this.size === 0) return new array(0);
    const extent = extentOf(this.shape, this.strides);
    const { written } = this.storage;
    const first = (bytes * this.offset) % 4; // copies start and end at words
    const size = Math.ceil((first + bytes * extent) / 4) * 4;
    const reading = this.context.download(this.buffer, bytes * this.offset - first, size);
    const result = await reading.catch((error: Error) => error);
    const failure = await written.done;
    if (failure !== null) throw failure;
    if (result instanceof Error) throw result;
    const span = new array(result).slice(first / bytes, first / bytes + extent);
    if (isContiguous(this.shape, this.strides)) return span;
    return gather(span, new array(this.size), this.shape, this.strides);
  }

  #checkAlive(op: string): void {
    this.context.checkAlive(op);
    if (this.destroyed) fail(op, "the tensor is destroyed, expected a live one");
  }
}

export function failTensor(op: string, name: string, given: unknown): never {
  const remedies: Readonly<Record<string, string>> = {
    "a GPUBuffer": ": fromBuffer",
    "a Promise": ": await",
  };
  const shown = show(given);
  fail(op, `${name} is ${shown}, expected a tensor${remedies[shown] ?? ""}`);
}

export function checkTensor(op: string, name: string, given: unknown): Tensor {
  return given instanceof Tensor ? given : failTensor(op, name, given);
}

export function checkLive(op: string, name: string, given: unknown): Tensor {
  const tensor = checkTensor(op, name, given);
  if (tensor.destroyed) fail(op, `${name} is destroyed, expected a live tensor`);
  return tensor;
}

/** Two contexts on one device may share their tensors. */
export function checkDevice(op: string, tensor: Tensor, { device }: { device: GPUDevice }): void {
  if (tensor.context.device !== device) {
    fail(op, "the tensor is on another device, expected one on the device of this context");
  }
}

/** Returns where a tensor starts within its binding, with strides of the caller's choice. */
export const bindingLayoutOf = (
  spec: ArraySpec,
  strides: readonly number[] = spec.strides,
): ArrayLayout => ({
  strides,
  offset: spec.offset % bindingStep(spec.dtype),
  dtype: spec.dtype,
});

interface ByteRange {
  readonly offset: number;
  readonly size: number;
}

/** Returns the part of a tensor's buffer that a shader binds, in bytes: whole words. */
export function bindingRangeOf({ shape, strides, offset, dtype }: ArraySpec): ByteRange {
  const rest = offset % bindingStep(dtype);
  const extent = Math.max(1, extentOf(shape, strides));
  const bytes = DTYPES[dtype].bytes;
  return { offset: bytes * (offset - rest), size: Math.ceil((bytes * (rest + extent)) / 4) * 4 };
}

/** Returns the bytes from a tensor's first element to its last. */
export function elementRangeOf({ shape, strides, offset, dtype }: ArraySpec): ByteRange {
  const { bytes } = DTYPES[dtype];
  return { offset: bytes * offset, size: bytes * extentOf(shape, strides) };
}

export const overlap = (a: ByteRange, b: ByteRange): boolean =>
  a.offset < b.offset + b.size && b.offset < a.offset + a.size && a.size > 0 && b.size > 0;

function inferShape(shape: unknown, size: number): unknown {
  if (!Array.isArray(shape) || shape.filter((d) => d === -1).length !== 1) return shape;
  const rest = sizeOf(shape.filter((d) => d !== -1));
  const missing = rest === 0 ? 0 : size / rest;
  return shape.map((d) => (d === -1 ? missing : d));
}

function gather(
  span: StoredArray,
  result: StoredArray,
  shape: readonly number[],
  strides: readonly number[],
): StoredArray {
  const axes = shape.map((size, d) => ({ size, stride: entryAt(strides, d), at: 0 })).reverse();
  let from = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = span[from] as number; // the span reaches as far as the strides
    for (const axis of axes) {
      from += axis.stride;
      if (++axis.at < axis.size) break;
      from -= axis.at * axis.stride;
      axis.at = 0;
    }
  }
  return result;
}
