// A library must offer these functions to the benchmark. The adapters are libraries/* (this
// project, copies) and competitors/*.

import type { Results } from "./check";
import type { Inputs } from "./inputs";
import type { Workload } from "./workloads";

export interface Library {
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Ways to write the workload; none where the library cannot do it. The fastest right one counts. */
  ways(workload: Workload): readonly string[];
  /** Uploads and compiles. */
  prepare(workload: Workload, inputs: Inputs, way: string): Promise<Prepared>;
}

/** A workload on a library, its data on the GPU. */
export interface Prepared {
  /** Puts so many runs on the GPU's queue. */
  run(times: number): void | Promise<void>;
  /**
   * Records so many runs. A fast GPU would wait for the calls of `run`, and a timestamp before them
   * would count that. Another library's calls cannot be recorded.
   */
  record?(encoder: GPUCommandEncoder, times: number): void;
  /** Resolves when all of them are done. */
  sync(): Promise<void>;
  /** Runs once and reads what came out; null where there is nothing to check. */
  results(): Promise<Results | null>;
  dispose(): void;
}

/** Firefox looks for finished work only every 100 ms unless something is submitted. */
export async function queueDone({ queue }: GPUDevice): Promise<void> {
  const done = queue.onSubmittedWorkDone();
  queue.submit([]);
  await done;
}
