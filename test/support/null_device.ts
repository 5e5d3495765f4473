// This file makes devices of Dawn's null backend, which does everything but compute: it validates
// as a browser does, in no time.

import { create } from "webgpu";

const kept: object[] = []; // Dawn's devices do not outlive their instance and adapter: the process ends

/** `features`: of those that the backend has. */
export async function nullDevice(
  features: readonly GPUFeatureName[] = [],
  options: GPURequestAdapterOptions = {},
): Promise<GPUDevice> {
  const gpu = create(["backend=null"]);
  const adapter = await gpu.requestAdapter(options);
  if (!adapter) throw new Error("Dawn has no null backend here");
  kept.push(gpu, adapter);
  const requiredFeatures = features.filter((name) => adapter.features.has(name));
  return adapter.requestDevice({ requiredFeatures });
}
