// Mean and variance of a dataset:
//   node src/main.js DATA.{npy,zarr,parquet,tar} [--redis redis://HOST:6379] [--out stats.json]
// With --redis workers anywhere measure the blocks (src/worker.js), without it threads of this
// process. A second run measures the blocks that are missing in stats.json.

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { planOf } from "./dataset.js";
import { progressBar } from "./progress.js";
import { runFlow } from "./queue.js";
import { earlier, missingOf, save, statsOf } from "./stats.js";
import { runThreads } from "./threads.js";

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    redis: { type: "string" },
    threads: { type: "string", default: String(Math.min(2, availableParallelism())) },
    device: { type: "string", default: "gpu" }, // of threads
    axes: { type: "string" },
    columns: { type: "string" },
    block: { type: "string" }, // MiB
    out: { type: "string", default: "stats.json" },
  },
});

const list = (/** @type {string | undefined} */ text) => text?.split(",");
const path = positionals[0] ?? (await (await import("./sample.js")).sampleDataset());
const source = {
  path,
  ...(values.axes && { axes: list(values.axes)?.map(Number) }),
  ...(values.columns && { columns: list(values.columns) }),
  ...(values.block && { blockBytes: Number(values.block) * 2 ** 20 }),
};

const plan = await planOf(source);
const before = earlier(values.out, plan);
const missing = missingOf(plan, before);
const bar = progressBar();
const start = performance.now();
const outcome =
  missing.blocks.length === 0
    ? { result: null, failed: [] }
    : values.redis
      ? await runFlow(missing, { redis: values.redis, onProgress: bar.at })
      : await runThreads(missing, {
          threads: Number(values.threads),
          device: /** @type {import("./types.d.ts").DeviceKind} */ (values.device),
          onProgress: bar.at,
        });
bar.stop();

const stats = statsOf(plan, before, outcome);
save(values.out, stats);
const seconds = ((performance.now() - start) / 1000).toFixed(1);
console.log(`${path}: ${stats.blocks} blocks in ${seconds} s, ${values.out} has the moments`);
if ("measuredBy" in stats) {
  for (const [name, count] of Object.entries(stats.measuredBy))
    console.log(`  ${count} by ${name}`);
  stats.mean.slice(0, 8).forEach((mean, i) => {
    console.log(`  group ${i}: mean ${mean}, deviation ${stats.deviation[i]}`);
  });
}
for (const { reason, ...block } of stats.missing) {
  console.error(`missing: ${JSON.stringify(block)}: ${reason}`);
}
process.exit(stats.complete ? 0 : 1); // Dawn's threads would keep the process
