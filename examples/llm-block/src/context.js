// Dawn is WebGPU for Node.

import { create, globals } from "webgpu";
import { createContext } from "webgpu-norm";

/** Dawn's devices do not outlive these. */
const kept = [];

export async function openContext() {
  Object.assign(globalThis, globals);
  const gpu = create([]);
  const adapter = await gpu.requestAdapter();
  if (!adapter) throw new Error("no GPU here (Vulkan, Metal, D3D12), expected one");
  kept.push(gpu, adapter);
  return createContext({ adapter });
}
