// What the planner knows about a device. Without any hint the values suit every real GPU.

export interface Profile {
  /** "cpu": barriers and workgroup memory are ruinous, a row an invocation wins. */
  readonly kind: "cpu" | "gpu";
  readonly name: string; // of the adapter, for people
  readonly software: boolean;
  readonly workgroup: number; // invocations of a workgroup
  readonly wideWorkgroup: number; // the same for long rows
  readonly workgroups: number; // as many keep the device busy
  readonly f16: boolean; // the device has shader-f16
  readonly storageBuffers: number; // bindings of a pass
  readonly windowBytes: number; // of an array that a pass can bind
}

const GPU = { kind: "gpu", workgroup: 64, wideWorkgroup: 256, workgroups: 256 } as const;
const CPU = { kind: "cpu", workgroup: 16, wideWorkgroup: 16, workgroups: 8 } as const;

type Info = Partial<GPUAdapterInfo>;

function isSoftware(info: Info): boolean {
  const text = `${info.vendor} ${info.architecture} ${info.device} ${info.description}`;
  return (
    info.isFallbackAdapter === true || /swiftshader|llvmpipe|lavapipe|basic render/i.test(text)
  );
}

export function profileOf(info: Info, { limits, features }: GPUDevice): Profile {
  const software = isSoftware(info);
  const base = software ? CPU : GPU;
  const words = [info.vendor, info.architecture, info.description || info.device];
  return {
    ...base,
    wideWorkgroup: Math.min(base.wideWorkgroup, limits.maxComputeInvocationsPerWorkgroup),
    f16: features.has("shader-f16"),
    storageBuffers: limits.maxStorageBuffersPerShaderStage,
    windowBytes: Math.min(limits.maxStorageBufferBindingSize, 2 ** 32), // places are u32
    name: [...new Set(words.filter(Boolean))].join(" ") || "unknown adapter",
    software,
  };
}
