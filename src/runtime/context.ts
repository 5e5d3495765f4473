// A context has one device and its tensors, and submits work to it in order. It knows operations
// only as calls.

import { checkDType, DTYPES, type DType } from "../base/dtype";
import { fail, NormError, show } from "../base/errors";
import { type HostData, toStorage } from "../base/host_data";
import { ANY, checkOptions, type OptionTable } from "../base/options";
import { checkShape, checkStrides, contiguous, extentOf, sizeOf } from "../base/shape";
import type { DeviceProfile, PlanningProfile } from "../plan/device_profile";
import type { PlanOverrides } from "../plan/overrides";
import type { ShaderFile } from "../wgsl/link";
import { type BufferPool, bufferPool, COPY_SRC, STORAGE } from "./buffer_pool";
import type { TensorsByName } from "./call";
import { type Batch, type CommandQueue, queueOf } from "./command_queue";
import {
  bindPlan,
  dependOnOperands,
  encodePlan,
  markWritten,
  pipelinesFor,
  readyPlan,
} from "./executor";
import { asNormError, type GpuStatus, OK } from "./gpu_status";
import { pipelinesOf } from "./pipeline_cache";
import { type CachedPlan, type PlanCache, planCache } from "./plan_cache";
import { readBack } from "./read_back";
import { Tensor, type TensorStorage } from "./tensor";

export interface BufferOptions {
  shape: readonly number[];
  /**
   * The offset is the distance from the buffer's start to the first element, in bytes: a multiple
   * of an element's size. Default 0.
   */
  offset?: number | undefined;
  /**
   * Strides are the distances from one index to the next along each axis, in elements. Default:
   * row-major.
   */
  strides?: readonly number[] | undefined;
  /** The dtype is the type of the elements. Default "f32". */
  dtype?: DType | undefined;
}

const BUFFER_OPTIONS: OptionTable<BufferOptions> = {
  shape: ANY,
  offset: ANY,
  strides: ANY,
  dtype: ANY,
};

export interface TensorOptions {
  /** The dtype is the storage type of the elements. Default "f32". */
  dtype?: DType | undefined;
}

const TENSOR_OPTIONS: OptionTable<TensorOptions> = { dtype: ANY };

/** A context has one device and its tensors, and submits work to it in order. */
export class Context {
  /** @internal */
  readonly pool: BufferPool;
  /** @internal These functions free prepared operations that are not destroyed yet. */
  readonly onDestroy = new Set<() => void>();
  /** @internal */
  readonly plans: PlanCache;
  /** @internal */
  readonly planning: PlanningProfile;
  /** @internal */
  readonly queue: CommandQueue;
  readonly #ownsDevice: boolean;
  readonly #unsettled = new Set<GpuStatus>();
  #batches = 0;
  /** The first failure that `sync` has not reported, and the number of its batch. */
  #first: { readonly batch: number; readonly failure: Error } | null = null;
  #ended: string | null = null;

  constructor(
    readonly device: GPUDevice,
    readonly profile: DeviceProfile,
    ownsDevice: boolean,
    poolBytes: number,
    shuffles?: ShaderFile,
  ) {
    this.planning = { ...profile, shuffles };
    this.queue = queueOf(device);
    this.pool = bufferPool(device, poolBytes, this.queue.check);
    this.plans = planCache(this.planning, this.pool);
    this.#ownsDevice = ownsDevice;
    device.lost.then((info) => {
      this.#ended ??= `the GPU device was lost (${info.reason}): ${info.message}`;
    });
  }

  /**
   * Makes a tensor with a copy of `data`, row-major: numbers in any typed array or list, rounded to
   * the dtype. A Uint16Array holds the bits of f16 or bf16, a DataView the little-endian bytes of
   * the dtype. Throws NormError for other data, another number of values, a hole in a list, and a
   * Uint16Array with f32.
   */
  tensor(data: HostData, shape: readonly number[], options: TensorOptions = {}): Tensor {
    this.checkAlive("tensor");
    const { dtype = "f32" } = checkOptions("tensor", options, TENSOR_OPTIONS);
    const checked = checkShape("tensor", shape);
    const bytes = toStorage(data, checkDType("tensor", dtype), checked);
    const tensor = this.make("tensor", checked, dtype);
    try {
      if (bytes.length > 0) this.#upload("tensor", tensor, bytes);
    } catch (error) {
      tensor.destroy();
      throw error;
    }
    return tensor;
  }

  /** Makes a tensor with undefined content. */
  empty(shape: readonly number[], options: TensorOptions = {}): Tensor {
    this.checkAlive("empty");
    const { dtype = "f32" } = checkOptions("empty", options, TENSOR_OPTIONS);
    const checked = checkShape("empty", shape);
    return this.make("empty", checked, checkDType("empty", dtype));
  }

  /**
   * Makes a tensor over the caller's buffer, without a copy. The buffer needs STORAGE usage, and
   * COPY_SRC if the tensor is read.
   */
  fromBuffer(buffer: GPUBuffer, options: BufferOptions): Tensor {
    const op = "fromBuffer";
    this.checkAlive(op);
    if (typeof buffer?.mapAsync !== "function")
      fail(op, `buffer ${show(buffer)}, expected a GPUBuffer`);
    if ((buffer.usage & STORAGE) === 0) {
      fail(op, `the buffer has usage ${buffer.usage}, expected it to include STORAGE (128)`);
    }
    const o = checkOptions(op, options, BUFFER_OPTIONS);
    const { offset = 0 } = o;
    const shape = checkShape(op, o.shape);
    const dtype = checkDType(op, o.dtype ?? "f32");
    const bytes = DTYPES[dtype].bytes;
    if (!Number.isInteger(offset) || offset < 0 || offset % bytes !== 0) {
      fail(op, `offset ${show(offset)}, expected a non-negative multiple of ${bytes} bytes`);
    }
    const strides = checkStrides(op, o.strides ?? contiguous(shape), shape);
    const needed = Math.ceil((offset + bytes * extentOf(shape, strides)) / 4) * 4; // whole words
    if (needed > buffer.size) {
      const given = `shape ${show(shape)} with strides ${show(strides)} at offset ${offset}`;
      fail(op, `${given} needs ${needed} bytes, the buffer has ${buffer.size}`);
    }
    const lent = { owned: false, references: 1, written: OK };
    const storage: TensorStorage = { buffer, ...lent };
    return new Tensor(this, storage, shape, strides, offset / bytes, dtype, true);
  }

  /**
   * Records all operations that `fn` calls into one pass and submits them once. Work recorded
   * before an exception is submitted as well, so that earlier results are valid. What the GPU
   * refuses of a batch counts for all its results.
   */
  batch<T>(fn: () => T extends PromiseLike<unknown> ? never : T): T {
    this.checkAlive("batch");
    if (typeof fn !== "function") fail("batch", `fn ${show(fn)}, expected a function`);
    return this.work(() => {
      const result = fn();
      if (typeof (result as { then?: unknown } | null)?.then === "function") {
        fail("batch", "the function returned a promise, expected a synchronous function");
      }
      return result;
    });
  }

  /**
   * Resolves when the GPU has done all submitted work. Rejects with the first error since the last
   * `sync` if the GPU refused any of the context's work.
   */
  async sync(): Promise<void> {
    await this.finished("sync");
    await Promise.all([...this.#unsettled].map(({ done }) => done));
    const first = this.#first;
    this.#first = null;
    this.checkAlive("sync");
    if (first) throw first.failure;
  }

  /** @internal Resolves when the GPU has done all submitted work, whether it refused some or not. */
  async finished(op: string): Promise<void> {
    this.checkAlive(op);
    await this.#waiting(op, () => {
      const done = this.device.queue.onSubmittedWorkDone();
      done.catch(() => {}); // awaited by the caller
      this.device.queue.submit([]); // Firefox completes promises late otherwise
      return done;
    });
    this.checkAlive(op);
  }

  /**
   * Frees everything that the context allocated. A device that the caller brought stays as it is.
   */
  destroy(): void {
    if (this.#ended !== null) return;
    try {
      this.#flush();
    } finally {
      this.#ended = "the context is destroyed";
      for (const end of this.onDestroy) end();
      this.plans.destroy();
      this.pool.destroy();
      pipelinesOf(this.device).leave(this);
      if (this.#ownsDevice) this.device.destroy();
    }
  }

  /** @internal Runs `fn` with overrides of the heuristics, for tests. */
  forced<T>(overrides: PlanOverrides, fn: () => T): T {
    return this.plans.forced(overrides, fn);
  }

  /** @internal */
  checkAlive(op: string): void {
    if (this.#ended !== null) fail(op, `${this.#ended}, expected a live one`);
  }

  /**
   * @internal Makes a contiguous tensor in a buffer of the library, which `holders` tensors share.
   */
  make(op: string, shape: readonly number[], dtype: DType, holders = 1): Tensor {
    const storage = this.storage(DTYPES[dtype].bytes * sizeOf(shape), op, holders);
    return new Tensor(this, storage, shape, contiguous(shape), 0, dtype, true);
  }

  /** @internal Takes a buffer of the library for `holders` tensors. */
  storage(bytes: number, op: string, references: number): TensorStorage {
    return this.work(({ status }) => {
      return { buffer: this.pool.acquire(op, bytes), owned: true, references, written: status };
    });
  }

  /**
   * @internal A buffer in a pass of the caller's has no second use: the pass might read that. If
   * the pass is submitted after this, WebGPU refuses it.
   */
  release({ buffer, encoded }: TensorStorage): void {
    if (this.#ended !== null) buffer.destroy();
    else if (encoded) this.pool.destroyLater(buffer);
    else this.pool.release(buffer);
    this.#destroyUnused();
  }

  /** @internal Runs `work` as a batch, or as a part of one. */
  work<T>(work: (batch: Batch) => T): T {
    try {
      return this.queue.batch(work, this.#watch);
    } finally {
      this.#destroyUnused();
    }
  }

  /** @internal Records an operation. Outside of a batch it is submitted at once. */
  run(op: string, planned: CachedPlan, tensors: TensorsByName): void {
    const { device, pool, queue } = this;
    const { check } = queue;
    this.work((batch) => {
      dependOnOperands(batch, planned.call.outputs, tensors);
      const forget = () => void this.plans.unready(planned);
      planned.ready ??= readyPlan(device, check, op, planned.plan, forget);
      const { ready } = planned;
      const compiled = pipelinesFor(this, op, device, ready);
      const bound = bindPlan(op, device, check, pool, ready, compiled, tensors);
      queue.record(op, (pass) => encodePlan(pass, bound));
      markWritten(batch, ready, tensors);
    });
  }

  /** @internal Writes zeros to all elements of a contiguous tensor. */
  clear(op: string, tensor: Tensor): void {
    const bytes = Math.ceil((tensor.size * DTYPES[tensor.dtype].bytes) / 4) * 4;
    if (bytes > 0) this.#upload(op, tensor, new Uint8Array(bytes));
  }

  /** @internal Returns the bytes of a buffer, once all earlier work is done. */
  async download(buffer: GPUBuffer, offset: number, size: number): Promise<ArrayBuffer> {
    if ((buffer.usage & COPY_SRC) === 0) {
      fail("read", `the buffer has usage ${buffer.usage}, expected it to include COPY_SRC (4)`);
    }
    return this.#waiting("read", () => readBack(this.device, buffer, offset, size));
  }

  /** Submits the recorded work, then waits for something that a lost device never finishes. */
  async #waiting<T>(op: string, work: () => Promise<T>): Promise<T> {
    try {
      this.#flush();
      return await work();
    } catch (cause) {
      if (!(cause instanceof NormError)) {
        await Promise.race([this.device.lost, new Promise((r) => setTimeout(r, 100))]); // `lost` may resolve late
      }
      this.checkAlive(op);
      throw asNormError(op, cause);
    }
  }

  #upload(op: string, { buffer, storage, offset, dtype }: Tensor, data: ArrayBufferView): void {
    this.work((batch) => {
      this.#flush(); // recorded work may still use the buffer's previous content
      batch.depend(storage.written);
      const at = offset * DTYPES[dtype].bytes;
      const write = () => this.device.queue.writeBuffer(buffer, at, data as BufferSource);
      this.queue.check(op, write, undefined, ["validation"]);
      storage.written = batch.status;
    });
  }

  /** Keeps the first failure for `sync`. */
  readonly #watch = (status: GpuStatus): void => {
    const batch = ++this.#batches;
    this.#unsettled.add(status);
    status.done.then((failure) => {
      this.#unsettled.delete(status);
      if (failure && batch < (this.#first?.batch ?? Number.POSITIVE_INFINITY)) {
        this.#first = { batch, failure };
      }
    });
  };

  #flush(): void {
    this.queue.flush();
    this.#destroyUnused();
  }

  #destroyUnused(): void {
    if (!this.queue.pending()) this.pool.destroyPending();
  }
}

/** Fails unless this is a context. */
export function checkContext(op: string, context: unknown): void {
  if (!(context instanceof Context)) {
    fail(op, `context is ${show(context)}, expected what createContext gives`);
  }
}
