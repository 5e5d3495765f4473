// This file requests the benchmark's device: with timestamp queries beside what the library uses,
// where the adapter has them.

const WANTED: readonly GPUFeatureName[] = ["timestamp-query", "shader-f16", "subgroups"];

export function requestBenchDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  return adapter.requestDevice({
    label: "bench",
    requiredFeatures: WANTED.filter((name) => adapter.features.has(name)),
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
  });
}
