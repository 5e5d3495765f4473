// A tensor: shape and strides over a GPU buffer that the library owns or a caller has lent.

import type { Context } from "./context";
import { fail, show } from "./errors";
import { checkShape, extentOf, isContiguous, type Layout, sizeOf, viewStrides } from "./shape";

export type DType = "f32";

/** Shape, type and place of an array, without the array: what planning needs. */
export interface Spec extends Layout {
  readonly shape: readonly number[];
  readonly dtype: DType;
}

/** Resolves when the GPU has checked something: to an error if it was refused. */
export type Outcome = Promise<Error | null>;

/** Nothing to check. */
export const FINE: Outcome = Promise.resolve(null);

/** A GPU buffer and who owns it. */
export interface Storage {
  readonly buffer: GPUBuffer;
  readonly owned: boolean;
  holders: number; // tensors that must be destroyed before an owned buffer is free
  readonly allocated: Outcome;
  written: Outcome; // how the work that last wrote it went
}

/** Elements of f32 in 256 bytes, the step at which a binding may start. */
const BINDING_STEP = 64;

export class Tensor implements Spec {
  readonly dtype: DType = "f32";
  private gone = false;

  /** Made by a context or an operation. `holds`: destroying it gives up a share of the storage. */
  constructor(
    readonly context: Context,
    readonly storage: Storage,
    readonly shape: readonly number[],
    readonly strides: readonly number[],
    /** Elements from the buffer's start to the first. */
    readonly offset: number,
    private readonly holds: boolean,
  ) {}

  /** Number of elements. */
  get size(): number {
    return sizeOf(this.shape);
  }

  get buffer(): GPUBuffer {
    return this.storage.buffer;
  }

  get destroyed(): boolean {
    return this.gone || this.storage.holders === 0;
  }

  /**
   * The same elements in another shape, without a copy; -1 infers one dimension. The view does not
   * own the buffer: destroying it frees nothing, and it ends with the tensor it was made from.
   */
  reshape(shape: readonly number[]): Tensor {
    this.checkAlive("reshape");
    const target = checkShape("reshape", inferred(shape, this.size));
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
    return new Tensor(this.context, this.storage, target, strides, this.offset, false);
  }

  /**
   * The elements in row-major order, on the CPU. Rejects with the operation's name if the GPU refused
   * the work that wrote them (validation, out of memory) or the device was lost.
   */
  async read(): Promise<Float32Array<ArrayBuffer>> {
    this.checkAlive("read");
    if (this.size === 0) return new Float32Array(0);
    const extent = extentOf(this.shape, this.strides);
    const { allocated, written } = this.storage;
    const reading = this.context.download(this.buffer, 4 * this.offset, 4 * extent);
    const bytes = await reading.catch((error: Error) => error);
    const failure = (await allocated) ?? (await written);
    if (failure !== null) throw failure;
    if (bytes instanceof Error) throw bytes;
    const span = new Float32Array(bytes);
    if (isContiguous(this.shape, this.strides)) return span;
    return gathered(span, this.shape, this.strides);
  }

  /** Gives the buffer back if the library owns it. The tensor cannot be used afterwards. */
  destroy(): void {
    if (this.gone) return;
    this.gone = true;
    if (this.holds && --this.storage.holders === 0 && this.storage.owned) {
      this.context.release(this.storage.buffer);
    }
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  private checkAlive(op: string): void {
    this.context.checkAlive(op);
    if (this.destroyed) fail(op, "the tensor is destroyed, expected a live one");
  }
}

/** Where a tensor starts within its binding, with strides of the caller's choice. */
export const layoutOf = (spec: Spec, strides: readonly number[] = spec.strides): Layout => ({
  strides,
  offset: spec.offset % BINDING_STEP,
});

/** The part of a tensor's buffer that a shader binds, in bytes. */
export function rangeOf(tensor: Spec): { offset: number; size: number } {
  const rest = tensor.offset % BINDING_STEP;
  const extent = Math.max(1, extentOf(tensor.shape, tensor.strides));
  return { offset: 4 * (tensor.offset - rest), size: 4 * (rest + extent) };
}

function inferred(shape: unknown, size: number): unknown {
  if (!Array.isArray(shape) || shape.filter((d) => d === -1).length !== 1) return shape;
  const rest = sizeOf(shape.filter((d) => d !== -1));
  const missing = rest === 0 ? 0 : size / rest;
  return shape.map((d) => (d === -1 ? missing : d));
}

function gathered(span: Float32Array, shape: readonly number[], strides: readonly number[]) {
  const result = new Float32Array(sizeOf(shape));
  const at = new Array<number>(shape.length).fill(0);
  let from = 0;
  for (let i = 0; i < result.length; i++) {
    result[i] = span[from];
    for (let d = shape.length - 1; d >= 0; d--) {
      from += strides[d];
      if (++at[d] < shape[d]) break;
      from -= at[d] * strides[d];
      at[d] = 0;
    }
  }
  return result;
}
