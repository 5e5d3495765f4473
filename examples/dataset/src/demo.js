// `npm run demo` shows it on one machine: a Redis of its own, three workers, one of which is killed
// in the middle. A picture says who measured which block when.
//   node src/demo.js [--out timeline.svg] [--server valkey-server] [--drivers A.json,B.json,...]

import { writeFileSync } from "node:fs";
import { parseArgs } from "node:util";
import { Queue, QueueEvents } from "bullmq";
import { planOf } from "./dataset.js";
import { timeline } from "./picture.js";
import { startServer, startWorker } from "./processes.js";
import { progressBar } from "./progress.js";
import { QUEUE, runFlow } from "./queue.js";
import { sampleDataset } from "./sample.js";

const { values } = parseArgs({
  options: {
    out: { type: "string", default: "timeline.svg" },
    server: { type: "string", default: "redis-server" }, // or valkey-server
    drivers: { type: "string", default: "" }, // Vulkan's, one a worker; by default the machine's
  },
});

const { child: server, redis } = await startServer(values.server);
const drivers = values.drivers.split(",");
const args = ["--lease", "2000", "--concurrency", "1"];
const workers = await Promise.all(
  ["worker-1", "worker-2", "worker-3"].map((name, i) => {
    const driver = drivers[i % drivers.length];
    const env = driver ? { ...process.env, VK_ICD_FILENAMES: driver } : process.env;
    return startWorker(redis, name, args, env);
  }),
);
for (const { line } of workers) console.log(line);

const plan = await planOf({ path: await sampleDataset(), blockBytes: 1 });
const queue = new Queue(QUEUE, { connection: { url: redis } });
const events = new QueueEvents(QUEUE, { connection: { url: redis } });
await events.waitUntilReady();
const start = Date.now();
/** @type {import("./picture.js").Span[]} */
const spans = [];
let killed = 0;
events.on("completed", async ({ jobId }) => {
  const job = await queue.getJob(jobId);
  if (!job?.processedOn || !job.finishedOn) return;
  const [from, to] = [job.processedOn - start, job.finishedOn - start].map((ms) => ms / 1000);
  const kind = job.name === "block" ? (job.stalledCounter ? "taken over" : "block") : "merge";
  spans.push({ worker: job.processedBy ?? "", from: from ?? 0, to: to ?? 0, kind });
  const own = spans.filter(({ worker }) => worker === "worker-1");
  if (killed || own.length < 4) return; // it is at work on the next
  killed = (Date.now() - start) / 1000;
  workers[0]?.child.kill("SIGKILL");
});
const bar = progressBar();
const { result, failed } = await runFlow(plan, { redis, onProgress: bar.at });
bar.stop();
await events.close();
await queue.close();
writeFileSync(values.out, timeline(spans, killed));
console.log(
  `${plan.blocks.length - failed.length} of ${plan.blocks.length} blocks, ${values.out} is the picture`,
);
for (const [name, count] of Object.entries(result?.blocks ?? {}))
  console.log(`  ${count} by ${name}`);
for (const { child } of [...workers, { child: server }]) child.kill("SIGKILL");
process.exit(failed.length ? 1 : 0);
