// The server of the queue is killed, emptied, filled, or never was there: the run goes on, or ends with
// what to do, and a second run has the bytes that one machine gives in peace.

import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Redis } from "ioredis";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { MomentsState } from "webgpu-norm/moments";
import { Random } from "../../../test/support/random";
import { planOf } from "../src/dataset.js";
import { flowOf, runFlow } from "../src/queue.js";
import { checkServer } from "../src/server.js";
import { runThreads } from "../src/threads.js";
import type { Outcome, Plan, Progress } from "../src/types";
import { npyBytes } from "./files";
import { describeOn, SERVERS, startServer, startWorker } from "./workers";

const folder = mkdtempSync(join(tmpdir(), "webgpu-norm-server-"));
const random = new Random(11);
const ended: (() => unknown)[] = [];

let plan: Plan;
let expected: Uint8Array;

const bytesOf = ({ result }: Outcome) => MomentsState.fromJSON(result?.state ?? "").toBytes();

beforeAll(async () => {
  const path = join(folder, "bytes.npy");
  const values = Uint8Array.from({ length: 2000 * 16 * 3 }, () => random.below(256));
  writeFileSync(path, npyBytes(values, [2000 * 16, 3]));
  plan = await planOf({ path, blockBytes: 48 });
  expect(plan.blocks).toHaveLength(2000);
  expected = bytesOf(await runThreads(plan, { threads: 1, device: "host", onProgress: () => {} }));
});
afterEach(async () => {
  for (const end of ended.splice(0).reverse()) await end();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function worker(redis: string) {
  const args = ["--device", "host", "--lease", "1000"];
  const { process } = await startWorker(redis, "host", { args });
  ended.push(() => process.kill("SIGKILL"));
}

/** Calls back once, when a tenth of the blocks is done. */
function atTenth(then: () => unknown): (progress: Progress) => void {
  let called = false;
  return ({ done, all }) => {
    if (called || 10 * done < all) return;
    called = true;
    then();
  };
}

const quietly = (redis: string) => ({ redis, onProgress: () => {}, patience: 20 });

for (const server of SERVERS) {
  describeOn(server, () => {
    async function start(args?: readonly string[], port?: number) {
      const started = await startServer(server, args, port);
      ended.push(started.kill);
      return started;
    }

    test("a server that is killed goes on where it was, if it keeps its data", async () => {
      const data = mkdtempSync(join(folder, "data-"));
      const args = ["--dir", data, "--save", "", "--appendonly", "yes"];
      const first = await start(args);
      await worker(first.url);
      let restarts = 0;
      const onProgress = atTenth(async () => {
        await first.kill();
        await start(args, first.port);
        restarts++;
      });
      const outcome = await runFlow(plan, { ...quietly(first.url), onProgress });
      expect(restarts).toBe(1);
      expect(outcome.failed).toEqual([]);
      expect(bytesOf(outcome)).toEqual(expected);
    }, 60_000);

    test("one that loses its data says so, and a second run has all", async () => {
      const first = await start();
      await worker(first.url);
      const onProgress = atTenth(async () => {
        await first.kill();
        await start(undefined, first.port);
      });
      const run = runFlow(plan, { ...quietly(first.url), onProgress });
      await expect(run).rejects.toThrow(
        `127.0.0.1:${first.port}: has lost the jobs of ${plan.version}: it was emptied, or restarted ` +
          "without persistence (--appendonly yes); run the command again",
      );
      expect(bytesOf(await runFlow(plan, quietly(first.url)))).toEqual(expected);
    }, 60_000);

    test("one that stays away is waited for, then named", async () => {
      const first = await start();
      await worker(first.url);
      const onProgress = atTenth(first.kill);
      const run = runFlow(plan, { ...quietly(first.url), onProgress, patience: 2 });
      await expect(run).rejects.toThrow(
        `127.0.0.1:${first.port}: does not answer; start it and run the command again`,
      );
    }, 60_000);

    test("one without room for the jobs says so, and nothing stays in it", async () => {
      const { url } = await start(["--save", "", "--maxmemory", "4mb"]);
      const full = "is full (maxmemory 4.2 MB), expected room for 2000 blocks: raise maxmemory or";
      for (let i = 0; i < 2; i++) {
        await expect(runFlow(plan, quietly(url))).rejects.toThrow(full); // at once, both times
      }
      const client = new Redis(url);
      expect(await client.dbsize()).toBeLessThan(3); // BullMQ's own
      client.disconnect();
    }, 20_000);

    test("one that becomes full in the middle ends what it has", async () => {
      const { url } = await start();
      const client = new Redis(url);
      ended.push(() => client.disconnect());
      await worker(url);
      const onProgress = atTenth(() => client.config("SET", "maxmemory", "1mb"));
      const outcome = await runFlow(plan, { ...quietly(url), onProgress });
      expect(bytesOf(outcome)).toEqual(expected);
      await expect(client.set("key", "value")).rejects.toThrow("OOM");
    }, 60_000);

    test("one that drops keys is refused, by the command and by a worker", async () => {
      const { url } = await start(["--save", "", "--maxmemory-policy", "allkeys-lru"]);
      const refused = "maxmemory-policy allkeys-lru, expected noeviction: else jobs are lost";
      await expect(runFlow(plan, quietly(url))).rejects.toThrow(refused);
      await expect(startWorker(url, "host", { args: ["--device", "host"] })).rejects.toThrow(
        "worker host ended before it was ready",
      );
    }, 20_000);

    test("a last merge that fails is named once, and does not stand in the way", async () => {
      const { url } = await start();
      await worker(url);
      const small = { ...plan, blocks: plan.blocks.slice(0, 4) };
      const flow = { ...flowOf(small), name: "nonsense" };
      await expect(runFlow(small, { ...quietly(url), flow })).rejects.toThrow(
        "the last merge failed: job nonsense, expected block or merge",
      );
      expect((await runFlow(small, quietly(url))).failed).toEqual([]);
    }, 20_000);

    test("a command for a part beside one for all: each has its own", async () => {
      const { url } = await start();
      await worker(url);
      const part = { ...plan, blocks: plan.blocks.slice(500) };
      const [all, some] = await Promise.all([plan, part].map((one) => runFlow(one, quietly(url))));
      expect(bytesOf(all as Outcome)).toEqual(expected);
      const { ranges } = MomentsState.fromJSON(some?.result?.state ?? "");
      expect(ranges).toEqual([[8000n, 32_000n]]);
    }, 60_000);
  });
}

test("no server, and an address that is none", async () => {
  await expect(checkServer("redis://127.0.0.1:1")).rejects.toThrow(
    "127.0.0.1:1: connect ECONNREFUSED 127.0.0.1:1, expected a Redis or a Valkey that answers",
  );
  await expect(checkServer("localhost")).rejects.toThrow(
    "--redis localhost, expected an address like redis://HOST:6379",
  );
});
