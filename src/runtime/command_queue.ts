// What is recorded for a device until it is submitted, and how the GPU took it.

import { type GpuStatus, gpuStatusOf, OK } from "./gpu_status";
import type { CompiledPipeline } from "./pipeline_cache";

/** What is recorded and not submitted yet. */
export interface Recording {
  readonly encoder: GPUCommandEncoder;
  readonly pass: GPUComputePassEncoder;
  readonly ops: string[];
  readonly compiled: CompiledPipeline[];
  readonly resolve: (failure: Error | null) => void;
  readonly written: GpuStatus;
}

export type CommandQueue = ReturnType<typeof commandQueue>;

export function commandQueue(device: GPUDevice) {
  const label = "webgpu-norm";
  let recording: Recording | null = null;
  let last = OK;

  function begin(): Recording {
    device.pushErrorScope("validation");
    const encoder = device.createCommandEncoder({ label });
    const pass = encoder.beginComputePass({ label });
    let resolve: Recording["resolve"] = () => {};
    const written = new Promise<Error | null>((r) => {
      resolve = r;
    });
    return { encoder, pass, ops: [], compiled: [], resolve, written };
  }

  return {
    /** How the work that was submitted last went. */
    last: () => last,

    pending: () => recording !== null,

    /** One pass for all that comes until `flush`. */
    open(): Recording {
      recording ??= begin();
      return recording;
    },

    /** Submits what is recorded. */
    flush(): void {
      if (recording === null) return;
      const { encoder, pass, ops, compiled, resolve, written } = recording;
      recording = null;
      pass.end();
      device.queue.submit([encoder.finish()]);
      gpuStatusOf(device, [...new Set(ops)].join(", "), compiled).then(resolve);
      last = written;
    },
  };
}
