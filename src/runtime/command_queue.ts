// The command queue records the work of a device, submits it, and reports its status.

import { type GpuStatus, gpuStatusOf, OK } from "./gpu_status";
import type { CompiledPipeline } from "./pipeline_cache";

/** A recording is work that is not submitted yet. */
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
    /** Returns the status of the work that was submitted last. */
    last: () => last,

    pending: () => recording !== null,

    /** Opens one pass for all work until `flush`. */
    open(): Recording {
      recording ??= begin();
      return recording;
    },

    /** Submits the recorded work. */
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
