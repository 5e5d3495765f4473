// This file counts the objects that are made on a device.

import type { Context } from "../../src/index";

const COUNTED = [
  "createBuffer",
  "createBindGroup",
  "createBindGroupLayout",
  "createComputePipeline",
  "createComputePipelineAsync",
  "createShaderModule",
] as const;

/** Counts what `work` makes on the context's device. */
export function countCreated(ctx: Context, work: () => unknown): Partial<Record<string, number>> {
  const counts: Record<string, number> = {};
  const { device } = ctx;
  for (const name of COUNTED) {
    const original = device[name] as (...args: unknown[]) => unknown;
    Object.defineProperty(device, name, {
      configurable: true,
      value: (...args: unknown[]) => {
        counts[name] = (counts[name] ?? 0) + 1;
        return original.apply(device, args);
      },
    });
  }
  try {
    work();
  } finally {
    for (const name of COUNTED) Reflect.deleteProperty(device, name); // back to the prototype's
  }
  return counts;
}

/** The buffers that a device makes from now on, and those of them that are not destroyed. */
export function watchBuffers(device: GPUDevice): { made: Set<GPUBuffer>; live: Set<GPUBuffer> } {
  const [made, live] = [new Set<GPUBuffer>(), new Set<GPUBuffer>()];
  const create = device.createBuffer.bind(device);
  Object.defineProperty(device, "createBuffer", {
    configurable: true,
    value: (descriptor: GPUBufferDescriptor) => {
      const buffer = create(descriptor);
      const destroy = buffer.destroy.bind(buffer);
      for (const set of [made, live]) set.add(buffer);
      Object.defineProperty(buffer, "destroy", {
        value: () => {
          live.delete(buffer);
          return destroy();
        },
      });
      return buffer;
    },
  });
  return { made, live };
}
