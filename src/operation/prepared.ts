// A prepared operation has its plan, pipelines, uniforms, results and scratch before its first
// call. `encode` only records it into the caller's pass.

import { fail, show } from "../base/errors";
import type { Plan } from "../plan/plan";
import {
  type Call,
  checkOverlaps,
  resultsOf,
  type TensorsByName,
  tensorsOf,
} from "../runtime/call";
import type { Context } from "../runtime/context";
import {
  type BoundPlan,
  bindPlan,
  dependOnOperands,
  encodePlan,
  markWritten,
  pipelinesFor,
  type ReadyPlan,
  readyPlan,
  scratchSize,
  tensorNamesOf,
} from "../runtime/executor";
import { type GpuStatus, OK } from "../runtime/gpu_status";
import type { CompiledPipeline } from "../runtime/pipeline_cache";
import type { Tensor } from "../runtime/tensor";
import { argumentsOf, checkComplete, placeResults, withArguments } from "./arguments";
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
   * Tensors may be destroyed once the pass is submitted. Where one is destroyed before, WebGPU
   * refuses the submit.
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

export function preparedOperation<R>(
  op: string,
  context: Context,
  call: Call<R>,
  plan: Plan,
  options: object,
): PreparedOperation<R> {
  const { problem } = call;
  const { device, pool } = context;
  const { check } = context.queue;
  const places = argumentsOf(call);
  const own: Tensor[] = []; // without those among the options
  let ready: ReadyPlan = { plan, steps: [] };
  let compiled: readonly CompiledPipeline[] = []; // held here, since they may leave their cache
  let operands: TensorsByName = {};
  let outcome: GpuStatus = OK;
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
    for (const slot of tensorNamesOf(ready)) {
      if (operands[slot] || given.has(slot)) continue;
      operands[slot] = make([scratchSize(plan, slot) / 4], "f32");
    }
    return operands;
  }

  function destroy(): void {
    if (destroyed) return;
    destroyed = true;
    for (const tensor of own) tensor.destroy();
    for (const { uniform } of ready.steps) uniform.destroy();
    context.onDestroy.delete(destroy);
  }

  context.onDestroy.add(destroy);
  try {
    context.work(({ status }) => {
      outcome = status;
      ready = readyPlan(device, check, op, plan);
      compiled = pipelinesFor(context, op, device, ready);
      operands = made();
    });
  } catch (error) {
    destroy(); // one array is too large; the others must be freed
    throw error;
  }

  return {
    outcome,
    destroy,
    [Symbol.dispose]: destroy,

    encode(recorder, tensors = {}) {
      context.checkAlive(op);
      if (destroyed) fail(op, "it is destroyed, expected a live one");
      if (typeof recorder?.pushDebugGroup !== "function") {
        fail(op, `${show(recorder)}, expected a GPUComputePassEncoder or a GPUCommandEncoder`);
      }
      const all = withArguments(op, device, places, options, operands, tensors);
      placeResults(op, problem, all);
      checkComplete(op, places, all);
      const isGiven = (result: string) =>
        call.outputs[result]?.out !== undefined || all[result] !== operands[result];
      checkOverlaps(op, call, all, isGiven);
      if (plan.passes.length === 0) fillWithZeros(op, context, call, all);
      context.work((batch) => {
        batch.depend(outcome);
        dependOnOperands(batch, call.outputs, all);
        record(op, recorder, bindPlan(op, device, check, pool, ready, compiled, all));
        markEncoded(all);
        markWritten(batch, ready, all);
      });
      return call.result(resultsOf(call, plan, all, false));
    },
  };
}

/** Says that a pass of the caller's has the tensors. */
function markEncoded(tensors: TensorsByName): void {
  for (const name in tensors) {
    const storage = tensors[name]?.storage;
    if (storage) storage.encoded = true;
  }
}

/** Encodes into the caller's pass, or into a pass of its own in the caller's encoder. */
function record(op: string, recorder: Recorder, bound: BoundPlan): void {
  if (!("beginComputePass" in recorder)) {
    encodePlan(recorder, bound);
    return;
  }
  const pass = recorder.beginComputePass({ label: `webgpu-norm ${op}` });
  encodePlan(pass, bound);
  pass.end();
}
