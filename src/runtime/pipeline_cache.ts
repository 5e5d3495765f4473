// Compiled shaders of a device: each combination of files and overrides is compiled once.

import { kept } from "../base/memoize";
import type { Pass } from "../plan/pass";
import { type Binding, bindingsOf, type Module, sourceOf } from "../wgsl/link";

export interface Compiled {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly module: GPUShaderModule;
  readonly files: readonly Module[];
}

const COMPUTE_STAGE = 0x4;

export const namesOf = (modules: readonly Module[]) => modules.map(({ name }) => name).join(", ");

const keyOf = ({ modules, constants }: Pass) => `${namesOf(modules)} ${JSON.stringify(constants)}`;

function pipelinesFor(device: GPUDevice) {
  const modules = new Map<string, GPUShaderModule>();
  const layouts = new Map<string, GPUBindGroupLayout>();
  const compiled = new Map<string, Compiled>();

  function moduleOf(files: readonly Module[]): GPUShaderModule {
    const label = namesOf(files);
    const make = () => device.createShaderModule({ label, code: sourceOf(files) });
    return kept(modules, label, make);
  }

  function layoutOf(bindings: readonly Binding[]): GPUBindGroupLayout {
    const key = bindings.map((b) => `${b.binding}${b.type}`).join();
    const entries = bindings.map(({ binding, type }) => {
      return { binding, visibility: COMPUTE_STAGE, buffer: { type } };
    });
    const make = () => device.createBindGroupLayout({ label: "webgpu-norm", entries });
    return kept(layouts, key, make);
  }

  function partsOf({ modules: files, does, constants }: Pass) {
    const label = `webgpu-norm ${does}`;
    const module = moduleOf(files);
    const layout = layoutOf(bindingsOf(files));
    const descriptor: GPUComputePipelineDescriptor = {
      label,
      layout: device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
      compute: { module, constants },
    };
    return { descriptor, parts: { layout, module, files } };
  }

  return {
    get: (pass: Pass): Compiled =>
      kept(compiled, keyOf(pass), () => {
        const { descriptor, parts } = partsOf(pass);
        return { ...parts, pipeline: device.createComputePipeline(descriptor) };
      }),

    /** Compiles it beside other work. Rejects with a GPUPipelineError. */
    async warm(pass: Pass): Promise<void> {
      const key = keyOf(pass);
      if (compiled.has(key)) return;
      const { descriptor, parts } = partsOf(pass);
      const pipeline = await device.createComputePipelineAsync(descriptor);
      compiled.set(key, { ...parts, pipeline });
    },
  };
}

const known = new WeakMap<GPUDevice, ReturnType<typeof pipelinesFor>>();

export const pipelinesOf = (device: GPUDevice) => kept(known, device, () => pipelinesFor(device));
