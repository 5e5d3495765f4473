// This file opens the machine's GPU by Dawn, WebGPU for Node.

import { type Context, createContext } from "../../src/index";

export interface Gpu {
  readonly adapter: GPUAdapter;
  readonly context: Context;
}

/** What keeps Dawn's objects alive, or promises of its devices never settle. */
const kept: unknown[] = [];

/** Containers and servers have no driver, and one that computes on the CPU does for all commands. */
const REMEDY =
  process.platform === "linux"
    ? " for Vulkan; on a machine without a GPU Mesa's does (Debian, Ubuntu: mesa-vulkan-drivers)"
    : "";

/** Returns the GPU, or the reason why there is none, as a sentence. */
export async function openGpu(): Promise<Gpu | string> {
  const dawn = await import("webgpu").catch((error: Error) => error);
  if (dawn instanceof Error) {
    return `the package "webgpu" (Dawn for Node) does not load here: ${dawn.message}`;
  }
  Object.assign(globalThis, dawn.globals);
  const gpu = dawn.create([]);
  kept.push(gpu);
  Object.defineProperty(globalThis, "navigator", { value: { gpu }, configurable: true });
  const adapter = await gpu.requestAdapter({ powerPreference: "high-performance" });
  if (adapter === null) return `no adapter, expected a GPU with a driver${REMEDY}`;
  kept.push(adapter);
  return { adapter, context: await createContext({ adapter }) };
}

/** Returns the GPU, or stops with the reason. */
export async function requireGpu(): Promise<Gpu> {
  const gpu = await openGpu();
  if (typeof gpu === "string") throw new Error(gpu);
  return gpu;
}
