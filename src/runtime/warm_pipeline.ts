// Pipelines compile ahead of their first call. Pages that do not ask for it do without this file.

import { memoize } from "../base/memoize";
import type { Pass } from "../plan/plan";
import { asNormError, scoped } from "./gpu_status";
import { type CompiledPipeline, pipelineKey, pipelinesOf } from "./pipeline_cache";

/** A pipeline belongs to a context, and is compiled on its device. */
interface PipelineUser {
  readonly device: GPUDevice;
}

const underWay = new WeakMap<GPUDevice, Map<string, Promise<CompiledPipeline>>>();

async function compileAhead(
  device: GPUDevice,
  op: string,
  key: string,
  pass: Pass,
): Promise<CompiledPipeline> {
  const { compile, refused } = pipelinesOf(device);
  const make = () => compile(pass, (descriptor) => device.createComputePipelineAsync(descriptor));
  const [made, { done }] = scoped(device, op, make, refused(key));
  const compiling = made.pipeline.catch((cause) => asNormError(op, cause));
  const failure = await done;
  const pipeline = await compiling;
  if (failure) throw failure;
  if (pipeline instanceof Error) throw pipeline;
  return { ...made, pipeline };
}

/** Compiles a pass in parallel with other work. Rejects with a NormError. */
export async function warmPipeline(user: PipelineUser, op: string, pass: Pass): Promise<void> {
  const { device } = user;
  const key = pipelineKey(pass);
  const { has, keep } = pipelinesOf(device);
  if (has(key)) return;
  // layers that are alike ask for the same pipeline at the same time
  const all = memoize(underWay, device, () => new Map<string, Promise<CompiledPipeline>>());
  const compiled = memoize(all, key, () => compileAhead(device, op, key, pass));
  try {
    keep(user, key, await compiled);
  } finally {
    all.delete(key);
  }
}
