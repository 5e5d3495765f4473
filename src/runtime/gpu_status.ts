// The GPU status of some work says whether the GPU accepted it, which only the GPU knows, later.

import { NormError } from "../base/errors";

export interface GpuStatus {
  /** Resolves when the GPU has checked the work: to null, or to an error if it was refused. */
  done: Promise<Error | null>;
  /** The result of `done`; undefined until it is known. */
  failure: Error | null | undefined;
}

/** There was no work to check. */
export const OK: GpuStatus = { done: Promise.resolve(null), failure: null };

/** Lets a status have this outcome. */
export function settleBy(status: GpuStatus, done: Promise<Error | null>): GpuStatus {
  status.done = done;
  done.then((failure) => {
    status.failure = failure;
  });
  return status;
}

/** Returns what a device threw as a NormError that names the operation. */
export const asNormError = (op: string, cause: unknown): NormError =>
  cause instanceof NormError ? cause : new NormError(`${op}: ${Object(cause).message}`, { cause });

const FILTERS = ["validation", "out-of-memory", "internal"] as const;

/** What a message has after the GPU's own words, if anything. */
export type RefusalDetails = string | Promise<string> | undefined;

/**
 * Runs `work` in error scopes, which are closed whatever the device throws, and returns its result
 * with its status. `refused` is called for a result that the GPU refused, and may explain why.
 */
export function scoped<T>(
  device: GPUDevice,
  op: string,
  work: () => T,
  refused: (result: T) => RefusalDetails = () => undefined,
  filters: readonly GPUErrorFilter[] = FILTERS,
): [T, GpuStatus] {
  let reports: Promise<(GPUError | null)[]>;
  let result: T;
  for (const filter of filters) device.pushErrorScope(filter);
  try {
    result = work();
  } catch (cause) {
    throw asNormError(op, cause);
  } finally {
    reports = Promise.all(filters.map(async () => device.popErrorScope()));
    reports.catch(() => {}); // device lost: reads report it
  }
  const toFailure = (errors: (GPUError | null)[]) => {
    const error = errors.find(Boolean);
    return error ? explained(error, op, refused(result)) : null;
  };
  const done = reports.then(toFailure, () => null);
  return [result, settleBy({ done, failure: undefined }, done)];
}

async function explained(error: GPUError, op: string, details: RefusalDetails): Promise<Error> {
  const memory = error.constructor.name === "GPUOutOfMemoryError";
  const why = memory ? "out of memory" : "the GPU refused the work";
  return new NormError(`${op}: ${why}: ${error.message}\n${(await details) ?? ""}`.trim());
}
