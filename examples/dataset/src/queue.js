// Many machines share a queue: BullMQ on Redis or Valkey. A flow is a tree of jobs. A block's job
// measures it, a parent merges up to 256 results, and the root has those of all blocks.
//
// BullMQ delivers at least once. Jobs are named by dataset version and block, and a state refuses a
// block that it counts already: so none is lost, and none counts twice.

import { createHash } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { FlowProducer, Queue } from "bullmq";
import { checkServer, connect, hostOf, memoryOf } from "./server.js";

/** @typedef {import("./types.d.ts").Plan} Plan */
/** @typedef {import("./types.d.ts").Range} Range */

export const QUEUE = "webgpu-norm-moments";
const FAN_IN = 256;
/** A command that ends while it adds a flow leaves its lock for so long. */
const LOCK_MS = 60_000;
/** What a flow gave is kept for commands that wait for it, too. */
const LEFT_MS = 60_000;

/** A failed job is tried again after 1, 2, 4 ... seconds. Then its parent goes on without it. */
const OPTIONS = {
  attempts: 4,
  backoff: { type: "exponential", delay: 1000 },
  ignoreDependencyOnFailure: true,
};

/**
 * Names a flow: two commands that ask for the same blocks are one, and others do not meet.
 *
 * @param {Pick<Plan, "version" | "blocks">} plan
 */
function flowId({ version, blocks }) {
  const text = JSON.stringify([...blocks].sort(([a], [b]) => a - b));
  return `${version}-${createHash("sha256").update(text).digest("hex").slice(0, 8)}`;
}

/** @param {string} flow @param {Range} block */
const blockId = (flow, [first, last]) => `${flow}-${first}-${last}`;

/**
 * Makes the tree of jobs. Its shape does not matter to the result, nor does the order of blocks.
 *
 * @param {Pick<Plan, "source" | "version" | "blocks">} plan
 * @param {number} [fanIn]
 * @returns {import("bullmq").FlowJob}
 */
export function flowOf({ source, version, blocks }, fanIn = FAN_IN) {
  const id = flowId({ version, blocks });
  /** @type {import("bullmq").FlowJobNode[]} */
  let level = blocks.map((block) => ({
    name: "block",
    queueName: QUEUE,
    data: { source, version, block },
    opts: { ...OPTIONS, jobId: blockId(id, block) },
  }));
  let height = 0;
  do {
    height++;
    const parents = Math.ceil(level.length / fanIn);
    level = Array.from({ length: parents }, (_, i) => ({
      name: "merge",
      queueName: QUEUE,
      data: {},
      opts: { ...OPTIONS, jobId: `${id}-merge-${height}-${i}` },
      children: level.slice(i * fanIn, (i + 1) * fanIn),
    }));
  } while (level.length > 1);
  const [root] = /** @type {[import("bullmq").FlowParentJob]} */ (level);
  return { ...root, opts: { attempts: OPTIONS.attempts, jobId: rootOf(id) } };
}

const rootOf = (/** @type {string} */ flow) => `${flow}-all`;

/** @typedef {{ result: import("./types.d.ts").Result | null, failures: Record<string, string> }} Returned */
/** @typedef {{ redis: string, onProgress: (progress: import("./types.d.ts").Progress) => void, flow?: import("bullmq").FlowJob, patience?: number }} FlowOptions */

/**
 * Adds the flow, waits for it and takes it away. If it is there already, of a command that ended in
 * between or runs beside this one, this one waits for that. `patience` is how many seconds it waits
 * for a server that has gone.
 *
 * @param {Plan} plan
 * @param {FlowOptions} options
 * @returns {Promise<import("./types.d.ts").Outcome>}
 */
export async function runFlow(plan, { redis, onProgress, flow = flowOf(plan), patience = 60 }) {
  await checkServer(redis);
  const client = connect(redis, patience);
  const queue = new Queue(QUEUE, { connection: client });
  queue.on("error", () => {}); // the client says it
  try {
    await addOnce(client, queue, flow);
    const { result, failures } = await finished(client, queue, plan, onProgress);
    const id = flowId(plan);
    const failed = plan.blocks.flatMap((block) => {
      const reason = failures[blockId(id, block)];
      return reason === undefined ? [] : [{ block, reason }];
    });
    return { result, failed };
  } catch (error) {
    throw await explained(error, client, hostOf(redis), plan);
  } finally {
    await queue.close().catch(() => {}); // of a server that has gone
    client.disconnect();
  }
}

/**
 * Adds the flow unless its root is there. A lock keeps two commands from adding two trees of the same
 * blocks, of which each block would report to one alone.
 *
 * @param {import("ioredis").Redis} client
 * @param {Queue} queue
 * @param {import("bullmq").FlowJob} flow
 */
async function addOnce(client, queue, flow) {
  const id = flow.opts?.jobId ?? "";
  const lock = `${QUEUE}-adding-${id}`;
  const producer = new FlowProducer({ connection: client });
  producer.on("error", () => {});
  while (!(await queue.getJob(id))) {
    if ((await client.set(lock, "", "PX", LOCK_MS, "NX")) === "OK") {
      try {
        if (!(await queue.getJob(id))) await producer.add(flow);
      } finally {
        await client.del(lock);
      }
    } else await sleep(100);
  }
}

/**
 * Waits for the root, and takes the flow away. Its result stays for a minute, for commands that wait
 * for it, too.
 *
 * @param {import("ioredis").Redis} client
 * @param {Queue} queue
 * @param {Plan} plan
 * @param {FlowOptions["onProgress"]} onProgress
 * @returns {Promise<Returned>}
 */
async function finished(client, queue, plan, onProgress) {
  const id = rootOf(flowId(plan));
  const left = `${QUEUE}-result-${id}`;
  for (;;) {
    const state = await queue.getJobState(id); // before the job: what it returned is in that then
    const root = await queue.getJob(id);
    if (!root) {
      const text = await client.get(left);
      if (text) return JSON.parse(text);
      throw new Error(`has lost the jobs of ${plan.version}: ${LOST}`);
    }
    if (state === "completed" || state === "failed") {
      const text = JSON.stringify(root.returnvalue);
      if (state === "completed") await client.set(left, text, "PX", LEFT_MS).catch(() => {}); // it may be full
      await root.remove({ removeChildren: true }).catch(() => {}); // another command has done it
      if (state === "completed") return root.returnvalue;
      throw new Error(`the last merge failed: ${root.failedReason}`);
    }
    const { completed = 0, failed = 0 } = await queue.getJobCounts("completed", "failed");
    const workers = await queue.getWorkersCount();
    const { length: all } = plan.blocks;
    onProgress({ done: Math.min(completed, all), failed, all, workers });
    await sleep(250);
  }
}

const LOST =
  "it was emptied, or restarted without persistence (--appendonly yes); run the command again";

/**
 * Says what to do about an error of the server.
 *
 * @param {any} error
 * @param {import("ioredis").Redis} client
 * @param {string} host
 * @param {Plan} plan
 */
async function explained(error, client, host, { blocks }) {
  const text = [error, ...(error.previousErrors ?? [])].map(({ message }) => message).join();
  if (client.status !== "ready") {
    const then = "where it kept its data (--appendonly yes) the run goes on";
    return new Error(`${host}: does not answer; start it and run the command again: ${then}`);
  }
  if (!/\bOOM\b/.test(text)) return new Error(`${host}: ${error.message}`, { cause: error });
  const megabytes = ((await memoryOf(client)).most / 1e6).toFixed(1);
  return new Error(
    `${host}: is full (maxmemory ${megabytes} MB), expected room for ${blocks.length} blocks: ` +
      "raise maxmemory or choose larger blocks (--block), and run the command again",
  );
}
