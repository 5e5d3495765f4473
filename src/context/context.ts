// A context: one device, its tensors, and the order in which work is submitted to it.

import { BYTES, checkDType, type DType } from "../base/dtype";
import { fail, NormError, show } from "../base/errors";
import { toStorage } from "../base/host_data";
import { checkShape, checkStrides, contiguous, extentOf, sizeOf } from "../base/shape";
import type { Norm } from "../norms/shared/norm";
import type { NormBackward } from "../norms/shared/norm_backward";
import type { Backward, Gradients, NormResult } from "../norms/shared/options";
import {
  abstractCall,
  type InputSpec,
  type OperationList,
  type PlannableOperation,
} from "../operation/abstract";
import { type Explanation, explainPlan } from "../operation/explain";
import { type PreparedOperation, preparedOperation } from "../operation/prepared";
import type { TuneOptions, TuneResult, Tuning } from "../operation/tune";
import { candidates } from "../plan/candidates";
import type { DeviceProfile } from "../plan/device_profile";
import type { PlanOverrides } from "../plan/heuristics";
import type { Plan } from "../plan/pass";
import { problemKey } from "../plan/problem";
import {
  type BufferPool,
  bufferPool,
  COPY_DST,
  COPY_SRC,
  MAP_READ,
  STORAGE,
} from "../runtime/buffer_pool";
import { type CommandQueue, commandQueue, gpuStatusOf } from "../runtime/command_queue";
import {
  bindGroupsFor,
  type CallTensors,
  encodePlan,
  type ReadyPlan,
  readyPlan,
} from "../runtime/executor";
import { pipelinesOf } from "../runtime/pipeline_cache";
import { type CachedPlan, type PlanCache, planCache } from "../runtime/plan_cache";
import { bindingLayoutOf, type GpuStatus, OK, Tensor, type TensorStorage } from "../runtime/tensor";

export interface BufferOptions {
  shape: readonly number[];
  /** Bytes from the buffer's start to the first element, a multiple of an element's. Default 0. */
  offset?: number;
  /** Elements from one index to the next along each axis. Default: row-major. */
  strides?: readonly number[];
  /** What the elements are. Default "f32". */
  dtype?: DType;
}

export interface TensorOptions {
  /** How the elements are stored. Default "f32". */
  dtype?: DType;
}

/** What `tune` needs, which is loaded later and imports none of it. */
const TOOLS = {
  BYTES,
  NormError,
  Tensor,
  candidates,
  extentOf,
  fail,
  keyOf: problemKey,
  layoutOf: bindingLayoutOf,
  pipelinesOf,
  preparedOperation,
  show,
};

export class Context {
  /** @internal */
  readonly tools = TOOLS;
  /** @internal */
  readonly pool: BufferPool;
  /** @internal What ends the operations made ready, until they are destroyed. */
  readonly endings = new Set<() => void>();
  /** @internal */
  readonly plans: PlanCache;
  readonly #submits: CommandQueue;
  readonly #ownsDevice: boolean;
  #batching = false;
  #ended: string | null = null;

  constructor(
    readonly device: GPUDevice,
    readonly profile: DeviceProfile,
    ownsDevice: boolean,
    poolBytes: number,
  ) {
    this.pool = bufferPool(device, poolBytes);
    this.plans = planCache(profile, this.pool);
    this.#submits = commandQueue(device);
    this.#ownsDevice = ownsDevice;
    device.lost.then((info) => {
      this.#ended ??= `the GPU device was lost (${info.reason}): ${info.message}`;
    });
  }

  /**
   * A tensor with a copy of `data`, row-major. Numbers are rounded to the nearest f16 or bf16 where the
   * dtype is one; a Uint16Array holds the bits of one.
   */
  tensor(
    data: Float32Array | Uint16Array | readonly number[],
    shape: readonly number[],
    { dtype = "f32" }: TensorOptions = {},
  ): Tensor {
    this.checkAlive("tensor");
    const checked = checkShape("tensor", shape);
    const array = toStorage(data, checkDType("tensor", dtype));
    if (data.length !== sizeOf(checked)) {
      const given = `${data.length} values for shape ${show(checked)}`;
      fail("tensor", `${given}, expected ${sizeOf(checked)}`);
    }
    const tensor = this.make("tensor", checked, dtype);
    this.#flush(); // recorded work may still use the buffer's previous content
    if (array.length > 0) {
      this.device.pushErrorScope("validation"); // without memory the buffer is none
      this.device.queue.writeBuffer(tensor.buffer, 0, array as BufferSource);
      tensor.storage.written = gpuStatusOf(this.device, "tensor");
    }
    return tensor;
  }

  /** A tensor with undefined content. */
  empty(shape: readonly number[], { dtype = "f32" }: TensorOptions = {}): Tensor {
    this.checkAlive("empty");
    const checked = checkShape("empty", shape);
    return this.make("empty", checked, checkDType("empty", dtype));
  }

  /** The caller's buffer as a tensor, without a copy. It needs STORAGE usage, to be read COPY_SRC. */
  fromBuffer(buffer: GPUBuffer, options: BufferOptions): Tensor {
    const op = "fromBuffer";
    this.checkAlive(op);
    if (typeof buffer?.usage !== "number") fail(op, `buffer ${show(buffer)}, expected a GPUBuffer`);
    if ((buffer.usage & STORAGE) === 0) {
      fail(op, `the buffer has usage ${buffer.usage}, expected it to include STORAGE (128)`);
    }
    const shape = checkShape(op, options?.shape);
    const { offset = 0 } = options;
    const dtype = checkDType(op, options.dtype ?? "f32");
    const bytes = BYTES[dtype];
    if (!Number.isInteger(offset) || offset < 0 || offset % bytes !== 0) {
      fail(op, `offset ${show(offset)}, expected a non-negative multiple of ${bytes} bytes`);
    }
    const strides = checkStrides(op, options.strides ?? contiguous(shape), shape);
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
   * Records all operations that `fn` calls into one pass and submits them once. What was recorded
   * before an exception is submitted all the same, so that results made earlier are valid.
   */
  batch<T>(fn: () => T): T {
    this.checkAlive("batch");
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

  /** The plan for an operation on an input of this shape and type: no GPU work, printable. */
  explain<O>(operation: PlannableOperation<O>, args: InputSpec & O): Explanation {
    const call = abstractCall(operation, args);
    return explainPlan(call, this.profile, this.plans.make(call), this.plans.choiceFor(call));
  }

  /**
   * Plans, compiles and allocates for an operation ahead; what it returns records the operation into passes of
   * the caller's. `args` are the operation's options and the first argument's shape. Arrays may be tensors
   * or descriptions; `out: true` leaves it to each recording where the result goes.
   *
   * Throws NormError as the operation does. What the GPU refuses is reported by `read` of the results.
   */
  prepare<O, S, const A extends O>(
    operation: Norm<O, S>,
    args: InputSpec & A,
  ): PreparedOperation<NormResult<A, S>>;
  prepare<O, const A extends Backward<O>>(
    operation: NormBackward<O>,
    args: InputSpec & A,
  ): PreparedOperation<Gradients<A>>;
  prepare<O, R>(
    operation: PlannableOperation<never> & ((x: Tensor, options: O) => R),
    args: InputSpec & O,
  ): PreparedOperation<R>;
  prepare(operation: PlannableOperation<never>, args: InputSpec): PreparedOperation<unknown> {
    this.checkAlive("prepare");
    const call = abstractCall(operation, args as never);
    const op = `prepared ${call.problem.op}`;
    return preparedOperation(op, this, call, this.plans.make(call), args);
  }

  /**
   * Compiles what operations will need, in parallel and without blocking the page: a list of operations
   * with their options and the first argument's shape. Rejects if the GPU refuses a shader.
   */
  async warmup<T extends readonly PlannableOperation<never>[]>(
    list: OperationList<T>,
  ): Promise<void> {
    this.checkAlive("warmup");
    const calls = list.map(([operation, args]) => abstractCall(operation, args as never));
    const passes = calls.flatMap((call) => this.plans.of(call).plan.passes);
    const pipelines = pipelinesOf(this.device);
    const results = await Promise.allSettled(passes.map((pass) => pipelines.warm(pass)));
    this.checkAlive("warmup");
    const failure = results.find((result) => result.status === "rejected");
    if (failure)
      throw new NormError(`warmup: ${failure.reason.message}`, { cause: failure.reason });
  }

  /**
   * Measures the plans that may be taken for these operations on the device at hand, and takes the fastest from
   * then on: a list as for `warmup`, or without it all that was called so far. Results differ by
   * rounding at most. It allocates what the operations need, and takes seconds on a software adapter.
   *
   * Rejects with a NormError as the operations do, where the device is lost or refuses the work, and with the
   * signal's reason. What was decided before stays.
   */
  async tune<T extends readonly PlannableOperation<never>[]>(
    list?: OperationList<T>,
    options: TuneOptions = {},
  ): Promise<TuneResult[]> {
    this.checkAlive("tune");
    const calls =
      list?.map(([operation, args]) => abstractCall(operation, args as never)) ??
      this.plans.calls();
    const { tune } = await import("../operation/tune");
    return tune(this, calls, options);
  }

  /** What `tune` chose, to be kept as JSON. */
  async exportTuning(): Promise<Tuning> {
    return (await import("../operation/tune")).exportTuning(this);
  }

  /**
   * Takes the choices that `exportTuning` gave on the same kind of adapter, or with "stored" those that `tune`
   * left in localStorage, if any. Rejects with a NormError for anything else, and then has what it had before.
   */
  async importTuning(tuning: Tuning | string): Promise<void> {
    (await import("../operation/tune")).importTuning(this, tuning);
  }

  /** Resolves when the GPU has done all that was submitted; rejects if it refused the last of it. */
  async sync(): Promise<void> {
    this.checkAlive("sync");
    this.#flush();
    const done = this.device.queue.onSubmittedWorkDone();
    this.device.queue.submit([]); // Firefox completes promises late otherwise
    const [failure] = await Promise.all([this.#submits.last(), done]);
    this.checkAlive("sync");
    if (failure) throw failure;
  }

  /** Frees what the context allocated. A device that the caller brought stays as it is. */
  destroy(): void {
    if (this.#ended !== null) return;
    this.#flush();
    this.#ended = "the context is destroyed";
    for (const end of this.endings) end();
    this.plans.destroy();
    this.pool.destroy();
    if (this.#ownsDevice) this.device.destroy();
  }

  /** @internal Runs `fn` with other plans than the heuristics choose; for tests. */
  forced<T>(force: PlanOverrides, fn: () => T): T {
    return this.plans.forced(force, fn);
  }

  /** @internal */
  checkAlive(op: string): void {
    if (this.#ended !== null) fail(op, `${this.#ended}, expected a live one`);
  }

  /** @internal A dense tensor of the library's own, whose buffer so many tensors share. */
  make(op: string, shape: readonly number[], dtype: DType, holders = 1): Tensor {
    const storage = this.storage(BYTES[dtype] * sizeOf(shape), op, holders);
    return new Tensor(this, storage, shape, contiguous(shape), 0, dtype, true);
  }

  /** @internal A buffer of the library's own, for so many tensors. */
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
    if (!this.#submits.pending()) this.pool.sweep();
  }

  /** @internal Records an operation; outside of a batch it is submitted at once. */
  run(
    op: string,
    planned: CachedPlan,
    operands: CallTensors,
    outputs: readonly TensorStorage[],
  ): void {
    try {
      const { compiled, ops, pass, written } = this.#submits.open();
      planned.ready ??= readyPlan(this.device, planned.plan);
      const { ready } = planned;
      encodePlan(pass, ready, bindGroupsFor(op, this.device, this.pool, ready, operands));
      ops.push(op);
      compiled.push(...ready.steps.map((step) => step.compiled));
      const scratch = this.#allocation(op);
      const outcome = scratch === OK ? written : scratch.then((error) => error ?? written);
      for (const storage of outputs) storage.written = outcome;
    } finally {
      if (!this.#batching) this.#flush();
    }
  }

  /** @internal Zeros for all elements of a dense tensor. */
  clear({ buffer, size, dtype }: Tensor): void {
    if (size === 0) return;
    this.#flush();
    const bytes = Math.ceil((size * BYTES[dtype]) / 4) * 4;
    this.device.queue.writeBuffer(buffer, 0, new Uint8Array(bytes));
  }

  /** @internal Bytes of a buffer, once all earlier work is done. */
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
    mapped.catch(() => {}); // looked at below
    const copied = gpuStatusOf(device, "read");
    device.queue.submit([]); // Firefox looks for finished work every 100 ms otherwise
    const refused = await copied;
    try {
      await mapped;
      if (refused === null) return staging.getMappedRange().slice(0);
    } catch (cause) {
      await Promise.race([device.lost, new Promise((r) => setTimeout(r, 100))]); // it may come late
      this.checkAlive("read");
      throw new NormError("read: the buffer could not be mapped", { cause });
    } finally {
      staging.destroy();
    }
    throw refused;
  }

  /** @internal A plan made ready, and whether the GPU took its shaders. */
  checked(op: string, plan: Plan): { prepared: ReadyPlan; outcome: GpuStatus } {
    const { device } = this;
    device.pushErrorScope("validation");
    const prepared = readyPlan(device, plan);
    const compiled = prepared.steps.map((step) => step.compiled);
    return { prepared, outcome: gpuStatusOf(device, op, compiled) };
  }

  #flush(): void {
    this.#submits.flush();
    this.pool.sweep();
  }

  #allocation(op: string): GpuStatus {
    const outcome = this.pool.outcome();
    if (outcome === null) return OK;
    return outcome.then(
      (error) => error && new NormError(`${op}: out of memory: ${error.message}`),
    );
  }
}
