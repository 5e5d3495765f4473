// A worker measures blocks and merges results, one process a GPU:
//   node src/worker.js --redis redis://HOST:6379 [--device gpu | host] [--name NAME]
// Kill it at any time: others take its jobs over.

import { hostname } from "node:os";
import { parseArgs } from "node:util";
import { Worker } from "bullmq";
import { measureBlock, merged, openDevice } from "./measure.js";
import { QUEUE } from "./queue.js";
import { checkServer } from "./server.js";

const { values } = parseArgs({
  options: {
    redis: { type: "string", default: "redis://127.0.0.1:6379" },
    device: { type: "string", default: "gpu" },
    name: { type: "string", default: `${hostname()}-${process.pid}` },
    concurrency: { type: "string", default: "2" }, // one block is read while one is on the GPU
    lease: { type: "string", default: "30000" }, // ms after which others take a silent worker's job
  },
});

const device = await opened().catch(({ message }) => {
  console.error(`${values.name}: ${message}`);
  process.exit(1);
});

async function opened() {
  await checkServer(values.redis);
  return openDevice(/** @type {import("./types.d.ts").DeviceKind} */ (values.device));
}

/** @type {Readonly<Record<string, (job: import("bullmq").Job) => Promise<unknown>>>} */
const HANDLERS = {
  block: async ({ data: { source, version, block } }) => ({
    result: await measureBlock(device, { source, version }, block),
    failures: {},
  }),
  merge: async (job) => {
    const children = Object.values(await job.getChildrenValues());
    const failures = Object.entries(await job.getIgnoredChildrenFailures());
    const own = failures.map(([key, reason]) => [key.split(":").at(-1), reason]);
    return {
      result: merged(children.flatMap(({ result }) => (result ? [result] : []))),
      failures: Object.assign(
        {},
        ...children.map((child) => child.failures),
        Object.fromEntries(own),
      ),
    };
  },
};

const lease = Number(values.lease);
const worker = new Worker(
  QUEUE,
  (job) => {
    const handle = HANDLERS[job.name];
    if (!handle) throw new Error(`job ${job.name}, expected ${Object.keys(HANDLERS).join(" or ")}`);
    return handle(job);
  },
  {
    connection: { url: values.redis },
    name: values.name,
    concurrency: Number(values.concurrency),
    lockDuration: lease,
    stalledInterval: lease,
    maxStalledCount: 1000, // a block is not to blame for its workers' ends
  },
);
worker.on("failed", (job, { message }) => console.error(`${values.name}: ${job?.id}: ${message}`));
worker.on("error", ({ message }) => console.error(`${values.name}: ${message}`));
await worker.waitUntilReady();
console.log(`${values.name}: ready, ${device.name}`);

for (const signal of ["SIGINT", "SIGTERM"]) {
  process.once(signal, async () => {
    await worker.close(); // it ends its blocks first
    process.exit(0);
  });
}
