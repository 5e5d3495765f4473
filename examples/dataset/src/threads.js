// One machine needs no queue: threads measure the blocks, and this one merges.

import { once } from "node:events";
import { Worker } from "node:worker_threads";
import { merged } from "./measure.js";

/** @typedef {import("./types.d.ts").Outcome} Outcome */

const ATTEMPTS = 3;

/**
 * @param {import("./types.d.ts").Plan} plan
 * @param {{ threads: number, device: import("./types.d.ts").DeviceKind, onProgress: (progress: import("./types.d.ts").Progress) => void }} options
 * @returns {Promise<Outcome>}
 */
export async function runThreads({ source, version, blocks }, { threads, device, onProgress }) {
  const waiting = blocks.map((block) => ({ block, attempts: 0 }));
  /** @type {import("./types.d.ts").Result[]} */
  const results = [];
  /** @type {{ block: import("./types.d.ts").Range, reason: string }[]} */
  const failed = [];

  const work = async () => {
    const thread = new Worker(new URL("thread.js", import.meta.url), {
      workerData: { source, version, device },
    });
    const ended = endOf(thread);
    ended.catch(() => {}); // it does so after the last block, too
    await answer(thread, ended); // it has a device
    for (let job = waiting.shift(); job; job = waiting.shift()) {
      thread.postMessage(job.block);
      const { result, error } = await answer(thread, ended);
      if (result) results.push(result);
      else if (++job.attempts < ATTEMPTS) waiting.push(job);
      else failed.push({ block: job.block, reason: error });
      onProgress({ done: results.length, failed: failed.length, all: blocks.length });
    }
    await thread.terminate();
  };
  await Promise.all(Array.from({ length: threads }, work));
  return { result: merged(results), failed };
}

/**
 * @param {Worker} thread
 * @param {Promise<never>} ended
 * @returns {Promise<any>} what it says next
 */
async function answer(thread, ended) {
  const [message] = await Promise.race([once(thread, "message"), ended]);
  return message;
}

/** @param {Worker} thread @returns {Promise<never>} rejects when the thread ends */
async function endOf(thread) {
  const [code] = await once(thread, "exit");
  throw new Error(`a thread ended with code ${code}`);
}
