// Where contexts come from: the caller's device, or an adapter and a device of its own.

import { Context } from "./context";
import { fail, show } from "./errors";
import { type Profile, profileOf } from "./profile";
import type { Tuning } from "./tune";

export interface ContextOptions {
  /** The caller's device; it is never destroyed here. */
  device?: GPUDevice;
  /** The adapter to request a device from, or the one that `device` came from. */
  adapter?: GPUAdapter;
  powerPreference?: GPUPowerPreference;
  /** Replaces parts of what is known about the device, for planning. */
  profile?: Partial<Profile>;
  /** What `tune` chose earlier: as exported, or what it stored in this page's localStorage, if anything. */
  tuning?: Tuning | string;
  /** Bytes of destroyed tensors' buffers kept for reuse, 128 MiB by default. */
  poolBytes?: number;
}

/**
 * A context on the caller's device, or on one of its own where `device` is missing. Rejects with a
 * NormError where WebGPU or an adapter is missing or the device is lost already.
 */
export async function createContext(options: ContextOptions = {}): Promise<Context> {
  const { poolBytes = 128 * 2 ** 20 } = options;
  if (!(poolBytes >= 0)) {
    fail("createContext", `poolBytes ${show(poolBytes)}, expected a number of bytes`);
  }
  const adapter = options.adapter ?? (options.device ? null : await requestAdapter(options));
  const device = options.device ?? (await requestDevice(adapter as GPUAdapter));
  const lost = await Promise.race([device.lost, Promise.resolve(null)]);
  if (lost !== null) fail("createContext", "the device is lost, expected a live one");
  const info = adapter?.info ?? device.adapterInfo ?? {};
  const profile = { ...profileOf(info, device), ...options.profile };
  const context = new Context(device, profile, options.device === undefined, poolBytes);
  if (options.tuning !== undefined) await context.importTuning(options.tuning);
  return context;
}

async function requestAdapter({ powerPreference }: ContextOptions): Promise<GPUAdapter> {
  const gpu = globalThis.navigator?.gpu;
  if (!gpu) {
    fail(
      "createContext",
      "WebGPU is missing here, expected navigator.gpu or a device in the options",
    );
  }
  const adapter = await gpu.requestAdapter({ powerPreference });
  if (!adapter)
    fail("createContext", "no adapter is available, expected a GPU that WebGPU can use");
  return adapter;
}

/** With the adapter's limits for sizes, since the default ones end at 128 MiB a tensor, and f16 where it has it. */
function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  return adapter.requestDevice({
    label: "webgpu-norm",
    requiredFeatures: adapter.features.has("shader-f16") ? ["shader-f16"] : [],
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
  });
}
