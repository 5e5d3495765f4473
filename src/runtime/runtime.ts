// A runtime has one device and its tensors, and submits work to it in order. It knows operations
// only as calls.

import { checkDType, DTYPES, type DType } from "../base/dtype";
import { fail, NormError, show } from "../base/errors";
import { type HostData, toStorage } from "../base/host_data";
import { ANY, checkOptions, type OptionTable } from "../base/options";
import { checkShape, checkStrides, contiguous, extentOf, sizeOf } from "../base/shape";
import type { DeviceProfile, PlanningProfile, ShuffleFiles } from "../plan/device_profile";
import type { PlanOverrides } from "../plan/overrides";
import type { Plan } from "../plan/plan";
import { type BufferPool, bufferPool, COPY_DST, COPY_SRC, MAP_READ, STORAGE } from "./buffer_pool";
import type { TensorsByName } from "./call";
import { type CommandQueue, commandQueue } from "./command_queue";
import { bindGroupsFor, encodePlan, type ReadyPlan, readyPlan } from "./executor";
import { type GpuStatus, gpuStatusOf, OK } from "./gpu_status";
import { type CachedPlan, type PlanCache, planCache } from "./plan_cache";
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

/**
 * A runtime has one device and its tensors, and submits work to it in order. `Context` plans
 * operations ahead.
 */
export class Runtime {
  /** @internal */
  readonly pool: BufferPool;
  /** @internal These functions free prepared operations that are not destroyed yet. */
  readonly onDestroy = new Set<() => void>();
  /** @internal */
  readonly plans: PlanCache;
  /** @internal */
  readonly planning: PlanningProfile;
  readonly #queue: CommandQueue;
  readonly #ownsDevice: boolean;
  #batching = false;
  #ended: string | null = null;

  constructor(
    readonly device: GPUDevice,
    readonly profile: DeviceProfile,
    ownsDevice: boolean,
    poolBytes: number,
    shuffles?: ShuffleFiles,
  ) {
    this.planning = { ...profile, shuffles };
    this.pool = bufferPool(device, poolBytes);
    this.plans = planCache(this.planning, this.pool);
    this.#queue = commandQueue(device);
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
    this.#flush(); // recorded work may still use the buffer's previous content
    if (bytes.length > 0) {
      this.device.pushErrorScope("validation"); // the buffer is invalid if memory ran out
      this.device.queue.writeBuffer(tensor.buffer, 0, bytes);
      tensor.storage.written = gpuStatusOf(this.device, "tensor");
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
    const lent = { owned: false, references: 1, allocated: OK, written: OK };
    const storage: TensorStorage = { buffer, ...lent };
    return new Tensor(this, storage, shape, strides, offset / bytes, dtype, true);
  }

  /**
   * Records all operations that `fn` calls into one pass and submits them once. Work recorded
   * before an exception is submitted as well, so that earlier results are valid.
   */
  batch<T>(fn: () => T extends PromiseLike<unknown> ? never : T): T {
    this.checkAlive("batch");
    if (typeof fn !== "function") fail("batch", `fn ${show(fn)}, expected a function`);
    if (this.#batching) return fn();
    this.#batching = true;
    try {
      const result = fn();
      if (result instanceof Promise) {
        fail("batch", "the function returned a promise, expected a synchronous function");
      }
      return result;
    } finally {
      this.#batching = false;
      this.#flush();
    }
  }

  /**
   * Resolves when the GPU has done all submitted work. Rejects if the GPU refused the last of it.
   */
  async sync(): Promise<void> {
    this.checkAlive("sync");
    this.#flush();
    const done = this.device.queue.onSubmittedWorkDone();
    this.device.queue.submit([]); // Firefox completes promises late otherwise
    const [failure] = await Promise.all([this.#queue.last(), done]);
    this.checkAlive("sync");
    if (failure) throw failure;
  }

  /**
   * Frees everything that the context allocated. A device that the caller brought stays as it is.
   */
  destroy(): void {
    if (this.#ended !== null) return;
    this.#flush();
    this.#ended = "the context is destroyed";
    for (const end of this.onDestroy) end();
    this.plans.destroy();
    this.pool.destroy();
    if (this.#ownsDevice) this.device.destroy();
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
  storage(bytes: number, op: string, holders: number): TensorStorage {
    const buffer = this.pool.acquire(op, bytes);
    return {
      buffer,
      owned: true,
      references: holders,
      allocated: this.#allocation(op),
      written: OK,
    };
  }

  /** @internal */
  release(buffer: GPUBuffer): void {
    if (this.#ended !== null) buffer.destroy();
    else this.pool.release(buffer);
    if (!this.#queue.pending()) this.pool.destroyPending();
  }

  /** @internal Records an operation. Outside of a batch it is submitted at once. */
  run(
    op: string,
    planned: CachedPlan,
    tensors: TensorsByName,
    outputs: readonly TensorStorage[],
  ): void {
    try {
      const { compiled, ops, pass, written } = this.#queue.open();
      planned.ready ??= readyPlan(this.device, planned.plan);
      const { ready } = planned;
      encodePlan(pass, ready, bindGroupsFor(op, this.device, this.pool, ready, tensors));
      ops.push(op);
      compiled.push(...ready.steps.map((step) => step.compiled));
      const scratch = this.#allocation(op);
      const outcome = scratch === OK ? written : scratch.then((error) => error ?? written);
      for (const storage of outputs) storage.written = outcome;
    } finally {
      if (!this.#batching) this.#flush();
    }
  }

  /** @internal Writes zeros to all elements of a contiguous tensor. */
  clear({ buffer, size, dtype }: Tensor): void {
    if (size === 0) return;
    this.#flush();
    const bytes = Math.ceil((size * DTYPES[dtype].bytes) / 4) * 4;
    this.device.queue.writeBuffer(buffer, 0, new Uint8Array(bytes));
  }

  /** @internal Returns the bytes of a buffer, once all earlier work is done. */
  async download(buffer: GPUBuffer, offset: number, size: number): Promise<ArrayBuffer> {
    this.#flush();
    const { device } = this;
    if ((buffer.usage & COPY_SRC) === 0) {
      fail("read", `the buffer has usage ${buffer.usage}, expected it to include COPY_SRC (4)`);
    }
    const usage = MAP_READ | COPY_DST;
    device.pushErrorScope("validation");
    const staging = device.createBuffer({ label: "webgpu-norm read", size, usage });
    const encoder = device.createCommandEncoder({ label: "webgpu-norm read" });
    encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    const mapped = staging.mapAsync(1);
    mapped.catch(() => {}); // awaited below
    const copied = gpuStatusOf(device, "read");
    device.queue.submit([]); // Firefox looks for finished work every 100 ms otherwise
    const refused = await copied;
    try {
      await mapped;
      if (refused === null) return staging.getMappedRange().slice(0);
    } catch (cause) {
      await Promise.race([device.lost, new Promise((r) => setTimeout(r, 100))]); // `lost` may resolve late
      this.checkAlive("read");
      throw new NormError("read: the buffer could not be mapped", { cause });
    } finally {
      staging.destroy();
    }
    throw refused;
  }

  /** @internal Makes a plan ready, and returns whether the GPU accepted its shaders. */
  checked(op: string, plan: Plan): { prepared: ReadyPlan; outcome: GpuStatus } {
    const { device } = this;
    device.pushErrorScope("validation");
    const prepared = readyPlan(device, plan);
    const compiled = prepared.steps.map((step) => step.compiled);
    return { prepared, outcome: gpuStatusOf(device, op, compiled) };
  }

  #flush(): void {
    this.#queue.flush();
    this.pool.destroyPending();
  }

  #allocation(op: string): GpuStatus {
    const outcome = this.pool.outcome();
    if (outcome === null) return OK;
    return outcome.then(
      (error) => error && new NormError(`${op}: out of memory: ${error.message}`),
    );
  }
}
