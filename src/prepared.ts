// An operation made ready: plan, pipelines, uniforms, results and scratch are there before the first call, and what
// is left is to record it into a pass of the caller's.

import type { Context } from "./context";
import { fail, show } from "./errors";
import { bind, encode, type Prepared, scratchSize, slotsOf } from "./executor";
import { type Call, clear, madeOf, type Operated, operandsOf } from "./operation";
import type { Plan } from "./planner";
import { contiguous } from "./shape";
import { layoutOf, type Outcome, type Spec, Tensor } from "./tensor";

/** What takes the work: a compute pass, or an encoder in which one is opened. */
export type Recorder = GPUComputePassEncoder | GPUCommandEncoder;

/** An argument or a result: what it has to be like, and the shaders' names for it. */
interface Place {
  readonly spec: Spec;
  readonly slots: readonly string[];
}

/** Where the tensors of a recording go, by the operation's names for them. */
function placesOf({ problem, arrays, outputs, slots }: Call<unknown>): Map<string, Place> {
  const places = new Map<string, Place>();
  for (const [name, spec] of Object.entries(arrays)) {
    const others = Object.keys(slots).filter((slot) => slots[slot] === name);
    if (spec !== undefined) places.set(name, { spec, slots: [...others, name] });
  }
  for (const [slot, { shape, dtype, out, inner }] of Object.entries(outputs)) {
    const spec = out ?? { shape, dtype, strides: contiguous(shape), offset: 0 };
    const elsewhere = !inner && !(slot === "y" && problem.inPlace);
    if (elsewhere) places.set(slots[slot] ?? slot, { spec, slots: [slot] });
  }
  return places;
}

const sameLengths = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((length, i) => length === b[i]);

const sameStrides = ({ shape, strides }: Spec, other: Spec) =>
  shape.every((length, i) => length === 1 || strides[i] === other.strides[i]);

/** Lies in its binding as the plan has it. */
function checkLikeness(op: string, name: string, tensor: Tensor, spec: Spec): void {
  const expected = (what: unknown) => `expected ${show(what)} as prepared`;
  if (!sameLengths(tensor.shape, spec.shape)) {
    fail(op, `${name} has shape ${show(tensor.shape)}, ${expected(spec.shape)}`);
  }
  if (tensor.dtype !== spec.dtype) {
    fail(op, `${name} has dtype ${tensor.dtype}, expected ${spec.dtype} as prepared`);
  }
  if (!sameStrides(spec, tensor)) {
    fail(op, `${name} has strides ${show(tensor.strides)}, ${expected(spec.strides)}`);
  }
  const [at, planned] = [layoutOf(tensor).offset, layoutOf(spec).offset];
  if (at !== planned) {
    fail(op, `${name} starts ${at} elements after a multiple of 256 bytes, ${expected(planned)}`);
  }
}

export class PreparedOperation<R> {
  private readonly prepared: Prepared;
  private readonly places: ReadonlyMap<string, Place>;
  /** The operation's own tensors, and those among the options. */
  private readonly operands: Operated;
  private readonly own: Tensor[] = [];
  /** @internal Whether the GPU gave the memory and took the shaders. */
  readonly outcome: Outcome;
  private destroyed = false;

  /** @internal */
  constructor(
    private readonly op: string,
    private readonly context: Context,
    private readonly call: Call<R>,
    private readonly plan: Plan,
    private readonly options: object,
  ) {
    this.places = placesOf(call);
    const { prepared, outcome } = context.checked(op, plan);
    this.prepared = prepared;
    context.prepared.add(this);
    try {
      this.operands = this.made();
    } catch (error) {
      this.destroy(); // one array is too large, but others are there
      throw error;
    }
    this.outcome = Promise.all(this.own.map(({ storage }) => storage.allocated)).then(
      async (failures) => failures.find((failure) => failure !== null) ?? outcome,
    );
  }

  /**
   * Records the operation; nothing is made on the device or submitted. `tensors` are by name: x (dy of a
   * backward), the options' arrays and the results (y, dx, ...), each of the shape, strides and dtype
   * that were prepared. A tensor given to `prepare` may be left out, and so may results: they go to tensors of
   * the operation's own, which the next recording overwrites.
   *
   * Throws NormError for a name that the operation does not know, a missing tensor, one that is destroyed, on
   * another device or unlike what was prepared, and for buffers that cannot be bound together.
   */
  encode(recorder: Recorder, tensors: Readonly<Record<string, Tensor>> = {}): R {
    const { op, context, call, plan } = this;
    context.checkAlive(op);
    if (this.destroyed) fail(op, "it is destroyed, expected a live one");
    if (typeof recorder?.pushDebugGroup !== "function") {
      fail(op, `${show(recorder)}, expected a GPUComputePassEncoder or a GPUCommandEncoder`);
    }
    const operands = this.operandsWith(tensors);
    if (plan.passes.length === 0) {
      clear(context, call, operands);
    } else {
      const named = { operands, slots: call.slots };
      this.record(recorder, bind(op, context.device, context.pool, this.prepared, named));
    }
    for (const slot of Object.keys(call.outputs)) {
      const tensor = operands[slot];
      if (tensor) tensor.storage.written = this.outcome;
    }
    return call.result(madeOf(call, plan, operands, false));
  }

  /** Frees the results and the scratch that the operation made. */
  destroy(): void {
    if (this.destroyed) return;
    this.destroyed = true;
    for (const tensor of this.own) tensor.destroy();
    for (const { uniform } of this.prepared.steps) uniform.destroy();
    this.context.prepared.delete(this);
  }

  [Symbol.dispose](): void {
    this.destroy();
  }

  /** Results and scratch of the operation's own, beside the tensors among the options. */
  private made(): Operated {
    const make: Parameters<typeof operandsOf>[2] = (shape, dtype, holders) => {
      const tensor = this.context.make(this.op, shape, dtype, holders);
      this.own.push(tensor);
      return tensor;
    };
    const operands = operandsOf(this.call, this.plan, make);
    for (const slot of slotsOf(this.prepared)) {
      if (operands[slot] || this.isGiven(slot)) continue;
      operands[slot] = make([scratchSize(this.plan, slot) / 4], "f32");
    }
    return operands;
  }

  private isGiven(slot: string): boolean {
    for (const { slots } of this.places.values()) if (slots.includes(slot)) return true;
    return false;
  }

  private record(recorder: Recorder, groups: readonly GPUBindGroup[]): void {
    if (!("beginComputePass" in recorder)) {
      encode(recorder, this.prepared, groups);
      return;
    }
    const pass = recorder.beginComputePass({ label: `webgpu-norm ${this.op}` });
    encode(pass, this.prepared, groups);
    pass.end();
  }

  private operandsWith(tensors: Readonly<Record<string, Tensor>>): Operated {
    const { op, places } = this;
    const operands = { ...this.operands };
    for (const [name, tensor] of Object.entries(tensors)) {
      const place = places.get(name);
      if (place) {
        this.check(name, tensor, place.spec);
        for (const slot of place.slots) operands[slot] = tensor;
      } else if (!Object.hasOwn(this.options, name)) {
        // an option may be of no interest: a gradient's bias
        fail(op, `${name} is given, expected some of ${[...places.keys()].join(", ")}`);
      }
    }
    if (this.call.problem.inPlace) operands.y = operands.x;
    else if (
      operands.y &&
      operands.y.buffer === operands.x?.buffer &&
      !this.call.problem.gradient
    ) {
      fail(op, "y shares its buffer with x, expected another, or `prepare` with inPlace: true");
    }
    for (const [name, { slots }] of places) {
      const tensor = operands[slots[0]];
      if (tensor === undefined) fail(op, `${name} is missing, expected a tensor`);
      if (tensor.destroyed) fail(op, `${name} is destroyed, expected a live tensor`);
    }
    return operands;
  }

  private check(name: string, tensor: unknown, spec: Spec): void {
    const { op, context } = this;
    if (!(tensor instanceof Tensor)) fail(op, `${name} is ${show(tensor)}, expected a tensor`);
    if (tensor.context.device !== context.device) {
      fail(op, `${name} is on another device than the operation was prepared for`);
    }
    checkLikeness(op, name, tensor, spec);
  }
}
