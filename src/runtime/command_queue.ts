// The command queue records the work of a device, submits it, and reports its status. All contexts
// of a device share it, so that their work keeps its order.

import { memoize } from "../base/memoize";
import {
  asNormError,
  type GpuStatus,
  OK,
  type RefusalDetails,
  scoped,
  settleBy,
} from "./gpu_status";

/** A recording is work that is not submitted yet. */
interface Recording {
  readonly encoder: GPUCommandEncoder;
  readonly pass: GPUComputePassEncoder;
  readonly ops: Set<string>;
}

/** A watcher gets the status of each batch that is not known to be good at its end. */
type Watcher = (status: GpuStatus) => void;

/** A batch has one outcome for all its work, into however many submits it is cut. */
export class Batch {
  /** It has an outcome from the batch's end on. A batch is synchronous: nobody waits before. */
  readonly status: GpuStatus = { done: OK.done, failure: undefined };
  readonly #parts = new Set<GpuStatus>();
  readonly #watchers: Watcher[] = [];

  /** Makes the outcome depend on another one. Those that are known to be good cost nothing. */
  depend(part: GpuStatus): void {
    if (part.failure !== null && part !== this.status) this.#parts.add(part);
  }

  watch(watcher: Watcher): void {
    if (!this.#watchers.includes(watcher)) this.#watchers.push(watcher);
  }

  end(): void {
    if (this.#parts.size === 0) {
      this.status.failure = null;
      return;
    }
    settleBy(this.status, firstFailure([...this.#parts]));
    for (const watcher of this.#watchers) watcher(this.status);
  }
}

/** Resolves to the first failure of parts. */
async function firstFailure(parts: readonly GpuStatus[]): Promise<Error | null> {
  for (const { done } of parts) {
    const failure = await done;
    if (failure) return failure;
  }
  return null;
}

/** Runs work as `scoped` does, for the batch that is under way. */
export type Check = <T>(
  op: string,
  work: () => T,
  refused?: (result: T) => RefusalDetails,
  filters?: readonly GPUErrorFilter[],
) => T;

export type CommandQueue = ReturnType<typeof commandQueue>;

function commandQueue(device: GPUDevice) {
  const label = "webgpu-norm";
  let recording: Recording | null = null;
  let batch: Batch | null = null;

  /** Runs `work` in error scopes. The batch depends on what they report. */
  const check: Check = (op, ...rest) => {
    const [result, status] = scoped(device, op, ...rest);
    batch?.depend(status);
    return result;
  };

  function begin(op: string): Recording {
    try {
      const encoder = device.createCommandEncoder({ label });
      return { encoder, pass: encoder.beginComputePass({ label }), ops: new Set() };
    } catch (cause) {
      throw asNormError(op, cause);
    }
  }

  /** Submits the recorded work. What is wrong with it is reported then. */
  function flush(): void {
    if (recording === null) return;
    const { encoder, pass, ops } = recording;
    recording = null;
    const submit = () => {
      pass.end();
      device.queue.submit([encoder.finish()]);
    };
    try {
      // Other scopes are for what takes memory or a compiler; each costs time.
      check([...ops].join(", "), submit, undefined, ["validation"]);
    } catch (error) {
      const failure = error as Error;
      batch?.depend({ done: Promise.resolve(failure), failure });
      throw error;
    }
  }

  return {
    check,
    flush,
    pending: () => recording !== null,

    /** Adds work to the one pass until `flush`. */
    record(op: string, encode: (pass: GPUComputePassEncoder) => void): void {
      recording ??= begin(op);
      recording.ops.add(op);
      encode(recording.pass);
    },

    /** Runs `work` as one batch, or as a part of the batch that is under way. */
    batch<T>(work: (batch: Batch) => T, watcher?: Watcher): T {
      const current = batch ?? new Batch();
      if (watcher) current.watch(watcher);
      if (current === batch) return work(current);
      batch = current;
      try {
        return work(current);
      } finally {
        try {
          flush();
        } finally {
          batch = null;
          current.end();
        }
      }
    },
  };
}

const queues = new WeakMap<GPUDevice, CommandQueue>();

export const queueOf = (device: GPUDevice): CommandQueue =>
  memoize(queues, device, () => commandQueue(device));
