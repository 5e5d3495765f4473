// Mean and variance of a dataset:
//   node src/main.js DATA.{npy,zarr,parquet,tar} [--redis redis://HOST:6379] [--out stats.json]
// With --redis workers anywhere measure the blocks (src/worker.js), without it threads of this
// process. A second run measures the blocks that are missing in stats.json.

import { availableParallelism } from "node:os";
import { parseArgs } from "node:util";
import { planOf } from "./dataset.js";
import { progressBar } from "./progress.js";
import { runFlow } from "./queue.js";
import { checkWritable, earlier, missingOf, save, statsOf } from "./stats.js";
import { runThreads } from "./threads.js";

const OPTIONS = /** @type {const} */ ({
  redis: { type: "string" },
  threads: { type: "string", default: String(Math.min(2, availableParallelism())) },
  device: { type: "string", default: "gpu" }, // of threads
  axes: { type: "string" },
  columns: { type: "string" },
  block: { type: "string" }, // MiB
  out: { type: "string", default: "stats.json" },
  patience: { type: "string", default: "60" }, // seconds for a server that has gone
});

/** So many missing blocks are named on the terminal, and all in stats.json. */
const NAMED = 8;

try {
  const stats = await run();
  process.exit(stats.complete ? 0 : 1); // Dawn's threads would keep the process
} catch (error) {
  console.error(/** @type {Error} */ (error).message);
  process.exit(1);
}

async function run() {
  const { values, positionals } = parseArgs({ allowPositionals: true, options: OPTIONS });
  const list = (/** @type {string | undefined} */ text) => text?.split(",");
  const path = positionals[0] ?? (await (await import("./sample.js")).sampleDataset());
  const plan = await planOf({
    path,
    ...(values.axes && { axes: list(values.axes)?.map(Number) }),
    ...(values.columns && { columns: list(values.columns) }),
    ...(values.block && { blockBytes: positive("block", values.block) * 2 ** 20 }),
  });
  const threads = Math.ceil(positive("threads", values.threads));
  const patience = positive("patience", values.patience);
  const before = earlier(values.out, plan);
  checkWritable(values.out);
  const missing = missingOf(plan, before);
  const bar = progressBar();
  const start = performance.now();
  const measure = () => {
    if (missing.blocks.length === 0) return { result: null, failed: [] };
    const { redis, device } = values;
    if (redis) return runFlow(missing, { redis, onProgress: bar.at, patience });
    const kind = /** @type {import("./types.d.ts").DeviceKind} */ (device);
    return runThreads(missing, { threads, device: kind, onProgress: bar.at });
  };
  const outcome = await Promise.resolve(measure()).finally(bar.stop);

  const stats = statsOf(plan, before, outcome);
  keep(values.out, stats);
  tell(stats, `${((performance.now() - start) / 1000).toFixed(1)} s`, values.out);
  return stats;
}

/** @param {string} name @param {string} text */
function positive(name, text) {
  if (Number(text) > 0) return Number(text);
  throw new Error(`--${name} ${text}, expected a number above 0`);
}

/** A disk may be full by now: the work goes to the terminal then. */
function keep(/** @type {string} */ file, /** @type {object} */ stats) {
  try {
    save(file, stats);
  } catch (error) {
    console.log(JSON.stringify(stats));
    const { message } = /** @type {Error} */ (error);
    throw new Error(`--out ${file}: ${message}; what would be in it is above`);
  }
}

/** @param {ReturnType<typeof statsOf>} stats @param {string} time @param {string} file */
function tell(stats, time, file) {
  console.log(`${stats.path}: ${stats.blocks} blocks in ${time}, ${file} has the moments`);
  if ("measuredBy" in stats) {
    for (const [name, count] of Object.entries(stats.measuredBy))
      console.log(`  ${count} by ${name}`);
    stats.mean.slice(0, 8).forEach((mean, i) => {
      console.log(`  group ${i}: mean ${mean}, deviation ${stats.deviation[i]}`);
    });
  }
  for (const { reason, ...block } of stats.missing.slice(0, NAMED)) {
    console.error(`missing: ${JSON.stringify(block)}: ${reason}`);
  }
  const more = stats.missing.length - NAMED;
  if (more > 0) console.error(`missing: ${more} more, which ${file} names`);
}
