// How the GPU took what it was given: nothing to say, or the error to report.

import { NormError } from "../base/errors";
import type { CompiledPipeline } from "./pipeline_cache";

/** Resolves when the GPU has checked something: to an error if it was refused. */
export type GpuStatus = Promise<Error | null>;

/** Nothing to check. */
export const OK: GpuStatus = Promise.resolve(null);

/** How the work since the last `pushErrorScope` went, by the operations' names. */
export function gpuStatusOf(
  device: GPUDevice,
  ops: string,
  compiled: readonly CompiledPipeline[] = [],
): GpuStatus {
  return device.popErrorScope().then(
    async (error) => {
      if (error === null) return null;
      const explained = import("./compile_errors").then(({ compileErrors }) =>
        compileErrors(compiled),
      );
      const details = await explained.catch(() => ""); // the file cannot be loaded
      return new NormError(`${ops}: the GPU refused the work: ${error.message}\n${details}`.trim());
    },
    () => null, // the device is lost, and reads say so
  );
}
