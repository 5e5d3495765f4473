// The command queue records the work of a device, submits it, and reports its status. All contexts
// of a device share it, so that their work keeps its order.

import { memoize } from "../base/memoize";
import { type GpuStatus, scoped, statusOf } from "./gpu_status";

/** A recording is work that is not submitted yet. */
interface Recording {
  readonly op: string;
  readonly encode: (pass: GPUComputePassEncoder) => void;
}

/** A batch has one outcome for all its work, into however many submits it is cut. */
export interface Batch {
  readonly status: GpuStatus;
  /** Makes the outcome depend on another one. Those that are known to be good cost nothing. */
  readonly depend: (part: GpuStatus) => void;
}

function newBatch(): Batch {
  const parts = new Set<GpuStatus>();
  const status = statusOf(outcomeOf(parts));
  const depend = (part: GpuStatus) => {
    if (part.failure !== null && part !== status) parts.add(part);
  };
  return { status, depend };
}

/** Resolves to the first failure. All parts are there by then, since a batch is synchronous. */
async function outcomeOf(parts: Iterable<GpuStatus>): Promise<Error | null> {
  await null;
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
  refused?: (result: T) => unknown,
  filters?: readonly GPUErrorFilter[],
) => T;

export type CommandQueue = ReturnType<typeof commandQueue>;

function commandQueue(device: GPUDevice) {
  const label = "webgpu-norm";
  let recorded: Recording[] = [];
  let batch: Batch | null = null;

  /** Runs `work` in error scopes. The batch depends on what they report. */
  const check: Check = (op, ...rest) => {
    const [result, status] = scoped(device, op, ...rest);
    batch?.depend(status);
    return result;
  };

  function submit(work: readonly Recording[]): void {
    const encoder = device.createCommandEncoder({ label });
    const pass = encoder.beginComputePass({ label });
    for (const { encode } of work) encode(pass);
    pass.end();
    device.queue.submit([encoder.finish()]);
  }

  /** Submits the recorded work. */
  function flush(): void {
    if (recorded.length === 0) return;
    const work = recorded;
    recorded = [];
    const ops = [...new Set(work.map(({ op }) => op))].join(", ");
    try {
      // Other scopes are for what takes memory or a compiler; each costs time.
      check(ops, () => submit(work), undefined, ["validation"]);
    } catch (error) {
      const failure = error as Error;
      batch?.depend({ done: Promise.resolve(failure), failure });
      throw error;
    }
  }

  return {
    check,
    flush,
    pending: () => recorded.length > 0,

    /** Adds work to the one pass until `flush`. */
    record(op: string, encode: Recording["encode"]): void {
      recorded.push({ op, encode });
    },

    /** Runs `work` as one batch, or as a part of the batch that is under way. */
    batch<T>(work: (batch: Batch) => T): T {
      if (batch !== null) return work(batch);
      batch = newBatch();
      try {
        return work(batch);
      } finally {
        try {
          flush();
        } finally {
          batch = null;
        }
      }
    },
  };
}

const queues = new WeakMap<GPUDevice, CommandQueue>();

export const queueOf = (device: GPUDevice): CommandQueue =>
  memoize(queues, device, () => commandQueue(device));
