// The adapters of webgpu-norm and of the copies share one device.

import { type Context, type ContextOptions, createContext } from "../../src/index";

let shared: Context | null = null;

/** By default on a device of the adapter that the other libraries ask for. */
export async function openContext(
  options: ContextOptions = { powerPreference: "high-performance" },
): Promise<Context> {
  shared = await createContext(options);
  return shared;
}

export function context(): Context {
  if (!shared) throw new Error("the benchmark has no context yet");
  return shared;
}
