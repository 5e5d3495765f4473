// The pipeline cache compiles the shaders of a device. Each combination of files and overrides is
// compiled once, while it is in use.

import { memoize } from "../base/memoize";
import type { Pass } from "../plan/plan";
import { bindingsOf, type Fragment, fragmentNames, sourceOf } from "../wgsl/link";
import { queueOf } from "./command_queue";
import type { CompiledModule } from "./compile_errors";

interface Compiled<T> extends CompiledModule {
  readonly name: string; // of the module
  readonly pipeline: T;
  readonly layout: GPUBindGroupLayout;
  readonly users: Set<object>; // contexts
}

export type CompiledPipeline = Compiled<GPUComputePipeline>;

/**
 * The most pipelines that a device keeps; the least recently used one leaves first. A model has
 * some dozens. Software compilers take 2 to 4 MB for each, so 256 stay below 1 GB.
 */
const MOST_PIPELINES = 256;
const COMPUTE_STAGE = 0x4;

/** Returns the text by which a pass finds its pipeline. */
export const pipelineKey = ({ fragments, constants }: Pass) =>
  `${fragmentNames(fragments)} ${JSON.stringify(constants)}`;

function pipelineCache(device: GPUDevice) {
  const cache = new Map<string, CompiledPipeline>(); // the most recently used last

  /** Returns the module of these files that another pipeline has, or makes it. */
  function moduleOf(files: readonly Fragment[]): GPUShaderModule {
    const label = fragmentNames(files);
    for (const known of cache.values()) if (known.name === label) return known.module;
    return device.createShaderModule({ label, code: sourceOf(files) });
  }

  function compile<T>(
    { fragments, does, constants }: Pass,
    pipelineOf: (descriptor: GPUComputePipelineDescriptor) => T,
  ): Compiled<T> {
    const label = `webgpu-norm ${does}`;
    const module = moduleOf(fragments);
    const entries = bindingsOf(fragments).map(({ binding, type }) => {
      const entry = typeof type === "string" ? { buffer: { type } } : type;
      return { binding, visibility: COMPUTE_STAGE, ...entry };
    });
    const layout = device.createBindGroupLayout({ label, entries });
    const pipeline = pipelineOf({
      label,
      layout: device.createPipelineLayout({ label, bindGroupLayouts: [layout] }),
      compute: { module, constants },
    });
    const name = fragmentNames(fragments);
    return { pipeline, layout, name, module, files: fragments, users: new Set() };
  }

  function keep(user: object, key: string, compiled: CompiledPipeline): CompiledPipeline {
    cache.delete(key);
    cache.set(key, compiled);
    compiled.users.add(user);
    if (cache.size > MOST_PIPELINES) cache.delete(cache.keys().next().value as string);
    return compiled;
  }

  /** Forgets what the GPU refused, since the next call may get it, and lists compile errors. */
  const refused = (key: string) => (made: CompiledModule) => {
    cache.delete(key);
    return import("./compile_errors")
      .then(({ compileErrors }) => compileErrors(made))
      .catch(() => "");
  };

  return {
    has: (key: string) => cache.has(key),
    compile,
    keep,
    refused,

    /** Returns the pipeline of a pass for a context, compiling it unless it is in the cache. */
    get(user: object, op: string, pass: Pass, key = pipelineKey(pass)): CompiledPipeline {
      const make = () => compile(pass, (descriptor) => device.createComputePipeline(descriptor));
      const known = cache.get(key) ?? queueOf(device).check(op, make, refused(key));
      return keep(user, key, known);
    },

    /** Forgets the pipelines that only this context used. */
    leave(user: object): void {
      for (const [key, { users }] of cache) {
        if (users.delete(user) && users.size === 0) cache.delete(key);
      }
    },
  };
}

const caches = new WeakMap<GPUDevice, ReturnType<typeof pipelineCache>>();

export const pipelinesOf = (device: GPUDevice) =>
  memoize(caches, device, () => pipelineCache(device));
