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
  /** @internal Without them there are no subgroups. */
  readonly shuffles?: ShuffleFiles;
  readonly storageBuffers: number; // bindings of a pass
  readonly maxBindingBytes: number; // of an array that a pass can bind
}

const GPU = { kind: "gpu", workgroup: 64, wideWorkgroup: 256, workgroups: 256 } as const;
const CPU = { kind: "cpu", workgroup: 16, wideWorkgroup: 16, workgroups: 8 } as const;

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
  return { ...GPU, ...GPUS.find(([pattern]) => pattern.test(text))?.[1] };
}

function isSoftware(info: AdapterInfo): boolean {
  const text = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return (
    info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render/i.test(text)
  );
}

export function profileOf(info: AdapterInfo, { limits, features }: GPUDevice): DeviceProfile {
  const software = isSoftware(info);
  const base = software ? CPU : gpuClassOf(info);
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
