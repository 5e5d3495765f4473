// A device profile is what the planner knows about a device, from its name, limits and features.
// Without a name the values suit every GPU.

import type { ShaderFile } from "../wgsl/link";

export interface DeviceProfile {
  /** On a "cpu", barriers and workgroup memory are slow, so each invocation takes a whole row. */
  readonly kind: "cpu" | "gpu";
  readonly name: string; // the adapter's name, for people
  readonly software: boolean;
  readonly workgroup: number; // invocations per workgroup
  readonly wideWorkgroup: number; // invocations per workgroup for long rows
  readonly workgroups: number; // this many keep the device busy
  readonly f16: boolean; // true if the device has shader-f16
  readonly subgroups: boolean; // true if it has subgroups; in a context: and they work
  readonly subgroupMin: number; // invocations of the smallest subgroups, and of the largest ones
  readonly subgroupMax: number;
  readonly invocations: number; // most invocations per workgroup
  readonly storageBuffers: number; // most storage buffers per pass
  readonly maxBindingBytes: number; // most bytes of an array in one binding
  /**
   * A few long rows get a workgroup each if each invocation then has this many vectors; all other
   * teams are one invocation.
   */
  readonly loneRow?: { readonly min: number; readonly max: number } | undefined;
  readonly vectorsPerInvocation: number; // vectors of f32, or as many bytes, per invocation in a team of several
  readonly registerVectors: number; // vectors in registers per invocation; 0: it reads them again
  readonly combineBytes: number; // workgroup memory of a team: zero-filling costs time per byte
  readonly columnVectors: number; // vectors side by side that fill a memory transaction
  readonly columnElements: number; // elements side by side that fill one
  readonly minSliceVectors: number; // least vectors in an invocation's share of a slice
  readonly elementwiseVectors: number; // vectors in an invocation's share of an elementwise pass
  readonly deferInnerBelow: number; // shorter contiguous reduced dimensions are left to the merge
}

/**
 * Planners get a device profile with the file that combines teams by shuffles. It is loaded for
 * devices whose subgroups work; without it teams combine through workgroup memory.
 */
export interface PlanningProfile extends DeviceProfile {
  readonly shuffles?: ShaderFile | undefined;
}

type Numbers = Omit<DeviceProfile, "name" | "software" | "f16" | "subgroups" | Limit>;
type Limit = "invocations" | "storageBuffers" | "maxBindingBytes";

const GPU: Numbers = {
  kind: "gpu",
  subgroupMin: 4,
  subgroupMax: 128,
  workgroup: 64,
  wideWorkgroup: 256,
  workgroups: 256,
  vectorsPerInvocation: 4,
  registerVectors: 16,
  combineBytes: 3072,
  columnVectors: 16,
  columnElements: 32,
  minSliceVectors: 12,
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

/**
 * These numbers hold for all devices of a kind. Those of CPU adapters are measured, those of GPUs
 * on an H100.
 */
export const DEFAULTS: Readonly<Record<DeviceProfile["kind"], Numbers>> = { gpu: GPU, cpu: CPU };

/**
 * GPUs differ in these numbers, by vendor and architecture as Chrome names them (Firefox and Safari
 * give no names). `workgroups` is eight per compute unit of a usual card. The figures are public,
 * except those of an H100, which Dawn gives no architecture; `tune` measures.
 */
const GPUS: readonly [RegExp, Partial<DeviceProfile>][] = [
  // An invocation may have 255 registers here, and 256 on RDNA: 32 vectors are half of them.
  [/^nvidia (hopper|)$/, { workgroups: 1024, registerVectors: 32 }], // measured: an H100, of 132 units
  [/^nvidia/, { workgroups: 512, registerVectors: 32 }], // 20 to 128 units
  [/^amd (rdna-[34]|cdna)/, { workgroups: 512, registerVectors: 32 }],
  [/^amd rdna/, { registerVectors: 32 }],
  // A thread has 128 registers for 16 invocations: 16 vectors would be spilled (bench/isa).
  [/^intel (xe-2hpg|xe-3hpg|gen-12hp)/, { workgroups: 256, registerVectors: 8 }], // 20 to 32 units
  [/^intel/, { workgroups: 64, registerVectors: 8 }], // 24 to 96 small units, the CPU's memory
  [/^(qualcomm|arm|img-tec|samsung|huawei)/, { workgroups: 64, wideWorkgroup: 128 }], // phones: 2 to 16
];

type AdapterInfo = Partial<GPUAdapterInfo>;

function gpuClassOf({ vendor, architecture }: AdapterInfo) {
  const text = `${vendor} ${architecture}`.toLowerCase();
  return { ...DEFAULTS.gpu, ...GPUS.find(([pattern]) => pattern.test(text))?.[1] };
}

/** Returns the sizes that the adapter states. Otherwise it may have all sizes. */
function subgroupSizes({ subgroupMinSize = 0, subgroupMaxSize = 0 }: AdapterInfo) {
  const stated = isSubgroupSize(subgroupMinSize) && isSubgroupSize(subgroupMaxSize);
  return stated && { subgroupMin: subgroupMinSize, subgroupMax: subgroupMaxSize };
}

const isSubgroupSize = (size: number) => [4, 8, 16, 32, 64, 128].includes(size);

function isSoftware(info: AdapterInfo): boolean {
  const text = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return (
    info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render/i.test(text)
  );
}

/** Returns the profile of a device. `kind` plans as for a device of that kind, whatever it is. */
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
    f16: features.has("shader-f16"),
    subgroups: !software && features.has("subgroups"),
    ...subgroupSizes(info),
    invocations: Math.min(
      limits.maxComputeInvocationsPerWorkgroup,
      limits.maxComputeWorkgroupSizeX,
    ),
    storageBuffers: limits.maxStorageBuffersPerShaderStage,
    maxBindingBytes: Math.min(limits.maxStorageBufferBindingSize, 2 ** 32), // offsets are u32
    name: [...new Set(words.filter(Boolean))].join(" ") || "unknown adapter",
    software,
  };
}
