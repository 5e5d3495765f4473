// `npm run bench` measures the queue alone: blocks so small that reading and computing are nothing, and
// workers on the host. With --kill one of three workers is killed in the middle and one sleeps.
//   node src/bench.js [--server redis-server | valkey-server] [--blocks 20000] [--kill]

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { Redis } from "ioredis";
import { MomentsState } from "webgpu-norm/moments";
import { planOf } from "./dataset.js";
import { startServer, startWorker } from "./processes.js";
import { runFlow } from "./queue.js";

const { values } = parseArgs({
  options: {
    server: { type: "string", default: "redis-server" },
    blocks: { type: "string", default: "20000" },
    kill: { type: "boolean", default: false },
  },
});

const [SAMPLES, CHANNELS] = [16, 3]; // of a block
const LEASE_MS = 2000;
const blocks = Number(values.blocks);
const folder = mkdtempSync(join(tmpdir(), "webgpu-norm-bench-"));
const path = join(folder, "bytes.npy");

/** Writes bytes, and returns their sums by channel. */
function writeBytes() {
  const shape = `(${SAMPLES * blocks}, ${CHANNELS})`;
  const header = `{'descr': '|u1', 'fortran_order': False, 'shape': ${shape}, }`.padEnd(117);
  const bytes = Uint8Array.from(
    { length: SAMPLES * blocks * CHANNELS },
    (_, i) => Math.imul(i, 2654435761) >>> 24,
  );
  const head = Buffer.from(`\x93NUMPY\x01\x00v\x00${header}\n`, "latin1");
  writeFileSync(path, Buffer.concat([head, bytes]));
  const sums = Array(CHANNELS).fill(0);
  for (const [i, byte] of bytes.entries()) sums[i % CHANNELS] += byte;
  return sums;
}

/** @type {import("node:child_process").ChildProcess[]} */
const children = [];
process.on("exit", () => {
  for (const child of children) child.kill("SIGKILL");
  rmSync(folder, { recursive: true });
});

const sums = writeBytes();
const { child: server, redis } = await startServer(values.server);
children.push(server);
const names = values.kill ? ["worker-1", "worker-2", "worker-3"] : ["worker-1", "worker-2"];
const args = ["--device", "host", "--lease", String(values.kill ? LEASE_MS : 30_000)];
const workers = await Promise.all(names.map((name) => startWorker(redis, name, args)));
children.push(...workers.map(({ child }) => child));
const client = new Redis(redis);
const info = async () => {
  const pairs = (await client.info()).split("\r\n").map((line) => line.split(":"));
  return Object.fromEntries(pairs);
};

const plan = await planOf({ path, blockBytes: SAMPLES * CHANNELS });
const before = await info();
const start = performance.now();
const seconds = () => (performance.now() - start) / 1000;
let added = 0;
const acts = /** @type {const} */ ([
  [0.2, 0, "SIGKILL"],
  [0.3, 1, "SIGSTOP"], // for longer than its lease
  [0.7, 1, "SIGCONT"],
]);
let next = values.kill ? 0 : acts.length;
const { result, failed } = await runFlow(plan, {
  redis,
  onProgress: ({ done, all }) => {
    added ||= seconds();
    for (; next < acts.length && done >= (acts[next]?.[0] ?? 1) * all; next++) {
      const [, worker = 0, signal = "SIGCONT"] = acts[next] ?? [];
      workers[worker]?.child.kill(signal);
    }
  },
});
const all = seconds();
const after = await info();

const { mean } = MomentsState.fromJSON(/** @type {any} */ (result).state).moments();
const isRight = sums.every((sum, c) => {
  const right = sum / (SAMPLES * blocks);
  return Math.abs((mean[c] ?? 0) - right) < 1e-13 * right;
});
const bytesOf = (/** @type {string} */ key) => (after[key] - before[key]) / blocks;
const memory = (after.used_memory_peak - before.used_memory) / blocks;
console.log(
  `${values.server} ${after.valkey_version ?? after.redis_version}: ${blocks} blocks in ` +
    `${all.toFixed(1)} s, ${added.toFixed(1)} s of it adding them; ${failed.length} failed, ` +
    `the means are ${isRight ? "right" : "wrong"}`,
);
console.log(
  `a block: ${bytesOf("total_net_input_bytes").toFixed(0)} bytes in, ` +
    `${bytesOf("total_net_output_bytes").toFixed(0)} out, ${memory.toFixed(0)} of memory`,
);
process.exit(isRight && failed.length === 0 ? 0 : 1);
