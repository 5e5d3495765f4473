// The bytes of a buffer come back to the CPU through a buffer that is mapped.

import { COPY_DST, MAP_READ } from "./buffer_pool";
import { scoped } from "./gpu_status";

/** Returns the bytes of a buffer, after all submitted work. Rejects if the GPU refuses the copy. */
export async function readBack(
  device: GPUDevice,
  buffer: GPUBuffer,
  offset: number,
  size: number,
): Promise<ArrayBuffer> {
  const label = "webgpu-norm read";
  let staging: GPUBuffer | undefined;
  const copy = () => {
    staging = device.createBuffer({ label, size, usage: MAP_READ | COPY_DST });
    const encoder = device.createCommandEncoder({ label });
    encoder.copyBufferToBuffer(buffer, offset, staging, 0, size);
    device.queue.submit([encoder.finish()]);
    const mapped = staging.mapAsync(1);
    mapped.catch(() => {}); // awaited below
    device.queue.submit([]); // Firefox looks for finished work every 100 ms otherwise
    return { staging, mapped };
  };
  try {
    const [made, { done }] = scoped(device, "read", copy);
    const refused = await done;
    if (refused) throw refused;
    await made.mapped;
    return made.staging.getMappedRange().slice(0);
  } finally {
    staging?.destroy();
  }
}
