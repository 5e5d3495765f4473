// The executor runs plans. It finds pipelines, uniforms, scratch and bind groups, makes each of
// them once, and encodes the dispatches.

import { entryAt } from "../base/entry";
import { fail } from "../base/errors";
import { memoize } from "../base/memoize";
import type { Dispatch, Pass, Plan } from "../plan/plan";
import { type Binding, bindingsOf } from "../wgsl/link";
import type { BufferPool } from "./buffer_pool";
import { COPY_DST, UNIFORM } from "./buffer_pool";
import { type Call, failShared, resultName, type TensorsByName } from "./call";
import type { Batch, Check } from "./command_queue";
import { type CompiledPipeline, pipelineKey, pipelinesOf } from "./pipeline_cache";
import { bindingRangeOf, overlap } from "./tensor";

/** A step finds its pipeline by this key at each call, since pipelines may leave their cache. */
interface Step {
  readonly pass: Pass;
  readonly dispatch: Dispatch;
  readonly key: string;
  readonly bindings: readonly Binding[];
  readonly uniform: GPUBuffer;
  readonly groups: Map<string, GPUBindGroup>;
}

/** A ready plan has everything but pipelines that does not depend on the call's buffers. */
export interface ReadyPlan {
  readonly plan: Plan;
  readonly steps: readonly Step[];
}

interface BufferRange {
  readonly buffer: GPUBuffer;
  readonly offset: number;
  readonly size: number;
}

const MOST_BIND_GROUPS = 64; // per step; a page that never reuses a buffer must not collect them

const numbers = new WeakMap<GPUBuffer, number>();
let lastNumber = 0;

/** Returns a number for a buffer, by which its bind groups are found again. */
const numberOf = (buffer: GPUBuffer) => memoize(numbers, buffer, () => ++lastNumber);

/** Makes a plan ready. `refused` is called if the GPU refuses its uniforms. */
export function readyPlan(
  device: GPUDevice,
  check: Check,
  op: string,
  plan: Plan,
  refused?: () => undefined,
): ReadyPlan {
  const usage = UNIFORM | COPY_DST;
  const made: GPUBuffer[] = [];
  const stepsOf = (pass: Pass) => {
    const label = `webgpu-norm ${pass.does} params`;
    const bindings = bindingsOf(pass.fragments); // passes that share a pipeline may bind other tensors
    const key = pipelineKey(pass);
    return pass.dispatches.map((dispatch) => {
      const { uniforms } = dispatch;
      const uniform = device.createBuffer({ label, size: uniforms.byteLength, usage });
      made.push(uniform);
      device.queue.writeBuffer(uniform, 0, uniforms);
      return { pass, dispatch, key, bindings, uniform, groups: new Map() };
    });
  };
  try {
    return { plan, steps: check(op, () => plan.passes.flatMap(stepsOf), refused) };
  } catch (error) {
    for (const uniform of made) uniform.destroy();
    throw error;
  }
}

/** Returns the names of the tensors that a plan binds. */
export function tensorNamesOf({ steps }: ReadyPlan): Set<string> {
  const arrays = steps.flatMap(({ bindings }) => bindings.filter(({ type }) => type !== "uniform"));
  return new Set(arrays.map(({ tensorName }) => tensorName));
}

/**
 * Returns the bytes of an array for which the call has no tensor: scratch, or statistics that no
 * result needs.
 */
export function scratchSize({ scratch, statisticsSize }: Plan, slot: string): number {
  return scratch[slot] ?? 4 * statisticsSize;
}

function rangeFor(
  op: string,
  { tensorName, strideName, type }: Binding,
  step: Step,
  plan: Plan,
  tensors: TensorsByName,
  pool: BufferPool,
): BufferRange {
  if (type === "uniform") return { buffer: step.uniform, offset: 0, size: step.uniform.size };
  const { offset, size } = (strideName && step.dispatch.ranges[strideName]) || {};
  const tensor = tensors[tensorName];
  if (tensor !== undefined) {
    const all = bindingRangeOf(tensor);
    return { buffer: tensor.buffer, offset: all.offset + (offset ?? 0), size: size ?? all.size };
  }
  const all = scratchSize(plan, tensorName);
  return { buffer: pool.scratchFor(op, tensorName, all), offset: offset ?? 0, size: size ?? all };
}

/** Checks the sizes of arrays without binding ranges: every dispatch may need all statistics. */
function checkSizes(
  op: string,
  limit: number,
  bindings: readonly Binding[],
  ranges: readonly BufferRange[],
): void {
  for (const [i, binding] of bindings.entries()) {
    const { size } = entryAt(ranges, i);
    if (size <= limit) continue;
    const expected = `expected at most the device's maxStorageBufferBindingSize of ${limit}`;
    fail(op, `${resultName(binding.tensorName)} takes ${size} bytes in one binding, ${expected}`);
  }
}

/**
 * Checks for aliases: WebGPU binds no buffer for reading and writing at once, and no range for
 * writing twice.
 */
function checkAliases(
  op: string,
  bindings: readonly Binding[],
  ranges: readonly BufferRange[],
): void {
  for (const [i, written] of bindings.entries()) {
    if (written.type !== "storage") continue;
    const range = entryAt(ranges, i);
    for (const [j, other] of bindings.entries()) {
      const taken = entryAt(ranges, j);
      if (i === j || range.buffer !== taken.buffer) continue;
      if (other.type === "storage" && !overlap(range, taken)) continue;
      failShared(op, written.tensorName, other.tensorName, other.type === "storage");
    }
  }
}

/** Checks for aliases among the tensors of a call before there are any of its own. */
export function checkAliasesOf(op: string, { passes }: Plan, tensors: TensorsByName): void {
  for (const { fragments } of passes) {
    const given = bindingsOf(fragments).flatMap((binding) => {
      const tensor = tensors[binding.tensorName];
      return tensor
        ? [{ binding, range: { buffer: tensor.buffer, ...bindingRangeOf(tensor) } }]
        : [];
    });
    const [bindings, ranges] = [given.map((g) => g.binding), given.map((g) => g.range)];
    checkAliases(op, bindings, ranges);
  }
}

function bindGroupFor(
  op: string,
  step: Step,
  ranges: readonly BufferRange[],
  device: GPUDevice,
  check: Check,
  layout: GPUBindGroupLayout,
): GPUBindGroup {
  const { groups, bindings } = step;
  let key = "";
  for (const { buffer, offset } of ranges) key += `${numberOf(buffer)}+${offset} `;
  const known = groups.get(key);
  if (known !== undefined) return known;
  checkSizes(op, device.limits.maxStorageBufferBindingSize, bindings, ranges);
  checkAliases(op, bindings, ranges);
  if (groups.size >= MOST_BIND_GROUPS) groups.clear();
  const descriptor = {
    label: `webgpu-norm ${step.pass.does}`,
    layout,
    entries: bindings.map(({ binding, type }, i) => {
      const range = entryAt(ranges, i);
      return { binding, resource: typeof type === "string" ? range : range.buffer }; // a texture
    }),
  };
  const make = () => device.createBindGroup(descriptor);
  const group = check(op, make, () => void groups.delete(key));
  groups.set(key, group);
  return group;
}

/** Returns the pipelines of a plan, compiled for this context. */
export const pipelinesFor = (
  user: object,
  op: string,
  device: GPUDevice,
  { steps }: ReadyPlan,
): CompiledPipeline[] => steps.map(({ pass, key }) => pipelinesOf(device).get(user, op, pass, key));

/** A bound plan has everything that a recording of it needs. */
export interface BoundPlan {
  readonly steps: readonly Step[];
  readonly compiled: readonly CompiledPipeline[];
  readonly groups: readonly GPUBindGroup[];
}

/** Binds the tensors of a call. Throws before anything is recorded if buffers cannot be bound. */
export function bindPlan(
  op: string,
  device: GPUDevice,
  check: Check,
  pool: BufferPool,
  ready: ReadyPlan,
  compiled: readonly CompiledPipeline[],
  tensors: TensorsByName,
): BoundPlan {
  const { plan, steps } = ready;
  const ranges = steps.map((step) =>
    step.bindings.map((binding) => rangeFor(op, binding, step, plan, tensors, pool)),
  );
  const groups = steps.map((step, i) =>
    bindGroupFor(op, step, entryAt(ranges, i), device, check, entryAt(compiled, i).layout),
  );
  return { steps, compiled, groups };
}

export function encodePlan(
  pass: GPUComputePassEncoder,
  { steps, compiled, groups }: BoundPlan,
): void {
  steps.forEach((step, i) => {
    pass.setPipeline(entryAt(compiled, i).pipeline);
    pass.setBindGroup(0, entryAt(groups, i));
    pass.dispatchWorkgroups(...step.dispatch.grid);
  });
}

/**
 * Passes what happened to the operands on to the batch. An output that is no operand, and is not
 * added to, loses its earlier content, with whatever happened to that.
 */
export function dependOnOperands(
  batch: Batch,
  outputs: Call<unknown>["outputs"],
  tensors: TensorsByName,
): void {
  for (const name in tensors) {
    const [tensor, output] = [tensors[name], outputs[name]];
    if (tensor && (!output || output.adds)) batch.depend(tensor.storage.written);
  }
}

/** Gives the outcome of the batch to all that the plan writes. */
export function markWritten({ status }: Batch, { steps }: ReadyPlan, tensors: TensorsByName): void {
  for (const { bindings } of steps) {
    for (const { type, tensorName } of bindings) {
      const tensor = tensors[tensorName];
      if (tensor && type === "storage") tensor.storage.written = status;
    }
  }
}
