// What is recorded for a device until it is submitted, and how the GPU took it.

import { NormError } from "./errors";
import { type Compiled, complaints } from "./pipelines";
import { FINE, type Outcome } from "./tensor";

/** What is recorded and not submitted yet. */
export interface Recording {
  readonly encoder: GPUCommandEncoder;
  readonly pass: GPUComputePassEncoder;
  readonly ops: string[];
  readonly compiled: Compiled[];
  readonly report: { resolve: (failure: Error | null) => void };
  readonly written: Outcome;
}

/** How the work since the last `pushErrorScope` went, by the operations' names. */
export function outcomeOf(
  device: GPUDevice,
  ops: string,
  compiled: readonly Compiled[] = [],
): Outcome {
  return device.popErrorScope().then(
    async (error) => {
      if (error === null) return null;
      const details = await complaints(compiled);
      return new NormError(`${ops}: the GPU refused the work: ${error.message}\n${details}`.trim());
    },
    () => null, // the device is lost, and reads say so
  );
}

export class Submits {
  /** How the work that was submitted last went. */
  last: Outcome = FINE;
  private recording: Recording | null = null;

  constructor(private readonly device: GPUDevice) {}

  get pending(): boolean {
    return this.recording !== null;
  }

  /** One pass for all that comes until `flush`. */
  open(): Recording {
    if (this.recording !== null) return this.recording;
    const { device } = this;
    device.pushErrorScope("validation");
    const encoder = device.createCommandEncoder({ label: "webgpu-norm" });
    const pass = encoder.beginComputePass({ label: "webgpu-norm" });
    let resolve: (failure: Error | null) => void = () => {};
    const written = new Promise<Error | null>((r) => {
      resolve = r;
    });
    this.recording = { encoder, pass, ops: [], compiled: [], report: { resolve }, written };
    return this.recording;
  }

  /** Submits what is recorded. */
  flush(): void {
    const recording = this.recording;
    if (recording === null) return;
    this.recording = null;
    recording.pass.end();
    this.device.queue.submit([recording.encoder.finish()]);
    const ops = [...new Set(recording.ops)].join(", ");
    outcomeOf(this.device, ops, recording.compiled).then(recording.report.resolve);
    this.last = recording.written;
  }
}
