// The GPU status of some work says whether the GPU accepted it.

import { NormError } from "../base/errors";
import type { CompiledPipeline } from "./pipeline_cache";

/**
 * A status resolves when the GPU has checked the work: to null, or to an error if it was refused.
 */
export type GpuStatus = Promise<Error | null>;

/** There was no work to check. */
export const OK: GpuStatus = Promise.resolve(null);

/**
 * Returns the status of the work since the last `pushErrorScope`. Errors start with the names of
 * the operations.
 */
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
      const details = await explained.catch(() => ""); // the file could not be loaded
      return new NormError(`${ops}: the GPU refused the work: ${error.message}\n${details}`.trim());
    },
    () => null, // device lost: reads report it
  );
}
