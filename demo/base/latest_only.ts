// This queue runs one job at a time. A newer job makes the running one stale, and the jobs between
// them never start.

/** Stops a job: something newer is wanted. */
class Stale extends Error {}

/** `ensureWanted` throws when the job has become stale: call it after every wait. */
export type Job = (ensureWanted: () => void) => Promise<void>;

export interface Latest {
  run(job: Job): void;
  /** Makes the running job stale before the next one is there. */
  stop(): void;
}

export function latestOnly(onError: (error: unknown) => void): Latest {
  let next: Job | undefined;
  let running = false;
  let stale = false;

  async function work(): Promise<void> {
    running = true;
    while (next) {
      const job = next;
      next = undefined;
      stale = false;
      try {
        await job(() => {
          if (stale) throw new Stale();
        });
      } catch (error) {
        // an error of a stale job is of no interest either
        if (!stale && !(error instanceof Stale)) onError(error);
      }
    }
    running = false;
  }

  return {
    run(job) {
      next = job;
      stale = true;
      if (!running) void work();
    },
    stop() {
      stale = true;
    },
  };
}
