// A context comes from the caller's device, or from an adapter and a device of its own.

import { fail } from "../base/errors";
import { ANY, checkOptions, type OptionTable } from "../base/options";
import type { Tuning } from "../operation/tune";
import { type DeviceProfile, profileOf } from "../plan/device_profile";
import { subgroupFragments } from "../plan/fragments";
import { Context } from "../runtime/context";
import { scoped } from "../runtime/gpu_status";
import { type ShaderFile, sourceOf } from "../wgsl/link";
import { IMPORT_TOOLS, tuningCode } from "./tuning_code";

export interface ContextOptions {
  /** The device is the caller's; the context never destroys it. */
  device?: GPUDevice | undefined;
  /** The adapter is the one to request a device from, or the one that `device` came from. */
  adapter?: GPUAdapter | undefined;
  powerPreference?: GPUPowerPreference | undefined;
  /**
   * These values replace parts of the device profile, for planning. `subgroups: false` does without
   * subgroups; true uses them on software adapters, too, if the device has them and they work.
   */
  profile?: Partial<DeviceProfile> | undefined;
  /**
   * The tuning is an export of earlier choices, or "stored": those in this page's localStorage, if
   * any.
   */
  tuning?: Tuning | string | undefined;
  /** The pool keeps this many bytes of destroyed tensors' buffers for reuse, 128 MiB by default. */
  poolBytes?: number | undefined;
}

const CONTEXT_OPTIONS: OptionTable<ContextOptions> = {
  device: (value) => typeof Object(value).createBuffer !== "function" && "a GPUDevice",
  adapter: (value) => typeof Object(value).requestDevice !== "function" && "a GPUAdapter",
  powerPreference: ANY,
  profile: ANY,
  tuning: ANY,
  poolBytes: (value) => !(typeof value === "number" && value >= 0) && "a number of bytes",
};

/**
 * Creates a context on the caller's device, or on a device of its own if `device` is missing.
 * Rejects with a NormError for unknown options and for values that they do not have, if WebGPU or an
 * adapter is missing, and if the device is lost already.
 */
export async function createContext(options: ContextOptions = {}): Promise<Context> {
  const { poolBytes = 128 * 2 ** 20 } = checkOptions("createContext", options, CONTEXT_OPTIONS);
  const adapter = options.adapter ?? (options.device ? null : await requestAdapter(options));
  const device = options.device ?? (await requestDevice(adapter as GPUAdapter));
  const lost = await Promise.race([device.lost, Promise.resolve(null)]);
  if (lost !== null) fail("createContext", "the device is lost, expected a live one");
  if (options.profile !== undefined) {
    const check = await import("./profile_check").catch(() => null); // service workers cannot
    check?.checkProfile(checkOptions, options.profile, device);
  }
  const info = adapter?.info ?? device.adapterInfo ?? {};
  const profile = { ...profileOf(info, device, options.profile?.kind), ...options.profile };
  const shuffles = profile.subgroups ? await workingShuffles(device, profile) : undefined;
  const known = { ...profile, subgroups: shuffles !== undefined };
  const context = new Context(device, known, options.device === undefined, poolBytes, shuffles);
  if (options.tuning !== undefined) {
    (await tuningCode()).takeTuning(context, options.tuning, IMPORT_TOOLS);
  }
  return context;
}

/**
 * Loads the file that combines teams by shuffles, if the device has subgroups that compute the right
 * values. A compiler on the CPU may take its time.
 */
async function workingShuffles(
  device: GPUDevice,
  { software, subgroupMin, subgroupMax }: DeviceProfile,
): Promise<ShaderFile | undefined> {
  if (!device.features.has("subgroups")) return undefined;
  try {
    const { SHUFFLES, subgroupsWork } = await import("../runtime/subgroup_check");
    const code = subgroupFragments(SHUFFLES).map(sourceOf);
    const sizes = { SUBGROUP_MIN: subgroupMin, SUBGROUP_MAX: subgroupMax };
    const work = await subgroupsWork(device, code, sizes, software ? 60_000 : 5_000, scoped);
    return work ? SHUFFLES : undefined;
  } catch {
    return undefined; // the file could not be loaded
  }
}

async function requestAdapter({ powerPreference }: ContextOptions): Promise<GPUAdapter> {
  const gpu = globalThis.navigator?.gpu;
  if (!gpu) {
    fail(
      "createContext",
      "WebGPU is missing here, expected navigator.gpu or a device in the options",
    );
  }
  const adapter = await gpu.requestAdapter(powerPreference && { powerPreference });
  if (!adapter)
    fail("createContext", "no adapter is available, expected a GPU that WebGPU can use");
  return adapter;
}

const FEATURES = ["shader-f16", "subgroups"] as const; // if the adapter has them

/**
 * Requests a device with the adapter's limits for sizes, since the default ones end at 128 MiB per
 * tensor.
 */
function requestDevice(adapter: GPUAdapter): Promise<GPUDevice> {
  const { maxBufferSize, maxStorageBufferBindingSize } = adapter.limits;
  return adapter.requestDevice({
    label: "webgpu-norm",
    requiredFeatures: FEATURES.filter((name) => adapter.features.has(name)),
    requiredLimits: { maxBufferSize, maxStorageBufferBindingSize },
  });
}
