// What is made on a device, counted.

import type { Context } from "../src/index";

const COUNTED = [
  "createBuffer",
  "createBindGroup",
  "createBindGroupLayout",
  "createComputePipeline",
  "createComputePipelineAsync",
  "createShaderModule",
] as const;

/** Counts what `work` makes on the context's device. */
export function made(ctx: Context, work: () => unknown): Partial<Record<string, number>> {
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
