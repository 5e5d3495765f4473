// This file is the page's side of the worker with the device: one call at a time.

import type { Jobs } from "./gpu_worker";

interface Reply {
  step?: string;
  output?: unknown;
  error?: string;
}

/** The visitor ended the run. */
export class Stopped extends Error {
  constructor() {
    super("stopped by the visitor");
  }
}

export interface Gpu {
  call<K extends keyof Jobs>(
    job: K,
    ...input: Parameters<Jobs[K]>
  ): Promise<Awaited<ReturnType<Jobs[K]>>>;
  /** Ends the worker; the call that waits rejects with Stopped. */
  end(): void;
}

/** Starts a worker; `say` is told its steps. */
export function startGpu(say: (step: string) => void): Gpu {
  const worker = new Worker(new URL("./gpu_worker.ts", import.meta.url), { type: "module" });
  let resolve: (output: never) => void = () => {};
  let reject: (error: Error) => void = () => {};
  let ended = false;
  worker.addEventListener("message", ({ data }: MessageEvent<Reply>) => {
    if (data.step !== undefined) say(data.step);
    else if (data.error !== undefined) reject(new Error(data.error));
    else resolve(data.output as never);
  });
  worker.addEventListener("error", ({ message }) =>
    reject(new Error(`The worker failed: ${message || "its file did not load"}`)),
  );
  return {
    call: (job, ...[input]) =>
      new Promise((...settle) => {
        [resolve, reject] = settle;
        if (ended) reject(new Stopped());
        worker.postMessage({ job, input });
      }),
    end() {
      ended = true;
      worker.terminate();
      reject(new Stopped());
    },
  };
}
