// A context: one device, its tensors, and the order in which work is submitted to it.

import { BufferPool, USAGE } from "./buffers";
import type { Force } from "./choice";
import { fail, NormError, show } from "./errors";
import { bind, encode, type Operands, type Prepared, prepare } from "./executor";
import { type Explanation, explained } from "./explain";
import type { Norm } from "./norms/build";
import type { NormGradient } from "./norms/gradients";
import type { Backward, Gradients, NormResult } from "./norms/options";
import { type Call, type Definition, onPaper } from "./operation";
import { type Compiled, complaints, pipelinesOf } from "./pipelines";
import type { Plan } from "./planner";
import { PreparedOperation } from "./prepared";
import { keyOf } from "./problem";
import type { Profile } from "./profile";
import { checkShape, checkStrides, contiguous, extentOf, sizeOf } from "./shape";
import { FINE, type Outcome, type Storage, Tensor } from "./tensor";
import type { Choice, Tuned, TuneOptions, Tuning } from "./tune";
import { BYTES, bitsOf, checkDType, type DType } from "./types";

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

/** An operation of one plan, whatever it returns. */
export interface Plannable<O> {
  readonly definition: Definition<O, unknown>;
}

type OptionsOf<T> = T extends Plannable<infer O> ? O : never;

/** Operations with their options and the first argument's shape. */
export type Problems<T extends readonly Plannable<never>[]> = [
  ...{ [K in keyof T]: readonly [T[K], OnPaper & OptionsOf<T[K]>] },
];

/** The first argument of an operation without the array, for planning ahead. */
export interface OnPaper {
  shape: readonly number[];
  /** What its elements are. Default "f32". */
  inputType?: DType;
  /** Elements from one index to the next along each axis. Default: row-major. */
  strides?: readonly number[];
  /** The result goes where the first argument is. */
  inPlace?: boolean;
}

/** What is recorded and not submitted yet. */
interface Recording {
  readonly encoder: GPUCommandEncoder;
  readonly pass: GPUComputePassEncoder;
  readonly ops: string[];
  readonly compiled: Compiled[];
  readonly report: { resolve: (failure: Error | null) => void };
  readonly written: Outcome;
}

const MOST_PLANS = 512; // shapes and options; beyond, the least recently used go

/** A plan, and what the executor made of it when it was first run. */
export interface Planned {
  readonly call: Call<unknown>; // on paper
  readonly plan: Plan;
  prepared: Prepared | null;
  used: number; // the call that did so last
}

export class Context {
  /** @internal */
  readonly pool: BufferPool;
  /** @internal Operations made ready, until they are destroyed. */
  readonly prepared = new Set<PreparedOperation<unknown>>();
  /** @internal By `tune`, for the keys of problems. */
  readonly choices = new Map<string, Choice>();
  private readonly plans = new Map<string, Planned>();
  private calls = 0;
  private recording: Recording | null = null;
  private batching = false;
  private ended: string | null = null;
  private last: Outcome = FINE;
  private force: Force = {};

  constructor(
    readonly device: GPUDevice,
    readonly profile: Profile,
    private readonly ownsDevice: boolean,
    poolBytes: number,
  ) {
    this.pool = new BufferPool(device, poolBytes);
    device.lost.then((info) => {
      this.ended ??= `the GPU device was lost (${info.reason}): ${info.message}`;
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
    const array = stored(data, checkDType("tensor", dtype));
    if (data.length !== sizeOf(checked)) {
      const given = `${data.length} values for shape ${show(checked)}`;
      fail("tensor", `${given}, expected ${sizeOf(checked)}`);
    }
    const tensor = this.make("tensor", checked, dtype);
    this.flush(); // recorded work may still use the buffer's previous content
    if (array.length > 0) {
      this.device.pushErrorScope("validation"); // without memory the buffer is none
      this.device.queue.writeBuffer(tensor.buffer, 0, array as BufferSource);
      tensor.storage.written = this.popScope("tensor", []);
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
    if ((buffer.usage & USAGE.STORAGE) === 0) {
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
    const lent = { owned: false, holders: 1, allocated: FINE, written: FINE };
    const storage: Storage = { buffer, ...lent };
    return new Tensor(this, storage, shape, strides, offset / bytes, dtype, true);
  }

  /**
   * Records all operations that `fn` calls into one pass and submits them once. What was recorded
   * before an exception is submitted all the same, so that results made earlier are valid.
   */
  batch<T>(fn: () => T): T {
    this.checkAlive("batch");
    if (this.batching) return fn();
    this.batching = true;
    try {
      const result = fn();
      if (result instanceof Promise) {
        fail("batch", "the function returned a promise, expected a synchronous function");
      }
      return result;
    } finally {
      this.batching = false;
      this.flush();
    }
  }

  /** The plan for an operation on an input of this shape and type: no GPU work, printable. */
  explain<O>(operation: Plannable<O>, args: OnPaper & O): Explanation {
    const call = this.stated(operation, args);
    const choice = this.choices.get(keyOf(call.problem));
    return explained(call, this.profile, this.plan(call), choice);
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
    args: OnPaper & A,
  ): PreparedOperation<NormResult<A, S>>;
  prepare<O, const A extends Backward<O>>(
    operation: NormGradient<O>,
    args: OnPaper & A,
  ): PreparedOperation<Gradients<A>>;
  prepare<O, R>(
    operation: Plannable<never> & ((x: Tensor, options: O) => R),
    args: OnPaper & O,
  ): PreparedOperation<R>;
  prepare(operation: Plannable<never>, args: OnPaper): PreparedOperation<unknown> {
    this.checkAlive("prepare");
    const { name } = definitionOf(operation);
    const call = this.stated(operation, args as never);
    return new PreparedOperation(`prepared ${name}`, this, call, this.plan(call), args);
  }

  /**
   * Compiles what operations will need, in parallel and without blocking the page: a list of operations
   * with their options and the first argument's shape. Rejects if the GPU refuses a shader.
   */
  async warmup<T extends readonly Plannable<never>[]>(
    list: [...{ [K in keyof T]: readonly [T[K], OnPaper & OptionsOf<T[K]>] }],
  ): Promise<void> {
    this.checkAlive("warmup");
    const calls = list.map(([operation, args]) => this.stated(operation, args as never));
    const passes = calls.flatMap((call) => this.planned(call).plan.passes);
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
  async tune<T extends readonly Plannable<never>[]>(
    list?: Problems<T>,
    options: TuneOptions = {},
  ): Promise<Tuned[]> {
    this.checkAlive("tune");
    const calls =
      list?.map(([operation, args]) => this.stated(operation, args as never)) ??
      [...this.plans.values()].map(({ call }) => call);
    const { tune } = await import("./tune");
    return tune(this, calls, options);
  }

  /** What `tune` chose, to be kept as JSON. */
  async exportTuning(): Promise<Tuning> {
    return (await import("./tune")).exported(this);
  }

  /**
   * Takes the choices that `exportTuning` gave on the same kind of adapter, or with "stored" those that `tune`
   * left in localStorage, if any. Rejects with a NormError for anything else, and then has what it had before.
   */
  async importTuning(tuning: Tuning | string): Promise<void> {
    const { imported } = await import("./tune");
    this.checkAlive("importTuning");
    for (const [key, choice] of imported(this, tuning)) this.choose(key, choice);
  }

  /** Resolves when the GPU has done all that was submitted; rejects if it refused the last of it. */
  async sync(): Promise<void> {
    this.checkAlive("sync");
    this.flush();
    const done = this.device.queue.onSubmittedWorkDone();
    this.device.queue.submit([]); // Firefox completes promises late otherwise
    const [failure] = await Promise.all([this.last, done]);
    this.checkAlive("sync");
    if (failure) throw failure;
  }

  /** Frees what the context allocated. A device that the caller brought stays as it is. */
  destroy(): void {
    if (this.ended !== null) return;
    this.flush();
    this.ended = "the context is destroyed";
    for (const op of this.prepared) op.destroy();
    this.pool.destroy();
    for (const { prepared } of this.plans.values()) {
      for (const { uniform } of prepared?.steps ?? []) uniform.destroy();
    }
    this.plans.clear();
    if (this.ownsDevice) this.device.destroy();
  }

  /** @internal Runs `fn` with other plans than the heuristics choose; for tests and tuning. */
  forced<T>(force: Force, fn: () => T): T {
    const [before, known] = [this.force, [...this.plans]];
    this.force = force;
    this.plans.clear();
    try {
      return fn();
    } finally {
      this.force = before;
      this.plans.clear();
      for (const [key, value] of known) this.plans.set(key, value);
    }
  }

  /** @internal */
  checkAlive(op: string): void {
    if (this.ended !== null) fail(op, `${this.ended}, expected a live one`);
  }

  /** @internal A dense tensor of the library's own, whose buffer so many tensors share. */
  make(op: string, shape: readonly number[], dtype: DType, holders = 1): Tensor {
    const storage = this.storage(BYTES[dtype] * sizeOf(shape), op, holders);
    return new Tensor(this, storage, shape, contiguous(shape), 0, dtype, true);
  }

  /** @internal A buffer of the library's own, for so many tensors. */
  storage(bytes: number, op: string, holders: number): Storage {
    const limit = this.device.limits.maxBufferSize;
    if (bytes > limit) {
      fail(op, `${bytes} bytes, expected at most the device's maxBufferSize of ${limit}`);
    }
    const buffer = this.pool.acquire(bytes, `webgpu-norm ${op}`);
    return { buffer, owned: true, holders, allocated: this.allocation(op), written: FINE };
  }

  /** @internal */
  release(buffer: GPUBuffer): void {
    if (this.ended !== null) buffer.destroy();
    else this.pool.release(buffer);
    if (this.recording === null) this.pool.sweep();
  }

  /** @internal The plan for a call, made once. */
  planned(call: Call<unknown>): Planned {
    const key = keyOf(call.problem);
    const known = this.plans.get(key);
    if (known !== undefined) {
      known.used = ++this.calls;
      return known;
    }
    if (this.plans.size >= MOST_PLANS) this.forgetOldest();
    const plan = this.plan(call, key);
    const made = { call: onPaper(call), plan, prepared: null, used: ++this.calls };
    this.plans.set(key, made);
    return made;
  }

  /** @internal Has a problem planned in this way from now on. */
  choose(key: string, choice: Choice): void {
    this.choices.set(key, choice);
    this.forget(key);
  }

  /** @internal Records an operation; outside of a batch it is submitted at once. */
  run(op: string, planned: Planned, operands: Operands, outputs: readonly Storage[]): void {
    try {
      const { compiled, ops, pass, written } = this.open();
      planned.prepared ??= prepare(this.device, planned.plan);
      const { prepared } = planned;
      encode(pass, prepared, bind(op, this.device, this.pool, prepared, operands));
      ops.push(op);
      compiled.push(...prepared.steps.map((step) => step.compiled));
      const scratch = this.allocation(op);
      const outcome = scratch === FINE ? written : scratch.then((error) => error ?? written);
      for (const storage of outputs) storage.written = outcome;
    } finally {
      if (!this.batching) this.flush();
    }
  }

  /** @internal Zeros for all elements of a dense tensor. */
  clear({ buffer, size, dtype }: Tensor): void {
    if (size === 0) return;
    this.flush();
    const bytes = Math.ceil((size * BYTES[dtype]) / 4) * 4;
    this.device.queue.writeBuffer(buffer, 0, new Uint8Array(bytes));
  }

  /** @internal Bytes of a buffer, once all earlier work is done. */
  async download(buffer: GPUBuffer, offset: number, size: number): Promise<ArrayBuffer> {
    this.flush();
    const { device } = this;
    if ((buffer.usage & USAGE.COPY_SRC) === 0) {
      fail("read", `the buffer has usage ${buffer.usage}, expected it to include COPY_SRC (4)`);
    }
    const usage = USAGE.MAP_READ | USAGE.COPY_DST;
    device.pushErrorScope("validation");
    const staging = device.createBuffer({ label: "webgpu-norm read", size, usage });
    const encoder = device.createCommandEncoder({ label: "webgpu-norm read" });
    encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    const mapped = staging.mapAsync(1);
    mapped.catch(() => {}); // looked at below
    const copied = this.popScope("read", []);
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
  checked(op: string, plan: Plan): { prepared: Prepared; outcome: Outcome } {
    const { device } = this;
    device.pushErrorScope("validation");
    const prepared = prepare(device, plan);
    return {
      prepared,
      outcome: this.popScope(
        op,
        prepared.steps.map(({ compiled }) => compiled),
      ),
    };
  }

  private stated<O>(operation: Plannable<O>, args: OnPaper & O): Call<unknown> {
    const { name, define } = definitionOf(operation);
    const shape = checkShape(name, args?.shape);
    const dtype = checkDType(name, args.inputType ?? "f32");
    const strides = checkStrides(name, args.strides ?? contiguous(shape), shape);
    const call = define({ shape, strides, offset: 0, dtype }, args);
    return args.inPlace ? inPlace(name, call, dtype) : call;
  }

  private open(): Recording {
    if (this.recording !== null) return this.recording;
    const { device } = this;
    device.pushErrorScope("validation");
    const encoder = device.createCommandEncoder({ label: "webgpu-norm" });
    const pass = encoder.beginComputePass({ label: "webgpu-norm" });
    let resolve: (failure: Error | null) => void = () => {};
    const written = new Promise<Error | null>((r) => {
      resolve = r;
    });
    this.recording = { encoder, pass, ops: [], compiled: [], report: { resolve }, written };
    return this.recording;
  }

  /** Submits what is recorded. */
  private flush(): void {
    const recording = this.recording;
    if (recording === null) return;
    this.recording = null;
    recording.pass.end();
    this.device.queue.submit([recording.encoder.finish()]);
    const ops = [...new Set(recording.ops)].join(", ");
    this.popScope(ops, recording.compiled).then(recording.report.resolve);
    this.last = recording.written;
    this.pool.sweep();
  }

  private allocation(op: string): Outcome {
    const outcome = this.pool.outcome();
    if (outcome === null) return FINE;
    return outcome.then(
      (error) => error && new NormError(`${op}: out of memory: ${error.message}`),
    );
  }

  private popScope(ops: string, compiled: readonly Compiled[]): Outcome {
    return this.device.popErrorScope().then(
      async (error) => {
        if (error === null) return null;
        const details = await complaints(compiled);
        return new NormError(
          `${ops}: the GPU refused the work: ${error.message}\n${details}`.trim(),
        );
      },
      () => null, // the device is lost, and reads say so
    );
  }

  private plan({ problem, plan }: Call<unknown>, key = keyOf(problem)): Plan {
    return plan(problem, this.profile, { ...this.choices.get(key)?.changes, ...this.force });
  }

  /** Gives up the plan that was used least recently. */
  private forgetOldest(): void {
    const [first, ...others] = this.plans;
    this.forget(others.reduce((a, b) => (a[1].used <= b[1].used ? a : b), first)[0]);
  }

  private forget(key: string): void {
    for (const { uniform } of this.plans.get(key)?.prepared?.steps ?? []) this.pool.doom(uniform);
    this.plans.delete(key);
  }
}

function definitionOf<O>(operation: Plannable<O>): Definition<O, unknown> {
  const { definition } = Object(operation);
  if (definition === undefined) {
    fail("plan", `${show(operation)}, expected an operation that is one plan (not a composed one)`);
  }
  return definition;
}

/** The call with its result where its first argument is. */
function inPlace(op: string, call: Call<unknown>, dtype: DType): Call<unknown> {
  const { problem, outputs, arrays } = call;
  const { y } = outputs;
  if (!y || problem.gradient || problem.window)
    fail(op, "inPlace is true, which this operation has no form for");
  if (y.dtype !== dtype) fail(op, `inPlace with a result of ${y.dtype}, expected ${dtype} as x`);
  return {
    ...call,
    problem: { ...problem, inPlace: true },
    outputs: { ...outputs, y: { ...y, out: arrays.x } },
  };
}

/** The data as it is stored. */
function stored(data: unknown, dtype: DType): Float32Array | Uint16Array {
  if (data instanceof Uint16Array) {
    if (dtype !== "f32") return padded(data);
    fail("tensor", "data is a Uint16Array with dtype f32, expected dtype f16 or bf16");
  }
  const floats = data instanceof Float32Array;
  if (!floats && !(Array.isArray(data) && data.every((value) => typeof value === "number"))) {
    fail("tensor", `data ${show(data)}, expected a Float32Array or an array of numbers`);
  }
  const values = floats ? data : Float32Array.from(data as number[]);
  return dtype === "f32" ? values : padded(bitsOf(values, dtype));
}

/** Whole words: WebGPU writes nothing smaller. */
function padded(bits: Uint16Array): Uint16Array {
  if (bits.length % 2 === 0) return bits;
  const words = new Uint16Array(bits.length + 1);
  words.set(bits);
  return words;
}
