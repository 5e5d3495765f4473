// The adapters of webgpu-norm and of the copies share one device.

import { type Context, createContext } from "../../src/index";

let shared: Context | null = null;

/** On the given device, or else on one of the adapter that the other libraries ask for. */
export async function openContext(device?: GPUDevice): Promise<Context> {
  shared = await createContext(device ? { device } : { powerPreference: "high-performance" });
  return shared;
}

export function context(): Context {
  if (!shared) throw new Error("the benchmark has no context yet");
  return shared;
}
