// A prepared operation has its plan, pipelines, uniforms, results and scratch before its first
// call. `encode` only records it into the caller's pass.

import { fail, show } from "../base/errors";
import { contiguous } from "../base/shape";
import type { Plan } from "../plan/plan";
import { type Call, resultName, resultsOf, type TensorsByName, tensorsOf } from "../runtime/call";
import { bindGroupsFor, encodePlan, scratchSize, tensorNamesOf } from "../runtime/executor";
import type { GpuStatus } from "../runtime/gpu_status";
import type { Runtime } from "../runtime/runtime";
import {
  type ArraySpec,
  bindingLayoutOf,
  checkLive,
  checkTensor,
  type Tensor,
} from "../runtime/tensor";
import { fillWithZeros } from "./operation";

/** A recorder is a compute pass, or a command encoder in which `encode` opens one. */
export type Recorder = GPUComputePassEncoder | GPUCommandEncoder;

export interface PreparedOperation<R> {
  /**
   * Records the operation. It neither makes a GPU object nor submits work. `tensors` go by name: x
   * (dy of a backward), the arrays among the options, and the results (y, dx, ...). Each one needs
   * the shape, strides and dtype that were prepared. A tensor given to `prepare` may be left out. A
   * result may be left out, too: it then goes to a tensor of the prepared operation, which the next
   * recording overwrites.
   *
   * Throws NormError for a name that the operation does not know, for a missing tensor, for one
   * that is destroyed, on another device or unlike the prepared one, and for buffers that cannot be
   * bound together.
   */
  encode(recorder: Recorder, tensors?: Readonly<Record<string, Tensor>>): R;
  /** Frees the results and the scratch that the operation made. */
  destroy(): void;
  [Symbol.dispose](): void;
  /** @internal The status says whether the GPU gave the memory and accepted the shaders. */
  readonly outcome: GpuStatus;
}

/** An argument or result has the spec that its tensor must match, and its name in the plan. */
interface Argument {
  readonly spec: ArraySpec;
  readonly tensorName: string;
}

/** Lists the arguments of a recording, by the operation's names for them. */
function argumentsOf({ problem, arrays, outputs }: Call<unknown>): Map<string, Argument> {
  const places = new Map<string, Argument>();
  for (const [name, spec] of Object.entries(arrays)) {
    if (spec !== undefined) places.set(name, { spec, tensorName: name });
  }
  for (const [slot, { shape, dtype, out, inner }] of Object.entries(outputs)) {
    const spec = out ?? { shape, dtype, strides: contiguous(shape), offset: 0 };
    const elsewhere = !inner && !(slot === "y" && problem.inPlace);
    if (elsewhere) places.set(resultName(slot), { spec, tensorName: slot });
  }
  return places;
}

const sameLengths = (a: readonly number[], b: readonly number[]) =>
  a.length === b.length && a.every((length, i) => length === b[i]);

const sameStrides = ({ shape, strides }: ArraySpec, other: ArraySpec) =>
  shape.every((length, i) => length === 1 || strides[i] === other.strides[i]);

/** Checks that a tensor has the shape, dtype, strides and alignment that were prepared. */
function checkLikeness(op: string, name: string, tensor: Tensor, spec: ArraySpec): void {
  const differs = (what: string, planned: unknown) =>
    fail(op, `${name} ${what}, expected ${planned} as prepared`);
  const { shape, dtype, strides } = tensor;
  if (!sameLengths(shape, spec.shape)) differs(`has shape ${show(shape)}`, show(spec.shape));
  if (dtype !== spec.dtype) differs(`has dtype ${dtype}`, spec.dtype);
  if (!sameStrides(spec, tensor)) differs(`has strides ${show(strides)}`, show(spec.strides));
  const [at, planned] = [bindingLayoutOf(tensor).offset, bindingLayoutOf(spec).offset];
  if (at !== planned) differs(`starts ${at} elements after a multiple of 256 bytes`, planned);
}

export function preparedOperation<R>(
  op: string,
  context: Runtime,
  call: Call<R>,
  plan: Plan,
  options: object,
): PreparedOperation<R> {
  const { problem } = call;
  const { device, pool } = context;
  const places = argumentsOf(call);
  const { prepared, outcome } = context.checked(op, plan);
  const own: Tensor[] = []; // without those among the options
  let destroyed = false;

  /** Makes the results and the scratch that the operation owns. */
  function made(): TensorsByName {
    const make: Parameters<typeof tensorsOf>[2] = (shape, dtype, holders) => {
      const tensor = context.make(op, shape, dtype, holders);
      own.push(tensor);
      return tensor;
    };
    const operands = tensorsOf(call, plan, make);
    const given = new Set([...places.values()].map(({ tensorName }) => tensorName));
    for (const slot of tensorNamesOf(prepared)) {
      if (operands[slot] || given.has(slot)) continue;
      operands[slot] = make([scratchSize(plan, slot) / 4], "f32");
    }
    return operands;
  }

  function check(name: string, given: unknown, spec: ArraySpec): void {
    const tensor = checkTensor(op, name, given);
    if (tensor.context.device !== device) {
      fail(op, `${name} is on another device than the operation was prepared for`);
    }
    checkLikeness(op, name, tensor, spec);
  }

  function operandsWith(tensors: Readonly<Record<string, Tensor>>): TensorsByName {
    const all = { ...operands };
    for (const [name, tensor] of Object.entries(tensors)) {
      const place = places.get(name);
      if (place) {
        check(name, tensor, place.spec);
        all[place.tensorName] = tensor;
      } else if (!Object.hasOwn(options, name)) {
        // A given option may have no effect here, such as the bias in a gradient.
        fail(op, `${name} is given, expected some of ${[...places.keys()].join(", ")}`);
      }
    }
    if (problem.inPlace) all.y = all.x;
    else if (all.y && all.y.buffer === all.x?.buffer && !problem.gradient) {
      fail(op, "y shares its buffer with x, expected another, or `prepare` with inPlace: true");
    }
    for (const [name, { tensorName }] of places) {
      const tensor = all[tensorName];
      if (tensor === undefined) fail(op, `${name} is missing, expected a tensor`);
      checkLive(op, name, tensor);
    }
    return all;
  }

  function record(recorder: Recorder, groups: readonly GPUBindGroup[]): void {
    if (!("beginComputePass" in recorder)) {
      encodePlan(recorder, prepared, groups);
      return;
    }
    const pass = recorder.beginComputePass({ label: `webgpu-norm ${op}` });
    encodePlan(pass, prepared, groups);
    pass.end();
  }

  function destroy(): void {
    if (destroyed) return;
    destroyed = true;
    for (const tensor of own) tensor.destroy();
    for (const { uniform } of prepared.steps) uniform.destroy();
    context.onDestroy.delete(destroy);
  }

  context.onDestroy.add(destroy);
  let operands: TensorsByName;
  try {
    operands = made();
  } catch (error) {
    destroy(); // one array is too large; the others must be freed
    throw error;
  }
  const allocated = Promise.all(own.map(({ storage }) => storage.allocated));
  const written = allocated.then((failures) => failures.find(Boolean) ?? outcome);

  return {
    outcome: written,
    destroy,
    [Symbol.dispose]: destroy,

    encode(recorder, tensors = {}) {
      context.checkAlive(op);
      if (destroyed) fail(op, "it is destroyed, expected a live one");
      if (typeof recorder?.pushDebugGroup !== "function") {
        fail(op, `${show(recorder)}, expected a GPUComputePassEncoder or a GPUCommandEncoder`);
      }
      const all = operandsWith(tensors);
      if (plan.passes.length === 0) fillWithZeros(context, call, all);
      else {
        record(recorder, bindGroupsFor(op, device, pool, prepared, all));
      }
      for (const slot of Object.keys(call.outputs)) {
        const tensor = all[slot];
        if (tensor) tensor.storage.written = written;
      }
      return call.result(resultsOf(call, plan, all, false));
    },
  };
}
