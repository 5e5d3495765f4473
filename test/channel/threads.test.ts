// Threads of Node are a group by the published package, on a BroadcastChannel and on ports.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { MessageChannel, type MessagePort, Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import { copyPackage } from "../support/built_package";

const dist = mkdtempSync(join(tmpdir(), "webgpu-norm-threads-"));
const program = join(dist, "thread.mjs");
afterAll(() => rmSync(dist, { recursive: true, force: true }));

const SIZE = 4;
const ROUNDS = 50;

/** Each thread adds the ranks' numbers in rank order, in rounds that depend on each other. */
const THREAD = `
import { parentPort, workerData } from "node:worker_threads";
import { channelGroup } from "./channel/index.js";
const { rank, size, name, ports } = workerData;
const channel = ports ?? new BroadcastChannel(name);
const group = channelGroup({ channel, rank, size });
const signal = AbortSignal.timeout(30000);
let sum = rank;
for (let i = 0; i < ${ROUNDS}; i++) {
  const own = new Uint8Array(new Float64Array([sum]).buffer);
  const all = await group.allGather(own, { round: "round " + i, signal });
  sum = all.map((bytes) => new Float64Array(bytes.slice().buffer)[0]).reduce((s, v) => 0.3 * s + v, 1);
}
parentPort.postMessage(sum);
process.exit(0);`;

beforeAll(async () => {
  await copyPackage(dist, "modules");
  writeFileSync(program, THREAD);
}, 60_000);

function expected(): number {
  let sums = Array.from({ length: SIZE }, (_, rank) => rank);
  for (let i = 0; i < ROUNDS; i++) {
    const sum = sums.reduce((s, v) => 0.3 * s + v, 1);
    sums = sums.map(() => sum);
  }
  return sums[0];
}

async function run(portsOf?: (rank: number) => MessagePort[]): Promise<unknown[]> {
  const name = `webgpu-norm threads ${Math.random()}`;
  const running = Array.from({ length: SIZE }, (_, rank) => {
    const ports = portsOf?.(rank);
    const worker = new Worker(program, {
      workerData: { rank, size: SIZE, name, ports },
      transferList: ports,
    });
    return new Promise((resolve, reject) => {
      worker.once("message", resolve);
      worker.once("error", reject);
    });
  });
  return Promise.all(running);
}

test("threads on a BroadcastChannel", async () => {
  expect(await run()).toEqual(new Array(SIZE).fill(expected()));
}, 60_000);

test("threads with ports between every two", async () => {
  const ports: MessagePort[][] = Array.from({ length: SIZE }, () => []);
  for (let a = 0; a < SIZE; a++) {
    for (let b = a + 1; b < SIZE; b++) {
      const { port1, port2 } = new MessageChannel();
      ports[a].push(port1);
      ports[b].push(port2);
    }
  }
  expect(await run((rank) => ports[rank])).toEqual(new Array(SIZE).fill(expected()));
}, 60_000);
