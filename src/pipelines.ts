// Compiled shaders of a device: each combination of files and overrides is compiled once.

import { type Binding, bindingsOf, type Module, sourceOf } from "./link";
import type { Pass } from "./planner";

export interface Compiled {
  readonly pipeline: GPUComputePipeline;
  readonly layout: GPUBindGroupLayout;
  readonly module: GPUShaderModule;
  readonly files: readonly Module[];
}

const COMPUTE_STAGE = 0x4;

export const namesOf = (modules: readonly Module[]) => modules.map(({ name }) => name).join(", ");

const keyOf = ({ modules, constants }: Pass) => `${namesOf(modules)} ${JSON.stringify(constants)}`;

class Pipelines {
  private readonly modules = new Map<string, GPUShaderModule>();
  private readonly layouts = new Map<string, GPUBindGroupLayout>();
  private readonly compiled = new Map<string, Compiled>();

  constructor(private readonly device: GPUDevice) {}

  get(pass: Pass): Compiled {
    const key = keyOf(pass);
    let compiled = this.compiled.get(key);
    if (compiled === undefined) {
      const { descriptor, ...parts } = this.parts(pass);
      compiled = { ...parts, pipeline: this.device.createComputePipeline(descriptor) };
      this.compiled.set(key, compiled);
    }
    return compiled;
  }

  /** Compiles it beside other work. Rejects with a GPUPipelineError. */
  async warm(pass: Pass): Promise<void> {
    const key = keyOf(pass);
    if (this.compiled.has(key)) return;
    const { descriptor, ...parts } = this.parts(pass);
    const pipeline = await this.device.createComputePipelineAsync(descriptor);
    this.compiled.set(key, { ...parts, pipeline });
  }

  private parts(pass: Pass) {
    const files = pass.modules;
    const label = `webgpu-norm ${pass.does}`;
    const module = this.module(files);
    const layout = this.layout(bindingsOf(files));
    const descriptor: GPUComputePipelineDescriptor = {
      label,
      layout: this.device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
      compute: { module, constants: pass.constants },
    };
    return { descriptor, layout, module, files };
  }

  private module(files: readonly Module[]): GPUShaderModule {
    const label = namesOf(files);
    let module = this.modules.get(label);
    if (module === undefined) {
      module = this.device.createShaderModule({ label, code: sourceOf(files) });
      this.modules.set(label, module);
    }
    return module;
  }

  private layout(bindings: readonly Binding[]): GPUBindGroupLayout {
    const key = bindings.map((b) => `${b.binding}${b.type}`).join();
    let layout = this.layouts.get(key);
    if (layout === undefined) {
      layout = this.device.createBindGroupLayout({
        label: "webgpu-norm",
        entries: bindings.map(({ binding, type }) => {
          return { binding, visibility: COMPUTE_STAGE, buffer: { type } };
        }),
      });
      this.layouts.set(key, layout);
    }
    return layout;
  }
}

const known = new WeakMap<GPUDevice, Pipelines>();

export function pipelinesOf(device: GPUDevice): Pipelines {
  let pipelines = known.get(device);
  if (pipelines === undefined) {
    pipelines = new Pipelines(device);
    known.set(device, pipelines);
  }
  return pipelines;
}

/** Compile errors with the file and the line in it, as the shader's author knows them. */
export async function complaints(compiled: readonly Compiled[]): Promise<string> {
  const found: string[] = [];
  for (const { module, files } of compiled) {
    const info = await module.getCompilationInfo();
    for (const { type, lineNum, message } of info.messages) {
      if (type === "error") found.push(`${fileAt(files, lineNum)}: ${message}`);
    }
  }
  return found.join("\n");
}

/** The file and line of a line of the joined source. */
export function fileAt(files: readonly Module[], line: number): string {
  let rest = line;
  for (const file of files) {
    const lines = file.text.split("\n").length;
    if (rest <= lines) return `shaders/${file.name.split(" ")[0]}.wgsl:${rest}`;
    rest -= lines;
  }
  return `line ${line}`;
}
