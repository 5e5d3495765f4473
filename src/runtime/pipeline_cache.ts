// The pipeline cache compiles the shaders of a device. Each combination of files and overrides is
// compiled once.

import { memoize } from "../base/memoize";
import type { Pass } from "../plan/plan";
import { type Binding, bindingsOf, type Fragment, fragmentNames, sourceOf } from "../wgsl/link";

export interface CompiledPipeline {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly module: GPUShaderModule;
  readonly files: readonly Fragment[];
}

const COMPUTE_STAGE = 0x4;

const pipelineKey = ({ fragments, constants }: Pass) =>
  `${fragmentNames(fragments)} ${JSON.stringify(constants)}`;

function pipelineCache(device: GPUDevice) {
  const modules = new Map<string, GPUShaderModule>();
  const layouts = new Map<string, GPUBindGroupLayout>();
  const compiled = new Map<string, CompiledPipeline>();

  function moduleOf(files: readonly Fragment[]): GPUShaderModule {
    const label = fragmentNames(files);
    const make = () => device.createShaderModule({ label, code: sourceOf(files) });
    return memoize(modules, label, make);
  }

  function layoutOf(bindings: readonly Binding[]): GPUBindGroupLayout {
    const key = bindings.map((b) => `${b.binding}${b.type}`).join();
    const entries = bindings.map(({ binding, type }) => {
      return { binding, visibility: COMPUTE_STAGE, buffer: { type } };
    });
    const make = () => device.createBindGroupLayout({ label: "webgpu-norm", entries });
    return memoize(layouts, key, make);
  }

  function partsOf({ fragments, does, constants }: Pass) {
    const label = `webgpu-norm ${does}`;
    const module = moduleOf(fragments);
    const layout = layoutOf(bindingsOf(fragments));
    const descriptor: GPUComputePipelineDescriptor = {
      label,
      layout: device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
      compute: { module, constants },
    };
    return { descriptor, parts: { layout, module, files: fragments } };
  }

  return {
    get: (pass: Pass): CompiledPipeline =>
      memoize(compiled, pipelineKey(pass), () => {
        const { descriptor, parts } = partsOf(pass);
        return { ...parts, pipeline: device.createComputePipeline(descriptor) };
      }),

    /** Compiles a pass in parallel with other work. Rejects with a GPUPipelineError. */
    async warm(pass: Pass): Promise<void> {
      const key = pipelineKey(pass);
      if (compiled.has(key)) return;
      const { descriptor, parts } = partsOf(pass);
      const pipeline = await device.createComputePipelineAsync(descriptor);
      compiled.set(key, { ...parts, pipeline });
    },
  };
}

const caches = new WeakMap<GPUDevice, ReturnType<typeof pipelineCache>>();

export const pipelinesOf = (device: GPUDevice) =>
  memoize(caches, device, () => pipelineCache(device));
