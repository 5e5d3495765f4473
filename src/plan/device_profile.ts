// What the planner knows about a device, from its name, limits and features. Without a name the values suit every GPU.

import type { ShaderFile } from "../wgsl/link";

/** How teams combine by shuffles; loaded for devices whose subgroups work alone. */
export interface ShuffleFiles {
  readonly shuffle: ShaderFile;
  readonly team: ShaderFile;
  readonly teamSums: ShaderFile;
}

export interface DeviceProfile {
  /** "cpu": barriers and workgroup memory are ruinous, a row an invocation wins. */
  readonly kind: "cpu" | "gpu";
  readonly name: string; // of the adapter, for people
  readonly software: boolean;
  readonly workgroup: number; // invocations of a workgroup
  readonly wideWorkgroup: number; // the same for long rows
  readonly workgroups: number; // as many keep the device busy
  readonly f16: boolean; // the device has shader-f16
  readonly subgroups: boolean; // the device has them; in a context: and they work
  readonly storageBuffers: number; // bindings of a pass
  readonly maxBindingBytes: number; // of an array that a pass can bind
  /** Few long rows have a workgroup each where so many vectors an invocation result; other teams are one invocation. */
  readonly loneRow?: { readonly min: number; readonly max: number } | undefined;
  readonly vectorsPerInvocation: number; // that a team of many is made for
  readonly registerVectors: number; // that an invocation keeps in registers; 0: reads them again
  readonly combineBytes: number; // workgroup memory for combining: zero-filling costs by the byte
  readonly columnVectors: number; // side by side they fill a memory transaction
  readonly columnElements: number; // the same, read one by one
  readonly minSliceVectors: number; // an invocation's share of a slice that is worth a job
  readonly elementwiseVectors: number; // an invocation's share where nothing is measured
  readonly deferInnerBelow: number; // shorter contiguous reduced dimensions are left to the merge
}

/** What planners get: without these files teams combine through workgroup memory. */
export interface PlanningProfile extends DeviceProfile {
  readonly shuffles?: ShuffleFiles | undefined;
}

type Numbers = Omit<
  DeviceProfile,
  "name" | "software" | "f16" | "subgroups" | "storageBuffers" | "maxBindingBytes"
>;

const GPU: Numbers = {
  kind: "gpu",
  workgroup: 64,
  wideWorkgroup: 256,
  workgroups: 256,
  vectorsPerInvocation: 4,
  registerVectors: 16,
  combineBytes: 2048,
  columnVectors: 16,
  columnElements: 32,
  minSliceVectors: 16,
  elementwiseVectors: 8,
  deferInnerBelow: 32,
};

const CPU: Numbers = {
  ...GPU,
  kind: "cpu",
  workgroup: 16,
  wideWorkgroup: 16,
  workgroups: 8,
  loneRow: { min: 8, max: 1024 },
  registerVectors: 0,
  minSliceVectors: 512,
  elementwiseVectors: 1024,
};

/** What planning goes by, on all devices of a kind: measured on CPU adapters, public figures of GPUs. */
export const DEFAULTS: Readonly<Record<DeviceProfile["kind"], Numbers>> = { gpu: GPU, cpu: CPU };

/**
 * What GPUs differ in, by vendor and architecture as Chrome names them (Firefox and Safari name nothing). Workgroups:
 * eight for each of the compute units that such a card usually has. Public figures, not measurements; `tune` measures.
 */
const GPUS: readonly [RegExp, Partial<DeviceProfile>][] = [
  [/^nvidia/, { workgroups: 512 }], // 20 to 128 units
  [/^amd (rdna-[34]|cdna)/, { workgroups: 512 }],
  [/^intel (xe-2hpg|xe-3hpg|gen-12hp)/, { workgroups: 256 }], // discrete: 20 to 32 units
  [/^intel/, { workgroups: 64 }], // 24 to 96 small units that share the memory of the CPU
  [/^(qualcomm|arm|img-tec|samsung|huawei)/, { workgroups: 64, wideWorkgroup: 128 }], // phones: 2 to 16 units
];

type AdapterInfo = Partial<GPUAdapterInfo>;

function gpuClassOf({ vendor, architecture }: AdapterInfo) {
  const text = `${vendor} ${architecture}`.toLowerCase();
  return { ...DEFAULTS.gpu, ...GPUS.find(([pattern]) => pattern.test(text))?.[1] };
}

function isSoftware(info: AdapterInfo): boolean {
  const text = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return (
    info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render/i.test(text)
  );
}

/** `kind`: plans as for such a device, whatever it is. */
export function profileOf(
  info: AdapterInfo,
  { limits, features }: GPUDevice,
  kind?: DeviceProfile["kind"],
): DeviceProfile {
  const software = isSoftware(info);
  const own = software ? DEFAULTS.cpu : gpuClassOf(info);
  const base = kind === undefined || kind === own.kind ? own : DEFAULTS[kind];
  const words = [info.vendor, info.architecture, info.description || info.device];
  return {
    ...base,
    wideWorkgroup: Math.min(base.wideWorkgroup, limits.maxComputeInvocationsPerWorkgroup),
    f16: features.has("shader-f16"),
    subgroups: !software && features.has("subgroups"),
    storageBuffers: limits.maxStorageBuffersPerShaderStage,
    maxBindingBytes: Math.min(limits.maxStorageBufferBindingSize, 2 ** 32), // places are u32
    name: [...new Set(words.filter(Boolean))].join(" ") || "unknown adapter",
    software,
  };
}
