// Many machines share a queue: BullMQ on Redis or Valkey. A flow is a tree of jobs. A block's job
// measures it, a parent merges up to 256 results, and the root has those of all blocks.
//
// BullMQ delivers at least once. Jobs are named by dataset version and block, and a state refuses a
// block that it counts already: so none is lost, and none counts twice.

import { setTimeout as sleep } from "node:timers/promises";
import { FlowProducer, Queue } from "bullmq";
import { Redis } from "ioredis";

/** @typedef {import("./types.d.ts").Plan} Plan */
/** @typedef {import("./types.d.ts").Range} Range */

export const QUEUE = "webgpu-norm-moments";
const FAN_IN = 256;
/** A command that ends while it adds a flow leaves its lock for so long. */
const LOCK_MS = 60_000;

/** A failed job is tried again after 1, 2, 4 ... seconds. Then its parent goes on without it. */
const OPTIONS = {
  attempts: 4,
  backoff: { type: "exponential", delay: 1000 },
  ignoreDependencyOnFailure: true,
};

/** @param {string} version @param {Range} block */
const blockId = (version, [first, last]) => `${version}-${first}-${last}`;

/**
 * Makes the tree of jobs. Its shape does not matter to the result, nor does the order of blocks.
 *
 * @param {Pick<Plan, "source" | "version" | "blocks">} plan
 * @param {number} [fanIn]
 * @returns {import("bullmq").FlowJob}
 */
export function flowOf({ source, version, blocks }, fanIn = FAN_IN) {
  /** @type {import("bullmq").FlowJobNode[]} */
  let level = blocks.map((block) => ({
    name: "block",
    queueName: QUEUE,
    data: { source, version, block },
    opts: { ...OPTIONS, jobId: blockId(version, block) },
  }));
  let height = 0;
  do {
    height++;
    const parents = Math.ceil(level.length / fanIn);
    level = Array.from({ length: parents }, (_, i) => ({
      name: "merge",
      queueName: QUEUE,
      data: {},
      opts: { ...OPTIONS, jobId: `${version}-merge-${height}-${i}` },
      children: level.slice(i * fanIn, (i + 1) * fanIn),
    }));
  } while (level.length > 1);
  const [root] = /** @type {[import("bullmq").FlowParentJob]} */ (level);
  return { ...root, opts: { attempts: OPTIONS.attempts, jobId: rootId(version) } };
}

const rootId = (/** @type {string} */ version) => `${version}-all`;

/**
 * Adds the flow, waits for it and takes it away. If it is there already, of a command that ended in
 * between or runs beside this one, this one waits for that.
 *
 * @param {Plan} plan
 * @param {{ redis: string, onProgress: (progress: import("./types.d.ts").Progress) => void, flow?: import("bullmq").FlowJob }} options
 * @returns {Promise<import("./types.d.ts").Outcome>}
 */
export async function runFlow(plan, { redis, onProgress, flow = flowOf(plan) }) {
  const connection = { url: redis };
  const queue = new Queue(QUEUE, { connection });
  try {
    await addOnce(queue, flow, redis);
    const root = await finished(queue, plan, onProgress);
    const { result, failures } = root.returnvalue;
    await root.remove({ removeChildren: true }).catch(() => {}); // another command has done it
    const failed = plan.blocks.flatMap((block) => {
      const reason = failures[blockId(plan.version, block)];
      return reason === undefined ? [] : [{ block, reason }];
    });
    return { result, failed };
  } finally {
    await queue.close();
  }
}

/**
 * Adds the flow unless its root is there. A lock keeps two commands from adding two trees of the same
 * blocks, of which each block would report to one alone.
 *
 * @param {Queue} queue
 * @param {import("bullmq").FlowJob} flow
 * @param {string} redis
 */
async function addOnce(queue, flow, redis) {
  const id = flow.opts?.jobId ?? "";
  const lock = `${QUEUE}-adding-${id}`;
  const client = new Redis(redis);
  const producer = new FlowProducer({ connection: { url: redis } });
  try {
    while (!(await queue.getJob(id))) {
      if ((await client.set(lock, "", "PX", LOCK_MS, "NX")) === "OK") {
        if (!(await queue.getJob(id))) await producer.add(flow);
        await client.del(lock);
      } else await sleep(100);
    }
  } finally {
    await producer.close();
    client.disconnect();
  }
}

/** @param {Queue} queue @param {Plan} plan @param {(progress: import("./types.d.ts").Progress) => void} onProgress */
async function finished(queue, { version, blocks }, onProgress) {
  for (;;) {
    const root = await queue.getJob(rootId(version));
    if (!root) throw new Error(`job ${rootId(version)} is gone, expected it to be in the queue`);
    if (await root.isCompleted()) return root;
    if (await root.isFailed()) throw new Error(`the last merge failed: ${root.failedReason}`);
    const { completed = 0, failed = 0 } = await queue.getJobCounts("completed", "failed");
    const workers = await queue.getWorkersCount();
    onProgress({ done: Math.min(completed, blocks.length), failed, all: blocks.length, workers });
    await sleep(250);
  }
}
